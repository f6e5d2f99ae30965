"""Public holidays and make-up working days of a country, from the library `holidays`.

This is the only importer of that library. Its data for China hold the substituted working days of
the State Council's yearly notices; version 0.109 has those of 2001 to 2026. For later years it
knows the statutory holidays only, until a newer version or the county's file adds the rest.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from typing import Annotated

import holidays
from pydantic import AfterValidator, Field
from pydantic_core import PydanticCustomError

NONE = "none"
"""Calendar without holidays."""
NOTICES = frozenset({"CN"})
"""Countries whose yearly notices exchange days, and give the weekend next to a holiday off too."""
DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class YearOfDays:
    """Days off and make-up working days of one year, with their names."""

    off: dict[date, str]
    made_up: frozenset[date]


def _known_calendar(text: str) -> str:
    country, _, subdivision = text.partition("/")
    known = holidays.list_supported_countries(include_aliases=False)
    if text != NONE and country not in known:
        raise PydanticCustomError(
            "calendar", "Unknown country; write its two letters, such as CN or US/NY, or none"
        )
    if subdivision and subdivision not in known[country]:
        raise PydanticCustomError(
            "calendar_part",
            "Unknown part of {country}; write one of {parts}",
            {"country": country, "parts": ", ".join(known[country]) or "none"},
        )
    return text


CalendarName = Annotated[
    str, Field(max_length=16, examples=["CN", "US/NY"]), AfterValidator(_known_calendar)
]
"""Country, optionally with a part of it, whose public holidays apply; or `none`."""


@lru_cache(maxsize=512)
def public_days(calendar: str, year: int) -> YearOfDays:
    """Return the public holidays and make-up working days of a year.

    Where notices exchange days, weekend days next to a holiday are off as well, as in the notices:
    a holiday on a Friday lasts until Sunday.
    """
    if calendar == NONE:
        return YearOfDays({}, frozenset())
    country, _, subdivision = calendar.partition("/")
    # The notice for a year may exchange days of the December before.
    days_of = getattr(holidays, country)
    found = days_of(
        subdiv=subdivision or None,
        years=(year - 1, year, year + 1),
        language=days_of.default_language,
    )
    made_up = frozenset(found.weekend_workdays)
    off = dict(found.items())
    if country in NOTICES:
        off |= _weekends_beside(off, made_up, found.weekend)
    return YearOfDays(
        {day: name for day, name in off.items() if day.year == year},
        frozenset(day for day in made_up if day.year == year),
    )


def has_notice(calendar: str, year: int) -> bool:
    """Return whether the exchanged days of a year are known, where notices exchange days."""
    return calendar.partition("/")[0] not in NOTICES or bool(public_days(calendar, year).made_up)


def _weekends_beside(
    off: dict[date, str], made_up: frozenset[date], weekend: set[int]
) -> dict[date, str]:
    """Return the weekend days that touch a holiday, directly or through other weekend days."""
    found: dict[date, str] = {}
    for holiday, name in off.items():
        for step in (-DAY, DAY):
            day = holiday + step
            while day.weekday() in weekend and day not in off and day not in made_up:
                found[day] = name
                day += step
    return found
