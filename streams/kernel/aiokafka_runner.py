"""The runner on aiokafka's consumer alone, without Faust.

Offsets are committed explicitly, after the effects of a batch. aiokafka reads ahead at most one
fetch (1 MiB) per partition, so memory stays bounded. When partitions are revoked, the batch in hand
gets a moment to finish and to be committed; the group's other members wait for it. Heartbeats run
on the stage's own event loop: a step that blocks it longer than the session timeout loses the
partitions, and its records are delivered again.
"""

from __future__ import annotations

import asyncio
import signal
from collections.abc import AsyncIterator, Callable, Collection, Sequence

import structlog
from aiokafka import AIOKafkaConsumer, ConsumerRebalanceListener, TopicPartition
from aiokafka.coordinator.assignors.roundrobin import RoundRobinPartitionAssignor
from aiokafka.errors import CommitFailedError, IllegalStateError, KafkaError

from roost.kafka.incoming import Incoming
from roost.kafka.ports import Partition
from roost.kafka.reader import incoming_of
from roost.servers.connections import kafka
from streams.kernel import crash
from streams.kernel.batch_source import (
    HEARTBEAT_S,
    METADATA_MAX_AGE_S,
    SESSION_TIMEOUT_S,
    STOP_WAIT_S,
    Member,
    Subscription,
)

_log = structlog.get_logger(__name__)

POLL_S = 0.25
"""Longest wait for records before the runner checks whether it has to stop."""
SLOW_BATCH_S = 3_600.0
"""Longest batch, as when Elasticsearch is away; then the group reassigns its partitions."""
REVOKE_WAIT_S = 5.0
"""Time for the batch in hand to be committed before its partitions are given up."""
CLEAN_UP_S = 3.0
"""Time to cancel an abandoned batch, and time to leave the group."""


def run_on_aiokafka(*members: Member) -> None:
    """Run members on a new event loop until SIGTERM or SIGINT."""
    asyncio.run(_run(members))


async def _run(members: Sequence[Member]) -> None:
    stopping = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stopping.set)
    sources = [AiokafkaSource(each.subscription, stopping) for each in members]
    consuming = {
        asyncio.create_task(_consume_or_crash(member, source), name=member.subscription.group)
        for member, source in zip(members, sources, strict=True)
    }
    for each in consuming:
        each.add_done_callback(lambda _: stopping.set())
    await stopping.wait()
    _, late = await asyncio.wait(consuming, timeout=STOP_WAIT_S)
    for each in late:
        _log.warning("batch_abandoned", group=each.get_name())
        each.cancel()
    if late:
        _, late = await asyncio.wait(late, timeout=CLEAN_UP_S)
    await asyncio.gather(*(source.close() for source in sources))
    if late:  # the loop would wait for them for ever
        crash.abandon_process()


async def _consume_or_crash(member: Member, source: AiokafkaSource) -> None:
    try:
        await member.consume(source)
    except Exception as error:  # noqa: BLE001  leaving the group in order could commit nothing either
        crash.end_process(error)


class AiokafkaSource:
    """The batches of an aiokafka consumer that is a member of a group."""

    def __init__(self, subscription: Subscription, stopping: asyncio.Event) -> None:
        self._subscription = subscription
        self._topics = subscription.topics_by_name()
        self._stopping = stopping
        self._consumer: AIOKafkaConsumer | None = None
        self._listener: Callable[[Collection[Partition]], None] = lambda partitions: None
        self._committed = asyncio.Event()
        self._committed.set()
        self._rebalancing = False

    async def batches(self) -> AsyncIterator[list[Incoming]]:
        """Join the group, then yield the records that have arrived until the process stops."""
        consumer = self._consumer = _consumer_of(self._subscription)
        topics = [topic.name for topic in self._subscription.topics]
        consumer.subscribe(topics, listener=_RebalanceListener(self))
        await consumer.start()
        while not self._stopping.is_set():
            batch = await self._next_batch(consumer)
            if batch:
                self._committed.clear()
                yield batch

    async def commit(self, batch: Sequence[Incoming]) -> None:
        """Commit the offsets of a batch.

        A batch whose partitions were revoked meanwhile is not committed: another worker repeats
        it, without harm. Raises the client's errors when the brokers refuse the commit.
        """
        assert self._consumer is not None
        offsets = {
            TopicPartition(each.topic.name, each.partition): each.offset + 1 for each in batch
        }
        try:
            await self._consumer.commit(offsets)
        except (CommitFailedError, IllegalStateError) as error:
            _log.info("batch_revoked", group=self._subscription.group, error=type(error).__name__)
        finally:
            self._committed.set()

    def on_revoked(self, listener: Callable[[Collection[Partition]], None]) -> None:
        """Call the listener with partitions that another worker may own from now on."""
        self._listener = listener

    def assigned(self) -> set[Partition]:
        """Return the partitions that are assigned now; none during a rebalance."""
        if self._consumer is None or self._rebalancing:
            return set()
        return {Partition(each.topic, each.partition) for each in self._consumer.assignment()}

    async def position(self, partition: Partition) -> int | None:
        """Return the offset that is read next, or None if the partition is no longer assigned."""
        assert self._consumer is not None
        try:
            position: int | None = await self._consumer.position(TopicPartition(*partition))
        except KafkaError:
            return None
        return position

    async def close(self) -> None:
        """Leave the group, so that other workers need not wait for the session to expire."""
        if self._consumer is None:
            return
        try:
            async with asyncio.timeout(CLEAN_UP_S):
                await self._consumer.stop()
        except (KafkaError, OSError, TimeoutError) as error:
            _log.info(
                "group_leave_failed", group=self._subscription.group, error=type(error).__name__
            )

    async def _next_batch(self, consumer: AIOKafkaConsumer) -> list[Incoming]:
        messages = await consumer.getmany(
            timeout_ms=int(POLL_S * 1000), max_records=self._subscription.batch_size
        )
        return [
            incoming_of(self._topics[partition.topic], message)
            for partition, each in messages.items()
            for message in each
        ]

    async def _revoke(self, partitions: Collection[TopicPartition]) -> None:
        """Wait for the batch in hand, then give the partitions up. Heartbeats go on meanwhile."""
        try:
            async with asyncio.timeout(REVOKE_WAIT_S):
                await self._committed.wait()
        except TimeoutError:
            _log.info("revocation_timed_out", group=self._subscription.group)
        self._rebalancing = True
        self._listener([Partition(each.topic, each.partition) for each in partitions])

    def _assign(self) -> None:
        self._rebalancing = False


class _RebalanceListener(ConsumerRebalanceListener):
    """Passes the changes of the assignment to a source."""

    def __init__(self, source: AiokafkaSource) -> None:
        self._source = source

    async def on_partitions_revoked(self, revoked: Collection[TopicPartition]) -> None:
        await self._source._revoke(revoked)

    async def on_partitions_assigned(self, assigned: Collection[TopicPartition]) -> None:
        self._source._assign()


def _consumer_of(subscription: Subscription) -> AIOKafkaConsumer:
    """Return a consumer with the same limits and the same assignor as the Faust runner's.

    With the assignor in common, the workers of a group can change their runner one by one.
    """
    return AIOKafkaConsumer(
        **kafka(subscription.brokers),
        group_id=subscription.group,
        partition_assignment_strategy=[RoundRobinPartitionAssignor],
        enable_auto_commit=False,
        auto_offset_reset="earliest",
        isolation_level="read_committed",
        session_timeout_ms=int(SESSION_TIMEOUT_S * 1000),
        heartbeat_interval_ms=int(HEARTBEAT_S * 1000),
        rebalance_timeout_ms=int((REVOKE_WAIT_S + SESSION_TIMEOUT_S) * 1000),
        max_poll_interval_ms=int(SLOW_BATCH_S * 1000),
        max_poll_records=subscription.fetch_size,
        metadata_max_age_ms=int(METADATA_MAX_AGE_S * 1000),
    )
