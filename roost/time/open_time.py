"""Arithmetic of time that counts only while a station is open. Pure and exact.

Open time is a sequence of disjoint intervals in UTC, derived day by day from local opening hours.
So the results hold across holidays, nights and changes of the local clock. Durations are exact to
the microsecond.

For moments a <= b <= c and durations d, e of 0 or more:

- between(a, c) == between(a, b) + between(b, c)
- between(a, add(a, d)) == d, and add(a, d) is the earliest such moment
- add(add(a, d), e) == add(a, d + e)
- a <= b implies add(a, d) <= add(b, d)
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from typing import NamedTuple, Protocol

from roost.errors import Invalid
from roost.time.wall_clock import first_at

DAY = timedelta(days=1)
NOTHING = timedelta()
LONGEST_CLOSED = 1_100
"""Closed days in a row after which a calendar counts as one without open time: three years."""
LONGEST_SPAN = timedelta(days=36_600)
"""Longest span whose open time is added up: a century."""
BEGINNING = datetime.min.replace(tzinfo=UTC)
FIRST_DAY, LAST_DAY = date.min + 3 * DAY, date.max - 3 * DAY
"""First and last day whose local times can all be converted to UTC."""
MOST_KEPT = 1_000


class NoOpenTime(Invalid):
    """The opening hours and the calendar leave no open time."""

    slug = "no-open-time"


class Span(NamedTuple):
    """Open hours that begin on a day, since its midnight by the local clock.

    The end is at most 24 hours after the begin, so it may lie on the following day.
    """

    begins: timedelta
    ends: timedelta


class Interval(NamedTuple):
    """Open interval between two moments in UTC; its end is not part of it."""

    begins: datetime
    ends: datetime


class OpenDays(Protocol):
    """Opening hours by day, with holidays and make-up working days taken into account."""

    def on(self, day: date) -> Sequence[Span]:
        """Return the open hours that begin on a day; none if it is closed."""
        ...


@dataclass(frozen=True, slots=True)
class Schedule:
    """Opening hours of a station in its time zone."""

    days: OpenDays
    zone: tzinfo
    _kept: dict[date, list[Interval]] = field(default_factory=dict, compare=False, repr=False)
    """Open intervals of the days that were used last."""

    def intervals(self, day: date) -> list[Interval]:
        """Return the open intervals that begin on a local day, in order.

        Time that hours of the day before cover already is left out.
        """
        if (kept := self._kept.get(day)) is not None:
            return kept
        if len(self._kept) >= MOST_KEPT:
            self._kept.clear()
        self._kept[day] = found = self._derived(day)
        return found

    def day_of(self, moment: datetime) -> date:
        """Return the local date of a moment. Raises NoOpenTime beyond the years of the calendar."""
        try:
            return moment.astimezone(self.zone).date()
        except OverflowError:
            raise _no_open_time() from None

    def _derived(self, day: date) -> list[Interval]:
        covered = max((each.ends for each in self._stated(day - DAY)), default=BEGINNING)
        found = []
        for each in self._stated(day):
            begins = max(each.begins, covered)
            if begins < each.ends:
                found.append(Interval(begins, each.ends))
                covered = each.ends
        return found

    def after(self, moment: datetime) -> Iterator[Interval]:
        """Yield the open intervals from a moment on, without end. Raises NoOpenTime."""
        moment = moment.astimezone(UTC)
        for day in self._days(moment, first=-1, step=1):
            for begins, ends in self.intervals(day):
                if ends > moment:
                    yield Interval(max(begins, moment), ends)

    def before(self, moment: datetime) -> Iterator[Interval]:
        """Yield the open intervals until a moment, the last first. Raises NoOpenTime."""
        moment = moment.astimezone(UTC)
        for day in self._days(moment, first=0, step=-1):
            for begins, ends in reversed(self.intervals(day)):
                if begins < moment:
                    yield Interval(begins, min(ends, moment))

    def _days(self, moment: datetime, *, first: int, step: int) -> Iterator[date]:
        """Yield days from that of a moment on. Raises NoOpenTime after too many closed ones."""
        day, closed = self.day_of(moment), 0
        day = min(max(day, FIRST_DAY), LAST_DAY) + first * DAY
        while closed <= LONGEST_CLOSED and FIRST_DAY - DAY <= day <= LAST_DAY:
            yield day
            closed = 0 if self.intervals(day) else closed + 1
            day += step * DAY
        raise _no_open_time()

    def _stated(self, day: date) -> list[Interval]:
        """Return the hours of a day in UTC, in order; they may overlap."""
        return sorted(
            Interval(self._moment(day, begins), self._moment(day, ends))
            for begins, ends in self.days.on(day)
        )

    def _moment(self, day: date, since_midnight: timedelta) -> datetime:
        days, clock = divmod(since_midnight, DAY)
        at = (datetime.combine(day, time()) + clock).time()
        return first_at(day + days * DAY, at, self.zone)


def is_open(moment: datetime, schedule: Schedule) -> bool:
    """Return whether a moment is within the opening hours."""
    day = schedule.day_of(moment)
    found = (*schedule.intervals(day - DAY), *schedule.intervals(day))
    return any(each.begins <= moment < each.ends for each in found)


def next_open(moment: datetime, schedule: Schedule) -> datetime:
    """Return the earliest open moment (UTC) from this one on. Raises NoOpenTime."""
    return next(schedule.after(moment)).begins


def last_open(moment: datetime, schedule: Schedule) -> datetime:
    """Return the latest moment (UTC) up to this one that ends open time. Raises NoOpenTime."""
    return next(schedule.before(moment)).ends


def add_working_time(start: datetime, duration: timedelta, schedule: Schedule) -> datetime:
    """Return the earliest moment (UTC) by which `duration` of open time has passed since `start`.

    A duration that ends with the open hours of a day ends at their close, not at the next opening.
    Raises NoOpenTime.
    """
    _check_duration(duration)
    if not duration:
        return start.astimezone(UTC)
    left = duration
    for begins, ends in schedule.after(start):
        if ends - begins >= left:
            return begins + left
        left -= ends - begins
    raise AssertionError("open intervals never end")


def subtract_working_time(end: datetime, duration: timedelta, schedule: Schedule) -> datetime:
    """Return the latest moment (UTC) from which `duration` of open time passes until `end`.

    Raises NoOpenTime.
    """
    _check_duration(duration)
    if not duration:
        return end.astimezone(UTC)
    left = duration
    for begins, ends in schedule.before(end):
        if ends - begins >= left:
            return ends - left
        left -= ends - begins
    raise AssertionError("open intervals never end")


def working_time_between(begin: datetime, end: datetime, schedule: Schedule) -> timedelta:
    """Return the open time from one moment until another; zero if it does not lie after the first.

    Raises Invalid for a span of more than a century.
    """
    begin, end = begin.astimezone(UTC), end.astimezone(UTC)
    if end <= begin:
        return NOTHING
    if end - begin > LONGEST_SPAN:
        raise Invalid("The span is longer than a century.", "时间跨度超过一百年。")
    first, last = schedule.day_of(begin) - DAY, schedule.day_of(end)
    total = NOTHING
    for number in range((last - first).days + 1):
        for opens, closes in schedule.intervals(first + number * DAY):
            total += max(min(closes, end) - max(opens, begin), NOTHING)
    return total


def _check_duration(duration: timedelta) -> None:
    if duration < NOTHING:
        raise ValueError("A duration of open time is not negative")


def _no_open_time() -> NoOpenTime:
    return NoOpenTime(
        "The opening hours leave no open time for years; check them and the county's calendar.",
        "开放时间设置有误：多年内没有任何开放时间，请检查服务站开放时间和县级日历。",
    )
