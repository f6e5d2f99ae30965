"""When a stage stands still, and when it only waits."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from roost.errors import Fatal
from roost.metrics import LAG
from streams.kernel.watchdog import HANGS, Look, Patience, Progress, lags, standing, tell

HERE, THERE = ("profiles", 0), ("profiles", 1)
WELL = Look(handled={HERE: 7}, committed={HERE: 7}, read={HERE: 7}, ends={HERE: 7}, busy=False)


def test_nothing_to_do_is_no_standstill() -> None:
    assert standing(WELL, WELL) == {}


def test_what_is_handled_and_not_committed_stands() -> None:
    stuck = replace(WELL, committed={HERE: 5})
    assert standing(stuck, stuck) == {HERE: "what was handled is not committed"}
    assert standing(stuck, replace(stuck, committed={HERE: 6})) == {}, "it moves"


def test_the_first_commit_of_a_group_is_missed_too() -> None:
    stuck = replace(WELL, committed={})
    assert standing(stuck, stuck) == {HERE: "what was handled is not committed"}


def test_what_has_just_been_handled_may_be_committed_next_time() -> None:
    before = replace(WELL, handled={HERE: 5}, committed={HERE: 5})
    assert standing(before, replace(before, handled={HERE: 7})) == {}


@pytest.mark.parametrize("position", [4, HANGS])
def test_what_stands_there_and_is_not_read_stands(position: int) -> None:
    stuck = replace(WELL, handled={}, read={HERE: position}, committed={HERE: 4})
    assert standing(stuck, stuck) == {HERE: "what stands there is not read"}


def test_a_stage_with_a_batch_under_way_reads_when_it_is_done() -> None:
    stuck = replace(WELL, handled={}, committed={HERE: 4}, read={HERE: 4})
    assert standing(replace(stuck, busy=True), stuck) == {}
    assert standing(stuck, replace(stuck, busy=True)) == {}


def test_what_came_since_the_last_look_may_be_read_next_time() -> None:
    assert standing(WELL, replace(WELL, ends={HERE: 9})) == {}


def test_what_compaction_took_away_is_not_missed() -> None:
    """The consumer's position passes over it; the last event handled was before."""
    assert standing(*[replace(WELL, read={HERE: 9}, ends={HERE: 9})] * 2) == {}


def test_a_partition_that_has_just_come_or_gone_is_not_judged() -> None:
    stuck = replace(WELL, committed={HERE: 5})
    gone = replace(stuck, read={})
    assert standing(stuck, gone) == standing(gone, stuck) == {}


def test_patience_ends_when_one_partition_stands_so_often_in_a_row() -> None:
    stuck, patience = replace(WELL, committed={HERE: 5}), Patience(3)
    for look in (stuck, stuck, stuck):
        patience.seen(look)
    with pytest.raises(Fatal, match=r"profiles/0 stands still: what was handled is not committed"):
        patience.seen(stuck)


@given(st.lists(st.sampled_from([HERE, THERE, None]), max_size=30))
def test_who_moves_in_between_is_waited_for(stands: list[tuple[str, int] | None]) -> None:
    """As long as no partition stands three looks in a row, whatever the others do."""
    patience, committed, row = Patience(3), {HERE: 0, THERE: 0}, 0
    before = None
    for one in stands:
        row = row + 1 if one == before and one is not None else 1
        before = one
        if row == 3:
            patience.forget()
            row = 0
        for each in committed:
            committed[each] += each != one
        at = dict.fromkeys(committed, 1000)
        patience.seen(Look(at, dict(committed), at, at, busy=False))


def test_the_lag_of_a_topic_is_that_of_its_partitions_that_are_ours() -> None:
    ends = {HERE: 9, THERE: 4, ("openings", 0): 2}
    look = replace(WELL, committed={HERE: 7, ("openings", 0): 2, ("profiles", 5): 3}, ends=ends)
    assert lags(look) == {"profiles": 6, "openings": 0}


def test_of_a_topic_that_went_no_old_lag_is_told() -> None:
    def told() -> dict[str, float]:
        return {each.labels["topic"]: each.value for each in next(iter(LAG.collect())).samples}

    tell({"profiles": 3, "openings": 0})
    assert told() == {"profiles": 3, "openings": 0}
    tell({"openings": 2})
    assert told() == {"openings": 2}
    tell({})
    assert told() == {}


def test_what_was_handled_of_a_partition_that_went_is_forgotten() -> None:
    progress = Progress()
    progress.acknowledged(HERE, 6)
    progress.acknowledged(THERE, 3)
    progress.forget([HERE])
    assert progress.handled == {THERE: 4}
