"""The form of an opening: its fields, what it says, and all that is wrong with it. Pure.

An employer writes for itself; a clerk also says for which employer.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from pydantic import ValidationError

from api.console.shell.form_layout import Layout, Typed, at, put
from api.console.shell.plain import checked
from producers import facts, lawful
from roost.errors import FieldError, Invalid, Refused
from roost.events.common import Education, Place, Shift, WageUnit
from roost.events.opening import EmploymentType, Opening, OpeningContent, Workplace

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
NOT_SHOWN = ("id", "status", "source", "version")
"""Of what stands, what is no content."""
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
"""Where a criterion that the law forbids can stand."""


@dataclass(frozen=True, slots=True)
class Judged:
    """An opening as it was written: its content, or all that is wrong with it."""

    content: OpeningContent | None
    errors: tuple[FieldError, ...] = ()


def blank(employer: Mapping[str, str] | None) -> Typed:
    return LAYOUT.shown({**BLANK, "hiringOrganization": dict(employer or {})})


def wire_of(
    typed: Typed, employer: Mapping[str, str] | None, standing: Opening | None
) -> dict[str, Any]:
    """What is to stand; what the form does not show stays as it is, the employer above all."""
    said = LAYOUT.wire(typed)
    if not any(typed[name] for name in PAY):
        said.pop("baseSalary", None)
    if employer is not None:
        said["hiringOrganization"] = dict(employer)
    if standing is None:
        return said
    before = standing.to_dict()
    kept = {
        name: value
        for name, value in before.items()
        if name not in NOT_SHOWN and name not in _shown_at_the_top()
    }
    said["hiringOrganization"] = before["hiringOrganization"]
    if at(said, "jobLocation.name") == before["jobLocation"]["name"]:
        said["jobLocation"] = before["jobLocation"]
    return kept | said


def judged(wire: Mapping[str, Any], standing: Opening | None, now: datetime, today: date) -> Judged:
    """The content, checked as the API checks it; and everything wrong at once, not the first."""
    try:
        content = checked(OpeningContent, wire)
    except Invalid as error:
        return Judged(None, (*error.fields, *_unlawful(wire), *_nowhere(wire, error.fields)))
    try:
        if standing is None:
            facts.opening_posted(content, at=now, today=today)
        else:
            facts.opening_edited(content, standing, at=now)
    except (Invalid, Refused) as error:
        others = [*_unlawful(wire), *_nowhere(wire, ())]
        return Judged(None, tuple(dict.fromkeys([*error.fields, *others])))
    return Judged(content)


def _shown_at_the_top() -> frozenset[str]:
    return frozenset(name.split(".")[0] for name in LAYOUT.fields)


def _unlawful(wire: Mapping[str, Any]) -> tuple[FieldError, ...]:
    """What the law forbids, whatever else is still missing."""
    said: dict[str, Any] = {
        "title": "—",
        "hiringOrganization": {"id": "x", "name": "—"},
        "jobLocation": {"name": "—"},
    }
    for name in _TEXTS:
        if (value := at(wire, name)) is not None:
            put(said, name, value)
    try:
        lawful.check_lawful(OpeningContent.model_validate(said))
    except ValidationError:
        return ()  # one of the texts is itself not valid, which is told already
    except Refused as error:
        return error.fields
    return ()


def _nowhere(wire: Mapping[str, Any], told: Sequence[FieldError]) -> tuple[FieldError, ...]:
    """A place that nobody knows, unless something is wrong with it already."""
    name = at(wire, "jobLocation.name")
    if not name or any(each.field.startswith("jobLocation") for each in told):
        return ()
    try:
        facts.locate_place(Place.model_validate(wire["jobLocation"]), "jobLocation")
    except ValidationError:
        return ()
    except Invalid as error:
        return error.fields
    return ()
