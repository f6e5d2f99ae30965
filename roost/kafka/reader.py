"""Adapter of the reader port: aiokafka's consumer, of which this is the sole importer.

Every consumer reads committed records only. Loops that read to an end compare it with the
consumer's position, not with the offset of the last record: the position passes over records
removed by compaction, aborted records and transaction markers, none of which is delivered.
"""

from __future__ import annotations

import asyncio
from collections.abc import (
    AsyncGenerator,
    AsyncIterator,
    Collection,
    Iterable,
    Iterator,
    Mapping,
    Sequence,
)
from contextlib import asynccontextmanager, contextmanager
from datetime import datetime
from typing import Any

import structlog
from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import KafkaError

from roost.errors import Transient
from roost.events.envelope import event_time
from roost.kafka.incoming import Incoming
from roost.kafka.ports import (
    FollowedBatch,
    FollowFrom,
    GroupOffsets,
    Newest,
    Partition,
    Start,
    partitions_of,
)
from roost.servers.connections import Servers, kafka
from roost.topics import Topic, topic_named

_log = structlog.get_logger(__name__)

BATCH = 500
"""Most records in one batch of `read_to_end`."""
POLL_MS = 500
RETRY_S = 1.0
"""Pause before `follow` connects again."""
LINGER_BYTES = 64_000
"""Amount of data that ends a lingering fetch early."""
ClientError = KafkaError
"""Base class of the client library's errors, for callers of a library that is built on it."""


class KafkaReader:
    """Reads topics of one cluster. Every operation opens a consumer and closes it at its end."""

    def __init__(self, bootstrap_servers: Servers) -> None:
        self._bootstrap_servers = bootstrap_servers

    async def end_offsets(self, partitions: Collection[Partition]) -> dict[Partition, int]:
        """Return the end offset of every partition. Raises Transient."""
        with kafka_errors_as_transient():
            async with self._consumer() as consumer:
                return await _ends(consumer, partitions)

    async def read_to_end(
        self,
        topic: Topic,
        *,
        partitions: Iterable[int] | None = None,
        last: int | None = None,
        start: Mapping[int, int] | None = None,
    ) -> AsyncIterator[list[Incoming]]:
        """Yield batches up to the ends that existed when reading began, in order per partition.

        `partitions` limits the partitions, `last` reads about that many of the newest records of
        each partition, `start` begins at given offsets. Raises Transient.
        """
        chosen = range(topic.partitions) if partitions is None else partitions
        assigned = [Partition(topic.name, each) for each in chosen]
        with kafka_errors_as_transient():
            async with self._consumer(max_poll_records=BATCH) as consumer:
                ends = await _ends(consumer, assigned)
                oldest = await _oldest(consumer, assigned)
                pending = {}
                for each in assigned:
                    first = oldest[each]
                    if last is not None:
                        first = max(first, ends[each] - last)
                    if start is not None:
                        first = max(first, start.get(each.partition, first))
                    if first < ends[each]:
                        pending[each] = first
                _begin(consumer, pending)
                while pending:
                    batches = await _poll(consumer, pending, BATCH)
                    for each, messages in batches.items():
                        wanted = [found for found in messages if found.offset < ends[each]]
                        if wanted:
                            yield [incoming_of(topic, message) for message in wanted]
                    positions = await _positions(consumer, pending)
                    pending = {each: at for each, at in positions.items() if at < ends[each]}

    async def read_page(
        self, start: Mapping[Partition, int], until: Mapping[Partition, int], most: int
    ) -> tuple[list[Incoming], dict[Partition, int]]:
        """Return at most `most` records from `start` to `until`, and the positions after them.

        `until` names at least the partitions of `start`. A record at or past `until` may be
        included. Raises Transient.
        """
        positions = dict(start)
        found: list[Incoming] = []
        pending = {each: at for each, at in start.items() if at < until[each]}
        if not pending:
            return found, positions
        with kafka_errors_as_transient():
            async with self._consumer() as consumer:
                _begin(consumer, pending)
                while pending and len(found) < most:
                    batches = await _poll(consumer, pending, most - len(found))
                    for each, messages in batches.items():
                        topic = topic_named(each.topic)
                        found += [incoming_of(topic, message) for message in messages]
                    positions |= await _positions(consumer, pending)
                    pending = {
                        each: positions[each] for each in pending if positions[each] < until[each]
                    }
        return found, positions

    async def follow(
        self, topics: Sequence[Topic], start: FollowFrom, *, linger_s: float = 0.0
    ) -> AsyncGenerator[FollowedBatch, None]:
        """Yield records for ever, each once; reconnect with back-off when Kafka is away.

        The first batch has no records and tells the positions at which following begins. With
        `linger_s` the broker collects records for that long before it answers: cheaper under
        load than one answer per record.
        """
        options: dict[str, Any] = {}
        if linger_s:
            options = {"fetch_min_bytes": LINGER_BYTES, "fetch_max_wait_ms": int(linger_s * 1000)}
        if start is Start.BEGINNING:
            options["auto_offset_reset"] = "earliest"
        follower = _Follower(topics, start)
        while True:
            try:
                async with self._consumer(**options) as consumer:
                    async for batch in follower.batches(consumer):
                        yield batch
            except (KafkaError, OSError) as error:
                names = ",".join(sorted(topic.name for topic in topics))
                _log.warning("following_interrupted", topics=names, error=type(error).__name__)
                await asyncio.sleep(RETRY_S)

    @asynccontextmanager
    async def group_offsets(self, group: str) -> AsyncIterator[GroupOffsets]:
        """Open clients that observe a consumer group without joining it. Raises Transient."""
        consumer = self._new_consumer()
        admin = AIOKafkaAdminClient(**kafka(self._bootstrap_servers))
        try:
            with kafka_errors_as_transient():
                await consumer.start()
                await admin.start()
            yield _ClientGroupOffsets(group, consumer, admin)
        finally:
            with kafka_errors_as_transient():
                await admin.close()
                await consumer.stop()

    def _new_consumer(self, **options: Any) -> AIOKafkaConsumer:
        return AIOKafkaConsumer(
            **kafka(self._bootstrap_servers),
            enable_auto_commit=False,
            isolation_level="read_committed",
            **options,
        )

    @asynccontextmanager
    async def _consumer(self, **options: Any) -> AsyncIterator[AIOKafkaConsumer]:
        consumer = self._new_consumer(**options)
        try:
            await consumer.start()
            # aiokafka's `stop` raises CancelledError if a task that `start` created has not begun.
            await asyncio.sleep(0)
            yield consumer
        finally:
            await consumer.stop()


class _ClientGroupOffsets:
    """Progress of one consumer group; holds its clients open between looks."""

    def __init__(self, group: str, consumer: AIOKafkaConsumer, admin: AIOKafkaAdminClient) -> None:
        self._group, self._consumer, self._admin = group, consumer, admin

    async def committed(self) -> dict[Partition, int]:
        with kafka_errors_as_transient():
            found = await self._admin.list_consumer_group_offsets(self._group)
        return {Partition(*each): at.offset for each, at in found.items()}

    async def ends(self, partitions: Collection[Partition]) -> dict[Partition, int]:
        with kafka_errors_as_transient():
            return await _ends(self._consumer, partitions)


class _Follower:
    """State of one `follow` that outlives its consumers: positions, and whether it caught up."""

    def __init__(self, topics: Sequence[Topic], start: FollowFrom) -> None:
        self._topics = {topic.name: topic for topic in topics}
        self._partitions = partitions_of(topics)
        self._start = start
        self._positions: dict[Partition, int] = {}
        self._caught_up = False

    async def batches(self, consumer: AIOKafkaConsumer) -> AsyncIterator[FollowedBatch]:
        """Yield what a new consumer reads, from the position that the last one reached."""
        ends = await _ends(consumer, self._partitions)
        restarted = await self._place(consumer, ends)
        _begin(consumer, self._positions)
        yield self._batch([], ends, restarted)
        while True:
            found = await _poll(consumer, self._positions)
            before, was_caught_up = self._positions, self._caught_up
            self._positions = await _positions(consumer, self._partitions)
            records = [
                incoming_of(self._topics[each.topic], message)
                for each, messages in found.items()
                for message in messages
            ]
            batch = self._batch(records, ends)
            if records or self._positions != before or batch.caught_up != was_caught_up:
                yield batch

    def _batch(
        self, records: list[Incoming], ends: Mapping[Partition, int], restarted: bool = False
    ) -> FollowedBatch:
        self._caught_up = self._caught_up or all(
            self._positions[each] >= ends[each] for each in self._partitions
        )
        return FollowedBatch(records, dict(self._positions), self._caught_up, restarted)

    async def _place(self, consumer: AIOKafkaConsumer, ends: Mapping[Partition, int]) -> bool:
        """Set the positions to continue from; return whether to start over.

        A position past the end means that the topic was re-created. A follower from the
        beginning then starts over; any other continues at the end.
        """
        passed_end = any(at > ends[each] for each, at in self._positions.items())
        restarted = passed_end and self._start is Start.BEGINNING
        if restarted:
            _log.warning("following_restarted", topics=",".join(sorted(self._topics)))
            self._positions, self._caught_up = {}, False
        if not self._positions:
            self._positions = await self._first(consumer, ends)
        self._positions = {each: min(at, ends[each]) for each, at in self._positions.items()}
        return restarted

    async def _first(
        self, consumer: AIOKafkaConsumer, ends: Mapping[Partition, int]
    ) -> dict[Partition, int]:
        start = self._start
        if start is Start.BEGINNING:
            return await _oldest(consumer, self._partitions)
        if isinstance(start, Newest):
            oldest = await _oldest(consumer, self._partitions)
            return {each: max(oldest[each], ends[each] - start.count) for each in self._partitions}
        if isinstance(start, datetime):
            moment = int(start.timestamp() * 1000)
            places = [TopicPartition(*each) for each in self._partitions]
            found = await consumer.offsets_for_times(dict.fromkeys(places, moment))
            at = {Partition(*each): it.offset for each, it in found.items() if it is not None}
            return {each: at.get(each, ends[each]) for each in self._partitions}
        given = start if isinstance(start, Mapping) else {}
        return {each: given.get(each, ends[each]) for each in self._partitions}


def incoming_of(topic: Topic, message: Any) -> Incoming:
    """Convert a record of aiokafka, or of a library built on it, to ours."""
    headers = getattr(message, "headers", None) or ()
    if isinstance(headers, dict):
        headers = headers.items()
    timestamp = message.timestamp
    milliseconds = timestamp if timestamp > 1e11 else timestamp * 1000
    return Incoming(
        topic=topic,
        partition=message.partition,
        offset=message.offset,
        key=message.key,
        value=message.value,
        at=event_time(headers, int(milliseconds)),
        headers=tuple(headers),
        timestamp_ms=int(milliseconds),
    )


@contextmanager
def kafka_errors_as_transient() -> Iterator[None]:
    """Raise Transient for an error of the client library or of the connection."""
    try:
        yield
    except (KafkaError, OSError) as error:
        raise Transient(f"Kafka cannot be read: {type(error).__name__}") from error


def _begin(consumer: AIOKafkaConsumer, positions: Mapping[Partition, int]) -> None:
    """Assign partitions and seek to their positions."""
    if not positions:
        return
    consumer.assign([TopicPartition(*each) for each in positions])
    for each, offset in positions.items():
        consumer.seek(TopicPartition(*each), offset)


async def _poll(
    consumer: AIOKafkaConsumer, partitions: Iterable[Partition], most: int | None = None
) -> dict[Partition, Sequence[Any]]:
    """Return records of some partitions; wait up to `POLL_MS` for the first."""
    places = [TopicPartition(*each) for each in partitions]
    found = await consumer.getmany(*places, timeout_ms=POLL_MS, max_records=most)
    return {Partition(*each): messages for each, messages in found.items()}


async def _positions(
    consumer: AIOKafkaConsumer, partitions: Iterable[Partition]
) -> dict[Partition, int]:
    return {each: await consumer.position(TopicPartition(*each)) for each in partitions}


async def _ends(
    consumer: AIOKafkaConsumer, partitions: Collection[Partition]
) -> dict[Partition, int]:
    return await _by_partition(consumer, partitions, ends=True)


async def _learn_leaders(consumer: AIOKafkaConsumer, topics: Iterable[str]) -> None:
    """Ask for the leaders of all partitions of these topics in one request.

    Without it aiokafka asks for one topic after the other when offsets are queried, and waits 0.1 s
    before each. There is no public way to name topics without subscribing to them.
    """
    await asyncio.gather(*map(consumer._client.add_topic, topics))


async def _oldest(
    consumer: AIOKafkaConsumer, partitions: Collection[Partition]
) -> dict[Partition, int]:
    return await _by_partition(consumer, partitions, ends=False)


async def _by_partition(
    consumer: AIOKafkaConsumer, partitions: Collection[Partition], *, ends: bool
) -> dict[Partition, int]:
    if not partitions:
        return {}
    await _learn_leaders(consumer, {each.topic for each in partitions})
    query = consumer.end_offsets if ends else consumer.beginning_offsets
    found = await query([TopicPartition(*each) for each in partitions])
    return {Partition(*each): offset for each, offset in found.items()}
