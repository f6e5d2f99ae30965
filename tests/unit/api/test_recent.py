"""Recent changes, complete or reported as incomplete, and past positions of the topic."""

from __future__ import annotations

import pytest

from api.live.recent import EVERY_S, LONGEST_S, MOST, RecentChanges
from api.ports.live_messages import LiveChange


def change(offset: int, partition: int = 0) -> LiveChange:
    return LiveChange(f"{offset + 1}", "{}", partition, offset)


@pytest.fixture
def recent() -> RecentChanges:
    recent = RecentChanges()
    recent.begin(0, 10)
    recent.begin(1, 0)
    return recent


def test_what_somebody_missed_comes_in_order_and_is_theirs_alone(recent: RecentChanges) -> None:
    for offset, who in ((10, "a"), (11, "b"), (12, "a")):
        recent.add(who, change(offset))
    found = recent.since({0: 11, 1: 0}, "a")
    assert found is not None
    assert [each.offset for each in found] == [12]


def test_from_before_its_beginning_it_is_not_whole(recent: RecentChanges) -> None:
    assert recent.since({0: 9, 1: 0}, "a") is None
    assert recent.since({0: 10, 1: 0}, "a") == []


def test_a_partition_that_it_knows_nothing_of_is_not_whole(recent: RecentChanges) -> None:
    assert recent.since({2: 0}, "a") is None


def test_what_is_dropped_for_room_is_known_to_be_missing(recent: RecentChanges) -> None:
    for offset in range(10, 10 + MOST + 1):
        recent.add("a", change(offset))
    assert recent.since({0: 10, 1: 0}, "a") is None
    whole = recent.since({0: 11, 1: 0}, "a")
    assert whole is not None
    assert len(whole) == MOST


def test_while_nothing_moves_it_is_where_it_is_now(recent: RecentChanges) -> None:
    assert recent.as_of(100.0, {0: 10}) == {0: 10}
    recent.moves(50.0, {0: 10})
    assert recent.as_of(100.0, {0: 11}) == {0: 11}


def test_where_it_was_is_never_later_than_it_was(recent: RecentChanges) -> None:
    at = {0: 10}
    moments: list[tuple[float, int]] = []
    for step in range(100):
        now = 100 + step * EVERY_S / 3
        recent.moves(now, at)
        at = {0: at[0] + 1}
        moments.append((now, at[0]))
    for then in (99.0, 100.0, 101.1, 104.0, 116.0):
        really = max((offset for now, offset in moments if now <= then), default=10)
        assert recent.as_of(then, at)[0] <= really
        assert recent.as_of(then, at)[0] >= really - 3


def test_what_was_long_ago_is_forgotten(recent: RecentChanges) -> None:
    for step in range(1_000):
        recent.moves(float(step), {0: step})
    assert recent.as_of(0.0, {0: 1_000})[0] >= 1_000 - LONGEST_S - 2
