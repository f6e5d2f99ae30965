"""A stage that stopped at dead letters in a shared process keeps its batch and waits."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence

import pytest

from roost.events.stage_stop import StageStop
from roost.kafka.incoming import Incoming
from roost.kafka.reader import KafkaReader
from roost.time.clock import FixedClock
from roost.topics import STAGE_STOPS, Topic
from streams.kernel.dead_letter_limit import DeadLetterLimit, DeadLetterRules, StageStopped
from streams.kernel.guard import AfterStop, Guard, end_at_stop
from streams.kernel.stopped_stage import CHECK_S, TRY_AGAIN_S, StoppedStage
from tests.unit.streams.in_memory import run
from tests.unit.streams.test_guard import MANY, NOW, Journal, Stage, batch

RULES = DeadLetterRules(share=0.1)
STOP = StageStop(
    id="index", topic="profiles", partition=0, offset=8, reason="x", failed=3, events=9, at=NOW
)


class Stops(KafkaReader):
    """The topic of stops, with one record that a test replaces."""

    def __init__(self, stop: StageStop | None) -> None:
        self.stop = stop

    async def read_to_end(
        self, topic: Topic, *, partitions: Sequence[int] | None = None, last: int | None = None
    ) -> AsyncIterator[Sequence[Incoming]]:
        value = self.stop.to_json() if self.stop else None
        yield [Incoming(STAGE_STOPS, 0, 0, b"index", value, NOW)]


async def waited(stops: Stops) -> float:
    """Return the seconds that a stopped stage waits."""
    loop = asyncio.get_running_loop()
    began = loop.time()
    await StoppedStage("index", stops, RULES)(StageStopped("it stopped", "已停止"))
    return loop.time() - began


def test_it_is_tried_again_after_minutes() -> None:
    assert TRY_AGAIN_S <= run(waited(Stops(STOP))) < TRY_AGAIN_S + CHECK_S


@pytest.mark.parametrize("now", [None, STOP.model_copy(update={"continued": True})])
def test_it_goes_on_soon_when_it_is_told_to_continue(now: StageStop | None) -> None:
    assert run(waited(Stops(now))) == CHECK_S


def test_the_batch_in_hand_is_processed_once_the_cause_is_corrected() -> None:
    stage, kept = Stage(set(range(MANY))), Journal()

    async def correct(stop: StageStopped) -> DeadLetterLimit:
        stage.bad = set()
        return DeadLetterLimit(RULES, kept.stops[0])

    run(guard(stage, kept, correct).process(batch(MANY)))
    assert stage.handled == list(range(MANY))
    assert kept.letters == []
    assert kept.stops[1:] == [None], "the stop has ended"


def test_a_stage_alone_in_its_process_ends_it() -> None:
    stage, kept = Stage(set(range(MANY))), Journal()
    with pytest.raises(StageStopped):
        run(guard(stage, kept, end_at_stop).process(batch(MANY)))
    assert stage.handled == []


def guard(stage: Stage, kept: Journal, after_stop: AfterStop) -> Guard:
    return Guard(stage, kept, FixedClock(NOW), DeadLetterLimit(RULES), after_stop)
