"""Background tasks that follow topics outside any consumer group, one in each process."""

from __future__ import annotations

import asyncio
from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from datetime import datetime

from roost.errors import Transient
from roost.kafka.incoming import Incoming
from roost.kafka.ports import Partition, Start, TopicReader
from roost.topics import Topic

LINGER_S = 0.1
"""Time for which the broker collects records: under load, one fetch per record would cost more
than the records themselves."""
Take = Callable[[Incoming], None]


class FollowerTask(ABC):
    """A background task from `start` to `close`."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        self._task = asyncio.create_task(self._follow(), name=f"following-{self._name}")

    async def close(self) -> None:
        """Cancel the task and wait until it has ended."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.wait([self._task])

    @abstractmethod
    async def _follow(self) -> None:
        """Run until cancelled."""


class TopicFollower(FollowerTask):
    """Hands every record of some topics to `take` once, from a moment on, or from the end."""

    def __init__(
        self, reader: TopicReader, topics: Sequence[Topic], take: Take, since: datetime | None
    ) -> None:
        super().__init__(",".join(sorted(topic.name for topic in topics)))
        self._reader = reader
        self._topics = topics
        self._take = take
        self._since = since
        self.positions: dict[Partition, int] = {}
        """Offset of the next record of every partition; empty before the first connection."""
        self._caught_up = asyncio.Event()

    async def caught_up(self, within_s: float = 10.0) -> None:
        """Return once all records that existed at the start are taken.

        Raises Transient if that takes longer than `within_s` seconds.
        """
        if self._caught_up.is_set():
            return
        try:
            async with asyncio.timeout(within_s):
                await self._caught_up.wait()
        except TimeoutError:
            raise Transient(
                "The API has just started and is still reading; try again in a moment.",
                "服务刚刚启动，正在读取数据，请稍后重试。",
            ) from None

    async def _follow(self) -> None:
        start = Start.END if self._since is None else self._since
        async for batch in self._reader.follow(self._topics, start, linger_s=LINGER_S):
            for incoming in batch.records:
                self._take(incoming)
            self.positions = dict(batch.positions)
            if batch.caught_up:
                self._caught_up.set()
