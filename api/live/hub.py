"""Live subscribers of this process: stations' queues, and recipients' inboxes.

Each process has one follower of the topics, outside any consumer group, and it alone reads them.
A subscriber that reads too slowly is disconnected and connects again; its position replays the
changes that it missed, from memory. Beyond the number and age held there, it is asked to reload.
"""

from __future__ import annotations

import asyncio
import time
from collections import defaultdict
from collections.abc import AsyncIterator, Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, field

from api.live.concerns import Notice
from api.live.positions import PositionSeal
from api.live.recent import Positions, RecentChanges
from api.ports.following import FollowerTask
from api.ports.live_messages import LiveChange, LiveKind
from roost.kafka.incoming import Incoming
from roost.kafka.ports import Newest, Partition, TopicReader, partitions_of
from roost.time.clock import Clock
from roost.topics import Topic

WAITING = 1_000
"""Largest number of changes that may wait for one subscriber."""
BEFORE_START = 500
"""Number of records of each partition from before the start that are read into memory."""
QUIET_S = 15.0
"""Longest wait for a change before the subscriber's access is checked again."""
Concern = Callable[[Incoming], Iterable[Notice]]
"""Maps a record to the notices of the channels that it concerns."""
NOWHERE = Partition("", 0)


class TooMuchMissed(Exception):
    """Too far behind to replay: reload, then resume from `now`."""

    def __init__(self, now: str) -> None:
        super().__init__("too many changes were missed to replay them")
        self.now = now


@dataclass(eq=False, slots=True)
class Subscriber:
    """One live connection: the channels whose changes it receives, and its pending changes."""

    channels: frozenset[str]
    queue: asyncio.Queue[LiveChange] = field(default_factory=lambda: asyncio.Queue(WAITING))
    disconnected: bool = False
    """True after its queue has overflowed: it ends after the pending changes."""


class TopicHub(FollowerTask):
    """Distributes the changes of some topics to their live subscribers."""

    def __init__(
        self,
        reader: TopicReader,
        topics: Sequence[Topic],
        concern: Concern,
        clock: Clock,
        key: bytes,
    ) -> None:
        super().__init__(",".join(topic.name for topic in topics))
        self._reader = reader
        self._topics = topics
        self._concern = concern
        self._clock = clock
        self._partitions = partitions_of(topics)
        self._seal = PositionSeal(key, clock, self._partitions)
        self._subscribers: defaultdict[str, set[Subscriber]] = defaultdict(set)
        self._positions: Positions = {}
        self._recent = RecentChanges()
        self._placed = asyncio.Event()

    async def position(self, ago_s: float = 0.0) -> str:
        """Return the current position: watching from it later misses no later change.

        With `ago_s`, return the position of that many seconds ago: for a client that has read a
        view which may lag behind the topic by as much.
        """
        await self._placed.wait()
        then = time.monotonic() - ago_s
        return self._seal.seal(
            self._recent.as_of(then, self._positions) if ago_s else self._positions
        )

    async def resumed(self, last_id: str | None) -> str:
        """Return a position that this service has issued; for any other text the current one."""
        await self._placed.wait()
        issued = self._seal.opened(last_id) if last_id else None
        return self._seal.seal(self._positions) if last_id is None or issued is None else last_id

    async def watch(
        self, channels: Collection[str], since: str, still: Callable[[], bool] = lambda: True
    ) -> AsyncIterator[LiveChange]:
        """Yield the changes of some channels after `since`, until `still` returns False.

        `since` is a position; any other text means now. If the changes since then are no longer
        held, the first one asks for a reload.
        """
        await self._placed.wait()
        subscriber = Subscriber(frozenset(channels))
        for channel in subscriber.channels:
            self._subscribers[channel].add(subscriber)
        start = self._start(since)
        try:
            missed = self._held(start, subscriber.channels)
            if missed is None:
                start, missed = dict(self._positions), [self._reload()]
            for change in missed:
                yield change
                start[change.place] = change.offset + 1
            while not subscriber.disconnected or not subscriber.queue.empty():
                following = await _next(subscriber.queue)
                if not still():
                    return
                if following is not None and following.offset >= start.get(following.place, 0):
                    yield following
        finally:
            self._forget(subscriber)

    async def missed(self, channels: Collection[str], since: str) -> tuple[list[LiveChange], str]:
        """Return the changes of some channels after `since` until now, and the position now.

        Raises TooMuchMissed if they are no longer held.
        """
        now = await self.position()
        found = self._held(self._start(since), frozenset(channels))
        if found is None:
            raise TooMuchMissed(now)
        return found, now

    def _start(self, since: str) -> Positions:
        """Return the positions of `since`, or the current ones for any other text.

        A position of a topic that was re-created may lie ahead of all its records: now at most.
        """
        issued = self._seal.opened(since) if since else None
        now = self._positions
        start = issued or now
        return {each: min(start[each], now[each]) for each in self._partitions}

    def _held(self, start: Positions, channels: frozenset[str]) -> list[LiveChange] | None:
        if start == self._positions:
            return []
        self._recent.expire(self._clock.now())
        return self._recent.since(start, channels)

    def _reload(self) -> LiveChange:
        id, now = self._seal.seal(self._positions), self._clock.now()
        return LiveChange(id, LiveKind.RELOAD, "{}", "", NOWHERE, 0, now)

    def _forget(self, subscriber: Subscriber) -> None:
        for channel in subscriber.channels:
            others = self._subscribers[channel]
            others.discard(subscriber)
            if not others:
                del self._subscribers[channel]

    async def _follow(self) -> None:
        async for batch in self._reader.follow(self._topics, Newest(BEFORE_START)):
            for each, at in batch.positions.items() if not self._positions else ():
                self._positions[each] = at
                self._recent.begin(each, at)
            for incoming in batch.records:
                self._recent.moves(time.monotonic(), self._positions)
                place = Partition(incoming.topic.name, incoming.partition)
                self._positions[place] = incoming.offset + 1
                self._distribute(incoming, place)
            self._positions |= batch.positions
            if batch.caught_up:
                self._placed.set()

    def _distribute(self, incoming: Incoming, place: Partition) -> None:
        key = (incoming.key or b"").decode("utf-8", "replace")
        if incoming.value is None:
            self._recent.forget(place.topic, key)
        # The time of arrival: an event may be published, or delayed, long after its own time.
        at = self._clock.now() if self._placed.is_set() else incoming.at
        id = ""
        for channel, kind, data in self._concern(incoming):
            id = id or self._seal.seal(self._positions)
            change = LiveChange(id, kind, data, key, place, incoming.offset, at)
            self._recent.add(channel, change)
            for subscriber in self._watching(channel):
                try:
                    subscriber.queue.put_nowait(change)
                except asyncio.QueueFull:
                    subscriber.disconnected = True
                    self._forget(subscriber)

    def _watching(self, pattern: str) -> list[Subscriber]:
        if not pattern.endswith("*"):
            return list(self._subscribers.get(pattern, ()))
        begin = pattern[:-1]
        found = {
            each: None
            for channel, subscribers in self._subscribers.items()
            if channel.startswith(begin)
            for each in subscribers
        }
        return list(found)


async def _next(queue: asyncio.Queue[LiveChange]) -> LiveChange | None:
    """Return the next change, or None if it does not come within `QUIET_S` seconds."""
    try:
        async with asyncio.timeout(QUIET_S):
            return await queue.get()
    except TimeoutError:
        return None
