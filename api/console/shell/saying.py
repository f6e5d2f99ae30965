"""Openings and profiles in the words that pages say them: pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from api.console.shell.form_layout import at
from api.console.shell.translations import Say

Json = Mapping[str, Any]
NOT_A_PART = "next_step"
"""Among a match's reasons, the advice to the clerk."""


def wage(said: Json | None, say: Say) -> str:
    """`7,000–8,000 元 每月`, `CNY 280 a day`; empty when nothing is said."""
    if not said:
        return ""
    ends = [f"{said[end]:,.10g}" for end in ("minValue", "maxValue") if end in said]
    return say(
        "words.wage",
        amount="–".join(dict.fromkeys(ends)),
        currency=say("words.yuan") if said["currency"] == "CNY" else said["currency"],
        unit=say(f"words.unit.{said['unitText']}"),
    )


def terms(opening: Json, say: Say) -> list[str]:
    """What else an opening offers and asks for, a phrase each."""
    said = [say("words.people", n=opening.get("totalJobOpenings", 1))]
    said += [say(f"words.shift.{each}") for each in opening.get("shifts", ())]
    said += [say(f"words.{name}") for name in ("lodging", "meals") if opening.get(name)]
    years = opening.get("experienceRequirements", 0)
    if years:
        said.append(say("words.years", n=years))
    if (level := opening.get("educationRequirements", "none")) != "none":
        said.append(say("words.education_from", level=say(f"words.education.{level}")))
    if opening.get("workplace") == "workshop":
        said.append(say("words.workplace.workshop"))
    return said


def reasons(match: Json, language: str, most: int = 4) -> list[str]:
    """Why it fits, the greatest part first."""
    told = [
        each
        for each in match.get("reasons", ())
        if each["part"] != NOT_A_PART and each["points"] > 0
    ]
    told.sort(key=lambda each: -each["points"])
    return [each[language] for each in told[:most]]


def lacking(match: Json, language: str) -> list[str]:
    """What adds nothing to it, in words; skills that are missing are named apart."""
    return [
        each[language]
        for each in match.get("reasons", ())
        if each["part"] not in {NOT_A_PART, "skills", "priority"} and each["points"] <= 0
    ]


def moment(typed: str, zone: str) -> datetime | None:
    """A `datetime-local` field, which says no zone: the county's. None for what is none."""
    try:
        return datetime.fromisoformat(typed).replace(tzinfo=ZoneInfo(zone))
    except ValueError:
        return None


def place(said: Json, path: str) -> str:
    return str(at(said, f"{path}.name") or "")


def choices(say: Say, group: str, values: Sequence[str]) -> list[tuple[str, str]]:
    """Values with their words: `words.<group>.<value>`."""
    return [(str(value), say(f"words.{group}.{value}")) for value in values]
