"""Live subscribers of one topic: a station's queue, or a recipient's inbox.

Each process follows the topic from its end, outside any consumer group. A subscriber that reads
too slowly is disconnected and connects again; `Last-Event-ID` (its position in every partition)
replays the changes that it missed.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field

from api.live.recent import RecentChanges
from api.ports.following import FollowerTask
from api.ports.live_messages import LiveChange
from roost.kafka.incoming import Incoming
from roost.kafka.ports import Start, TopicReader
from roost.topics import Topic

WAITING = 1_000
"""Largest number of changes that may wait for one subscriber."""
Concern = Callable[[bytes | None], tuple[str, str] | None]
"""Maps a record's value to (subscriber id, data to send), or None if it concerns nobody."""


MOST_MISSED = 20_000
"""Largest number of records of the topic that are read again for one subscriber."""


class TooMuchMissed(Exception):
    """Too far behind to replay: reload, then resume from `now`."""

    def __init__(self, now: str) -> None:
        super().__init__("too many changes were missed to replay them")
        self.now = now


@dataclass(eq=False, slots=True)
class Subscriber:
    """One live connection: the id whose changes it receives, and its pending changes."""

    who: str
    queue: asyncio.Queue[LiveChange] = field(default_factory=lambda: asyncio.Queue(WAITING))
    disconnected: bool = False
    """True after its queue has overflowed: it ends after the pending changes."""


class TopicHub(FollowerTask):
    """Distributes the changes of a topic to its live subscribers."""

    def __init__(self, reader: TopicReader, topic: Topic, concern: Concern) -> None:
        super().__init__(topic.name)
        self._reader = reader
        self._topic = topic
        self._concern = concern
        self._subscribers: set[Subscriber] = set()
        self._positions: dict[int, int] = {}
        self._recent = RecentChanges()
        self._placed = asyncio.Event()

    async def position(self, ago_s: float = 0.0) -> str:
        """Return the current position: watching from it later misses no later change.

        With `ago_s`, return the position of that many seconds ago: for a client that has read a
        view which may lag behind the topic by as much.
        """
        await self._placed.wait()
        then = time.monotonic() - ago_s
        return self._id(self._recent.as_of(then, self._positions) if ago_s else self._positions)

    async def watch(self, who: str, since: str) -> AsyncIterator[LiveChange]:
        """Yield the changes that concern a subscriber after `since`.

        `since` is a `position` or the id of a change; any other text means now.
        """
        await self._placed.wait()
        subscriber = Subscriber(who)
        self._subscribers.add(subscriber)
        # An id of a topic that was re-created may lie ahead of all its records: now at most.
        now = self._positions
        start = {
            each: min(at, now[each])
            for each, at in (parse(since, self._topic.partitions) or now).items()
        }
        try:
            if start != self._positions:
                recent = self._recent.since(start, who)
                missed = self._replay(dict(start), who) if recent is None else _each(recent)
                async for change in missed:
                    start[change.partition] = change.offset + 1
                    yield change
            while not subscriber.disconnected or not subscriber.queue.empty():
                change = await subscriber.queue.get()
                if change.offset >= start[change.partition]:
                    yield change
        finally:
            self._subscribers.discard(subscriber)

    async def missed(self, who: str, since: str) -> tuple[list[LiveChange], str]:
        """Return the changes after `since` until now, and the position to watch from.

        Raises TooMuchMissed if the topic has more than `MOST_MISSED` records since then.
        """
        now = await self.position()
        start = parse(since, self._topic.partitions)
        if start is None or now == since:
            return [], now
        until = {number: int(part) for number, part in enumerate(now.split("."))}
        if sum(max(0, until[each] - start[each]) for each in until) > MOST_MISSED:
            raise TooMuchMissed(now)
        start = {each: min(at, until[each]) for each, at in start.items()}
        found = self._recent.since(start, who)
        if found is None:
            found = [change async for change in self._replay(start, who)]
        ends = dict(until)
        for change in found:
            ends[change.partition] = max(ends[change.partition], change.offset + 1)
        return found, self._id(ends)

    async def _follow(self) -> None:
        async for batch in self._reader.follow([self._topic], Start.END):
            for incoming in batch.records:
                self._recent.moves(time.monotonic(), self._positions)
                self._positions[incoming.partition] = incoming.offset + 1
                self._distribute(incoming)
            self._positions |= {each.partition: at for each, at in batch.positions.items()}
            if not self._placed.is_set():
                for each, at in self._positions.items():
                    self._recent.begin(each, at)
                self._placed.set()

    def _distribute(self, incoming: Incoming) -> None:
        concern = self._concern(incoming.value)
        if concern is None:
            return
        who, data = concern
        change = LiveChange(self._id(self._positions), data, incoming.partition, incoming.offset)
        self._recent.add(who, change)
        for subscriber in [each for each in self._subscribers if each.who == who]:
            try:
                subscriber.queue.put_nowait(change)
            except asyncio.QueueFull:
                subscriber.disconnected = True
                self._subscribers.discard(subscriber)

    async def _replay(self, start: dict[int, int], who: str) -> AsyncIterator[LiveChange]:
        """Read the topic again from some positions to its end, for one subscriber."""
        positions = dict(start)
        async for batch in self._reader.read_to_end(self._topic, partitions=start, start=start):
            for incoming in batch:
                positions[incoming.partition] = incoming.offset + 1
                concern = self._concern(incoming.value)
                if concern is not None and concern[0] == who:
                    id = self._id(positions)
                    yield LiveChange(id, concern[1], incoming.partition, incoming.offset)

    def _id(self, positions: dict[int, int]) -> str:
        return ".".join(str(positions.get(each, 0)) for each in range(self._topic.partitions))


async def _each(changes: list[LiveChange]) -> AsyncIterator[LiveChange]:
    for change in changes:
        yield change


def parse(last_id: str | None, partitions: int) -> dict[int, int] | None:
    """Return the positions in a `Last-Event-ID`, or None if it is not an id of this stream."""
    parts = (last_id or "").split(".")
    if len(parts) != partitions or not all(part.isdigit() for part in parts):
        return None
    return {number: int(part) for number, part in enumerate(parts)}
