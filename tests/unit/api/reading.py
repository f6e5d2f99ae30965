"""A reader port in memory: batches are delivered when a test says so."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Collection, Iterable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager

from roost.kafka.incoming import Incoming
from roost.kafka.ports import FollowedBatch, FollowFrom, GroupOffsets, Partition, partitions_of
from roost.topics import Topic
from tests.unit.api.builders import NOW


class InMemoryReader:
    """Topics in memory; `deliver` hands the records appended so far to the follower."""

    def __init__(self, topics: Sequence[Topic]) -> None:
        self.logs: dict[Partition, list[Incoming]] = {each: [] for each in partitions_of(topics)}
        self.starts: list[FollowFrom] = []
        self.reads = 0
        self._batches: asyncio.Queue[FollowedBatch] = asyncio.Queue()
        self._delivered = dict.fromkeys(self.logs, 0)

    def append(self, topic: Topic, value: bytes | None, key: str = "k", partition: int = 0) -> None:
        log = self.logs[Partition(topic.name, partition)]
        log.append(Incoming(topic, partition, len(log), key.encode(), value, NOW))

    async def deliver(self, *, caught_up: bool = True, restarted: bool = False) -> None:
        """Deliver one batch, and let its follower process it."""
        if restarted:
            self._delivered = dict.fromkeys(self.logs, 0)
        records = [each for at, log in self.logs.items() for each in log[self._delivered[at] :]]
        self._delivered = {each: len(log) for each, log in self.logs.items()}
        await self._batches.put(FollowedBatch(records, self._delivered, caught_up, restarted))
        for _ in range(5):
            await asyncio.sleep(0)

    async def end_offsets(self, partitions: Collection[Partition]) -> dict[Partition, int]:
        return {each: len(self.logs[each]) for each in partitions}

    async def read_to_end(
        self,
        topic: Topic,
        *,
        partitions: Iterable[int] | None = None,
        last: int | None = None,
        start: Mapping[int, int] | None = None,
    ) -> AsyncIterator[list[Incoming]]:
        self.reads += 1
        for each in range(topic.partitions) if partitions is None else partitions:
            yield self.logs[Partition(topic.name, each)][(start or {}).get(each, 0) :]

    async def read_page(
        self, start: Mapping[Partition, int], until: Mapping[Partition, int], most: int
    ) -> tuple[list[Incoming], dict[Partition, int]]:
        self.reads += 1
        positions, found = dict(start), list[Incoming]()
        for each, at in start.items():
            chunk = self.logs[each][at : at + most - len(found)]
            found += chunk
            positions[each] += len(chunk)
        return found, positions

    async def follow(
        self, topics: Sequence[Topic], start: FollowFrom, *, linger_s: float = 0.0
    ) -> AsyncIterator[FollowedBatch]:
        self.starts.append(start)
        while True:
            yield await self._batches.get()

    def group_offsets(self, group: str) -> AbstractAsyncContextManager[GroupOffsets]:
        raise NotImplementedError
