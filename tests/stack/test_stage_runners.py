"""The contract of a stage's runner on a real broker, for both engines."""

from __future__ import annotations

import asyncio
import itertools
import os
import signal
import subprocess
import sys
from collections import defaultdict
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from aiokafka import AIOKafkaProducer
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import GroupCoordinatorNotAvailableError

from producers.admin import declare_topics, end_offsets
from roost.events.searchable import EntityKind, Searchable
from roost.kafka.reader import KafkaReader
from roost.kafka.sender import Sender
from roost.settings import Settings, StageRunner
from roost.time.clock import SystemClock
from roost.topics import Topic
from streams.kernel import crash
from streams.kernel.stage_stops import continue_stage, find_stops
from streams.maintenance.dead_letters import find_dead_letters
from tests.stack.recording_worker import Plan, topic_of_test
from tests.stack.waiting import until

pytestmark = pytest.mark.stack

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
ROOT = Path(__file__).parents[2]
PARTITIONS = 3
GOOD = (
    Searchable(kind=EntityKind.OPENING, id="o-1", version=1, posted_at=NOW)
    .model_dump_json()
    .encode()
)
_numbers = itertools.count()


@dataclass
class Scene:
    """A topic of one test, the workers that consume it, and the lines that they have written."""

    plan: Plan
    topic: Topic
    producer: AIOKafkaProducer
    folder: Path
    workers: list[subprocess.Popen[bytes]] = field(default_factory=list)

    def start(self, fault: str = "", batch_s: float = 0.0) -> subprocess.Popen[bytes]:
        plan = replace(self.plan, fault=fault, batch_s=batch_s)
        with (self.folder / "workers.log").open("ab") as log:
            worker = subprocess.Popen(
                [sys.executable, "-m", "tests.stack.recording_worker", str(plan)],
                cwd=ROOT,
                stdout=log,
                stderr=log,
            )
        self.workers.append(worker)
        return worker

    async def publish(self, count: int, value: bytes = GOOD) -> None:
        """Spread records over the partitions, in turn."""
        futures = [
            await self.producer.send(
                self.topic.name, key=b"o-1", value=value, partition=number % PARTITIONS
            )
            for number in range(count)
        ]
        await asyncio.gather(*futures)

    async def publish_mixed(self, times: int) -> None:
        """Publish a good and then an unreadable record to each partition, several times."""
        for _ in range(times):
            await self.publish(PARTITIONS)
            await self.publish(PARTITIONS, b"{")

    def handled(self) -> list[tuple[int, int, int]]:
        """(process, partition, offset) of every record, in the order in which it was handled."""
        if not (path := Path(self.plan.records)).exists():
            return []
        whole = path.read_text("ascii").rpartition("\n")[0]
        return [
            (int(process), int(partition), int(offset))
            for process, partition, offset in (line.split() for line in whole.splitlines())
        ]

    def places(self) -> set[tuple[int, int]]:
        return {(partition, offset) for _, partition, offset in self.handled()}

    async def all_handled(self, count: int) -> None:
        """Wait until each of the records that were spread over the partitions is handled."""
        wanted = {(number % PARTITIONS, number // PARTITIONS) for number in range(count)}

        async def done() -> bool:
            return wanted <= self.places()

        await self.wait("records handled", done)

    async def committed(self) -> dict[int, int]:
        admin = AIOKafkaAdminClient(bootstrap_servers=self.plan.bootstrap_servers)
        await admin.start()
        try:
            offsets = await admin.list_consumer_group_offsets(self.plan.group)
        except GroupCoordinatorNotAvailableError:
            return {}  # the broker's topic of offsets is being created
        finally:
            await admin.close()
        return {each.partition: at.offset for each, at in offsets.items()}

    async def shared_by(self, workers: int) -> None:
        """Wait until the group is stable with that number of members."""

        async def stable() -> bool:
            admin = AIOKafkaAdminClient(bootstrap_servers=self.plan.bootstrap_servers)
            await admin.start()
            try:
                (answer,) = await admin.describe_consumer_groups([self.plan.group])
            except GroupCoordinatorNotAvailableError:
                return False
            finally:
                await admin.close()
            ((_, _, state, _, _, members, *_),) = answer.groups
            return state == "Stable" and len(members) == workers

        await self.wait("members of the group", stable)

    async def parked(self) -> set[tuple[int, int]]:
        """(partition, offset) of the dead letters of this topic."""
        return {
            (letter.partition, letter.offset)
            for letter in await find_dead_letters(self.plan.bootstrap_servers)
            if letter.topic == self.topic.name
        }

    async def all_committed(self, past: int = 0) -> None:
        """Wait until the group has committed everything; up to `past` markers may be left."""

        async def done() -> bool:
            ends = await asyncio.to_thread(end_offsets, self.plan.bootstrap_servers, [self.topic])
            committed = await self.committed()
            wanted = {each: end for each, end in ends[self.topic.name].items() if end}
            return all(committed.get(each, 0) >= end - past for each, end in wanted.items())

        await self.wait("records committed", done)

    async def has_begun(self) -> None:
        async def begun() -> bool:
            return Path(self.plan.records).with_suffix(".begun").exists()

        await self.wait("a batch begun", begun)

    async def status(self, worker: subprocess.Popen[bytes]) -> int:
        """Wait for the end of a worker, and return its exit status."""
        return await asyncio.wait_for(asyncio.to_thread(worker.wait), 30)

    async def wait(self, condition: str, done: Callable[[], Awaitable[bool]]) -> None:
        await until(condition, done, 30)


@pytest.fixture(params=list(StageRunner))
def plan(request: pytest.FixtureRequest, settings: Settings, tmp_path: Path) -> Plan:
    return Plan(
        runner=str(request.param),
        bootstrap_servers=settings.bootstrap_servers,
        topic=f"runner-{os.getpid()}-{next(_numbers)}",
        partitions=PARTITIONS,
        records=str(tmp_path / "records"),
        stage="".join(chr(ord("a") + int(each)) for each in f"{os.getpid()}{next(_numbers)}"),
    )


@pytest.fixture
def topic(plan: Plan) -> Topic:
    made = topic_of_test(plan.topic, plan.partitions)
    declare_topics(plan.bootstrap_servers, [made])
    return made


@pytest.fixture
async def producer(plan: Plan) -> AsyncIterator[AIOKafkaProducer]:
    async with AIOKafkaProducer(bootstrap_servers=plan.bootstrap_servers) as made:
        yield made


@pytest.fixture
def scene(plan: Plan, topic: Topic, producer: AIOKafkaProducer, tmp_path: Path) -> Iterator[Scene]:
    made = Scene(plan, topic, producer, tmp_path)
    yield made
    for worker in made.workers:
        worker.kill()
        worker.wait()


async def test_every_record_is_handled_in_the_order_of_its_partition(scene: Scene) -> None:
    await scene.publish(300)
    scene.start()
    await scene.publish(30)
    await scene.all_handled(330)
    await scene.all_committed()
    offsets = defaultdict(list)
    for _, partition, offset in scene.handled():
        offsets[partition].append(offset)
    assert offsets == {each: list(range(110)) for each in range(PARTITIONS)}


async def test_a_kill_between_the_effects_and_the_commit_repeats_the_batch(scene: Scene) -> None:
    await scene.publish(60)
    killed = scene.start(fault="kill")
    assert await scene.status(killed) == -signal.SIGKILL
    first = scene.places()
    assert first
    assert await scene.committed() == {}
    scene.start()
    await scene.all_handled(60)
    again = {(at, offset) for process, at, offset in scene.handled() if process != killed.pid}
    assert first <= again


async def test_an_escaping_error_ends_the_process_and_loses_nothing(scene: Scene) -> None:
    await scene.publish(60)
    failed = scene.start(fault="escape")
    assert await scene.status(failed) == crash.STATUS
    assert scene.handled() == []
    assert await scene.committed() == {}
    scene.start()
    await scene.all_handled(60)
    await scene.all_committed()


async def test_poison_is_parked_and_its_neighbours_pass(scene: Scene) -> None:
    await scene.publish(3)
    for value in (b"{", b"null", b"\xff\xfe", b'{"kind": "opening"}'):
        await scene.publish(PARTITIONS, value)
    await scene.publish(3)
    scene.start()
    await scene.all_committed()
    assert scene.places() == {(partition, offset) for partition in range(3) for offset in (0, 5)}
    assert await scene.parked() == {
        (partition, offset) for partition in range(3) for offset in range(1, 5)
    }


async def test_a_stage_that_fails_at_every_record_stops_and_loses_nothing(scene: Scene) -> None:
    await scene.publish(300)
    committed: list[dict[int, int]] = []
    for _ in range(3):
        assert await scene.status(scene.start(fault="reject")) == crash.STOPPED
        committed.append(await scene.committed())
    assert committed[0] == committed[1] == committed[2], "restarts park nothing more"
    parked = await scene.parked()
    assert len(parked) <= 15
    assert f"continue {scene.plan.stage}" in (scene.folder / "workers.log").read_text("utf-8")
    stops = await find_stops(KafkaReader(scene.plan.bootstrap_servers))
    assert stops[scene.plan.stage].topic == scene.topic.name
    scene.start()
    await scene.all_committed()
    every = {(partition, offset) for partition in range(PARTITIONS) for offset in range(100)}
    assert every - parked <= scene.places(), "a kill may repeat what was parked uncommitted"
    assert await scene.parked() == parked

    async def ended() -> bool:
        return scene.plan.stage not in await find_stops(KafkaReader(scene.plan.bootstrap_servers))

    await scene.wait("the end of the stop", ended)


async def test_restarts_share_one_allowance_of_dead_letters(scene: Scene) -> None:
    await scene.publish_mixed(6)
    first = scene.start()
    await scene.all_committed()
    assert len(await scene.parked()) == 6 * PARTITIONS
    first.kill()
    await scene.publish_mixed(6)
    assert await scene.status(scene.start()) == crash.STOPPED
    parked = await scene.parked()
    assert len(parked) <= 20, "as many as one process may park among its first 100 events"
    reader = KafkaReader(scene.plan.bootstrap_servers)
    async with Sender(scene.plan.bootstrap_servers) as sender:
        await continue_stage(reader, sender, SystemClock(), scene.plan.stage)
    scene.start()
    await scene.all_committed()
    assert len(await scene.parked()) == 12 * PARTITIONS
    every = {(partition, offset) for partition in range(PARTITIONS) for offset in range(24)}
    assert await scene.parked() | scene.places() == every, "nothing is lost"


async def test_a_worker_that_takes_partitions_over_has_no_allowance_anew(scene: Scene) -> None:
    first, second = scene.start(), scene.start()
    await scene.shared_by(2)
    await scene.publish_mixed(6)
    await scene.all_committed()
    first.kill()
    await scene.shared_by(1)
    await scene.publish_mixed(6)
    assert await scene.status(second) == crash.STOPPED
    parked, handled = len(await scene.parked()), len(scene.places())
    assert parked <= max(100, parked + handled) * 0.2


async def test_a_worker_that_joins_and_leaves_loses_nothing(scene: Scene) -> None:
    await scene.publish(300)
    first = scene.start(batch_s=0.05)
    await scene.has_begun()
    second = scene.start(batch_s=0.05)

    async def shared() -> bool:
        await scene.publish(PARTITIONS)
        return {process for process, *_ in scene.handled()} == {first.pid, second.pid}

    await scene.wait("records handled by both", shared)
    second.send_signal(signal.SIGTERM)
    assert await scene.status(second) == 0
    before = len(scene.places())
    await scene.publish(30)
    await scene.all_committed()
    ends = end_offsets(scene.plan.bootstrap_servers, [scene.topic])[scene.topic.name]
    assert scene.places() == {(each, at) for each, end in ends.items() for at in range(end)}
    assert len(scene.places()) >= before + 30


async def test_sigterm_finishes_the_batch_in_hand(scene: Scene) -> None:
    await scene.publish(3)
    worker = scene.start(batch_s=1.0)
    await scene.has_begun()
    worker.send_signal(signal.SIGTERM)
    assert await scene.status(worker) == 0
    handled = scene.places()
    assert handled
    committed = await scene.committed()
    assert {(each, at) for each, end in committed.items() for at in range(end)} == handled


async def test_records_of_an_aborted_transaction_are_not_delivered(scene: Scene) -> None:
    async with AIOKafkaProducer(
        bootstrap_servers=scene.plan.bootstrap_servers, transactional_id=scene.topic.name
    ) as producer:
        for value, commits in ((GOOD, True), (b"{", False), (GOOD, True)):
            await producer.begin_transaction()
            await producer.send_and_wait(scene.topic.name, value, key=b"o-1", partition=0)
            await (producer.commit_transaction() if commits else producer.abort_transaction())
    scene.start()
    # Each transaction ends with a marker, which has an offset as well.
    await scene.all_committed(past=1)
    assert [offset for *_, offset in scene.handled()] == [0, 4]
    parked = await find_dead_letters(scene.plan.bootstrap_servers)
    assert not [letter for letter in parked if letter.topic == scene.topic.name]
