"""Clocks, injected into the code that needs the time: decisions never read the system clock."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta, tzinfo
from typing import Protocol

from roost.time.county_days import day_begins


class Clock(Protocol):
    """Source of the current time."""

    def now(self) -> datetime:
        """Return the current time, with its time zone (UTC)."""
        ...


class SystemClock:
    """Clock of the operating system."""

    def now(self) -> datetime:
        """Return the current time in UTC."""
        return datetime.now(UTC)


class FixedClock:
    """Clock that shows the same time until it is set: for tests and replays."""

    def __init__(self, moment: datetime) -> None:
        self.moment = moment

    def now(self) -> datetime:
        """Return the time that was set."""
        return self.moment


def day_of(moment: datetime, zone: tzinfo) -> date:
    """Return the date of a moment in a time zone."""
    return moment.astimezone(zone).date()


def is_late(moment: datetime, zone: tzinfo, opens: time) -> bool:
    """Return whether a moment is at or after a time of its day in a time zone."""
    return moment.astimezone(zone).time() >= opens


def start_of_day(moment: datetime, zone: tzinfo) -> datetime:
    """Return the moment at which the day of a moment began in a time zone, in that zone."""
    return day_begins(day_of(moment, zone), zone).astimezone(zone)


def until_next_day_s(moment: datetime, zone: tzinfo) -> int:
    """Return the seconds from a moment until the next day in a time zone, at least 1."""
    tomorrow = day_begins(day_of(moment, zone) + timedelta(days=1), zone)
    return max(1, int((tomorrow - moment).total_seconds()))
