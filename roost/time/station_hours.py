"""Schedules of stations: their opening hours in the county's calendar and time zone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta, tzinfo
from pathlib import Path
from typing import Protocol

from roost.events.opening_hours import WEEK, OpeningHours, StationHours, parse_hours
from roost.time.clock import day_of
from roost.time.county_calendar import CountyCalendar, DayKind, read_own_days
from roost.time.open_time import Schedule, Span, add_working_time

MOST_TARGET = timedelta(minutes=40_320)
"""Longest target for staff: four weeks by the clock."""
MOST_SCHEDULES = 2_000
"""Schedules kept for different opening hours."""
Week = tuple[tuple[Span, ...], ...]
"""Open hours of each day, from Monday."""


class HasHours(Protocol):
    """A station, of which only the opening hours are needed."""

    @property
    def opening_hours(self) -> StationHours | None:
        """Its opening hours; None for the county's."""
        ...


@dataclass(frozen=True, slots=True)
class StationDays:
    """Open hours of a station by day.

    The station's periods come first. Public holidays are closed. A make-up working day has the
    hours of the first day of the week that is open.
    """

    week: Week
    periods: dict[date, tuple[Span, ...]]
    calendar: CountyCalendar

    def on(self, day: date) -> Sequence[Span]:
        """Return the open hours that begin on a day."""
        if day in self.periods:
            return self.periods[day]
        match self.calendar.day(day).kind:
            case DayKind.HOLIDAY:
                return ()
            case DayKind.WORKING:
                return next((each for each in self.week if each), ())
            case DayKind.USUAL:
                return self.week[day.weekday()]


@dataclass(frozen=True, slots=True)
class CountyHours:
    """The county's calendar and usual opening hours, and the schedules of its stations."""

    calendar: CountyCalendar
    zone: tzinfo
    usual: tuple[OpeningHours, ...]
    _known: dict[tuple[OpeningHours, ...], Schedule] = field(default_factory=dict)

    @property
    def schedule(self) -> Schedule:
        """Schedule of stations that state no hours."""
        return self.stated(())

    def of(self, station: HasHours | None) -> Schedule:
        """Return the schedule of a station; the county's for None."""
        return self.stated(station.opening_hours or () if station is not None else ())

    def stated(self, stated: tuple[OpeningHours, ...]) -> Schedule:
        """Return the schedule of these hours; the county's for none."""
        known = self._known.get(stated)
        if known is None:
            if len(self._known) >= MOST_SCHEDULES:
                self._known.clear()
            known = self._known[stated] = Schedule(self._days(stated), self.zone)
        return known

    def _days(self, stated: tuple[OpeningHours, ...]) -> StationDays:
        weekly = [each for each in stated if each.weekly] or self.usual
        periods: dict[date, tuple[Span, ...]] = {}
        for each in stated:
            if not each.weekly:
                for day in each.days():
                    periods[day] = (*periods.get(day, ()), *_spans([each]))
        week = tuple(_spans([each for each in weekly if day in each.day_of_week]) for day in WEEK)
        return StationDays(week, periods, self.calendar)


def _spans(entries: Sequence[OpeningHours]) -> tuple[Span, ...]:
    return tuple(Span(*each.span) for each in entries if each.span is not None)


def county_hours(calendar: str, own: Path | None, usual: str, zone: tzinfo) -> CountyHours:
    """Return the county's hours: public calendar, own file, usual hours as text, time zone.

    Raises CalendarError for a mistake in the file.
    """
    days = CountyCalendar(calendar, read_own_days(own) if own is not None else {})
    return CountyHours(days, zone, parse_hours(usual))


def check_hours(hours: CountyHours, now: datetime) -> None:
    """Raise NoOpenTime if the county's hours leave no open time for years from now on."""
    add_working_time(now, MOST_TARGET, hours.schedule)


def missing_notice(hours: CountyHours, now: datetime) -> tuple[str, str] | None:
    """Return a warning, in English and Chinese, if this year's exchanged days are unknown.

    From December on, next year's count. None if they are known.
    """
    today = day_of(now, hours.zone)
    for year in (today.year, today.year + (today.month == 12)):
        if not hours.calendar.is_complete(year):
            return (
                f"The make-up working days of {year} are unknown: update Roost, or add them to the "
                "county's calendar file (`roost calendar` shows the calendar).",
                f"{year} 年调休安排未知：请升级系统，或补充县级日历文件（roost calendar）。",
            )
    return None


ALWAYS = "Mo-Su 00:00-24:00"
"""Hours by which open time runs as the clock does."""


def by_the_clock(zone: tzinfo) -> CountyHours:
    """Return hours that are always open, without holidays."""
    return CountyHours(CountyCalendar(), zone, parse_hours(ALWAYS))
