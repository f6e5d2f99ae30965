"""Opening hours of stations, as schema.org's OpeningHoursSpecification states them.

An entry without dates holds every week. An entry with `validFrom` and `validThrough` replaces the
weekly hours, and public holidays, on the days of that period; without `opens` and `closes` the
station is closed on them.

Settings and forms write hours as text, such as `Mo-Fr 08:30-12:00,14:30-18:00; Sa 09:00-12:00`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import date, time, timedelta
from enum import StrEnum
from itertools import pairwise
from typing import Annotated, Any

from pydantic import (
    AfterValidator,
    Field,
    PlainSerializer,
    TypeAdapter,
    WithJsonSchema,
    model_validator,
)
from pydantic_core import PydanticCustomError

from roost.events.common import Model


class DayOfWeek(StrEnum):
    """Day of the week (schema.org DayOfWeek)."""

    MONDAY = "Monday"
    TUESDAY = "Tuesday"
    WEDNESDAY = "Wednesday"
    THURSDAY = "Thursday"
    FRIDAY = "Friday"
    SATURDAY = "Saturday"
    SUNDAY = "Sunday"

    @property
    def number(self) -> int:
        """Position in the week, from 0 for Monday as in `date.weekday`."""
        return WEEK.index(self)


WEEK = tuple(DayOfWeek)
MIDNIGHT = time()
LAST_MINUTE = time(23, 59)
"""As an end it means midnight: schema.org has no 24:00."""
LEAST_WEEKLY = timedelta(hours=1)
MOST_SPECIAL_DAYS = 366
DAY = timedelta(days=1)


def _whole_minute(at: time) -> time:
    if at.second or at.microsecond or at.tzinfo is not None:
        raise PydanticCustomError("clock_time", "Write a local time to the minute, such as 08:30")
    return at


ClockTime = Annotated[
    time,
    AfterValidator(_whole_minute),
    PlainSerializer(lambda at: f"{at:%H:%M}", return_type=str, when_used="json"),
    WithJsonSchema(
        {"type": "string", "pattern": r"^([01]\d|2[0-3]):[0-5]\d(:00)?$", "examples": ["08:30"]}
    ),
]
"""Local time of day, to the minute."""


class OpeningHours(Model):
    """Hours on days of the week, or on the days of a period.

    An end at or before the begin is on the following day; 23:59 means midnight.
    """

    day_of_week: Annotated[tuple[DayOfWeek, ...], Field(max_length=7)] = Field(
        (), description="days; for a period, all of its days by default"
    )
    opens: ClockTime | None = None
    closes: ClockTime | None = Field(None, description="23:59 means midnight")
    valid_from: date | None = Field(None, description="first day of a period with other hours")
    valid_through: date | None = Field(None, description="its last day")

    @model_validator(mode="after")
    def _complete(self) -> OpeningHours:
        if (self.opens is None) != (self.closes is None):
            raise PydanticCustomError("hours_ends", "opens and closes go together; give both")
        if self.opens is not None and self.opens == self.closes:
            raise _equal_ends()
        if (self.valid_from is None) != (self.valid_through is None):
            raise PydanticCustomError(
                "hours_period", "validFrom and validThrough go together; give both"
            )
        if self.valid_from is None and (self.opens is None or not self.day_of_week):
            raise PydanticCustomError(
                "hours_weekly", "Weekly hours need dayOfWeek, opens and closes; give all three"
            )
        if self.valid_from and self.valid_through and self.valid_through < self.valid_from:
            raise PydanticCustomError(
                "hours_period_order", "validThrough is before validFrom; exchange or correct them"
            )
        return self

    @property
    def weekly(self) -> bool:
        """Whether the hours hold every week."""
        return self.valid_from is None

    @property
    def span(self) -> tuple[timedelta, timedelta] | None:
        """Begin and end since the midnight of its day; None if closed."""
        if self.opens is None or self.closes is None:
            return None
        begins, ends = _since_midnight(self.opens), _since_midnight(self.closes)
        if self.closes == LAST_MINUTE:
            ends = DAY
        return begins, ends if ends > begins else ends + DAY

    def days(self) -> Iterator[date]:
        """Yield the days of a period that it concerns, in order."""
        assert self.valid_from is not None
        assert self.valid_through is not None
        for number in range((self.valid_through - self.valid_from).days + 1):
            day = self.valid_from + number * DAY
            if not self.day_of_week or WEEK[day.weekday()] in self.day_of_week:
                yield day


def _equal_ends() -> PydanticCustomError:
    return PydanticCustomError(
        "hours_equal", "Begin and end are equal; for 24 hours write 00:00 and 23:59"
    )


def _consistent(entries: tuple[OpeningHours, ...]) -> tuple[OpeningHours, ...]:
    """Return the entries. Raises PydanticCustomError if they overlap or state too few hours."""
    weekly = [each for each in entries if each.weekly]
    total = timedelta()
    for day in WEEK:
        spans = sorted(each.span for each in weekly if day in each.day_of_week and each.span)
        for (_, ends), (begins, _) in pairwise(spans):
            if begins < ends:
                raise PydanticCustomError(
                    "hours_overlap",
                    "Opening hours of {day} overlap; correct them",
                    {"day": day.value},
                )
        total += sum((ends - begins for begins, ends in spans), timedelta())
    if weekly and total < LEAST_WEEKLY:
        raise PydanticCustomError(
            "hours_too_few", "Opening hours add up to less than an hour a week; add some"
        )
    _check_special([each for each in entries if not each.weekly])
    return entries


def _check_special(special: Sequence[OpeningHours]) -> None:
    """Raise PydanticCustomError if the periods cover more than `MOST_SPECIAL_DAYS` days."""
    lengths = ((each.valid_through or date.max) - (each.valid_from or date.min) for each in special)
    if sum(length.days + 1 for length in lengths) > MOST_SPECIAL_DAYS:
        raise PydanticCustomError(
            "hours_special",
            "Periods with other hours cover more than {most} days; remove past ones",
            {"most": MOST_SPECIAL_DAYS},
        )


StationHours = Annotated[
    tuple[OpeningHours, ...], Field(max_length=100), AfterValidator(_consistent)
]
"""Opening hours of one station."""

_STORED: TypeAdapter[tuple[OpeningHours, ...]] = TypeAdapter(StationHours)


def stored_hours(stated: Any) -> tuple[OpeningHours, ...]:
    """Return a stored station's hours; empty if it states none. Unknown fields are ignored."""
    return _STORED.validate_python(stated, extra="ignore") if stated else ()


SHORT = ("Mo", "Tu", "We", "Th", "Fr", "Sa", "Su")
_DAYS = re.compile(r"(Mo|Tu|We|Th|Fr|Sa|Su)(?:-(Mo|Tu|We|Th|Fr|Sa|Su))?")
_HOURS = re.compile(r"([01]\d|2[0-3]):([0-5]\d)-(?:([01]\d|2[0-3]):([0-5]\d)|24:00)")


def parse_hours(text: str) -> tuple[OpeningHours, ...]:
    """Return weekly hours written as `Mo-Fr 08:30-12:00,14:30-18:00; Sa 09:00-12:00`.

    Raises PydanticCustomError for any other text.
    """
    found = []
    for part in text.split(";"):
        days, _, hours = part.strip().partition(" ")
        for each in hours.split(","):
            opens, closes = clock_span(each)
            found.append(OpeningHours(day_of_week=_days(days), opens=opens, closes=closes))
    return _consistent(tuple(found))


def clock_span(text: str) -> tuple[time, time]:
    """Return the ends of `08:30-12:00`; 24:00 as 23:59. Raises PydanticCustomError."""
    match = _HOURS.fullmatch(text.strip())
    if match is None:
        raise PydanticCustomError(
            "hours_text", "Unreadable hours; write such as Mo-Fr 08:30-12:00,14:30-18:00"
        )
    opens = time(int(match[1]), int(match[2]))
    closes = time(int(match[3]), int(match[4])) if match[3] else LAST_MINUTE
    if opens == closes:
        raise _equal_ends()
    return opens, closes


def _days(text: str) -> tuple[DayOfWeek, ...]:
    """Return the days written as `Mo-Fr,Su`; a range may pass the end of the week."""
    found: dict[DayOfWeek, None] = {}
    for each in text.split(","):
        match = _DAYS.fullmatch(each.strip())
        if match is None:
            raise PydanticCustomError(
                "hours_text", "Unreadable hours; write such as Mo-Fr 08:30-12:00,14:30-18:00"
            )
        first, last = SHORT.index(match[1]), SHORT.index(match[2] or match[1])
        count = (last - first) % 7 + 1
        found |= dict.fromkeys(WEEK[(first + number) % 7] for number in range(count))
    return tuple(sorted(found, key=WEEK.index))


def _checked_text(text: str) -> str:
    parse_hours(text)
    return text


HoursText = Annotated[str, Field(max_length=1_000), AfterValidator(_checked_text)]
"""Weekly hours as text."""


def _since_midnight(at: time) -> timedelta:
    return timedelta(hours=at.hour, minutes=at.minute)
