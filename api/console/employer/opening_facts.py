"""An opening as its page shows it: every entry of the form, in words. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from api.console.shell.form_layout import at
from api.console.shell.saying import wage
from api.console.shell.translations import Say
from roost.places.written_names import written_name

Fact = tuple[str, str]
"""A key of the texts `employer`, and what was entered."""
LISTS = (
    ("skills", "skills"),
    ("preferred", "preferredSkills"),
    ("licences", "licencesRequired"),
    ("benefits", "jobBenefits"),
)


def opening_facts(opening: Mapping[str, Any], say: Say) -> list[Fact]:
    """Return what was entered for an opening, in the order of the form, without empty entries.

    The employer, the title and the description stand elsewhere on the page.
    """
    found = (*_work(opening, say), *_demands(opening, say), *_dates(opening))
    return [each for each in found if each[1]]


def _work(opening: Mapping[str, Any], say: Say) -> Iterator[Fact]:
    yield "place", written_name(str(at(opening, "jobLocation.name") or ""))
    yield "headcount", say("words.people", n=opening.get("totalJobOpenings", 1))
    yield "employment", _word("employment", opening.get("employmentType"), say)
    yield "workplace", _word("workplace", opening.get("workplace"), say)
    yield "pay", wage(opening.get("baseSalary"), say)
    yield "pieces", _number(at(opening, "baseSalary.piecesPerDay"))
    yield "occupation", str(opening.get("occupationalCategory") or "")
    yield "shifts", _list((say(f"words.shift.{each}") for each in opening.get("shifts", ())), say)
    for name in ("lodging", "meals"):
        yield name, say("words.yes") if opening.get(name) else ""


def _demands(opening: Mapping[str, Any], say: Say) -> Iterator[Fact]:
    yield "experience", _number(opening.get("experienceRequirements"))
    level = opening.get("educationRequirements", "none")
    yield "education", "" if level == "none" else _word("education", level, say)
    for key, name in LISTS:
        yield key, _list(opening.get(name, ()), say)


def _dates(opening: Mapping[str, Any]) -> Iterator[Fact]:
    yield "starts", str(opening.get("jobStartDate") or "")
    yield "until", str(opening.get("validThrough") or "")
    yield "reference", str(opening.get("identifier") or "")


def _word(group: str, value: Any, say: Say) -> str:
    return say(f"words.{group}.{value}") if value else ""


def _list(items: Any, say: Say) -> str:
    return say("words.separator").join(map(str, items))


def _number(value: Any) -> str:
    return f"{value:g}" if value else ""
