"""The worker and the opening side by side: line by line what each says, and whether it fits. Pure.

Whether a line fits is said only where both say something that can be compared.
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
class Line:
    name: str
    """A key below `match.lines`."""
    worker: str
    opening: str
    met: bool | None = None
    """None when it cannot be said, or nobody asks."""


@dataclass(frozen=True, slots=True)
class Skill:
    name: str
    met: bool


def lines(profile: Profile, opening: Opening, say: Say) -> list[Line]:
    """Only lines on which at least one of both says something."""
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


def skills(match: Match, opening: Opening) -> list[Skill]:
    """What the work requires, as the matcher judged it: what is missing stands last."""
    missing = set(map(one_name, match.missing_skills))
    found = [Skill(name, one_name(normal_skill(name)) not in missing) for name in opening.skills]
    return sorted(found, key=lambda each: not each.met)


def _occupation(profile: Profile, opening: Opening) -> Line:
    return Line("occupation", "、".join(profile.occupations_wanted), opening.title)


def _wage(profile: Profile, opening: Opening, say: Say) -> Line:
    wanted, paid = profile.wage_wanted, opening.base_salary
    met = None
    if wanted and paid and wanted.currency == paid.currency:
        asked, offered = wanted.per_month(), paid.per_month()
        met = offered[1] >= asked[0] if asked and offered else None
    return Line("wage", pay(wanted, say), pay(paid, say), met)


def _places(profile: Profile, opening: Opening) -> Line:
    return Line("place", _place(profile.location), _place(opening.job_location))


def _experience(profile: Profile, opening: Opening, say: Say) -> Line:
    has, asked = profile.experience_years, opening.experience_requirements
    return Line(
        "experience",
        say("match.years", n=_number(has)) if has or asked else "",
        say("match.years", n=_number(asked)) if asked else "",
        has >= asked if asked else None,
    )


def _education(profile: Profile, opening: Opening, say: Say) -> Line:
    has, asked = profile.education, opening.education_requirements
    known = has is not Education.NONE or asked is not Education.NONE
    return Line(
        "education",
        say(f"match.education.{has.value}") if known else "",
        say(f"match.education.{asked.value}") if asked is not Education.NONE else "",
        has.order >= asked.order if asked is not Education.NONE else None,
    )


def _licences(profile: Profile, opening: Opening) -> Line:
    has = {each.casefold() for each in profile.licences}
    asked = {each.casefold() for each in opening.licences_required}
    return Line(
        "licences",
        "、".join(profile.licences),
        "、".join(opening.licences_required),
        True if asked and asked <= has else None,  # the matcher knows other names of a licence
    )


def _shifts(profile: Profile, opening: Opening, say: Say) -> Line:
    met = set(opening.shifts) <= set(profile.shifts) if opening.shifts and profile.shifts else None
    return Line("shifts", _said(profile.shifts, say), _said(opening.shifts, say), met)


def _lodging(profile: Profile, opening: Opening, say: Say) -> Line:
    offers = [name for name in ("lodging", "meals") if getattr(opening, name)]
    return Line(
        "lodging",
        say("match.needs_lodging") if profile.needs_lodging else "",
        "、".join(say(f"match.offers.{name}") for name in offers),
        opening.lodging if profile.needs_lodging else None,
    )


def _start(profile: Profile, opening: Opening) -> Line:
    free, start = profile.available_from, opening.job_start_date
    return Line(
        "start",
        free.isoformat() if free else "",
        start.isoformat() if start else "",
        free <= start if free and start else None,
    )


def pay(wage: Wage | None, say: Say) -> str:
    if wage is None:
        return ""
    return wage_words(wage.to_dict(), say)


def _place(place: Place) -> str:
    return place_name(place.to_dict())


def _said(shifts: tuple[Shift, ...], say: Say) -> str:
    return "、".join(say(f"match.shifts.{each.value}") for each in shifts)


def _number(value: float) -> int | float:
    return int(value) if value == int(value) else value
