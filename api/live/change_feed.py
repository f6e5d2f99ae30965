"""Following the topics of the feed: the newest changes in memory, older ones read from Kafka."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Collection
from dataclasses import replace

from aiokafka import AIOKafkaConsumer
from aiokafka.errors import KafkaError

from api.live.feed_positions import PARTITIONS, Positions
from api.ports.following import Following, Message, Partition
from api.ports.live_messages import FeedChange
from roost.errors import Transient
from roost.events.envelope import event_time
from roost.servers.connections import Servers, kafka
from roost.topics import topic_named

REMEMBERED = 5_000
AT_ONCE = 500


class RecentFeed:
    """The newest changes, in the order in which they came: pure. What is erased is forgotten."""

    def __init__(self, most: int = REMEMBERED) -> None:
        self._most = most
        self._changes: OrderedDict[int, FeedChange] = OrderedDict()
        self._next = 0
        self.begins: dict[Partition, int] = {}
        """From where on nothing is missing."""

    @property
    def end(self) -> int:
        """The number that the next change gets."""
        return self._next

    def put(self, change: FeedChange) -> None:
        if change.value is None:
            for number, each in self._changes.items():
                if each.key == change.key and each.topic == change.topic:
                    self._changes[number] = replace(each, value=None)
        self.begins.setdefault(change.place, change.offset)
        self._changes[self._next] = change
        self._next += 1
        if len(self._changes) > self._most:
            _, oldest = self._changes.popitem(last=False)
            self.begins[oldest.place] = oldest.offset + 1

    def covers(self, positions: Positions, places: Collection[Partition]) -> bool:
        return all(positions[each] >= self.begins.get(each, 0) for each in places)

    def since(self, number: int, most: int) -> list[FeedChange] | None:
        """The changes from a number on; None when they are forgotten already."""
        first = self._next - len(self._changes)
        if number < first:
            return None
        return [self._changes[each] for each in range(number, min(self._next, number + most))]

    def after(
        self, positions: Positions, places: Collection[Partition], most: int
    ) -> list[FeedChange]:
        found = (
            each
            for each in self._changes.values()
            if each.place in places and each.offset >= positions[each.place]
        )
        return [each for each, _ in zip(found, range(most), strict=False)]


class Feed:
    def __init__(self, bootstrap_servers: Servers) -> None:
        self.recent = RecentFeed()
        self._bootstrap_servers = bootstrap_servers
        topics = [topic_named(name) for name in dict.fromkeys(each.topic for each in PARTITIONS)]
        self._following = Following(bootstrap_servers, topics, self._take, None)
        self._came = asyncio.Event()

    def start(self) -> None:
        self._following.start()

    async def close(self) -> None:
        await self._following.close()

    async def now(self) -> dict[Partition, int]:
        await self._following.caught_up()
        positions = dict(self._following.positions)
        for each in PARTITIONS:
            self.recent.begins.setdefault(each, positions[each])
        return positions

    async def page(
        self, positions: Positions, places: Collection[Partition], most: int = AT_ONCE
    ) -> tuple[list[FeedChange], dict[Partition, int]]:
        """What has come after the positions, and where one is after it."""
        now = await self.now()
        # a cursor of a folder that was emptied since may be ahead of all that comes
        start = {each: min(at, now[each]) for each, at in positions.items()}
        if not self.recent.covers(start, places):
            return await self._read(start, now, places, most)
        found = self.recent.after(start, places, most)
        for change in found:
            start[change.place] = change.offset + 1
        if len(found) < most:
            start |= {each: now[each] for each in places}
        return found, start

    async def come(self, within_s: float) -> bool:
        """Whether anything comes within the time."""
        came = self._came
        try:
            async with asyncio.timeout(within_s):
                await came.wait()
        except TimeoutError:
            return False
        return True

    def _take(self, message: Message) -> None:
        self.recent.put(change_of(message))
        came, self._came = self._came, asyncio.Event()
        came.set()

    async def _read(
        self,
        start: dict[Partition, int],
        now: Positions,
        places: Collection[Partition],
        most: int,
    ) -> tuple[list[FeedChange], dict[Partition, int]]:
        """A page of the topics themselves, whose compaction may have left the newest only."""
        behind = [each for each in places if start[each] < now[each]]
        consumer = AIOKafkaConsumer(**kafka(self._bootstrap_servers), enable_auto_commit=False)
        found: list[FeedChange] = []
        try:
            await consumer.start()
            consumer.assign(behind)
            for each in behind:
                consumer.seek(each, start[each])
            while behind and len(found) < most:
                batches = await consumer.getmany(
                    *behind, timeout_ms=500, max_records=most - len(found)
                )
                for messages in batches.values():
                    found += [change_of(message) for message in messages]
                for each in behind:
                    start[each] = await consumer.position(each)
                behind = [each for each in behind if start[each] < now[each]]
        except (KafkaError, OSError) as error:
            raise Transient(f"Kafka cannot be read: {type(error).__name__}") from error
        finally:
            await consumer.stop()
        return found, start


def change_of(message: Message) -> FeedChange:
    return FeedChange(
        message.topic,
        message.partition,
        message.offset,
        (message.key or b"").decode("utf-8", "replace"),
        message.value,
        event_time(message.headers, message.timestamp),
    )
