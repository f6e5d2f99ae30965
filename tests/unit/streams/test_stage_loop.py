"""The consumer loop of a stage, on a source in memory."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Collection, Iterable, Sequence
from datetime import UTC, datetime
from typing import Any

import pytest

from roost.errors import Fatal
from roost.events.envelope import Record
from roost.ids import worker_id
from roost.kafka.incoming import Fact, Incoming
from roost.kafka.ports import Partition, Position
from roost.kafka.reader import KafkaReader
from roost.rules.capacity import Capacity
from roost.settings import Settings, StageRunner
from roost.time.clock import FixedClock
from roost.topics import MATCH_ACTIONS, MATCHES, PROFILES, PROPOSALS, Topic
from streams.kernel.engines import load_runner
from streams.kernel.guard import Guard
from streams.kernel.stage_loop import run_loop
from streams.kernel.stage_protocols import PartitionState
from streams.queue.batch_evidence import QueueRules
from streams.queue.queue_stage import QueueStage
from streams.worker import subscription_of

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
KEY = worker_id("loop", "1").encode()


def batch(*offsets: int) -> list[Incoming]:
    return [Incoming(PROFILES, 0, each, KEY, None, NOW) for each in offsets]


class Source:
    """Batches from a list; notes the order of effects, revocations and commits in a journal."""

    def __init__(self, *batches: list[Incoming]) -> None:
        self.journal: list[tuple[str, list[int]]] = []
        self.revoke: Callable[[Collection[Partition]], None] = lambda partitions: None
        self._batches = batches

    async def batches(self) -> AsyncIterator[list[Incoming]]:
        for each in self._batches:
            yield each

    async def commit(self, batch: Sequence[Incoming]) -> None:
        self.journal.append(("commit", [each.offset for each in batch]))

    def on_revoked(self, listener: Callable[[Collection[Partition]], None]) -> None:
        self.revoke = listener

    def assigned(self) -> set[Partition]:
        return set()

    async def position(self, partition: Partition) -> int | None:
        return None


class Stage:
    name = "test"
    topics: tuple[Topic, ...] = (PROFILES,)

    def __init__(self, source: Source, fails_at: int | None = None) -> None:
        self._source = source
        self._fails_at = fails_at
        self.forgotten: list[Partition] = []

    async def handle(self, facts: Sequence[Fact[Any]]) -> None:
        offsets = [each.origin.offset for each in facts]
        if self._fails_at in offsets:
            raise Fatal("ends the process")
        self._source.journal.append(("effects", offsets))

    def forget(self, partitions: Collection[Partition]) -> None:
        self.forgotten += partitions


class Sender:
    async def publish(self, records: Sequence[Record]) -> list[Position]:
        return [Position(each.topic.name, 0, 0) for each in records]


async def loop(source: Source, stage: Stage) -> None:
    await run_loop(
        source,
        stage,
        Guard(stage, Sender(), FixedClock(NOW)),
        group="group",
        reader=KafkaReader(""),
        standstill_s=60,
    )


async def test_each_batch_is_committed_after_its_effects_and_before_the_next() -> None:
    source = Source(batch(0, 1), batch(2))
    await loop(source, Stage(source))
    assert source.journal == [
        ("effects", [0, 1]),
        ("commit", [0, 1]),
        ("effects", [2]),
        ("commit", [2]),
    ]


async def test_a_batch_whose_error_escapes_is_not_committed() -> None:
    source = Source(batch(0), batch(1), batch(2))
    with pytest.raises(ExceptionGroup):
        await loop(source, Stage(source, fails_at=1))
    assert source.journal == [("effects", [0]), ("commit", [0])]


async def test_a_revocation_reaches_the_stage() -> None:
    source = Source(batch(0))
    stage = Stage(source)
    await loop(source, stage)
    source.revoke([Partition(PROFILES.name, 0)])
    assert stage.forgotten == [Partition(PROFILES.name, 0)]


class Recovery:
    def __init__(self) -> None:
        self.forgotten: set[int] = set()

    async def ensure(self, partitions: Iterable[int]) -> None: ...

    def forget(self, partitions: Iterable[int]) -> None:
        self.forgotten |= set(partitions)


def test_the_queue_stage_replays_the_partitions_of_its_own_topics_again() -> None:
    recovery = Recovery()
    nothing: Any = None
    stage = QueueStage(
        nothing,
        Sender(),
        FixedClock(NOW),
        QueueRules(35.0, Capacity()),
        Settings().zone,
        nothing,
        recovery,
    )
    assert isinstance(stage, PartitionState)
    stage.forget([Partition(PROPOSALS.name, 1), Partition(MATCH_ACTIONS.name, 2)])
    stage.forget([Partition(MATCHES.name, 3)])
    assert recovery.forgotten == {1, 2}


def test_a_stage_with_costly_events_takes_small_batches() -> None:
    settings = Settings(stage_batch=200)
    assert subscription_of("match", settings).batch_size == 32
    assert subscription_of("index", settings).batch_size == 200
    assert subscription_of("match", Settings(stage_batch=5)).batch_size == 5


@pytest.mark.parametrize("kind", list(StageRunner))
def test_every_engine_has_a_runner(kind: StageRunner) -> None:
    assert load_runner(kind).__module__ == f"streams.kernel.{kind}_runner"  # type: ignore[attr-defined]


async def test_background_work_that_fails_ends_the_loop() -> None:
    class Endless(Source):
        async def batches(self) -> AsyncIterator[list[Incoming]]:
            await asyncio.Event().wait()
            yield []

    class Failing(Stage):
        housekeeping_s = 0.0

        async def housekeeping(self) -> None:
            raise ArithmeticError("a fault of the periodic work")

    source = Endless()
    with pytest.raises(ExceptionGroup):
        await loop(source, Failing(source))
