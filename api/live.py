"""Live queues: every change of a match, told to whoever watches its station.

One consumer a process, without a group, from the end of `matches`. A client that is too slow is
let go and connects again; `Last-Event-ID` (where it was in every partition) replays what it missed.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass, field

import structlog
from aiokafka import AIOKafkaConsumer, ConsumerRecord, TopicPartition
from aiokafka.errors import KafkaError

from roost.topics import MATCHES

_log = structlog.get_logger(__name__)
WAITING = 1_000
"""Events that may wait for one client."""
AGAIN_S = 1.0


@dataclass(frozen=True, slots=True)
class Change:
    """A match as it is now; `id` is where the client is after it."""

    id: str
    data: str
    partition: int
    offset: int


@dataclass(eq=False, slots=True)
class Watcher:
    station_id: str
    queue: asyncio.Queue[Change] = field(default_factory=lambda: asyncio.Queue(WAITING))
    lost: bool = False


class Live:
    def __init__(self, bootstrap_servers: str) -> None:
        self._bootstrap_servers = bootstrap_servers
        self._watchers: set[Watcher] = set()
        self._positions: dict[int, int] = {}
        self._placed = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        self._task = asyncio.create_task(self._follow(), name="live")

    async def close(self) -> None:
        if self._task is not None:
            self._task.cancel()
            await asyncio.wait([self._task])

    async def position(self) -> str:
        """Where we are: what is given to `watch` later misses nothing that comes from now on."""
        await self._placed.wait()
        return _id(self._positions)

    async def watch(self, station_id: str, since: str) -> AsyncIterator[Change]:
        """Changes of a station's matches after `since`, a `position` or the id of a change.

        What is no id of ours counts as now.
        """
        await self._placed.wait()
        watcher = Watcher(station_id)
        self._watchers.add(watcher)
        # An id of a folder that was emptied since may be ahead of all that comes: now at most.
        now = self._positions
        start = {each: min(at, now[each]) for each, at in (parse(since) or now).items()}
        try:
            if start != self._positions:
                async for change in self._since(dict(start), station_id):
                    start[change.partition] = change.offset + 1
                    yield change
            while not watcher.lost or not watcher.queue.empty():
                change = await watcher.queue.get()
                if change.offset >= start[change.partition]:
                    yield change
        finally:
            self._watchers.discard(watcher)

    async def _follow(self) -> None:
        while True:
            try:
                await self._consume()
            except (KafkaError, OSError) as error:
                _log.warning("live_reconnecting", error=type(error).__name__)
                await asyncio.sleep(AGAIN_S)

    async def _consume(self) -> None:
        consumer = self._consumer()
        try:
            await consumer.start()
            partitions = _partitions()
            consumer.assign(partitions)
            for each in partitions:
                if each.partition in self._positions:
                    consumer.seek(each, self._positions[each.partition])
                else:
                    await consumer.seek_to_end(each)
                    self._positions[each.partition] = await consumer.position(each)
            self._placed.set()
            async for message in consumer:
                self._positions[message.partition] = message.offset + 1
                self._tell(message)
        finally:
            await consumer.stop()

    def _tell(self, message: ConsumerRecord) -> None:
        station, data = _told(message.value)
        change = Change(_id(self._positions), data, message.partition, message.offset)
        for watcher in [each for each in self._watchers if each.station_id == station]:
            try:
                watcher.queue.put_nowait(change)
            except asyncio.QueueFull:
                watcher.lost = True
                self._watchers.discard(watcher)

    async def _since(self, start: dict[int, int], station_id: str) -> AsyncIterator[Change]:
        consumer = self._consumer()
        positions = dict(start)
        try:
            await consumer.start()
            partitions = [each for each in _partitions() if each.partition in start]
            consumer.assign(partitions)
            ends = await consumer.end_offsets(partitions)
            for each in partitions:
                consumer.seek(each, min(start[each.partition], ends[each]))
            waiting = {each for each in partitions if start[each.partition] < ends[each]}
            while waiting:
                for each, messages in (await consumer.getmany(*waiting, timeout_ms=500)).items():
                    for message in messages:
                        positions[each.partition] = message.offset + 1
                        station, data = _told(message.value)
                        if station == station_id:
                            yield Change(_id(positions), data, message.partition, message.offset)
                waiting = {each for each in waiting if await consumer.position(each) < ends[each]}
        finally:
            await consumer.stop()

    def _consumer(self) -> AIOKafkaConsumer:
        return AIOKafkaConsumer(bootstrap_servers=self._bootstrap_servers, enable_auto_commit=False)


def _partitions() -> list[TopicPartition]:
    return [TopicPartition(MATCHES.name, each) for each in range(MATCHES.partitions)]


def _told(value: bytes | None) -> tuple[str | None, str]:
    """(station, the match as JSON); what cannot be read is nobody's: a stage has parked it."""
    try:
        match = json.loads(value or b"null")
    except ValueError:
        return None, ""
    if not isinstance(match, dict):
        return None, ""
    return match.get("stationId"), json.dumps(match, ensure_ascii=False)


def _id(positions: dict[int, int]) -> str:
    return ".".join(str(positions.get(each, 0)) for each in range(MATCHES.partitions))


def parse(last_id: str | None) -> dict[int, int] | None:
    """The positions in a `Last-Event-ID`; None when it is none of ours."""
    parts = (last_id or "").split(".")
    if len(parts) != MATCHES.partitions or not all(part.isdigit() for part in parts):
        return None
    return {number: int(part) for number, part in enumerate(parts)}
