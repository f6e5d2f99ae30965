"""Comparison of a worker and an opening, line by line. Pure.

A line says whether it fits only where both sides state comparable values.
"""

from __future__ import annotations

from dataclasses import dataclass

from api.console.queue.queue_rows import place_name
from api.console.shell.saying import wage as wage_words
from api.console.shell.translations import Say
from roost.events.common import Education, Place, Shift, Wage
from roost.events.match import Match
from roost.events.opening import Opening
from roost.events.profile import Profile
from roost.text.skill_names import one_name
from roost.text.tokens import normal_skill


@dataclass(frozen=True, slots=True)
class ComparisonLine:
    """One property of both sides, in words, and whether the worker meets the demand."""

    name: str
    """A key below `match.lines`."""
    worker: str
    opening: str
    met: bool | None = None
    """None if it cannot be judged, or nothing is demanded."""


@dataclass(frozen=True, slots=True)
class RequiredSkill:
    """A skill that the opening requires, and whether the worker has it."""

    name: str
    met: bool


def comparison_lines(profile: Profile, opening: Opening, say: Say) -> list[ComparisonLine]:
    """Return the lines on which at least one side states something."""
    found = (
        _occupation(profile, opening),
        _wage(profile, opening, say),
        _places(profile, opening),
        _experience(profile, opening, say),
        _education(profile, opening, say),
        _licences(profile, opening),
        _shifts(profile, opening, say),
        _lodging(profile, opening, say),
        _start(profile, opening),
    )
    return [line for line in found if line.worker or line.opening]


def required_skills(match: Match, opening: Opening) -> list[RequiredSkill]:
    """Return the required skills as the matcher judged them, missing ones last."""
    missing = set(map(one_name, match.missing_skills))
    found = [
        RequiredSkill(name, one_name(normal_skill(name)) not in missing) for name in opening.skills
    ]
    return sorted(found, key=lambda each: not each.met)


def _occupation(profile: Profile, opening: Opening) -> ComparisonLine:
    return ComparisonLine("occupation", "、".join(profile.occupations_wanted), opening.title)


def _wage(profile: Profile, opening: Opening, say: Say) -> ComparisonLine:
    wanted, paid = profile.wage_wanted, opening.base_salary
    met = None
    if wanted and paid and wanted.currency == paid.currency:
        asked, offered = wanted.per_month(), paid.per_month()
        met = offered[1] >= asked[0] if asked and offered else None
    return ComparisonLine("wage", pay(wanted, say), pay(paid, say), met)


def _places(profile: Profile, opening: Opening) -> ComparisonLine:
    return ComparisonLine("place", _place(profile.location), _place(opening.job_location))


def _experience(profile: Profile, opening: Opening, say: Say) -> ComparisonLine:
    has, asked = profile.experience_years, opening.experience_requirements
    return ComparisonLine(
        "experience",
        say("match.years", n=_number(has)) if has or asked else "",
        say("match.years", n=_number(asked)) if asked else "",
        has >= asked if asked else None,
    )


def _education(profile: Profile, opening: Opening, say: Say) -> ComparisonLine:
    has, asked = profile.education, opening.education_requirements
    known = has is not Education.NONE or asked is not Education.NONE
    return ComparisonLine(
        "education",
        say(f"match.education.{has.value}") if known else "",
        say(f"match.education.{asked.value}") if asked is not Education.NONE else "",
        has.order >= asked.order if asked is not Education.NONE else None,
    )


def _licences(profile: Profile, opening: Opening) -> ComparisonLine:
    has = {each.casefold() for each in profile.licences}
    asked = {each.casefold() for each in opening.licences_required}
    return ComparisonLine(
        "licences",
        "、".join(profile.licences),
        "、".join(opening.licences_required),
        True if asked and asked <= has else None,  # the matcher knows other names of a licence
    )


def _shifts(profile: Profile, opening: Opening, say: Say) -> ComparisonLine:
    met = set(opening.shifts) <= set(profile.shifts) if opening.shifts and profile.shifts else None
    return ComparisonLine(
        "shifts", _shift_names(profile.shifts, say), _shift_names(opening.shifts, say), met
    )


def _lodging(profile: Profile, opening: Opening, say: Say) -> ComparisonLine:
    offers = [name for name in ("lodging", "meals") if getattr(opening, name)]
    return ComparisonLine(
        "lodging",
        say("match.needs_lodging") if profile.needs_lodging else "",
        "、".join(say(f"match.offers.{name}") for name in offers),
        opening.lodging if profile.needs_lodging else None,
    )


def _start(profile: Profile, opening: Opening) -> ComparisonLine:
    free, start = profile.available_from, opening.job_start_date
    return ComparisonLine(
        "start",
        free.isoformat() if free else "",
        start.isoformat() if start else "",
        free <= start if free and start else None,
    )


def pay(wage: Wage | None, say: Say) -> str:
    """Return a wage in words; empty without one."""
    if wage is None:
        return ""
    return wage_words(wage.to_dict(), say)


def _place(place: Place) -> str:
    return place_name(place.to_dict())


def _shift_names(shifts: tuple[Shift, ...], say: Say) -> str:
    return "、".join(say(f"match.shifts.{each.value}") for each in shifts)


def _number(value: float) -> int | float:
    return int(value) if value == int(value) else value
