"""The port between a stage and the engine that consumes its topics.

A stage sees batches of records and a commit; it knows no client library. Two runners implement the
port: `faust_runner` and `aiokafka_runner`. Both deliver every committed record at least once and
in order within its partition, and commit nothing before `BatchSource.commit` is called.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol, TypeAlias

from roost.kafka.incoming import Incoming
from roost.kafka.ports import Partition
from roost.servers.connections import Brokers
from roost.topics import Topic

SESSION_TIMEOUT_S = 8.0
"""A killed worker's partitions move to another one after this time; the client default is 60 s."""
HEARTBEAT_S = 2.0
"""Seconds between two heartbeats to the group's coordinator."""
STOP_WAIT_S = 15.0
"""Time for the batch in hand after SIGTERM; `roost up` kills a stage after 25 s."""
METADATA_MAX_AGE_S = 5.0
"""A topic that is created while a worker runs is consumed within this time."""


@dataclass(frozen=True, slots=True)
class Subscription:
    """The topics of a consumer group, and the limits on what is read ahead."""

    group: str
    topics: tuple[Topic, ...]
    brokers: Brokers
    batch_size: int
    """Most records in one batch."""
    fetch_size: int
    """Most records that the client hands over per poll."""
    data: Path
    """Folder in which the engine may keep files."""

    def topics_by_name(self) -> dict[str, Topic]:
        """Return the topics by name."""
        return {topic.name: topic for topic in self.topics}


class BatchSource(Protocol):
    """Batches of one member of a consumer group, consumed by one loop at a time."""

    def batches(self) -> AsyncIterator[list[Incoming]]:
        """Yield batches of records, without waiting for a batch to fill up.

        Commit each batch before the next one is requested. The iteration ends when the process
        has been asked to stop.
        """
        ...

    async def commit(self, batch: Sequence[Incoming]) -> None:
        """Acknowledge a batch that was yielded, once its effects are done."""
        ...

    def on_revoked(self, listener: Callable[[Collection[Partition]], None]) -> None:
        """Call the listener with partitions that another worker may own from now on."""
        ...

    def assigned(self) -> set[Partition]:
        """Return the partitions that are assigned now; none during a rebalance."""
        ...

    async def position(self, partition: Partition) -> int | None:
        """Return the offset that is read next, or None if the partition is no longer assigned.

        It may hang.
        """
        ...


Consume: TypeAlias = Callable[[BatchSource], Awaitable[None]]
"""Consumes a source until its batches end."""


@dataclass(frozen=True, slots=True)
class Member:
    """A member of a consumer group: its subscription, and the consumer of its batches."""

    subscription: Subscription
    consume: Consume


class Runner(Protocol):
    """An engine: runs one or more members as the main loop of this process."""

    def __call__(self, *members: Member) -> None:
        """Run until SIGTERM or SIGINT; end the process with `crash.STATUS` if an error escapes.

        Members share the event loop and nothing else. All of them finish their batches at once.
        """
        ...
