"""Beside every stage: is what was handled committed, and what stands in Kafka read?

Faust takes a commit that failed for made, and makes no other before something new comes; and a
consumer can stop reading after its group has changed while all seems well. Both leave a partition
where it is, in silence. So every few seconds the stage is looked at from outside, through clients
of the watchdog's own. One that stands still ends its process: what it had not acknowledged is
delivered to the next one, and what was handled and not committed is handled again, without harm.

It judges nothing while the brokers do not answer, nor reading while a batch is under way: a stage
that waits for Elasticsearch is not stuck.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import structlog
from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import KafkaError

from roost.errors import Fatal
from roost.kafka.ports import Partition
from roost.metrics import LAG
from roost.servers.connections import Servers, kafka

_log = structlog.get_logger(__name__)
Offsets = Mapping[Partition, int]
LOOK_S = 5.0
ANSWER_S = 30.0
HANGS = -1
"""Instead of a position: the thread that reads does not answer, so it does not read either."""


@dataclass(slots=True)
class Progress:
    """What the stage itself knows of how far it has come."""

    busy: bool = False
    """Whether a batch is under way."""
    handled: dict[Partition, int] = field(default_factory=dict)
    """After the last event of each partition that was brought to an end."""

    def acknowledged(self, partition: Partition, offset: int) -> None:
        self.handled[partition] = offset + 1

    def forget(self, partitions: Iterable[Partition]) -> None:
        """They are another process's now."""
        for each in partitions:
            self.handled.pop(each, None)


@dataclass(frozen=True, slots=True)
class Look:
    """What is seen at one moment of the partitions that are ours: those that `read` names."""

    handled: Offsets
    committed: Offsets
    read: Offsets
    ends: Offsets
    busy: bool


def standing(before: Look, now: Look) -> dict[Partition, str]:
    """The partitions that have not moved from one look to the next and should have, and why."""
    found = {}
    for each in now.read.keys() & before.read.keys():
        committed = before.committed.get(each, 0)
        if before.handled.get(each, 0) > committed == now.committed.get(each, 0):
            found[each] = "what was handled is not committed"
        elif not (before.busy or now.busy) and (
            before.ends.get(each, 0) > before.read[each] == now.read[each]
        ):
            found[each] = "what stands there is not read"
    return found


def lags(look: Look) -> Counter[str]:
    """By topic, how many events of our partitions are not yet committed."""
    found: Counter[str] = Counter()
    for each, end in look.ends.items():
        found[each[0]] += end - look.committed.get(each, 0)
    return found


def tell(lag: Mapping[str, int]) -> None:
    """Of other topics nothing is known any more: an old figure would look like a new one."""
    LAG.clear()
    for topic, events in lag.items():
        LAG.labels(topic).set(events)


class Patience:
    """How often in a row a partition may be seen standing."""

    def __init__(self, times: int) -> None:
        self._most = times
        self._times: dict[Partition, int] = {}
        self._before: Look | None = None

    def seen(self, look: Look) -> None:
        """Raises Fatal once a partition has stood for too long."""
        found = standing(self._before, look) if self._before is not None else {}
        self._before = look
        self._times = {each: self._times.get(each, 0) + 1 for each in found}
        for (topic, partition), times in self._times.items():
            if times >= self._most:
                why = found[Partition(topic, partition)]
                raise Fatal(f"{topic}/{partition} stands still: {why}; this process ends")

    def forget(self) -> None:
        self._times, self._before = {}, None


@dataclass(frozen=True, slots=True)
class Watched:
    """A stage's consumer, as the watchdog asks it: `position` may hang, or refuse."""

    group: str
    progress: Progress
    assigned: Callable[[], set[Partition]]
    position: Callable[[Partition], Awaitable[int | None]]


@asynccontextmanager
async def watching(servers: Servers, watched: Watched, patience_s: float) -> AsyncIterator[None]:
    """Looks on while the body runs; raises Fatal, in a group, when the stage stands still."""
    async with asyncio.TaskGroup() as tasks:
        task = tasks.create_task(_watch(servers, watched, patience_s), name="watchdog")
        yield
        task.cancel()


async def _watch(servers: Servers, watched: Watched, patience_s: float) -> None:
    patience = Patience(max(2, round(patience_s / LOOK_S)))
    while True:
        await asyncio.sleep(LOOK_S)
        try:
            async with _Kafka.asked(servers) as asking:
                while True:
                    look = await asking.look(watched)
                    tell(lags(look))
                    patience.seen(look)
                    await asyncio.sleep(LOOK_S)
        except Fatal as error:
            _log.error("stands_still", group=watched.group, error=str(error))
            raise
        except (KafkaError, OSError) as error:
            _log.info("not_watched", group=watched.group, error=type(error).__name__)
            tell({})
            patience.forget()


class _Kafka:
    """Clients of the watchdog's own: what Faust's know is what is in question."""

    def __init__(self, consumer: AIOKafkaConsumer, admin: AIOKafkaAdminClient) -> None:
        self._consumer, self._admin = consumer, admin

    @classmethod
    @asynccontextmanager
    async def asked(cls, servers: Servers) -> AsyncIterator[_Kafka]:
        consumer = AIOKafkaConsumer(**kafka(servers), enable_auto_commit=False)
        admin = AIOKafkaAdminClient(**kafka(servers))
        try:
            await consumer.start()
            await admin.start()
            yield cls(consumer, admin)
        finally:
            await admin.close()
            await consumer.stop()

    async def look(self, watched: Watched) -> Look:
        """Raises TimeoutError and the client's errors."""
        handled, busy = dict(watched.progress.handled), watched.progress.busy
        read = await _read(watched)
        async with asyncio.timeout(ANSWER_S):
            partitions = [TopicPartition(*each) for each in read]
            ends = await self._consumer.end_offsets(partitions) if partitions else {}
            offsets = await self._admin.list_consumer_group_offsets(watched.group)
        return Look(
            handled=handled,
            committed={
                Partition(each.topic, each.partition): at.offset for each, at in offsets.items()
            },
            read=read,
            ends={Partition(each.topic, each.partition): end for each, end in ends.items()},
            busy=busy or watched.progress.busy,
        )


async def _read(watched: Watched) -> dict[Partition, int]:
    """Where the consumer reads next, of each partition that is ours."""

    async def position(of: Partition) -> int | None:
        try:
            async with asyncio.timeout(LOOK_S):
                return await watched.position(of)
        except TimeoutError:
            return HANGS
        except KafkaError:  # it is ours no more
            return None

    assigned = list(watched.assigned())
    positions = await asyncio.gather(*map(position, assigned))
    return {each: at for each, at in zip(assigned, positions, strict=True) if at is not None}
