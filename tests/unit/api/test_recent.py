"""Recent changes, complete or reported as incomplete, and past positions of the topic."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from api.live.recent import EVERY_S, LONGEST_S, MOST, MOST_AGE, RecentChanges, concerns
from api.ports.live_messages import LiveChange, LiveKind
from roost.kafka.ports import Partition
from tests.unit.api.builders import NOW

HERE, THERE, ELSEWHERE = (Partition("matches", each) for each in range(3))


def change(offset: int, place: Partition = HERE, at: datetime = NOW) -> LiveChange:
    return LiveChange(f"{offset + 1}", LiveKind.MATCH, "{}", f"m-{offset}", place, offset, at)


@pytest.fixture
def recent() -> RecentChanges:
    recent = RecentChanges()
    recent.begin(HERE, 10)
    recent.begin(THERE, 0)
    return recent


def test_what_somebody_missed_comes_in_order_and_is_theirs_alone(recent: RecentChanges) -> None:
    for offset, who in ((10, "a"), (11, "b"), (12, "a")):
        recent.add(who, change(offset))
    found = recent.since({HERE: 11, THERE: 0}, ["a"])
    assert found is not None
    assert [each.offset for each in found] == [12]


def test_from_before_its_beginning_it_is_not_whole(recent: RecentChanges) -> None:
    assert recent.since({HERE: 9, THERE: 0}, ["a"]) is None
    assert recent.since({HERE: 10, THERE: 0}, ["a"]) == []


def test_a_partition_that_it_knows_nothing_of_is_not_whole(recent: RecentChanges) -> None:
    assert recent.since({ELSEWHERE: 0}, ["a"]) is None


def test_what_is_dropped_for_room_is_known_to_be_missing(recent: RecentChanges) -> None:
    for offset in range(10, 10 + MOST + 1):
        recent.add("a", change(offset))
    assert recent.since({HERE: 10, THERE: 0}, ["a"]) is None
    whole = recent.since({HERE: 11, THERE: 0}, ["a"])
    assert whole is not None
    assert len(whole) == MOST


def test_while_nothing_moves_it_is_where_it_is_now(recent: RecentChanges) -> None:
    assert recent.as_of(100.0, {HERE: 10}) == {HERE: 10}
    recent.moves(50.0, {HERE: 10})
    assert recent.as_of(100.0, {HERE: 11}) == {HERE: 11}


def test_where_it_was_is_never_later_than_it_was(recent: RecentChanges) -> None:
    at = {HERE: 10}
    moments: list[tuple[float, int]] = []
    for step in range(100):
        now = 100 + step * EVERY_S / 3
        recent.moves(now, at)
        at = {HERE: at[HERE] + 1}
        moments.append((now, at[HERE]))
    for then in (99.0, 100.0, 101.1, 104.0, 116.0):
        really = max((offset for now, offset in moments if now <= then), default=10)
        assert recent.as_of(then, at)[HERE] <= really
        assert recent.as_of(then, at)[HERE] >= really - 3


def test_what_was_long_ago_is_forgotten(recent: RecentChanges) -> None:
    for step in range(1_000):
        recent.moves(float(step), {HERE: step})
    assert recent.as_of(0.0, {HERE: 1_000})[HERE] >= 1_000 - LONGEST_S - 2


def test_what_is_too_old_is_known_to_be_missing(recent: RecentChanges) -> None:
    recent.add("a", change(10, at=NOW))
    recent.add("a", change(11, at=NOW + timedelta(minutes=1)))
    recent.expire(NOW + MOST_AGE)
    assert recent.since({HERE: 10, THERE: 0}, ["a"]) is not None
    recent.expire(NOW + MOST_AGE + timedelta(seconds=1))
    assert recent.since({HERE: 10, THERE: 0}, ["a"]) is None
    assert recent.since({HERE: 11, THERE: 0}, ["a"]) == [change(11, at=NOW + timedelta(minutes=1))]


def test_a_pattern_stands_for_the_channels_that_begin_like_it(recent: RecentChanges) -> None:
    recent.add("queue/*", change(10))
    assert recent.since({HERE: 10, THERE: 0}, ["queue/s-1", "queue/s-2"]) == [change(10)]
    assert recent.since({HERE: 10, THERE: 0}, ["inbox/s-1"]) == []
    assert not concerns("queue/s-1", "queue/s-12")
