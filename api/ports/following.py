"""Following topics without a group, each process for itself, for as long as it runs.

`Follower` goes on whatever breaks in between; `Following` is the one for several topics, from a
moment on: what is taken in is its caller's, and it is `caught_up` once all that stood there at the
start has been taken.
"""

from __future__ import annotations

import asyncio
from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from datetime import datetime

import structlog
from aiokafka import AIOKafkaConsumer, ConsumerRecord, TopicPartition
from aiokafka.errors import KafkaError

from roost.errors import Transient
from roost.servers.connections import Servers, kafka
from roost.topics import Topic

_log = structlog.get_logger(__name__)
AGAIN_S = 1.0
FETCH_BYTES, FETCH_WAIT_MS = 64_000, 100
"""What comes within a tenth of a second is fetched at once: under load a fetch for every record
would cost more than the records."""
Message, Partition = ConsumerRecord, TopicPartition
"""The names by which others know them: this module and the feed alone know the library."""
Take = Callable[[ConsumerRecord], None]


class Follower(ABC):
    """Consumes in a task of its own, and again after a while when Kafka has gone away."""

    def __init__(self, what: str) -> None:
        self._what = what
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        self._task = asyncio.create_task(self._follow(), name=f"following-{self._what}")

    async def close(self) -> None:
        if self._task is not None:
            self._task.cancel()
            await asyncio.wait([self._task])

    async def _follow(self) -> None:
        while True:
            try:
                await self._consume()
            except (KafkaError, OSError) as error:
                _log.warning("following_again", what=self._what, error=type(error).__name__)
                await asyncio.sleep(AGAIN_S)

    @abstractmethod
    async def _consume(self) -> None:
        """For ever, from where the last call of it had come."""


class Following(Follower):
    """`since` None begins at the end. Nothing is taken twice, whatever breaks in between."""

    def __init__(
        self,
        bootstrap_servers: Servers,
        topics: Sequence[Topic],
        take: Take,
        since: datetime | None,
    ) -> None:
        super().__init__(",".join(sorted(topic.name for topic in topics)))
        self._bootstrap_servers = bootstrap_servers
        self._partitions = [
            TopicPartition(topic.name, each) for topic in topics for each in range(topic.partitions)
        ]
        self._take = take
        self._since = since
        self.positions: dict[TopicPartition, int] = {}
        self._caught_up = asyncio.Event()

    async def caught_up(self, within_s: float = 10.0) -> None:
        """Raises Transient when it takes longer."""
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

    async def _consume(self) -> None:
        consumer = AIOKafkaConsumer(
            **kafka(self._bootstrap_servers),
            enable_auto_commit=False,
            fetch_min_bytes=FETCH_BYTES,
            fetch_max_wait_ms=FETCH_WAIT_MS,
        )
        try:
            await consumer.start()
            consumer.assign(self._partitions)
            ends = await consumer.end_offsets(self._partitions)
            await self._seek(consumer, ends)
            while True:
                if all(self.positions[each] >= ends[each] for each in self._partitions):
                    self._caught_up.set()
                for each, messages in (await consumer.getmany(timeout_ms=500)).items():
                    for message in messages:
                        self.positions[each] = message.offset + 1
                        self._take(message)
                    # passes over what compaction has removed
                    self.positions[each] = await consumer.position(each)
        finally:
            await consumer.stop()

    async def _seek(self, consumer: AIOKafkaConsumer, ends: dict[TopicPartition, int]) -> None:
        """On from where it was; at first from the moment. Never beyond the end: a folder that was
        emptied begins anew.
        """
        begins: dict[TopicPartition, int] = dict(ends)
        if self._since is not None:
            moment = int(self._since.timestamp() * 1000)
            found = await consumer.offsets_for_times(dict.fromkeys(self._partitions, moment))
            for each, at in found.items():
                if at is not None and at.offset is not None:
                    begins[each] = at.offset
        for each in self._partitions:
            known = self.positions.get(each)
            self.positions[each] = min(begins[each] if known is None else known, ends[each])
            consumer.seek(each, self.positions[each])
