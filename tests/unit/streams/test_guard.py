"""The guard around every stage: a bad event is parked, at little cost to the others."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from roost.errors import Fatal, Invalid
from roost.events.dead_letter import DeadLetter
from roost.events.envelope import Record, decode
from roost.events.stage_stop import StageStop
from roost.ids import worker_id
from roost.kafka.incoming import Fact, Incoming
from roost.kafka.ports import Position
from roost.time.clock import FixedClock
from roost.topics import DEAD_LETTERS, PROFILES, STAGE_STOPS, Topic
from streams.kernel import crash
from streams.kernel.dead_letter_limit import DeadLetterLimit, DeadLetterRules, StageStopped
from streams.kernel.guard import Guard

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
MANY = 256


class Kept:
    """Collects dead letters."""

    def __init__(self) -> None:
        self.letters: list[DeadLetter] = []

    async def publish(self, records: Sequence[Record]) -> list[Position]:
        self.letters += [decode(DeadLetter, each.value) for each in records]
        return [Position(each.topic.name, 0, 0) for each in records]


class Stage:
    """Handles a batch completely, or not at all if one of its events is bad."""

    name = "index"
    topics: tuple[Topic, ...] = (PROFILES,)

    def __init__(self, bad: set[int], error: type[Exception] = ArithmeticError) -> None:
        self.bad, self.error = bad, error
        self.handled: list[int] = []
        self.asked = 0

    async def handle(self, facts: Sequence[Fact[Any]]) -> None:
        self.asked += 1
        offsets = [each.origin.offset for each in facts]
        if self.bad & set(offsets):
            raise self.error("a fault of the stage")
        self.handled += offsets


def batch(size: int) -> list[Incoming]:
    keys = (worker_id("guard", str(number)).encode() for number in range(size))
    return [Incoming(PROFILES, 0, at, key, None, NOW) for at, key in enumerate(keys)]


@given(bad=st.sets(st.integers(0, 39)))
async def test_the_bad_are_parked_and_the_others_handled_once_in_their_order(
    bad: set[int],
) -> None:
    stage, kept = Stage(bad), Kept()
    await Guard(stage, kept, FixedClock(NOW)).process(batch(40))
    assert [each.offset for each in kept.letters] == sorted(bad)
    assert {each.reason for each in kept.letters} <= {"ArithmeticError"}
    assert stage.handled == [at for at in range(40) if at not in bad]


@pytest.mark.parametrize("culprit", [0, 100, MANY - 1])
async def test_one_bad_event_among_many_is_found_in_a_few_steps(culprit: int) -> None:
    stage = Stage({culprit})
    await Guard(stage, Kept(), FixedClock(NOW)).process(batch(MANY))
    assert stage.asked <= 2 * 8 + 1, "two for each halving of 256, and the first"


class TombstoneStage(Stage):
    tombstones_only = frozenset({PROFILES})


async def test_a_stage_that_wants_tombstones_only_is_given_no_other_record() -> None:
    stage, kept = TombstoneStage(set()), Kept()
    live = [replace(each, value=b"{") for each in batch(4)[::2]]
    await Guard(stage, kept, FixedClock(NOW)).process([*live, *batch(4)[1::2]])
    assert stage.handled == [1, 3]
    assert kept.letters == [], "the index stage parks what it cannot read, and only it"


async def test_what_cannot_be_read_is_parked_and_not_handled() -> None:
    stage, kept = Stage(set(), Invalid), Kept()
    unkeyed = Incoming(PROFILES, 0, 7, None, b"{}", NOW)
    await Guard(stage, kept, FixedClock(NOW)).process([*batch(3), unkeyed])
    assert stage.handled == [0, 1, 2]
    assert [(each.offset, each.reason) for each in kept.letters] == [(7, "invalid")]


async def test_what_ends_the_process_is_no_events_fault() -> None:
    stage, kept = Stage({1}, Fatal), Kept()
    with pytest.raises(Fatal):
        await Guard(stage, kept, FixedClock(NOW)).process(batch(3))
    assert kept.letters == []


def guarded(stage: Stage, kept: Journal, stopped: StageStop | None = None, **rules: float) -> Guard:
    limit = DeadLetterLimit(DeadLetterRules(**{"in_a_row": 10} | rules), stopped)  # type: ignore[arg-type]
    return Guard(stage, kept, FixedClock(NOW), limit)


class Journal(Kept):
    """Collects dead letters, and the stops of stages with their ends."""

    def __init__(self) -> None:
        super().__init__()
        self.stops: list[StageStop | None] = []

    async def publish(self, records: Sequence[Record]) -> list[Position]:
        for each in records:
            if each.topic is STAGE_STOPS:
                self.stops.append(decode(StageStop, each.value) if each.value else None)
        letters = [each for each in records if each.topic is DEAD_LETTERS]
        await super().publish(letters)
        return [Position(each.topic.name, 0, 0) for each in records]


async def test_a_stage_that_fails_everywhere_stops_and_parks_nothing_of_the_batch() -> None:
    stage, kept = Stage(set(range(MANY))), Journal()
    with pytest.raises(StageStopped, match=r"roost dead-letters continue index"):
        await guarded(stage, kept).process(batch(MANY))
    assert kept.letters == [], "the fix processes these events: none of them is a dead letter"
    (stop,) = kept.stops
    assert stop is not None
    assert (stop.id, stop.place, stop.failed) == ("index", "profiles/0/10", 11)


async def test_unreadable_records_stop_a_stage_as_well() -> None:
    stage, kept = Stage(set()), Journal()
    unreadable = [replace(each, value=b"{") for each in batch(40)]
    with pytest.raises(StageStopped):
        await guarded(stage, kept).process(unreadable)
    assert (stage.handled, kept.letters) == ([], [])


async def test_after_the_fix_every_event_is_handled_and_the_stop_ends() -> None:
    broken, kept = Stage(set(range(MANY))), Journal()
    with pytest.raises(StageStopped):
        await guarded(broken, kept).process(batch(MANY))
    fixed = Stage(set())
    await guarded(fixed, kept, kept.stops[0]).process(batch(MANY))
    assert fixed.handled == list(range(MANY))
    assert kept.letters == []
    assert kept.stops[1:] == [None]


async def test_restarts_without_a_fix_park_nothing_little_by_little() -> None:
    stage, kept = Stage({0, 4, 8}), Journal()
    stop = StageStop(
        id="index", topic="profiles", partition=0, offset=8, reason="x", failed=3, events=9, at=NOW
    )
    for _ in range(5):
        with pytest.raises(StageStopped):
            await guarded(stage, kept, stop).process(batch(3))
    assert kept.letters == []


async def test_a_stage_that_may_continue_parks_the_batch_and_the_stop_ends() -> None:
    stage, kept = Stage(set(range(MANY))), Journal()
    with pytest.raises(StageStopped):
        await guarded(stage, kept).process(batch(MANY))
    assert kept.stops[0] is not None
    continued = kept.stops[0].model_copy(update={"continued": True})
    await guarded(stage, kept, continued).process(batch(MANY))
    assert len(kept.letters) == MANY
    assert kept.stops[1:] == [None]


async def test_a_few_bad_events_are_parked_as_before() -> None:
    stage, kept = Stage({3, 77}), Journal()
    await guarded(stage, kept).process(batch(MANY))
    assert [each.offset for each in kept.letters] == [3, 77]
    assert kept.stops == []


def test_a_stopped_stage_ends_with_its_own_status_and_plain_sentences() -> None:
    script = (
        "from streams.kernel import crash, dead_letter_limit\n"
        "stop = dead_letter_limit.StageStopped('Stage index has stopped', '已停止')\n"
        "crash.end_process(ExceptionGroup('alongside', [stop]))"
    )
    ended = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=False, timeout=60
    )
    assert ended.returncode == crash.STOPPED != crash.STATUS
    assert ended.stderr == "Stage index has stopped\n已停止\n"
