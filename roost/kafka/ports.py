"""Ports to Kafka: publishing records, and reading topics outside any consumer group.

Adapters of the producer port: `producers.event_loop_publisher` (kafka-python) and
`roost.kafka.sender` (aiokafka). Adapter of the reader port: `roost.kafka.reader` (aiokafka).
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator, Collection, Iterable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from typing import NamedTuple, Protocol

from roost.events.envelope import Record
from roost.kafka.incoming import Incoming
from roost.topics import Topic


class Partition(NamedTuple):
    """One partition of a topic."""

    topic: str
    partition: int


def partitions_of(topics: Iterable[Topic]) -> list[Partition]:
    """Return all partitions of some topics, in order."""
    return [Partition(topic.name, each) for topic in topics for each in range(topic.partitions)]


@dataclass(frozen=True, slots=True)
class Position:
    """Place of a published record: topic, partition and offset."""

    topic: str
    partition: int
    offset: int

    @property
    def version(self) -> int:
        """Version of the record's key from now on: offset + 1."""
        return self.offset + 1


class Producer(Protocol):
    """Producer port: publishes records without blocking the event loop."""

    async def publish(self, records: Sequence[Record]) -> list[Position]:
        """Publish records in order; return their positions.

        Returns once all in-sync replicas have acknowledged every record. While Kafka is away it
        raises Transient, or waits until Kafka is back, as aiokafka does once it was connected.

        Raises:
            TooLarge: A record exceeds the size limit; no record was sent. Or the broker refused
                a record for its size; then the others may or may not have been written.
            Transient: A record was not acknowledged. It may or may not have been written, and
                publishing all records again is safe.
        """
        ...


class BlockingProducer(Protocol):
    """Producer port of programs without an event loop; the contract is that of `Producer`."""

    def publish(self, records: Sequence[Record]) -> list[Position]:
        """Publish records in order, wait for all acknowledgements, and return the positions."""
        ...


class Start(Enum):
    """Ends of a topic from which it can be followed."""

    BEGINNING = "beginning"
    """From the oldest record. If the topic is re-created meanwhile, from its beginning again."""
    END = "end"
    """Only records published from now on."""


@dataclass(frozen=True, slots=True)
class Newest:
    """From about the newest records of every partition, as many as `count`."""

    count: int


FollowFrom = Start | datetime | Newest | Mapping[Partition, int]
"""An end of the topic, a moment (by record timestamp), the newest records, or an offset for every
partition."""


@dataclass(frozen=True, slots=True)
class FollowedBatch:
    """Records that arrived together, and the state of the follower after them."""

    records: Sequence[Incoming]
    positions: Mapping[Partition, int]
    """Offset of the next record of every partition."""
    caught_up: bool
    """True once all records that existed when following began have been delivered."""
    restarted: bool = False
    """True if the topic was re-created: all records delivered before are void."""


class GroupOffsets(Protocol):
    """Progress of one consumer group, seen through clients of this object alone."""

    async def committed(self) -> dict[Partition, int]:
        """Return the committed offset of every partition that has one. Raises Transient."""
        ...

    async def ends(self, partitions: Collection[Partition]) -> dict[Partition, int]:
        """Return the end offset of every partition. Raises Transient."""
        ...


class TopicReader(Protocol):
    """Reader port: reads topics outside any consumer group, committed records only.

    The end of a partition is its last stable offset: the offset after the last record that no
    open transaction precedes.
    """

    async def end_offsets(self, partitions: Collection[Partition]) -> dict[Partition, int]:
        """Return the end offset of every partition. Raises Transient."""
        ...

    def read_to_end(
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
        ...

    async def read_page(
        self, start: Mapping[Partition, int], until: Mapping[Partition, int], most: int
    ) -> tuple[list[Incoming], dict[Partition, int]]:
        """Return at most `most` records from `start` to `until`, and the positions after them.

        `until` names at least the partitions of `start`. A record at or past `until` may be
        included. Raises Transient.
        """
        ...

    def follow(
        self, topics: Sequence[Topic], start: FollowFrom, *, linger_s: float = 0.0
    ) -> AsyncGenerator[FollowedBatch, None]:
        """Yield records for ever, each once; reconnect with back-off when Kafka is away.

        The first batch has no records and tells the positions at which following begins. With
        `linger_s` the broker collects records for that long before it answers: cheaper under
        load than one answer per record.
        """
        ...

    def group_offsets(self, group: str) -> AbstractAsyncContextManager[GroupOffsets]:
        """Open clients that observe a consumer group without joining it. Raises Transient."""
        ...
