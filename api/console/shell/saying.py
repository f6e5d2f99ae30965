"""Openings, profiles and matches in the words of pages. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from api.console.shell.form_layout import at
from api.console.shell.translations import Say
from roost.events.match import PRECEDENTS

Json = Mapping[str, Any]
NOT_A_PART = "next_step"
"""Reason of a match that is advice to the clerk, and no part of the score."""


def wage(salary: Json | None, say: Say) -> str:
    """Return the wage: `7,000–8,000 元/月`, `CNY 280 a day`; empty if none is stated."""
    if not salary:
        return ""
    ends = [f"{salary[end]:,.10g}" for end in ("minValue", "maxValue") if end in salary]
    return say(
        "words.wage",
        amount="–".join(dict.fromkeys(ends)),
        currency=say("words.yuan") if salary["currency"] == "CNY" else salary["currency"],
        unit=say(f"words.unit.{salary['unitText']}"),
    )


def terms(opening: Json, say: Say) -> list[str]:
    """Return an opening's other terms and requirements, one phrase each."""
    phrases = [say("words.people", n=opening.get("totalJobOpenings", 1))]
    phrases += [say(f"words.shift.{each}") for each in opening.get("shifts", ())]
    phrases += [say(f"words.{name}") for name in ("lodging", "meals") if opening.get(name)]
    years = opening.get("experienceRequirements", 0)
    if years:
        phrases.append(say("words.years", n=years))
    if (level := opening.get("educationRequirements", "none")) != "none":
        phrases.append(say("words.education_from", level=say(f"words.education.{level}")))
    if opening.get("workplace") == "workshop":
        phrases.append(say("words.workplace.workshop"))
    return phrases


def reasons(match: Json, language: str, most: int = 4) -> list[str]:
    """Return the reasons of a match, the largest part of the score first.

    Past placements are always among them: they are few points, and tell a person most.
    """
    return [text for text, _ in reasons_with_points(match, language, most)]


def reasons_with_points(match: Json, language: str, most: int = 4) -> list[tuple[str, float]]:
    """Return the same reasons, each with its points."""
    stated = [
        each
        for each in match.get("reasons", ())
        if each["part"] != NOT_A_PART and each["points"] > 0
    ]
    stated.sort(key=lambda each: -each["points"])
    first = [each for each in stated if each["part"] != PRECEDENTS][:most]
    past = [each for each in stated if each["part"] == PRECEDENTS]
    return [(each[language], each["points"]) for each in (*first[: most - len(past)], *past)]


def lacking(match: Json, language: str) -> list[str]:
    """Return the parts that add nothing to the score; missing skills are listed separately."""
    return [
        each[language]
        for each in match.get("reasons", ())
        if each["part"] not in {NOT_A_PART, "skills", "priority"} and each["points"] <= 0
    ]


def moment(typed: str, zone: str) -> datetime | None:
    """Return the moment of a `datetime-local` field in the county's zone; None if it is invalid."""
    try:
        return datetime.fromisoformat(typed).replace(tzinfo=ZoneInfo(zone))
    except ValueError:
        return None


def place(wire: Json, path: str) -> str:
    """Return the name of the place at a path."""
    return str(at(wire, f"{path}.name") or "")


CURRENCIES = ("CNY", "USD", "EUR", "HKD", "MOP", "JPY", "KRW", "SGD")
"""Currencies that a form offers by name."""


def currencies(say: Say, stored: str) -> list[tuple[str, str]]:
    """Return currencies with their names; a stored one that has no name is offered by its code."""
    offered = [(code, say(f"words.currency.{code}")) for code in CURRENCIES]
    return offered if stored in {"", *CURRENCIES} else [*offered, (stored, stored)]


def choices(say: Say, group: str, values: Sequence[str]) -> list[tuple[str, str]]:
    """Return values with their words, which are the texts `words.<group>.<value>`."""
    return [(str(value), say(f"words.{group}.{value}")) for value in values]
