"""Time, as a thing that is passed in: decisions never read a clock of their own."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, tzinfo
from typing import Protocol


class Clock(Protocol):
    def now(self) -> datetime:
        """The moment, with its time zone (UTC)."""
        ...


class SystemClock:
    def now(self) -> datetime:
        return datetime.now(UTC)


class FixedClock:
    """A clock that stands still until it is set: for tests and replays."""

    def __init__(self, moment: datetime) -> None:
        self.moment = moment

    def now(self) -> datetime:
        return self.moment


def day_of(moment: datetime, zone: tzinfo) -> date:
    return moment.astimezone(zone).date()


def start_of_day(moment: datetime, zone: tzinfo) -> datetime:
    return datetime.combine(day_of(moment, zone), time(), zone)
