"""Local times of a day as moments, across changes of the local clock. Pure."""

from __future__ import annotations

from bisect import bisect_left
from datetime import UTC, date, datetime, time, timedelta, tzinfo

SECOND = timedelta(seconds=1)


def first_at(day: date, at: time, zone: tzinfo) -> datetime:
    """Return the first time (UTC) at which the clock shows `at` that day.

    If the clock skips that time, the time at which it resumes is returned. So a later local time
    never gives an earlier moment.
    """
    wall = datetime.combine(day, at.replace(fold=0), zone)
    moment = wall.astimezone(UTC)
    if moment.astimezone(zone).replace(tzinfo=None) == wall.replace(tzinfo=None):
        return moment
    # Skipped: with the offset after the gap it lies before the change, with the other one after it.
    return clock_change(zone, wall.replace(fold=1).astimezone(UTC), moment) or moment


def clock_change(zone: tzinfo, after: datetime, until: datetime) -> datetime | None:
    """Return when the local clock is changed in between, if at all; always on a full second."""
    start = after.replace(microsecond=0)
    seconds = range((until - start) // SECOND)
    offset = start.astimezone(zone).utcoffset()
    if until.astimezone(zone).utcoffset() == offset:
        return None
    moved = bisect_left(
        seconds, True, key=lambda at: (start + at * SECOND).astimezone(zone).utcoffset() != offset
    )
    return start + moved * SECOND
