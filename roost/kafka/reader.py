"""Reading a topic from where one likes to its end, outside any consumer group.

For rebuilding views, healing after a kill, and looking at dead letters.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.errors import KafkaError

from roost.errors import Transient
from roost.events.envelope import event_time
from roost.kafka.incoming import Incoming
from roost.servers.connections import Servers, kafka
from roost.topics import Topic

BATCH = 500


def incoming_of(topic: Topic, message: object) -> Incoming:
    """An aiokafka or Faust message as ours."""
    headers = getattr(message, "headers", None)
    if isinstance(headers, dict):
        headers = headers.items()
    timestamp = message.timestamp  # type: ignore[attr-defined]
    milliseconds = timestamp if timestamp > 1e11 else timestamp * 1000
    return Incoming(
        topic=topic,
        partition=message.partition,  # type: ignore[attr-defined]
        offset=message.offset,  # type: ignore[attr-defined]
        key=message.key,  # type: ignore[attr-defined]
        value=message.value,  # type: ignore[attr-defined]
        at=event_time(headers, int(milliseconds)),
    )


@asynccontextmanager
async def _consumer(bootstrap_servers: Servers) -> AsyncIterator[AIOKafkaConsumer]:
    consumer = AIOKafkaConsumer(
        **kafka(bootstrap_servers), enable_auto_commit=False, max_poll_records=BATCH
    )
    try:
        await consumer.start()
        yield consumer
    except (KafkaError, OSError) as error:
        raise Transient(f"Kafka cannot be read: {type(error).__name__}") from error
    finally:
        await consumer.stop()


async def end_offsets(bootstrap_servers: Servers, topic: Topic) -> dict[int, int]:
    """For every partition, the offset that the next record will get."""
    async with _consumer(bootstrap_servers) as consumer:
        partitions = [TopicPartition(topic.name, each) for each in range(topic.partitions)]
        ends = await consumer.end_offsets(partitions)
    return {partition.partition: offset for partition, offset in ends.items()}


async def read_topic(
    bootstrap_servers: Servers,
    topic: Topic,
    *,
    partitions: Iterable[int] | None = None,
    last: int | None = None,
    start: dict[int, int] | None = None,
) -> AsyncIterator[list[Incoming]]:
    """Batches of records up to the end that stands when reading starts, in order per partition.

    `last` reads only about that many of each partition's newest records, `start` from given
    offsets. Raises Transient when Kafka is away.
    """
    async with _consumer(bootstrap_servers) as consumer:
        chosen = range(topic.partitions) if partitions is None else partitions
        assigned = [TopicPartition(topic.name, partition) for partition in chosen]
        consumer.assign(assigned)
        ends = await consumer.end_offsets(assigned)
        begins = await consumer.beginning_offsets(assigned)
        waiting = {}
        for each in assigned:
            first = begins[each]
            if last is not None:
                first = max(first, ends[each] - last)
            if start is not None:
                first = max(first, start.get(each.partition, first))
            consumer.seek(each, first)
            if first < ends[each]:
                waiting[each] = ends[each]
        while waiting:
            batches = await consumer.getmany(*waiting, timeout_ms=500, max_records=BATCH)
            for each, messages in batches.items():
                wanted = [message for message in messages if message.offset < ends[each]]
                if wanted:
                    yield [incoming_of(topic, message) for message in wanted]
            for each in list(waiting):
                # The position passes over what compaction has removed.
                if await consumer.position(each) >= waiting[each]:
                    del waiting[each]
