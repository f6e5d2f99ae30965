"""Recent changes of the followed topics, held in memory, and past positions. Pure.

A client that reconnects is served from here alone, so that a position costs no read of a topic. A
view lags its topic slightly, so a page that shows the view resumes from a moment earlier.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from api.ports.live_messages import LiveChange
from roost.kafka.ports import Partition

MOST = 5_000
"""Number of changes held."""
MOST_AGE = timedelta(hours=1)
"""Age of the oldest change held."""
EVERY_S = 0.5
"""Precision in seconds of the recorded positions."""
LONGEST_S = 60.0
"""Age in seconds of the oldest recorded position."""
Positions = dict[Partition, int]


def concerns(pattern: str, channel: str) -> bool:
    """Return whether a channel is the named one, or one of those that a pattern stands for."""
    return channel.startswith(pattern[:-1]) if pattern.endswith("*") else channel == pattern


@dataclass(slots=True)
class RecentChanges:
    """The newest changes with their channels, and past positions of the topics."""

    whole_from: Positions = field(default_factory=dict)
    """Offset of each partition from which on every change is held."""
    _changes: deque[tuple[str, LiveChange]] = field(default_factory=deque)
    _past: deque[tuple[float, Positions]] = field(default_factory=deque)
    _last_at: float | None = None

    def begin(self, place: Partition, offset: int) -> None:
        """Set the first offset of a partition that will be added."""
        self.whole_from.setdefault(place, offset)

    def add(self, channel: str, change: LiveChange) -> None:
        """Add a change that concerns a channel; the oldest one is dropped beyond the limit."""
        self._changes.append((channel, change))
        if len(self._changes) > MOST:
            self._drop_oldest()

    def forget(self, topic: str, key: str) -> None:
        """Drop the changes of an erased entity; its tombstone supersedes them."""
        self._changes = deque(
            (channel, each)
            for channel, each in self._changes
            if each.key != key or each.place.topic != topic
        )

    def expire(self, now: datetime) -> None:
        """Drop the changes that are too old."""
        while self._changes and self._changes[0][1].at < now - MOST_AGE:
            self._drop_oldest()

    def since(
        self, start: Mapping[Partition, int], channels: Collection[str]
    ) -> list[LiveChange] | None:
        """Return the channels' changes after a position, in order; None if some are not held."""
        if any(at < self.whole_from.get(each, at + 1) for each, at in start.items()):
            return None
        return [
            change
            for pattern, change in self._changes
            if change.offset >= start.get(change.place, 0)
            and any(concerns(pattern, each) for each in channels)
        ]

    def moves(self, now: float, positions: Positions) -> None:
        """Record the positions; call it just before a record advances them."""
        if not self._past or now - self._past[-1][0] >= EVERY_S:
            self._past.append((now, dict(positions)))
        while len(self._past) > 1 and self._past[1][0] < now - LONGEST_S:
            self._past.popleft()
        self._last_at = now

    def as_of(self, then: float, positions: Positions) -> Positions:
        """Return the positions at a moment or slightly earlier, given the current positions."""
        if self._last_at is None or self._last_at < then:
            return positions
        before = [past for at, past in self._past if at <= then]
        return before[-1] if before else self._past[0][1]

    def _drop_oldest(self) -> None:
        _, dropped = self._changes.popleft()
        known = self.whole_from.get(dropped.place, 0)
        self.whole_from[dropped.place] = max(known, dropped.offset + 1)
