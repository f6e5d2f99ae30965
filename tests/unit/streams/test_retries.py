"""Retries: their schedule on each kind of channel, the night, and the end of a message's use."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, time, timedelta
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from roost import ids
from roost.events.notification import NotificationKind
from roost.events.preferences import ChannelKind, QuietHours
from streams.deliver.contexts import Context
from streams.deliver.planning import Drop, judge
from streams.deliver.retries import (
    JITTER,
    LONGEST_RETRY_AFTER,
    SCHEDULES,
    Failure,
    next_attempt,
    of_use_until,
    wait_after,
)
from streams.deliver.timing import CountyDefaults
from tests.unit.streams import test_planning
from tests.unit.streams.in_memory import NOON, notification
from tests.unit.streams.test_timing import OPEN, SHANGHAI

NIGHT = CountyDefaults(SHANGHAI, QuietHours(begins=time(22), ends=time(7)), timedelta(0))
SENT_TO = [each for each in ChannelKind if each is not ChannelKind.INBOX]
DAY = timedelta(days=1)
SMS, WEBHOOK = ChannelKind.SMS, ChannelKind.WEBHOOK
INTERVIEW = NotificationKind.INTERVIEW_SET


def after(
    failure: Failure,
    *,
    county: CountyDefaults = OPEN,
    now: datetime = NOON,
    kind: NotificationKind = NotificationKind.POLICY_NEWS,
    context: Context | None = None,
    most: int = 10,
    seed: int = 1,
) -> datetime | None:
    known = [(notification(kind), context or Context(recipient={}))]
    return next_attempt(failure, known, county, now, most, Random(seed))


@given(st.integers(0, 10_000))
def test_a_webhook_is_tried_ten_times_over_more_than_three_days(seed: int) -> None:
    now, attempts = NOON, 1
    while (due := after(Failure(WEBHOOK, attempts), now=now, seed=seed)) is not None:
        now, attempts = due, attempts + 1
    assert attempts == 10
    assert 3 * DAY < now - NOON < 4 * DAY


@given(st.sampled_from(SENT_TO), st.integers(1, 9), st.randoms(use_true_random=False))
def test_each_wait_is_that_of_the_schedule_with_jitter(
    channel: ChannelKind, attempts: int, random: Random
) -> None:
    wait = wait_after(channel, attempts, random)
    if attempts > len(SCHEDULES[channel]):
        assert wait is None
        return
    planned = SCHEDULES[channel][attempts - 1]
    assert wait is not None
    assert planned <= wait <= planned * (1 + JITTER)


def test_jitter_spreads_retries() -> None:
    waits = {wait_after(WEBHOOK, 3, Random(seed)) for seed in range(20)}
    assert len(waits) == 20


@pytest.mark.parametrize("channel", SENT_TO)
def test_every_kind_of_channel_is_tried_for_most_of_a_day_at_ever_longer_intervals(
    channel: ChannelKind,
) -> None:
    waits = SCHEDULES[channel]
    assert list(waits) == sorted(waits)
    assert sum(waits, timedelta(0)) > timedelta(hours=18)


def test_the_setting_bounds_the_attempts() -> None:
    assert after(Failure(WEBHOOK, 2), most=3) is not None
    assert after(Failure(WEBHOOK, 3), most=3) is None


@given(st.floats(0, 10**9))
def test_retry_after_is_honoured_within_a_day(seconds: float) -> None:
    asked = timedelta(seconds=seconds)
    due = after(Failure(WEBHOOK, 1, asked))
    assert due is not None
    assert due - NOON >= min(asked, LONGEST_RETRY_AFTER)
    assert due - NOON <= max(LONGEST_RETRY_AFTER, timedelta(seconds=6))


@given(
    st.integers(0, 24 * 60).map(lambda minutes: NOON + timedelta(minutes=minutes)),
    st.integers(1, len(SCHEDULES[SMS])),
    st.integers(0, 10_000),
)
def test_no_text_message_is_retried_at_night(now: datetime, attempts: int, seed: int) -> None:
    due = after(
        Failure(SMS, attempts),
        county=NIGHT,
        now=now,
        kind=INTERVIEW,
        context=Context(recipient={}),
        seed=seed,
    )
    assert due is not None
    assert 7 <= due.astimezone(SHANGHAI).hour < 22


def test_an_interview_is_not_announced_after_it_began() -> None:
    context = Context(recipient={}, match={"fact": {"interviewAt": (NOON + DAY).isoformat()}})
    early = after(Failure(SMS, 4), kind=INTERVIEW, context=context)
    assert early is not None
    assert after(Failure(SMS, 4), kind=INTERVIEW, context=context, now=NOON + DAY) is None
    late = NOON + DAY - timedelta(minutes=10)
    assert after(Failure(SMS, 4), kind=INTERVIEW, context=context, now=late) is None
    hook = replace(context)
    to_hook = notification(INTERVIEW, ids.derive("h", "1"))
    assert of_use_until(to_hook, hook) is None


def test_a_due_message_of_no_more_use_is_dropped() -> None:
    known = replace(
        test_planning.KNOWN, match={"active": True, "fact": {"interviewAt": NOON.isoformat()}}
    )
    row = test_planning.row_of(test_planning.of_match(INTERVIEW))
    verdict = judge(row, known, OPEN, NOON + timedelta(seconds=1), None)
    assert isinstance(verdict, Drop)
    assert verdict.why == "it is of no more use"


def test_an_alert_is_of_use_until_the_next_one() -> None:
    alert = notification(NotificationKind.MATCH_WAITING, ids.station_id("t"))
    assert of_use_until(alert, Context(recipient={})) == alert.caused_at + DAY


@pytest.mark.parametrize("kind", NotificationKind)
@pytest.mark.parametrize("who", ["w", "s"])
def test_every_kind_of_message_to_a_person_has_an_end_of_use(
    kind: NotificationKind, who: str
) -> None:
    one = notification(kind, ids.derive(who, "1"))
    end = of_use_until(one, Context(recipient={}))
    assert end is not None
    late = [(one, Context(recipient={}))]
    assert next_attempt(Failure(SMS, 2), late, OPEN, end, 10, Random(1)) is None
