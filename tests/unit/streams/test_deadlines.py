"""Deadlines of matches run in opening hours, and are stored with the match."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.overview.overview_query import overdue_clause, waited_clause
from roost import ids
from roost.events.match import About, Match, MatchState
from roost.events.station import Station
from roost.time.county_calendar import CountyCalendar, DayKind, NamedDay
from roost.time.open_time import is_open, last_open
from roost.time.station_hours import CountyHours
from roost.time.urgency import Targets, Urgency, urgency
from streams.queue.deadlines import with_deadlines
from streams.queue.match_documents import moments
from tests.made import a_match
from tests.unit.api.clause_evaluation import meets
from tests.unit.roost.test_station_hours import CHINA
from tests.unit.roost.test_station_hours import station as a_station

TARGETS = Targets(timedelta(hours=4), timedelta(hours=7))
OPENING, WORKER = ids.opening_id("t", "1"), ids.worker_id("t", "1")
S = MatchState


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=CHINA.zone)


def match(proposed: str, **changes: Any) -> Match:
    return a_match(OPENING, WORKER, at(proposed), **changes)


def dated(made: Match, before: Match | None = None, station: Station | None = None) -> Match:
    return with_deadlines(before, made, TARGETS, CHINA, station)


@pytest.mark.parametrize(
    ("proposed", "due", "soon"),
    [
        ("2026-09-11 17:30", "2026-09-14 12:00", "2026-09-14 11:00"),
        ("2026-09-18 17:30", "2026-09-20 12:00", "2026-09-20 11:00"),
        ("2026-09-30 17:30", "2026-10-08 12:00", "2026-10-08 11:00"),
        ("2026-09-14 13:00", "2026-09-15 09:00", "2026-09-14 17:30"),
    ],
)
def test_a_first_contact_is_due_after_four_opening_hours(
    proposed: str, due: str, soon: str
) -> None:
    found = dated(match(proposed))
    assert (found.act_by, found.contact_due_at, found.soon_at) == (at(due), at(due), at(soon))
    assert found.waited_s is None


def test_an_opening_that_starts_on_monday_is_due_at_the_close_of_friday() -> None:
    monday = About(starts_on=date(2026, 9, 14))
    assert dated(match("2026-09-11 14:00", about=monday)).act_by == at("2026-09-11 18:00")
    late = dated(match("2026-09-11 17:30", about=monday))
    assert late.act_by == at("2026-09-14 09:00"), "a quarter of the target at the earliest"


def test_a_yes_and_a_follow_up_run_in_opening_hours_too() -> None:
    glad = match("2026-09-11 09:00", accepted_at=at("2026-09-11 11:00"))
    assert dated(glad).act_by == at("2026-09-11 15:30")
    claimed = match(
        "2026-09-11 09:00",
        state=S.CONTACTED,
        claimed_at=at("2026-09-11 17:00"),
        first_contact_at=at("2026-09-11 17:30"),
    )
    assert dated(claimed).act_by == at("2026-09-14 17:30")


def test_agreed_times_stay_as_they_are_agreed() -> None:
    evening = at("2026-09-13 20:00")
    again = dated(match("2026-09-11 09:00", call_again_at=evening))
    assert (again.act_by, again.soon_at) == (evening, evening - timedelta(hours=1))


def test_the_wait_counts_opening_hours_and_is_fixed_by_the_contact() -> None:
    called = dated(
        match("2026-09-11 17:30", state=S.CONTACTED, first_contact_at=at("2026-09-14 09:00"))
    )
    assert (called.waited_s, called.contact_due_at) == (3_600, at("2026-09-14 12:00"))
    referred = called.model_copy(
        update={"state": S.REFERRED, "referred_at": at("2026-09-15 09:00"), "revision": 2}
    )
    elsewhere = a_station({"dayOfWeek": ["Sunday"], "opens": "08:00", "closes": "10:00"})
    moved = dated(referred, called, elsewhere)
    assert (moved.waited_s, moved.contact_due_at) == (3_600, at("2026-09-14 12:00"))
    assert moved.act_by == at("2026-10-18 09:00"), "the next step follows the new station's hours"


def test_a_contact_that_is_undone_waits_again() -> None:
    called = dated(match("2026-09-14 09:00", first_contact_at=at("2026-09-14 10:00")))
    undone = dated(match("2026-09-14 09:00"), called)
    assert (undone.waited_s, undone.contact_due_at) == (None, at("2026-09-14 15:30"))


def test_a_station_that_is_closed_for_a_while_is_due_when_it_opens() -> None:
    closed = a_station({"validFrom": "2026-09-11", "validThrough": "2027-09-10"})
    assert dated(match("2026-09-11 17:30"), station=closed).act_by == at("2027-09-13 15:00")


def test_a_station_that_is_closed_for_years_gets_the_countys_hours() -> None:
    mondays = a_station({"dayOfWeek": ["Monday"], "opens": "08:00", "closes": "10:00"})
    first = date(2026, 9, 14)
    off = {first + timedelta(weeks=number): NamedDay(DayKind.HOLIDAY) for number in range(200)}
    hours = CountyHours(CountyCalendar("none", off), CHINA.zone, CHINA.usual)
    found = with_deadlines(None, match("2026-09-11 17:30"), TARGETS, hours, mondays)
    assert found.act_by == at("2026-09-15 12:00")


@pytest.mark.parametrize(
    ("now", "breached"),
    [
        ("2026-09-11 21:30", False),
        ("2026-09-13 10:00", False),
        ("2026-09-14 12:00", False),
        ("2026-09-14 12:01", True),
    ],
)
def test_a_breach_is_counted_once_the_opening_hours_of_the_target_have_passed(
    now: str, breached: bool
) -> None:
    seen = moments(dated(match("2026-09-11 17:30"))) | {"active": True}
    assert meets(seen, overdue_clause(TARGETS.first_contact, at(now))) is breached
    called = dated(match("2026-09-11 17:30", first_contact_at=at(now)))
    assert meets(moments(called), waited_clause(TARGETS.first_contact, late=True)) is breached
    assert meets(moments(called), waited_clause(TARGETS.first_contact, late=False)) is not breached


def test_records_of_earlier_releases_count_by_the_clock() -> None:
    now = at("2026-09-11 21:31")
    old = match("2026-09-11 17:30", act_by=at("2026-09-11 21:30"))
    assert meets(moments(old) | {"active": True}, overdue_clause(TARGETS.first_contact, now))
    assert moments(old)["soon_at"] == at("2026-09-11 20:30").isoformat()
    called = match("2026-09-11 17:30", first_contact_at=now)
    assert moments(called)["waited_s"] == 14_460
    assert meets(moments(called), waited_clause(TARGETS.first_contact, late=True))
    changed = dated(called.model_copy(update={"state": S.CONTACTED}), called)
    assert (changed.waited_s, changed.contact_due_at) == (None, None)


@given(
    st.datetimes(datetime(2026, 1, 1), datetime(2027, 1, 31)),
    st.booleans(),
    st.none() | st.integers(-5, 20),
)
def test_a_deadline_ends_in_opening_hours_and_its_urgency_rises_to_it(
    naive: datetime, priority: bool, starts_in: int | None
) -> None:
    proposed = naive.replace(tzinfo=CHINA.zone)
    starts = None if starts_in is None else proposed.date() + timedelta(days=starts_in)
    about = About(priority=priority, starts_on=starts)
    found = dated(a_match(OPENING, WORKER, proposed, about=about))
    assert found.act_by is not None
    assert found.soon_at is not None
    assert last_open(found.act_by, CHINA.schedule) == found.act_by
    assert is_open(found.soon_at, CHINA.schedule)
    assert found.soon_at < found.act_by
    levels = [
        urgency(found.act_by, found.soon_at, now)
        for now in (found.soon_at - timedelta.resolution, found.soon_at, found.act_by)
    ]
    assert levels == [Urgency.LATER, Urgency.SOON, Urgency.OVERDUE]
