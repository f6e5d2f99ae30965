"""A compacted topic held in memory, by key: read whole at the start, then followed.

For what every request needs (keys, accounts, sessions): a look-up costs no network. The topic has
one partition, so all processes see the same changes in the same order.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Generic, TypeVar

import structlog
from aiokafka import AIOKafkaConsumer, TopicPartition

from api.ports.following import Follower
from roost.errors import Invalid, Transient
from roost.events.common import Model
from roost.events.envelope import decode
from roost.servers.connections import Servers, kafka
from roost.topics import Topic

_log = structlog.get_logger(__name__)
Value = TypeVar("Value", bound=Model)
REMEMBERED = 1_000
"""Of so many of the newest records it is known what they replaced."""
REACHED_WITHIN_S = 10.0


@dataclass(frozen=True, slots=True)
class Entry(Generic[Value]):
    """What a key holds (None: nothing) since a record, `at` its offset; -1 when there was none."""

    value: Value | None
    at: int


class Held(Generic[Value]):
    """The values, and who waits for a record to come: without Kafka, so that it is pure to test."""

    def __init__(self, event: type[Value]) -> None:
        self.event = event
        self._values: dict[str, Entry[Value]] = {}
        self._replaced: OrderedDict[int, Entry[Value]] = OrderedDict()
        self._position = 0
        self._waiting: dict[int, list[asyncio.Future[None]]] = {}
        self.caught_up = True

    def get(self, key: str) -> Value | None:
        return self.entry(key).value

    def entry(self, key: str) -> Entry[Value]:
        return self._values.get(key) or Entry(None, -1)

    def values(self) -> Iterator[Value]:
        return (each.value for each in list(self._values.values()) if each.value is not None)

    def apply(self, key: bytes, value: bytes | None, offset: int) -> None:
        """Takes a record in. What cannot be read holds nothing: nobody gets in by it."""
        name = key.decode("utf-8", "replace")
        try:
            said = decode(self.event, value) if value is not None else None
        except Invalid:
            _log.error("table_unreadable", event_type=self.event.__name__, offset=offset)
            said = None
        self._replaced[offset] = self.entry(name)
        if len(self._replaced) > REMEMBERED:
            self._replaced.popitem(last=False)
        self._values[name] = Entry(said, offset)
        self._passed(offset + 1)

    async def reached(self, offset: int) -> Entry[Value]:
        """Returns once the record at `offset` is in force here, with what it replaced.

        Raises Transient when it does not come: it stands in the topic all the same.
        """
        if self._position <= offset:
            come: asyncio.Future[None] = asyncio.get_running_loop().create_future()
            self._waiting.setdefault(offset, []).append(come)
            try:
                async with asyncio.timeout(REACHED_WITHIN_S):
                    await come
            except TimeoutError:
                raise Transient(
                    "The change is kept, and comes into force in a moment; look again.",
                    "更改已保存，稍后生效，请重新查看。",
                ) from None
        return self._replaced.get(offset) or Entry(None, -1)

    def _passed(self, position: int) -> None:
        self._position = max(self._position, position)
        for offset in [each for each in self._waiting if each < position]:
            for come in self._waiting.pop(offset):
                if not come.done():
                    come.set_result(None)


class Table(Held[Value], Follower):
    """Followed in Kafka. `caught_up` once it holds all that stood in the topic at the start."""

    def __init__(self, bootstrap_servers: Servers, topic: Topic, event: type[Value]) -> None:
        Held.__init__(self, event)
        Follower.__init__(self, topic.name)
        if topic.partitions != 1:
            raise ValueError(f"{topic.name} has several partitions: no order holds over them")
        self._bootstrap_servers = bootstrap_servers
        self._partition = TopicPartition(topic.name, 0)
        self.caught_up = False

    async def _consume(self) -> None:
        consumer = AIOKafkaConsumer(
            **kafka(self._bootstrap_servers),
            enable_auto_commit=False,
            auto_offset_reset="earliest",
        )
        try:
            await consumer.start()
            consumer.assign([self._partition])
            end = (await consumer.end_offsets([self._partition]))[self._partition]
            await self._seek(consumer, end)
            while True:
                if not self.caught_up and await consumer.position(self._partition) >= end:
                    self.caught_up = True
                batches = await consumer.getmany(timeout_ms=500)
                for message in batches.get(self._partition, ()):
                    self.apply(message.key or b"", message.value, message.offset)
        finally:
            await consumer.stop()

    async def _seek(self, consumer: AIOKafkaConsumer, end: int) -> None:
        """On from where it was; from the start when the topic is another one than it was."""
        if self._position > end:
            _log.warning("table_begins_anew", topic=self._partition.topic)
            self._values.clear()
            self._replaced.clear()
            self._position, self.caught_up = 0, False
        if self._position:
            consumer.seek(self._partition, self._position)
        else:
            await consumer.seek_to_beginning(self._partition)
