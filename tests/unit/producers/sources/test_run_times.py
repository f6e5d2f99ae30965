"""Sources are read on schedule, again after failures, and at once when somebody asks."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from producers.sources.run_times import due_after_failure, due_at, next_scheduled
from roost.events.source import RunOutcome, Schedule, Source, SourceRun, SourceState

SHANGHAI, NEW_YORK = ZoneInfo("Asia/Shanghai"), ZoneInfo("America/New_York")
NOW = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
HOURLY = Schedule(every_minutes=60)
DAILY = Schedule(at=(time(12), time(6, 30)))


def source(**changes: Any) -> Source:
    return Source.model_validate(
        {
            "id": "f-" + "a" * 26,
            "name": "Partner",
            "url": "https://jobs.example.com/all.csv",
            "mapping": "nyc_jobs",
            "createdAt": NOW,
            "changedAt": NOW,
            **changes,
        }
    )


def state(started: datetime, due: datetime) -> SourceState:
    run = SourceRun(started_at=started, ended_at=started, outcome=RunOutcome.READ)
    return SourceState(source_id=source().id, definition="x", due_at=due, runs=(run,))


def test_times_of_day_are_the_countys() -> None:
    morning = datetime(2026, 11, 23, 6, 30, tzinfo=SHANGHAI)
    assert next_scheduled(DAILY, morning - HOUR, SHANGHAI) == morning
    assert next_scheduled(DAILY, morning, SHANGHAI) == morning.replace(hour=12, minute=0)
    evening = morning.replace(hour=20)
    assert next_scheduled(DAILY, evening, SHANGHAI) == morning + DAY


def test_a_time_that_the_clock_skips_is_the_one_at_which_it_resumes() -> None:
    night = Schedule(at=(time(2, 30),))
    before = datetime(2026, 3, 8, 0, 0, tzinfo=NEW_YORK)
    assert next_scheduled(night, before, NEW_YORK) == datetime(2026, 3, 8, 7, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("failures", "minutes"), [(1, 5), (2, 10), (3, 20), (4, 40), (5, 60), (500, 60)]
)
def test_the_wait_after_failures_doubles_up_to_the_schedule(failures: int, minutes: int) -> None:
    due = due_after_failure(HOURLY, NOW, failures, SHANGHAI)
    assert due == NOW + timedelta(minutes=minutes)


def test_a_server_may_ask_for_a_longer_wait_but_not_for_ever() -> None:
    assert due_after_failure(HOURLY, NOW, 1, SHANGHAI, 3 * HOUR) == NOW + 3 * HOUR
    assert due_after_failure(HOURLY, NOW, 1, SHANGHAI, timedelta(days=900)) == NOW + DAY


def test_a_new_or_changed_source_is_read_at_once() -> None:
    assert due_at(source(), None) == NOW
    earlier = state(NOW - DAY, NOW + HOUR)
    assert due_at(source(), earlier) == NOW
    assert due_at(source(), state(NOW + HOUR, NOW + 2 * HOUR)) == NOW + 2 * HOUR


def test_a_request_and_a_confirmation_count_once() -> None:
    asked = source(runAskedAt=NOW + HOUR)
    assert due_at(asked, state(NOW, NOW + DAY)) == NOW + HOUR
    assert due_at(asked, state(NOW + HOUR, NOW + DAY)) == NOW + DAY
    confirmed = source(confirmedAt=NOW + HOUR, paused=True)
    assert due_at(confirmed, state(NOW, NOW + DAY)) == NOW + HOUR
    assert due_at(confirmed, state(NOW + 2 * HOUR, NOW + DAY)) is None


@given(
    st.datetimes(datetime(2026, 1, 1), datetime(2027, 1, 1)),
    st.lists(st.times().map(lambda at: at.replace(second=0, microsecond=0)), min_size=1),
    st.sampled_from([SHANGHAI, NEW_YORK]),
)
def test_the_next_time_is_later_and_within_two_days(
    naive: datetime, times: list[time], zone: ZoneInfo
) -> None:
    after = naive.replace(tzinfo=UTC)
    due = next_scheduled(Schedule(at=tuple(times[:24])), after, zone)
    assert after < due <= after + 2 * DAY
