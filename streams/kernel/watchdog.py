"""A watchdog for every stage: are handled events committed, and new events read?

Faust takes a failed commit for a success, and commits again only after new events. A consumer can
also stop reading after its group has changed, with no error. Either way a partition stalls
silently. So the watchdog checks the stage from outside every few seconds, through Kafka clients
that the stage does not use. If a partition stalls, the process ends: unacknowledged events are
delivered to the next process, and events that were handled but not committed are handled again,
which is harmless.

It suspends judgement while the brokers do not answer. It does not expect reads while a batch is in
progress: a stage that waits for Elasticsearch has not stalled.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import structlog

from roost.errors import Fatal, Transient
from roost.kafka.ports import GroupOffsets, Partition, TopicReader
from roost.metrics import LAG

_log = structlog.get_logger(__name__)
Offsets = Mapping[Partition, int]
CHECK_S = 5.0
"""Seconds between two checks."""
ANSWER_S = 30.0
"""Seconds within which the brokers have to answer a check."""
NO_ANSWER = -1
"""In place of a position: the thread that reads does not answer, so it does not read either."""


@dataclass(slots=True)
class Progress:
    """The stage's own record of its progress."""

    busy: bool = False
    """True while a batch is in progress."""
    handled: dict[Partition, int] = field(default_factory=dict)
    """Offset after the last handled event of each partition."""

    def acknowledged(self, partition: Partition, offset: int) -> None:
        """Record that the event at `offset` was handled."""
        self.handled[partition] = offset + 1

    def forget(self, partitions: Iterable[Partition]) -> None:
        """Forget partitions that are now assigned to another process."""
        for each in partitions:
            self.handled.pop(each, None)


@dataclass(frozen=True, slots=True)
class Snapshot:
    """State of our partitions at one moment; `read` names the partitions that are ours."""

    handled: Offsets
    committed: Offsets
    read: Offsets
    ends: Offsets
    busy: bool


def stalled_partitions(before: Snapshot, now: Snapshot) -> dict[Partition, str]:
    """Return the partitions that should have moved between two snapshots but did not, and why."""
    found = {}
    for each in now.read.keys() & before.read.keys():
        committed = before.committed.get(each, 0)
        if before.handled.get(each, 0) > committed == now.committed.get(each, 0):
            found[each] = "handled events are not committed"
        elif not (before.busy or now.busy) and (
            before.ends.get(each, 0) > before.read[each] == now.read[each]
        ):
            found[each] = "new events are not read"
    return found


def lag_by_topic(snapshot: Snapshot) -> Counter[str]:
    """Count the uncommitted events of our partitions by topic."""
    found: Counter[str] = Counter()
    for each, end in snapshot.ends.items():
        found[each[0]] += end - snapshot.committed.get(each, 0)
    return found


class LagReport:
    """The lag metric of one consumer group; a process may have several."""

    def __init__(self, group: str) -> None:
        self._group = group
        self._topics: set[str] = set()

    def set(self, lag: Mapping[str, int]) -> None:
        """Set the metric; drop topics that are absent, whose last value would look current."""
        for topic in self._topics - lag.keys():
            LAG.remove(self._group, topic)
        for topic, events in lag.items():
            LAG.labels(self._group, topic).set(events)
        self._topics = set(lag)


class StallCounter:
    """Counts in how many consecutive checks each partition has stalled."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._counts: dict[Partition, int] = {}
        self._before: Snapshot | None = None

    def add(self, snapshot: Snapshot) -> None:
        """Compare with the previous snapshot. Raises Fatal if a partition reaches the limit."""
        found = stalled_partitions(self._before, snapshot) if self._before is not None else {}
        self._before = snapshot
        self._counts = {each: self._counts.get(each, 0) + 1 for each in found}
        for partition, count in self._counts.items():
            if count >= self._limit:
                topic, number = partition
                why = found[partition]
                raise Fatal(f"{topic}/{number} has stalled: {why}; this process ends")

    def reset(self) -> None:
        """Forget all snapshots and counts."""
        self._counts, self._before = {}, None


@dataclass(frozen=True, slots=True)
class Watched:
    """A stage's consumer as the watchdog queries it.

    `position` may hang; it returns None if the partition is no longer ours.
    """

    group: str
    progress: Progress
    assigned: Callable[[], set[Partition]]
    position: Callable[[Partition], Awaitable[int | None]]


@asynccontextmanager
async def watching(reader: TopicReader, watched: Watched, patience_s: float) -> AsyncIterator[None]:
    """Watch a stage while the body runs. Raises Fatal, in a group, if it has stalled."""
    async with asyncio.TaskGroup() as tasks:
        task = tasks.create_task(_watch(reader, watched, patience_s), name="watchdog")
        yield
        task.cancel()


async def _watch(reader: TopicReader, watched: Watched, patience_s: float) -> None:
    stalls = StallCounter(max(2, round(patience_s / CHECK_S)))
    report = LagReport(watched.group)
    while True:
        await asyncio.sleep(CHECK_S)
        try:
            async with reader.group_offsets(watched.group) as offsets:
                read: Offsets = {}
                while True:
                    snapshot = await take_snapshot(watched, offsets, read)
                    read = snapshot.read
                    report.set(lag_by_topic(snapshot))
                    stalls.add(snapshot)
                    await asyncio.sleep(CHECK_S)
        except Fatal as error:
            _log.error("stage_stalled", group=watched.group, error=str(error))
            raise
        except (Transient, OSError) as error:
            _log.info("watch_interrupted", group=watched.group, error=type(error).__name__)
            report.set({})
            stalls.reset()


async def take_snapshot(watched: Watched, offsets: GroupOffsets, read_before: Offsets) -> Snapshot:
    """Take a snapshot. Raises TimeoutError or Transient if the brokers do not answer.

    The consumer is asked for positions only where a partition has more than is known to be read:
    each answer takes a turn of its thread, and most partitions of most topics are at their end.
    """
    handled, busy = dict(watched.progress.handled), watched.progress.busy
    assigned = watched.assigned()
    async with asyncio.timeout(ANSWER_S):
        ends = await offsets.ends(list(assigned))
    known = {each: max(handled.get(each, 0), read_before.get(each, NO_ANSWER)) for each in assigned}
    behind = [each for each, offset in known.items() if offset < ends.get(each, 0)]
    read = {each: known[each] for each in assigned.difference(behind)}
    read |= await _positions(watched, behind)
    async with asyncio.timeout(ANSWER_S):
        committed = await offsets.committed()
    return Snapshot(handled, committed, read, ends, busy=busy or watched.progress.busy)


async def _positions(watched: Watched, partitions: Sequence[Partition]) -> dict[Partition, int]:
    """Return the offset that the stage reads next in each of these partitions that are its own."""

    async def position(partition: Partition) -> int | None:
        try:
            async with asyncio.timeout(CHECK_S):
                return await watched.position(partition)
        except TimeoutError:
            return NO_ANSWER

    positions = await asyncio.gather(*map(position, partitions))
    return {each: at for each, at in zip(partitions, positions, strict=True) if at is not None}
