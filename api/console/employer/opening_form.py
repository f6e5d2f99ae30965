"""Form of an opening: its fields, its content and every fault in it. Pure.

An employer writes for itself; a clerk also names the employer.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from pydantic import ValidationError

from api.console.shell.form_layout import Layout, Typed, at, keep_place, put
from api.console.shell.plain import checked
from producers import facts, lawful
from producers.located_places import locate_place
from roost.errors import FieldError, Invalid, Refused
from roost.events.common import Education, Place, Shift, WageUnit
from roost.events.opening import EmploymentType, Opening, OpeningContent, Workplace
from roost.places.resolutions import PlaceContext

EMPLOYER = ("hiringOrganization.id", "hiringOrganization.name")
PAY = ("baseSalary.minValue", "baseSalary.maxValue")
LAYOUT = Layout(
    texts=(
        *EMPLOYER,
        "identifier",
        "title",
        "description",
        "occupationalCategory",
        *PAY,
        "baseSalary.unitText",
        "baseSalary.currency",
        "baseSalary.piecesPerDay",
        "jobLocation.name",
        "totalJobOpenings",
        "employmentType",
        "experienceRequirements",
        "educationRequirements",
        "jobStartDate",
        "validThrough",
        "workplace",
    ),
    lines=("skills", "preferredSkills", "licencesRequired", "jobBenefits"),
    choices=("shifts",),
    ticks=("lodging", "meals"),
)
BLANK: Mapping[str, Any] = {
    "totalJobOpenings": 1,
    "employmentType": EmploymentType.FULL_TIME.value,
    "workplace": Workplace.ENTERPRISE.value,
    "educationRequirements": Education.NONE.value,
    "baseSalary": {"unitText": WageUnit.MONTH.value, "currency": "CNY"},
}
CHOICES: Mapping[str, Sequence[str]] = {
    "employmentType": tuple(EmploymentType),
    "workplace": tuple(Workplace),
    "educationRequirements": tuple(Education),
    "baseSalary.unitText": tuple(WageUnit),
    "shifts": tuple(Shift),
}
_TEXTS = ("title", "description", "occupationalCategory", *LAYOUT.lines)
"""Fields whose text may contain a criterion that the law forbids."""


@dataclass(frozen=True, slots=True)
class CheckedOpening:
    """Result of checking a form: the opening's content, or every fault in it."""

    content: OpeningContent | None
    errors: tuple[FieldError, ...] = ()


def blank(employer: Mapping[str, str] | None) -> Typed:
    """Return an empty form, with the employer if it is known."""
    return LAYOUT.shown({**BLANK, "hiringOrganization": dict(employer or {})})


def wire_of(
    typed: Typed, employer: Mapping[str, str] | None, stored: Opening | None
) -> dict[str, Any]:
    """Return the content as JSON values, with numbers still as text.

    Fields that the form does not show keep their stored values; so does the employer.
    """
    wire = LAYOUT.wire(typed)
    if not any(typed[name] for name in PAY):
        wire.pop("baseSalary", None)
    if employer is not None:
        wire["hiringOrganization"] = dict(employer)
    if stored is None:
        return wire
    before = OpeningContent.from_stored(stored.to_dict()).to_dict()
    wire["hiringOrganization"] = before["hiringOrganization"]
    keep_place(wire, "jobLocation", before)
    return LAYOUT.unshown(before) | wire


def check_opening(
    wire: Mapping[str, Any],
    stored: Opening | None,
    now: datetime,
    today: date,
    context: PlaceContext | None = None,
) -> CheckedOpening:
    """Check an opening as the API does, but find every fault instead of the first."""
    try:
        content = checked(OpeningContent, wire)
    except Invalid as error:
        faults = (
            *error.fields,
            *_unlawful(wire, stored),
            *_unknown_place(wire, error.fields, context),
        )
        return CheckedOpening(None, faults)
    try:
        if stored is None:
            facts.opening_posted(content, at=now, today=today, context=context)
        else:
            facts.opening_edited(content, stored, at=now, context=context)
    except (Invalid, Refused) as error:
        others = [*_unlawful(wire, stored), *_unknown_place(wire, (), context)]
        return CheckedOpening(None, tuple(dict.fromkeys([*error.fields, *others])))
    return CheckedOpening(content)


def _unlawful(wire: Mapping[str, Any], stored: Opening | None) -> tuple[FieldError, ...]:
    """Return the criteria that the law forbids, whatever fields are still empty.

    Words of the stored opening that were approved are none.
    """
    texts: dict[str, Any] = {
        "title": "—",
        "hiringOrganization": {"id": "x", "name": "—"},
        "jobLocation": {"name": "—"},
    }
    for name in _TEXTS:
        if (value := at(wire, name)) is not None:
            put(texts, name, value)
    try:
        content = OpeningContent.model_validate(texts)
        lawful.review_of(content, stored.review if stored else None, refuse=True)
    except ValidationError:
        return ()  # one of the texts is invalid, which is reported already
    except Refused as error:
        return error.fields
    return ()


def _unknown_place(
    wire: Mapping[str, Any], reported: Sequence[FieldError], context: PlaceContext | None
) -> tuple[FieldError, ...]:
    """Return the fault of a place that the gazetteer lacks, unless the place has one already."""
    name = at(wire, "jobLocation.name")
    if not name or any(each.field.startswith("jobLocation") for each in reported):
        return ()
    try:
        locate_place(Place.model_validate(wire["jobLocation"]), "jobLocation", context)
    except ValidationError:
        return ()
    except Invalid as error:
        return error.fields
    return ()
