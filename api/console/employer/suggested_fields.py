"""Fields that an opening's own text suggests, as the form offers and adds them: pure."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError

from api.console.shell.form_layout import TICKED, Typed, lines_of
from roost.events.opening import OpeningContent
from roost.extraction.extracted import Extracted, Field
from roost.extraction.unstated import unstated_requirements

LABELS: Mapping[Field, str] = {
    Field.SKILLS: "skills",
    Field.LICENCES: "licences",
    Field.EXPERIENCE: "experience",
    Field.EDUCATION: "education",
    Field.SHIFTS: "shifts",
    Field.LODGING: "lodging",
    Field.MEALS: "meals",
    Field.HEADCOUNT: "headcount",
}
"""Texts of the fields that the form has, under `employer`."""
_LINES = ("skills", "preferredSkills", "licencesRequired", "jobBenefits")
_NUMBERS = ("experienceRequirements", "totalJobOpenings")


@dataclass(frozen=True, slots=True)
class Offer:
    """Value that the text suggests for a field of the form."""

    key: str
    """Field and value, as the form sends them."""
    field: str
    value: str
    label: str
    words: str


def offers(typed: Typed) -> list[Offer]:
    """Return what the text of a form states and its fields do not."""
    try:
        content = OpeningContent.model_validate(_content(typed))
    except ValidationError:
        return []  # a text or list is invalid, which the form reports
    return [_offer(each) for each in unstated_requirements(content) if each.field in LABELS]


def with_offers(typed: Typed, chosen: Collection[str]) -> Typed:
    """Return the values of a form with the chosen offers added; unknown ones are ignored."""
    added = dict(typed)
    for offer in offers(typed):
        if offer.key in chosen:
            added[offer.field] = _added(added[offer.field], offer)
    return added


def _added(value: Any, offer: Offer) -> Any:
    if offer.field in _LINES:
        return "\n".join([*lines_of(value), offer.value])
    if offer.field == Field.SHIFTS:
        return (*value, offer.value)
    return offer.value


def _offer(found: Extracted) -> Offer:
    value = TICKED if found.value is True else f"{found.value:g}" if _is_number(found) else None
    text = value or str(found.value)
    field = found.field.value
    return Offer(f"{field}={text}", field, text, LABELS[found.field], found.words)


def _is_number(found: Extracted) -> bool:
    return found.field in (Field.EXPERIENCE, Field.HEADCOUNT)


def _content(typed: Typed) -> dict[str, Any]:
    """Return the values that decide about suggestions, with stand-ins for the other ones."""
    content: dict[str, Any] = {
        "title": typed["title"] or "—",
        "description": typed["description"],
        "hiringOrganization": {"id": "x", "name": "—"},
        "jobLocation": {"name": "—"},
        "lodging": typed["lodging"] == TICKED,
        "meals": typed["meals"] == TICKED,
        "shifts": typed["shifts"],
        "educationRequirements": typed["educationRequirements"] or "none",
    }
    content |= {name: lines_of(typed[name]) for name in _LINES}
    return content | {name: typed[name] for name in _NUMBERS if typed[name].isdecimal()}
