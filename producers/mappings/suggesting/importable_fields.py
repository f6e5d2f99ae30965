"""Fields that a column can be read into, for each kind of records. Data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from producers.mappings.mapping_model import RuleKind

Part = Literal["whole", "min", "max", "unit", "code"]


@dataclass(frozen=True, slots=True)
class ImportableField:
    """Field that a column can be read into."""

    name: str
    """Name among the choices of a clerk; its texts are `imports.fields.<kind>.<name>`."""
    target: str
    """Field of the API."""
    kind: RuleKind
    is_required: bool = False
    part: Part = "whole"
    """Part of the field that the column holds: a wage has two ends and a pay period."""
    is_joined: bool = False
    """True if several columns can be read into the field, one below the other."""


def _by_name(*fields: ImportableField) -> Mapping[str, ImportableField]:
    return {each.name: each for each in fields}


_Field = ImportableField
IMPORTABLE: Mapping[str, Mapping[str, ImportableField]] = {
    "openings": _by_name(
        _Field("title", "title", "text", is_required=True),
        _Field("employer", "hiringOrganization", "employer", is_required=True),
        _Field("employerCode", "hiringOrganization", "employer", part="code"),
        _Field("place", "jobLocation", "place", is_required=True),
        _Field("identifier", "identifier", "reference"),
        _Field("headcount", "totalJobOpenings", "integer"),
        _Field("wage", "baseSalary", "wage"),
        _Field("wageMin", "baseSalary", "wage", part="min"),
        _Field("wageMax", "baseSalary", "wage", part="max"),
        _Field("wageUnit", "baseSalary", "wage", part="unit"),
        _Field("description", "description", "lines", is_joined=True),
        _Field("skills", "skills", "list"),
        _Field("licences", "licencesRequired", "list"),
        _Field("education", "educationRequirements", "education"),
        _Field("experience", "experienceRequirements", "experience"),
        _Field("employmentType", "employmentType", "employment"),
        _Field("shifts", "shifts", "shift"),
        _Field("lodging", "lodging", "lodging"),
        _Field("meals", "meals", "meals"),
        _Field("benefits", "jobBenefits", "list"),
        _Field("jobStart", "jobStartDate", "day"),
        _Field("datePosted", "datePosted", "day"),
        _Field("validThrough", "validThrough", "day"),
    ),
    "profiles": _by_name(
        _Field("identifier", "identifier", "person-number", is_required=True),
        _Field("name", "name", "text", is_required=True),
        _Field("home", "home", "place", is_required=True),
        _Field("location", "location", "place", is_required=True),
        _Field("phone", "channels", "phone"),
        _Field("occupations", "occupationsWanted", "list"),
        _Field("skills", "skills", "list"),
        _Field("licences", "licences", "list"),
        _Field("experience", "experienceYears", "experience"),
        _Field("education", "education", "education"),
        _Field("wage", "wageWanted", "wage"),
        _Field("places", "willing.places", "places"),
        _Field("availableFrom", "availableFrom", "day"),
        _Field("shifts", "shifts", "shift"),
        _Field("needsLodging", "needsLodging", "yes"),
        _Field("summary", "summary", "lines", is_joined=True),
    ),
}
"""Importable fields by kind of records, and by name in the order of the choices."""
