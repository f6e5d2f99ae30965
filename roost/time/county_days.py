"""Days of the county as moments: their first moment, their last second, and ranges of them. Pure.

A day begins when the local clock first shows its date. Where the clock skips midnight, the day
begins later; a day that a zone skips altogether is empty.
"""

from __future__ import annotations

from datetime import date, datetime, time, timedelta, tzinfo

from roost.time.wall_clock import first_at

DAY = timedelta(days=1)
SECOND = timedelta(seconds=1)
EARLIEST, LATEST = date(1, 1, 3), date(9999, 12, 29)
"""First and last day whose bounds exist in every zone."""


def day_begins(day: date, zone: tzinfo) -> datetime:
    """Return the first moment (UTC) of a day.

    The first and last days of the calendar are moved inwards by two days.
    """
    return first_at(min(max(day, EARLIEST), LATEST), time(), zone)


def day_ends(day: date, zone: tzinfo) -> datetime:
    """Return the last full second of a day, with the offset of the local clock at that time."""
    if not EARLIEST <= day < LATEST:
        return datetime.combine(day, time(23, 59, 59), zone)
    return (first_at(day + DAY, time(), zone) - SECOND).astimezone(zone)


def days_span(
    first: date | None, last: date | None, zone: tzinfo
) -> tuple[datetime | None, datetime | None]:
    """Return the first moment of a range of days and the first one after it; None for an open end.

    An end beyond the calendar is open.
    """
    begins = day_begins(first, zone) if first is not None and first >= EARLIEST else None
    ends = day_begins(last + DAY, zone) if last is not None and last < LATEST else None
    return begins, ends
