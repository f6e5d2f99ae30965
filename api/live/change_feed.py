"""The change feed: the newest changes in memory, older ones read from Kafka."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Collection
from dataclasses import replace

from api.live.feed_positions import PARTITIONS, TOPICS
from api.live.positions import Positions
from api.ports.following import TopicFollower
from api.ports.live_messages import FeedChange
from roost.kafka.incoming import Incoming
from roost.kafka.ports import Partition, TopicReader

REMEMBERED = 5_000
"""Number of newest changes kept in memory."""
PAGE_SIZE = 500
"""Largest number of changes in one page."""

READING_AT_ONCE = 2
"""Number of concurrent reads of older changes from the topics."""


class RecentFeed:
    """The newest changes in order of arrival; an erasure empties earlier changes of its key."""

    def __init__(self, most: int = REMEMBERED) -> None:
        self._most = most
        self._changes: OrderedDict[int, FeedChange] = OrderedDict()
        self._next = 0
        self.begins: dict[Partition, int] = {}
        """Offset of every partition from which on no change is missing."""

    def put(self, change: FeedChange) -> None:
        """Add a change; drop the oldest one if there are too many."""
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
        """Return whether no change after some positions is missing."""
        return all(positions[each] >= self.begins.get(each, 0) for each in places)

    def after(
        self, positions: Positions, places: Collection[Partition], most: int
    ) -> list[FeedChange]:
        """Return at most `most` changes of some partitions after some positions."""
        found = (
            each
            for each in self._changes.values()
            if each.place in places and each.offset >= positions[each.place]
        )
        return [each for each, _ in zip(found, range(most), strict=False)]


class TopicFeed:
    """The change feed of this process, kept current from Kafka."""

    def __init__(self, reader: TopicReader) -> None:
        self.recent = RecentFeed()
        self._reader = reader
        self._follower = TopicFollower(reader, list(TOPICS.values()), self._take, None)
        self._arrived = asyncio.Event()
        self._reading = asyncio.Semaphore(READING_AT_ONCE)

    def start(self) -> None:
        self._follower.start()

    async def close(self) -> None:
        await self._follower.close()

    async def now(self) -> dict[Partition, int]:
        """Return the current positions. Raises Transient while starting."""
        await self._follower.caught_up()
        positions = dict(self._follower.positions)
        for each in PARTITIONS:
            self.recent.begins.setdefault(each, positions[each])
        return positions

    async def page(
        self, positions: Positions, places: Collection[Partition], most: int = PAGE_SIZE
    ) -> tuple[list[FeedChange], dict[Partition, int]]:
        """Return at most `most` changes after some positions, and the positions after them.

        A page read from Kafka may lack changes that compaction has removed; the newest change of
        every key is always there. Raises Transient.
        """
        now = await self.now()
        # A cursor of a topic that was re-created may lie ahead of all its records.
        start = {each: min(at, now[each]) for each, at in positions.items()}
        if not self.recent.covers(start, places):
            async with self._reading:  # few at a time, however many have fallen behind
                found, reached = await self._reader.read_page(
                    {each: start[each] for each in places}, now, most
                )
            return [change_of(each) for each in found], start | reached
        changes = self.recent.after(start, places, most)
        for change in changes:
            start[change.place] = change.offset + 1
        if len(changes) < most:
            start |= {each: now[each] for each in places}
        return changes, start

    async def come(self, within_s: float) -> bool:
        """Return whether a change arrives within `within_s` seconds."""
        arrived = self._arrived
        try:
            async with asyncio.timeout(within_s):
                await arrived.wait()
        except TimeoutError:
            return False
        return True

    def _take(self, incoming: Incoming) -> None:
        self.recent.put(change_of(incoming))
        arrived, self._arrived = self._arrived, asyncio.Event()
        arrived.set()


def change_of(incoming: Incoming) -> FeedChange:
    """Convert a record to a change of the feed."""
    return FeedChange(
        incoming.topic.name,
        incoming.partition,
        incoming.offset,
        (incoming.key or b"").decode("utf-8", "replace"),
        incoming.value,
        incoming.at,
    )
