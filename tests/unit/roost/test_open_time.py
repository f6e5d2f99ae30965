"""Open time adds up exactly: across nights, holidays and changes of the local clock."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from roost.time.open_time import (
    NoOpenTime,
    Schedule,
    Span,
    add_working_time,
    is_open,
    last_open,
    next_open,
    subtract_working_time,
    working_time_between,
)
from roost.time.station_hours import by_the_clock, county_hours

SHANGHAI, NEW_YORK, APIA = ZoneInfo("Asia/Shanghai"), ZoneInfo("America/New_York"), "Pacific/Apia"
USUAL = "Mo-Fr 08:30-12:00,14:30-18:00"
CHINA = county_hours("CN", None, USUAL, SHANGHAI).schedule
FOUR_HOURS = timedelta(hours=4)
MINUTE = timedelta(minutes=1)


def at(text: str, zone: ZoneInfo = SHANGHAI) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=zone)


@dataclass(frozen=True)
class Days:
    """The same hours on each day of the week of a list; none on the days off."""

    week: tuple[tuple[Span, ...], ...]
    off: frozenset[date] = frozenset()

    def on(self, day: date) -> Sequence[Span]:
        return () if day in self.off else self.week[day.weekday() % len(self.week)]


@pytest.mark.parametrize(
    ("proposed", "due"),
    [
        ("2026-09-11 17:30", "2026-09-14 12:00"),
        ("2026-09-18 17:30", "2026-09-20 12:00"),
        ("2026-09-30 17:30", "2026-10-08 12:00"),
        ("2026-09-14 08:30", "2026-09-14 15:00"),
        ("2026-09-14 03:00", "2026-09-14 15:00"),
        ("2026-09-14 13:00", "2026-09-15 09:00"),
        ("2026-02-13 17:59", "2026-02-14 14:59"),
        ("2026-02-14 18:00", "2026-02-24 15:00"),
    ],
)
def test_four_hours_end_within_opening_hours(proposed: str, due: str) -> None:
    assert add_working_time(at(proposed), FOUR_HOURS, CHINA) == at(due)


@pytest.mark.parametrize(
    ("moment", "opened"),
    [
        ("2026-09-14 08:30", True),
        ("2026-09-14 12:00", False),
        ("2026-09-14 21:30", False),
        ("2026-09-20 09:00", True),
        ("2026-09-27 09:00", False),
        ("2026-10-05 09:00", False),
        ("2026-10-10 17:59", True),
    ],
)
def test_a_station_is_open_on_working_days(moment: str, opened: bool) -> None:
    assert is_open(at(moment), CHINA) is opened


def test_the_clock_change_shortens_and_lengthens_a_night() -> None:
    nights = Schedule(Days(((Span(timedelta(hours=22), timedelta(hours=30)),),)), NEW_YORK)
    spring, autumn = at("2026-03-07 22:00", NEW_YORK), at("2026-10-31 22:00", NEW_YORK)
    assert working_time_between(spring, spring + timedelta(days=1), nights) == timedelta(hours=7)
    assert working_time_between(autumn, autumn + timedelta(days=1), nights) == timedelta(hours=9)


def test_hours_that_the_clock_skips_do_not_count() -> None:
    early = Schedule(Days(((Span(timedelta(hours=2), timedelta(hours=3)),),)), NEW_YORK)
    day = at("2026-03-08 00:00", NEW_YORK)
    assert early.intervals(day.date()) == []
    assert add_working_time(day, MINUTE, early) == at("2026-03-09 02:01", NEW_YORK)


def test_a_day_that_a_zone_skips_has_no_hours() -> None:
    apia = Schedule(Days(((Span(timedelta(hours=8), timedelta(hours=12)),),)), ZoneInfo(APIA))
    assert apia.intervals(date(2011, 12, 30)) == []
    assert len(apia.intervals(date(2011, 12, 31))) == 1


@pytest.mark.parametrize("zone", [SHANGHAI, NEW_YORK])
def test_always_open_time_runs_as_the_clock_does(zone: ZoneInfo) -> None:
    schedule = by_the_clock(zone).schedule
    start = at("2026-03-07 23:59", zone).astimezone(UTC)
    for hours in (0, 1, 24, 100, 5_000):
        due = add_working_time(start, timedelta(hours=hours), schedule)
        assert due == start + timedelta(hours=hours)
        assert working_time_between(start, due, schedule) == timedelta(hours=hours)


@pytest.mark.parametrize("moment", [datetime(2026, 1, 1, tzinfo=UTC), datetime.max, datetime.min])
def test_a_calendar_without_open_time_is_an_error_and_not_an_endless_loop(moment: datetime) -> None:
    closed = Schedule(Days(((),)), SHANGHAI)
    moment = moment.replace(tzinfo=UTC)
    for function in (add_working_time, subtract_working_time):
        with pytest.raises(NoOpenTime):
            function(moment, MINUTE, closed)
    for other in (next_open, last_open):
        with pytest.raises(NoOpenTime):
            other(moment, closed)


def test_a_deadline_beyond_the_last_day_is_an_error() -> None:
    with pytest.raises(NoOpenTime):
        add_working_time(at("9900-01-05 08:30"), timedelta(days=300_000), CHINA)


def test_negative_durations_are_refused() -> None:
    with pytest.raises(ValueError, match="not negative"):
        add_working_time(at("2026-01-05 08:30"), -MINUTE, CHINA)


ZONES = st.sampled_from([SHANGHAI, NEW_YORK, ZoneInfo("Australia/Lord_Howe"), ZoneInfo(APIA)])


@st.composite
def spans(draw: st.DrawFn) -> Span:
    begins = draw(st.integers(0, 24 * 60 - 1))
    return Span(begins * MINUTE, (begins + draw(st.integers(20, 24 * 60))) * MINUTE)


DAYS = st.builds(
    Days,
    st.lists(st.lists(spans(), max_size=3).map(tuple), min_size=7, max_size=7)
    .map(tuple)
    .filter(any),
    st.frozensets(st.dates(date(2026, 3, 1), date(2026, 3, 20)), max_size=6),
)
SCHEDULES = st.builds(Schedule, DAYS, ZONES)
WINDOWS = (
    (datetime(2026, 3, 1), datetime(2026, 3, 20)),
    (datetime(2026, 10, 28), datetime(2026, 11, 5)),
    (datetime(2011, 12, 28), datetime(2012, 1, 3)),
)
"""Periods with changes of a local clock."""


def moments_within(window: tuple[datetime, datetime]) -> st.SearchStrategy[datetime]:
    return st.datetimes(*window).map(lambda naive: naive.replace(tzinfo=UTC))


def in_order(count: int) -> st.SearchStrategy[list[datetime]]:
    within = st.sampled_from(WINDOWS).map(moments_within)
    return within.flatmap(lambda each: st.lists(each, min_size=count, max_size=count)).map(sorted)


MOMENTS = st.sampled_from(WINDOWS).flatmap(moments_within)
DURATIONS = st.timedeltas(timedelta(), timedelta(hours=60))


@given(SCHEDULES, MOMENTS, DURATIONS)
def test_a_deadline_is_the_earliest_moment_by_which_the_time_has_passed(
    schedule: Schedule, start: datetime, duration: timedelta
) -> None:
    due = add_working_time(start, duration, schedule)
    assert working_time_between(start, due, schedule) == duration
    if duration:
        before = due - timedelta.resolution
        assert working_time_between(start, before, schedule) == duration - timedelta.resolution


@given(SCHEDULES, MOMENTS, DURATIONS)
def test_going_back_finds_the_latest_begin(
    schedule: Schedule, end: datetime, duration: timedelta
) -> None:
    begin = subtract_working_time(end, duration, schedule)
    assert working_time_between(begin, end, schedule) == duration
    if duration:
        after = begin + timedelta.resolution
        assert working_time_between(after, end, schedule) == duration - timedelta.resolution


@given(SCHEDULES, MOMENTS, DURATIONS, DURATIONS)
def test_durations_add_up(
    schedule: Schedule, start: datetime, one: timedelta, other: timedelta
) -> None:
    together = add_working_time(start, one + other, schedule)
    assert add_working_time(add_working_time(start, one, schedule), other, schedule) == together


@given(SCHEDULES, in_order(3))
def test_open_time_is_additive_and_never_more_than_the_clocks(
    schedule: Schedule, moments: list[datetime]
) -> None:
    first, second, third = moments
    whole = working_time_between(first, third, schedule)
    parts = (
        working_time_between(first, second, schedule),
        working_time_between(second, third, schedule),
    )
    assert whole == sum(parts, timedelta())
    assert timedelta() <= whole <= third - first
    assert working_time_between(third, first, schedule) == timedelta()


@given(SCHEDULES, in_order(2), DURATIONS)
def test_a_later_start_is_never_due_earlier(
    schedule: Schedule, moments: list[datetime], duration: timedelta
) -> None:
    first, second = moments
    one, other = (add_working_time(each, duration, schedule) for each in (first, second))
    assert one <= other


@given(SCHEDULES, MOMENTS)
def test_the_next_and_the_last_open_moment_enclose_closed_time(
    schedule: Schedule, moment: datetime
) -> None:
    begins, ends = next_open(moment, schedule), last_open(moment, schedule)
    assert ends <= moment <= begins
    assert is_open(begins, schedule)
    assert not working_time_between(ends, begins, schedule)
    assert is_open(moment, schedule) == (begins == moment)


@given(SCHEDULES, st.dates(date(2026, 3, 5), date(2026, 3, 15)), st.integers(0, 24 * 60 - 1))
def test_a_minute_is_open_if_the_local_clock_is_within_hours(
    schedule: Schedule, day: date, minute: int
) -> None:
    """Compare with the hours as a person reads them, away from changes of the clock."""
    local = datetime.combine(day, time()) + minute * MINUTE
    moment = local.replace(tzinfo=schedule.zone)
    today, yesterday = (minute * MINUTE + number * timedelta(days=1) for number in (0, 1))
    stated = any(
        each.begins <= clock < each.ends
        for clock, on in ((today, day), (yesterday, day - timedelta(days=1)))
        for each in schedule.days.on(on)
    )
    if day not in {date(2026, 3, 8), date(2026, 3, 9)}:
        assert is_open(moment, schedule) is stated
