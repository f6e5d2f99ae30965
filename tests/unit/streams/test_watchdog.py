"""Stages that have stalled, and stages that only wait."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from roost.errors import Fatal
from roost.kafka.ports import Partition
from roost.metrics import LAG
from streams.kernel.watchdog import (
    NO_ANSWER,
    LagReport,
    Progress,
    Snapshot,
    StallCounter,
    Watched,
    lag_by_topic,
    stalled_partitions,
    take_snapshot,
)

HERE, THERE = Partition("profiles", 0), Partition("profiles", 1)
WELL = Snapshot(handled={HERE: 7}, committed={HERE: 7}, read={HERE: 7}, ends={HERE: 7}, busy=False)


def test_nothing_to_do_is_no_standstill() -> None:
    assert stalled_partitions(WELL, WELL) == {}


def test_what_is_handled_and_not_committed_stands() -> None:
    stuck = replace(WELL, committed={HERE: 5})
    assert stalled_partitions(stuck, stuck) == {HERE: "handled events are not committed"}
    assert stalled_partitions(stuck, replace(stuck, committed={HERE: 6})) == {}, "it moves"


def test_the_first_commit_of_a_group_is_missed_too() -> None:
    stuck = replace(WELL, committed={})
    assert stalled_partitions(stuck, stuck) == {HERE: "handled events are not committed"}


def test_what_has_just_been_handled_may_be_committed_next_time() -> None:
    before = replace(WELL, handled={HERE: 5}, committed={HERE: 5})
    assert stalled_partitions(before, replace(before, handled={HERE: 7})) == {}


@pytest.mark.parametrize("position", [4, NO_ANSWER])
def test_what_stands_there_and_is_not_read_stands(position: int) -> None:
    stuck = replace(WELL, handled={}, read={HERE: position}, committed={HERE: 4})
    assert stalled_partitions(stuck, stuck) == {HERE: "new events are not read"}


def test_a_stage_with_a_batch_under_way_reads_when_it_is_done() -> None:
    stuck = replace(WELL, handled={}, committed={HERE: 4}, read={HERE: 4})
    assert stalled_partitions(replace(stuck, busy=True), stuck) == {}
    assert stalled_partitions(stuck, replace(stuck, busy=True)) == {}


def test_what_came_since_the_last_snapshot_may_be_read_next_time() -> None:
    assert stalled_partitions(WELL, replace(WELL, ends={HERE: 9})) == {}


def test_what_compaction_took_away_is_not_missed() -> None:
    """The consumer's position passes over it; the last event handled was before."""
    assert stalled_partitions(*[replace(WELL, read={HERE: 9}, ends={HERE: 9})] * 2) == {}


def test_a_partition_that_has_just_come_or_gone_is_not_judged() -> None:
    stuck = replace(WELL, committed={HERE: 5})
    gone = replace(stuck, read={})
    assert stalled_partitions(stuck, gone) == stalled_partitions(gone, stuck) == {}


def test_a_partition_that_stalls_in_enough_checks_in_a_row_ends_the_process() -> None:
    stuck, stalls = replace(WELL, committed={HERE: 5}), StallCounter(3)
    for snapshot in (stuck, stuck, stuck):
        stalls.add(snapshot)
    with pytest.raises(Fatal, match=r"profiles/0 has stalled: handled events are not committed"):
        stalls.add(stuck)


@given(st.lists(st.sampled_from([HERE, THERE, None]), max_size=30))
def test_who_moves_in_between_is_waited_for(stands: list[tuple[str, int] | None]) -> None:
    """Nothing is raised unless one partition stalls in three consecutive checks."""
    stalls, committed, row = StallCounter(3), {HERE: 0, THERE: 0}, 0
    before = None
    for one in stands:
        row = row + 1 if one == before and one is not None else 1
        before = one
        if row == 3:
            stalls.reset()
            row = 0
        for each in committed:
            committed[each] += each != one
        at = dict.fromkeys(committed, 1000)
        stalls.add(Snapshot(at, dict(committed), at, at, busy=False))


def test_the_lag_of_a_topic_is_that_of_its_partitions_that_are_ours() -> None:
    ends = {HERE: 9, THERE: 4, Partition("openings", 0): 2}
    snapshot = replace(
        WELL,
        committed={HERE: 7, Partition("openings", 0): 2, Partition("profiles", 5): 3},
        ends=ends,
    )
    assert lag_by_topic(snapshot) == {"profiles": 6, "openings": 0}


def reported_lag() -> dict[tuple[str, str], float]:
    samples = next(iter(LAG.collect())).samples
    return {(each.labels["group"], each.labels["topic"]): each.value for each in samples}


def test_the_last_lag_of_an_absent_topic_is_not_reported() -> None:
    report = LagReport("a")
    report.set({"profiles": 3, "openings": 0})
    assert reported_lag() == {("a", "profiles"): 3, ("a", "openings"): 0}
    report.set({"openings": 2})
    assert reported_lag() == {("a", "openings"): 2}
    report.set({})
    assert reported_lag() == {}


def test_groups_of_one_process_report_their_lag_separately() -> None:
    first, second = LagReport("a"), LagReport("b")
    first.set({"profiles": 3})
    second.set({"profiles": 5})
    first.set({})
    assert reported_lag() == {("b", "profiles"): 5}
    second.set({})
    assert reported_lag() == {}


def test_what_was_handled_of_a_partition_that_went_is_forgotten() -> None:
    progress = Progress()
    progress.acknowledged(HERE, 6)
    progress.acknowledged(THERE, 3)
    progress.forget([HERE])
    assert progress.handled == {THERE: 4}


class Consumer:
    """A consumer of one group, and the end of each of its partitions."""

    def __init__(self, **offsets: int) -> None:
        self.progress = Progress()
        self.log_ends = {HERE: offsets["here"], THERE: offsets["there"]}
        self.positions: dict[Partition, int | None] = dict(self.log_ends)
        self.asked: list[Partition] = []
        self.watched = Watched("group", self.progress, lambda: {HERE, THERE}, self._position)

    async def ends(self, partitions: Collection[Partition]) -> dict[Partition, int]:
        return {each: self.log_ends[each] for each in partitions}

    async def committed(self) -> dict[Partition, int]:
        return {}

    async def _position(self, partition: Partition) -> int | None:
        self.asked.append(partition)
        return self.positions[partition]


async def test_a_consumer_is_asked_only_about_partitions_that_it_may_not_have_read() -> None:
    consumer = Consumer(here=7, there=4)
    first = await take_snapshot(consumer.watched, consumer, {})
    assert first.read == {HERE: 7, THERE: 4}
    assert sorted(consumer.asked) == [HERE, THERE]
    consumer.asked.clear()
    assert (await take_snapshot(consumer.watched, consumer, first.read)).read == first.read
    assert consumer.asked == []
    consumer.log_ends[THERE] = 9
    stuck = await take_snapshot(consumer.watched, consumer, first.read)
    assert consumer.asked == [THERE]
    assert stalled_partitions(
        stuck, await take_snapshot(consumer.watched, consumer, stuck.read)
    ) == {THERE: "new events are not read"}
    consumer.asked.clear()
    consumer.progress.acknowledged(THERE, 8)
    read = (await take_snapshot(consumer.watched, consumer, stuck.read)).read
    assert read == {HERE: 7, THERE: 9}
    assert consumer.asked == []


async def test_a_partition_that_is_no_longer_ours_is_not_read() -> None:
    consumer = Consumer(here=7, there=4)
    consumer.positions[THERE] = None
    assert (await take_snapshot(consumer.watched, consumer, {})).read == {HERE: 7}
