"""What comes into a topic, told live to whom it concerns: a station's queue, somebody's inbox.

One consumer a topic, without a group, from its end; `told` says of a record whom it concerns. A
client that is too slow is let go and connects again; `Last-Event-ID` (where it was in every
partition) replays what it missed.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field

from aiokafka import AIOKafkaConsumer, ConsumerRecord, TopicPartition

from api.live.recent import RecentChanges
from api.ports.following import Follower
from api.ports.live_messages import LiveChange
from roost.servers.connections import Servers, kafka
from roost.topics import Topic

WAITING = 1_000
"""Events that may wait for one client."""
Told = Callable[[bytes | None], tuple[str, str] | None]
"""(whom a record concerns, what they are told of it), or None for nobody."""


MOST_MISSED = 20_000
"""Records of the topic that are read again for one client."""


class TooMuchMissed(Exception):
    """The client had better ask anew; `now` is where it may watch from."""

    def __init__(self, now: str) -> None:
        super().__init__("more was missed than is told one by one")
        self.now = now


@dataclass(eq=False, slots=True)
class Watcher:
    who: str
    queue: asyncio.Queue[LiveChange] = field(default_factory=lambda: asyncio.Queue(WAITING))
    lost: bool = False


class Live(Follower):
    def __init__(self, bootstrap_servers: Servers, topic: Topic, told: Told) -> None:
        super().__init__(topic.name)
        self._bootstrap_servers = bootstrap_servers
        self._topic = topic
        self._told = told
        self._watchers: set[Watcher] = set()
        self._positions: dict[int, int] = {}
        self._recent = RecentChanges()
        self._placed = asyncio.Event()

    async def position(self, ago_s: float = 0.0) -> str:
        """Where we are: what is given to `watch` later misses nothing that comes from now on.

        With `ago_s` where we were then, for whoever has looked at a view that may be so far behind.
        """
        await self._placed.wait()
        then = time.monotonic() - ago_s
        return self._id(self._recent.as_of(then, self._positions) if ago_s else self._positions)

    async def watch(self, who: str, since: str) -> AsyncIterator[LiveChange]:
        """What concerns somebody after `since`, a `position` or the id of a change.

        What is no id of ours counts as now.
        """
        await self._placed.wait()
        watcher = Watcher(who)
        self._watchers.add(watcher)
        # An id of a folder that was emptied since may be ahead of all that comes: now at most.
        now = self._positions
        start = {
            each: min(at, now[each])
            for each, at in (parse(since, self._topic.partitions) or now).items()
        }
        try:
            if start != self._positions:
                recent = self._recent.since(start, who)
                missed = self._since(dict(start), who) if recent is None else _each(recent)
                async for change in missed:
                    start[change.partition] = change.offset + 1
                    yield change
            while not watcher.lost or not watcher.queue.empty():
                change = await watcher.queue.get()
                if change.offset >= start[change.partition]:
                    yield change
        finally:
            self._watchers.discard(watcher)

    async def missed(self, who: str, since: str) -> tuple[list[LiveChange], str]:
        """(what concerned somebody after `since` until now, where to `watch` from).

        Raises TooMuchMissed when it is more than anybody could look at one by one.
        """
        now = await self.position()
        start = parse(since, self._topic.partitions)
        if start is None or now == since:
            return [], now
        until = {number: int(part) for number, part in enumerate(now.split("."))}
        if sum(max(0, until[each] - start[each]) for each in until) > MOST_MISSED:
            raise TooMuchMissed(now)
        start = {each: min(at, until[each]) for each, at in start.items()}
        found = self._recent.since(start, who)
        if found is None:
            found = [change async for change in self._since(start, who)]
        ends = dict(until)
        for change in found:
            ends[change.partition] = max(ends[change.partition], change.offset + 1)
        return found, self._id(ends)

    async def _consume(self) -> None:
        consumer = self._consumer()
        try:
            await consumer.start()
            partitions = self._partitions()
            consumer.assign(partitions)
            for each in partitions:
                if each.partition in self._positions:
                    consumer.seek(each, self._positions[each.partition])
                else:
                    await consumer.seek_to_end(each)
                    self._positions[each.partition] = await consumer.position(each)
                self._recent.begin(each.partition, self._positions[each.partition])
            self._placed.set()
            async for message in consumer:
                self._recent.moves(time.monotonic(), self._positions)
                self._positions[message.partition] = message.offset + 1
                self._tell(message)
        finally:
            await consumer.stop()

    def _tell(self, message: ConsumerRecord) -> None:
        told = self._told(message.value)
        if told is None:
            return
        who, data = told
        change = LiveChange(self._id(self._positions), data, message.partition, message.offset)
        self._recent.add(who, change)
        for watcher in [each for each in self._watchers if each.who == who]:
            try:
                watcher.queue.put_nowait(change)
            except asyncio.QueueFull:
                watcher.lost = True
                self._watchers.discard(watcher)

    async def _since(self, start: dict[int, int], who: str) -> AsyncIterator[LiveChange]:
        consumer = self._consumer()
        positions = dict(start)
        try:
            await consumer.start()
            partitions = [each for each in self._partitions() if each.partition in start]
            consumer.assign(partitions)
            ends = await consumer.end_offsets(partitions)
            for each in partitions:
                consumer.seek(each, min(start[each.partition], ends[each]))
            waiting = {each for each in partitions if start[each.partition] < ends[each]}
            while waiting:
                for each, messages in (await consumer.getmany(*waiting, timeout_ms=500)).items():
                    for message in messages:
                        positions[each.partition] = message.offset + 1
                        told = self._told(message.value)
                        if told is not None and told[0] == who:
                            id = self._id(positions)
                            yield LiveChange(id, told[1], message.partition, message.offset)
                waiting = {each for each in waiting if await consumer.position(each) < ends[each]}
        finally:
            await consumer.stop()

    def _consumer(self) -> AIOKafkaConsumer:
        return AIOKafkaConsumer(**kafka(self._bootstrap_servers), enable_auto_commit=False)

    def _partitions(self) -> list[TopicPartition]:
        return [TopicPartition(self._topic.name, each) for each in range(self._topic.partitions)]

    def _id(self, positions: dict[int, int]) -> str:
        return ".".join(str(positions.get(each, 0)) for each in range(self._topic.partitions))


async def _each(changes: list[LiveChange]) -> AsyncIterator[LiveChange]:
    for change in changes:
        yield change


def parse(last_id: str | None, partitions: int) -> dict[int, int] | None:
    """The positions in a `Last-Event-ID`; None when it is none of ours."""
    parts = (last_id or "").split(".")
    if len(parts) != partitions or not all(part.isdigit() for part in parts):
        return None
    return {number: int(part) for number, part in enumerate(parts)}
