"""A compacted topic held in memory by key: read as a whole at the start, then followed.

For data that every request needs (keys, accounts, sessions): a look-up costs no network round
trip. The topic has one partition, so all processes see the same changes in the same order.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Generic, TypeVar

import structlog

from api.ports.following import FollowerTask
from roost.errors import Invalid, Transient
from roost.events.common import Model
from roost.events.envelope import Record, decode
from roost.kafka.ports import Producer, Start, TopicReader
from roost.topics import Topic

_log = structlog.get_logger(__name__)
Value = TypeVar("Value", bound=Model)
REMEMBERED = 1_000
"""Number of newest records whose previous value is kept."""
REACHED_WITHIN_S = 10.0


@dataclass(frozen=True, slots=True)
class Entry(Generic[Value]):
    """Value of a key (None if it has none), and the offset that set it (-1 if no record did)."""

    value: Value | None
    at: int


class MemoryTable(Generic[Value]):
    """Current values by key, and the callers that wait for a record; does not know Kafka."""

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
        """Apply a record; an unreadable one leaves its key without a value, which admits nobody."""
        name = key.decode("utf-8", "replace")
        try:
            decoded = decode(self.event, value) if value is not None else None
        except Invalid:
            _log.error("table_record_unreadable", event_type=self.event.__name__, offset=offset)
            decoded = None
        self._replaced[offset] = self.entry(name)
        if len(self._replaced) > REMEMBERED:
            self._replaced.popitem(last=False)
        self._values[name] = Entry(decoded, offset)
        self._passed(offset + 1)

    def clear(self) -> None:
        """Forget all values, before the topic is read from its beginning again."""
        self._values.clear()
        self._replaced.clear()
        self._position = 0

    async def reached(self, offset: int) -> Entry[Value] | None:
        """Wait until the record at `offset` is applied; return the entry that it replaced.

        Returns None if that is forgotten, because many records arrived together with it. Raises
        Transient if it does not arrive in time; the topic holds it all the same.
        """
        if self._position <= offset:
            arrived: asyncio.Future[None] = asyncio.get_running_loop().create_future()
            self._waiting.setdefault(offset, []).append(arrived)
            try:
                async with asyncio.timeout(REACHED_WITHIN_S):
                    await arrived
            except TimeoutError:
                raise Transient(
                    "The change is kept, and comes into force in a moment; look again.",
                    "更改已保存，稍后生效，请重新查看。",
                ) from None
        return self._replaced.get(offset)

    def _passed(self, position: int) -> None:
        self._position = max(self._position, position)
        for offset in [each for each in self._waiting if each < position]:
            for arrived in self._waiting.pop(offset):
                if not arrived.done():
                    arrived.set_result(None)


async def put(publisher: Producer, held: MemoryTable[Value], new: Record) -> int:
    """Publish a record and wait until this process has read it back; return its version."""
    [position] = await publisher.publish([new])
    await held.reached(position.offset)
    return position.version


class TopicTable(MemoryTable[Value], FollowerTask):
    """A table kept current from Kafka.

    `caught_up` is set once it holds all records that existed at the start.
    """

    def __init__(self, reader: TopicReader, topic: Topic, event: type[Value]) -> None:
        MemoryTable.__init__(self, event)
        FollowerTask.__init__(self, topic.name)
        if topic.partitions != 1:
            raise ValueError(f"{topic.name} has several partitions: no order holds over them")
        self._reader = reader
        self._topic = topic
        self.caught_up = False

    async def _follow(self) -> None:
        async for batch in self._reader.follow([self._topic], Start.BEGINNING):
            if batch.restarted:
                self.clear()
            for incoming in batch.records:
                self.apply(incoming.key or b"", incoming.value, incoming.offset)
            self.caught_up = batch.caught_up
