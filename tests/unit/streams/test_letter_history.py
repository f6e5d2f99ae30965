"""Dead letters of former processes count against the limit of a stage (on a topic in memory)."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from datetime import timedelta

import pytest

from roost.events.dead_letter import DeadLetterStatus
from roost.events.envelope import Record, record
from roost.kafka.incoming import Incoming
from roost.kafka.ports import Partition, Position
from roost.kafka.reader import KafkaReader
from roost.time.clock import FixedClock
from roost.topics import DEAD_LETTERS, PROFILES, Topic
from streams.kernel.dead_letter_limit import DeadLetterLimit, DeadLetterRules, StageStopped
from streams.kernel.guard import Guard
from streams.kernel.letter_history import RECENT, TAIL, LetterHistory
from tests.unit.streams.test_guard import NOW, Journal, Stage, batch

RULES = DeadLetterRules(in_a_row=30)
OWNED = [Partition(PROFILES.name, 0)]
EVENTS = 200
EVERY_SECOND = set(range(0, EVENTS, 2))


class Letters(KafkaReader):
    """The topic of dead letters, with the reader's parameters."""

    def __init__(self) -> None:
        self.records: list[Record] = []
        self.reads: list[int] = []

    async def read_to_end(
        self,
        topic: Topic,
        *,
        partitions: Iterable[int] | None = None,
        last: int | None = None,
        start: Mapping[int, int] | None = None,
    ) -> AsyncIterator[list[Incoming]]:
        assert topic is DEAD_LETTERS
        assert last == TAIL
        found = [
            Incoming(DEAD_LETTERS, 0, offset, each.key.encode(), each.value, NOW)
            for offset, each in enumerate(self.records)
        ][(start or {}).get(0, 0) :]
        self.reads.append(len(found))
        if found:
            yield found


class Kafka(Journal):
    """Publishes dead letters to their topic."""

    def __init__(self, topic: Letters) -> None:
        super().__init__()
        self.topic = topic

    async def publish(self, records: Sequence[Record]) -> list[Position]:
        self.topic.records += [each for each in records if each.topic is DEAD_LETTERS]
        return await super().publish(records)


class Scene:
    """Processes of a stage, one after another, on the same topic of dead letters."""

    def __init__(self, bad: set[int]) -> None:
        self.topic = Letters()
        self.kafka = Kafka(self.topic)
        self.stage = Stage(bad)
        self.clock = FixedClock(NOW)

    def start(self) -> Guard:
        history = LetterHistory(self.stage.name, self.topic, self.clock, RULES)
        return Guard(self.stage, self.kafka, self.clock, DeadLetterLimit(RULES), history=history)

    async def handle(self, guard: Guard, first: int, size: int) -> None:
        await guard.take_over(OWNED)
        await guard.process(batch(EVENTS)[first : first + size])

    async def killed_after_each_batch(self, size: int) -> int:
        """Start a process for each batch until one stops; return the place of that batch."""
        for first in range(0, EVENTS, size):
            try:
                await self.handle(self.start(), first, size)
            except StageStopped:
                return first
        return EVENTS


@pytest.mark.parametrize("size", [1, 2, 10, 30])
async def test_a_restart_after_every_batch_parks_no_more_than_the_limit(size: int) -> None:
    scene = Scene(EVERY_SECOND)
    stopped_at = await scene.killed_after_each_batch(size)
    assert stopped_at < EVENTS
    assert len(scene.kafka.letters) <= RULES.share * 100


async def test_nothing_is_lost_when_restarts_reach_the_limit() -> None:
    scene = Scene(EVERY_SECOND)
    stopped_at = await scene.killed_after_each_batch(10)
    parked = {each.offset for each in scene.kafka.letters}
    scene.stage.bad = set()
    repaired = scene.start()
    for first in range(stopped_at, EVENTS, 10):
        await scene.handle(repaired, first, 10)
    assert parked | set(scene.stage.handled) == set(range(EVENTS))
    assert parked == set(range(0, stopped_at, 2)), "the repaired stage parks nothing more"


async def test_the_limit_after_a_stop_in_a_shared_process_keeps_the_window() -> None:
    scene = Scene(EVERY_SECOND)
    attempts = iter([DeadLetterLimit(RULES)])

    async def try_again(stop: StageStopped) -> DeadLetterLimit:
        for limit in attempts:
            return limit
        raise stop

    history = LetterHistory("index", scene.topic, scene.clock, RULES)
    guard = Guard(scene.stage, scene.kafka, scene.clock, DeadLetterLimit(RULES), try_again, history)

    async def handle_all() -> None:
        for first in range(0, EVENTS, 10):
            await scene.handle(guard, first, 10)

    with pytest.raises(StageStopped):
        await handle_all()
    assert len(scene.kafka.letters) <= RULES.share * 100


async def test_letters_are_read_once_per_assignment_and_only_new_ones() -> None:
    scene = Scene({1, 30})
    guard = scene.start()
    for first in range(0, 40, 10):
        await scene.handle(guard, first, 10)
    assert scene.topic.reads == [0]
    guard.forget(OWNED)
    await scene.handle(guard, 40, 10)
    await scene.handle(guard, 50, 10)
    assert scene.topic.reads == [0, 2]


async def test_retried_and_old_letters_do_not_count() -> None:
    scene = Scene(EVERY_SECOND)
    await scene.killed_after_each_batch(10)
    scene.clock = FixedClock(NOW + RECENT + timedelta(seconds=1))
    history = LetterHistory("index", scene.topic, scene.clock, RULES)
    assert await history.read_new() == []
    scene.clock = FixedClock(NOW)
    retried = [
        each.model_copy(update={"status": DeadLetterStatus.RETRIED}) for each in scene.kafka.letters
    ]
    await scene.kafka.publish([record(each, each.id, source="/x", at=NOW) for each in retried])
    assert await LetterHistory("index", scene.topic, scene.clock, RULES).read_new() == []


async def test_letters_of_other_stages_and_of_deliveries_do_not_count() -> None:
    scene = Scene({0})
    await scene.handle(scene.start(), 0, 10)
    assert await LetterHistory("match", scene.topic, scene.clock, RULES).read_new() == []
    (mine,) = scene.kafka.letters
    given_up = mine.model_copy(update={"id": "deliveries/d-1/3@index"})
    await scene.kafka.publish([record(given_up, given_up.id, source="/x", at=NOW)])
    assert await LetterHistory("index", scene.topic, scene.clock, RULES).read_new() == [mine]


async def test_no_more_letters_are_kept_than_the_window_holds() -> None:
    scene = Scene(set(range(0, 100, 10)))
    await scene.handle(scene.start(), 0, 100)
    small = DeadLetterRules(window=10, share=0.9)
    history = LetterHistory("index", scene.topic, scene.clock, small)
    assert [each.offset for each in await history.read_new()] == list(range(0, 100, 10))
    smaller = DeadLetterRules(window=4, share=0.9)
    history = LetterHistory("index", scene.topic, scene.clock, smaller)
    assert [each.offset for each in await history.read_new()] == [60, 70, 80, 90]
