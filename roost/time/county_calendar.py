"""The county's calendar: public holidays, make-up working days, and the county's own file.

The file is a CSV table with the columns `first`, `last`, `kind` and `name`, one period a row.
`last` may be empty for a single day. `kind` is `holiday` (放假), `working` (上班: a make-up working
day) or `usual` (照常: neither). A row overrides the public calendar on its days. Everything else
in the file is an error that names the line.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import StrEnum
from pathlib import Path

from roost.errors import Fatal
from roost.time.public_holidays import NONE, has_notice, public_days

COLUMNS = ("first", "last", "kind", "name")
LONGEST_PERIOD = 366
MOST_BYTES = 1_000_000
YEARS = range(2000, 2101)
DAY = timedelta(days=1)


class CalendarError(Fatal):
    """The county's calendar file has a mistake; the process does not start."""

    slug = "calendar"


class DayKind(StrEnum):
    """Kind of a day: off, a make-up working day, or usual hours of its day of the week."""

    HOLIDAY = "holiday"
    WORKING = "working"
    USUAL = "usual"


WORDS = {
    "放假": DayKind.HOLIDAY,
    "上班": DayKind.WORKING,
    "照常": DayKind.USUAL,
    **{each.value: each for each in DayKind},
}


@dataclass(frozen=True, slots=True)
class NamedDay:
    """Kind of a day with the name of its holiday; without a name if it is usual."""

    kind: DayKind
    name: str = ""


USUAL = NamedDay(DayKind.USUAL)


@dataclass(frozen=True, slots=True)
class CountyCalendar:
    """Public calendar of a country, with the county's own days over it."""

    public: str = NONE
    own: Mapping[date, NamedDay] = field(default_factory=dict)

    def day(self, day: date) -> NamedDay:
        """Return the kind and the name of a day."""
        if day in self.own:
            return self.own[day]
        known = public_days(self.public, day.year)
        if day in known.made_up:
            return NamedDay(DayKind.WORKING)
        if day in known.off:
            return NamedDay(DayKind.HOLIDAY, known.off[day])
        return USUAL

    def is_complete(self, year: int) -> bool:
        """Return whether the exchanged days of a year are known: from a notice or the file."""
        return has_notice(self.public, year) or any(day.year == year for day in self.own)

    def year(self, year: int) -> Iterator[tuple[date, NamedDay]]:
        """Yield the days of a year that are not usual, in order."""
        day = date(year, 1, 1)
        while day.year == year:
            if (named := self.day(day)).kind is not DayKind.USUAL:
                yield day, named
            if day == date.max:
                return
            day += DAY


def read_own_days(path: Path) -> dict[date, NamedDay]:
    """Return the days of a county's file. Raises CalendarError, which names the line."""
    try:
        if path.stat().st_size > MOST_BYTES:
            raise CalendarError(f"{path}: it is larger than {MOST_BYTES} bytes; shorten it.")
        text = path.read_text("utf-8-sig")
    except OSError as error:
        raise CalendarError(f"{path}: cannot be read ({error.strerror}).") from error
    except UnicodeDecodeError as error:
        raise CalendarError(f"{path}: is not UTF-8; save it as UTF-8.") from error
    return parse_own_days(text, str(path))


def parse_own_days(text: str, named: str) -> dict[date, NamedDay]:
    """Return the days of a file's text. Raises CalendarError; `named` is the file's name."""
    reader = csv.reader(text.splitlines())
    header = next(reader, [])
    if [each.strip() for each in header] != list(COLUMNS):
        raise CalendarError(f"{named}: line 1: write the columns {','.join(COLUMNS)}.")
    found: dict[date, NamedDay] = {}
    for row in reader:
        if any(cell.strip() for cell in row):
            where = f"{named}: line {reader.line_num}"
            for day, named_day in _period(row, where):
                if found.setdefault(day, named_day) != named_day:
                    raise CalendarError(f"{where}: {day} is in an earlier row; remove one of them.")
    return found


def _period(row: list[str], where: str) -> Iterator[tuple[date, NamedDay]]:
    """Yield the days of a row. Raises CalendarError."""
    if len(row) not in (3, 4):
        raise CalendarError(f"{where}: write {len(COLUMNS)} values: {','.join(COLUMNS)}.")
    first_text, last_text, kind_text, name = (each.strip() for each in (*row, "")[:4])
    first = _date(first_text, "first", where)
    last = _date(last_text, "last", where) if last_text else first
    kind = WORDS.get(kind_text.lower())
    if kind is None:
        raise CalendarError(f"{where}: kind: write one of {', '.join(WORDS)}.")
    if last < first:
        raise CalendarError(f"{where}: last is before first; exchange or correct them.")
    if (last - first).days >= LONGEST_PERIOD:
        raise CalendarError(f"{where}: the period is longer than {LONGEST_PERIOD} days.")
    for number in range((last - first).days + 1):
        yield first + number * DAY, NamedDay(kind, name)


def _date(text: str, column: str, where: str) -> date:
    try:
        found = date.fromisoformat(text)
    except ValueError:
        raise CalendarError(f"{where}: {column}: write a date such as 2026-10-01.") from None
    if found.year not in YEARS:
        raise CalendarError(f"{where}: {column}: write a year from {YEARS[0]} to {YEARS[-1]}.")
    return found
