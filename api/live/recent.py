"""Recent changes of a topic, held in memory. Pure.

Most subscribers reconnect within seconds; they are served from here, without a consumer each. A
view lags its topic slightly, so a page that shows the view resumes from a moment earlier.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field

from api.ports.live_messages import LiveChange

MOST = 2_000
"""Number of changes held."""
EVERY_S = 0.5
"""Precision in seconds of the recorded positions."""
LONGEST_S = 60.0
"""Age in seconds of the oldest recorded position."""
Positions = dict[int, int]


@dataclass(slots=True)
class RecentChanges:
    """The newest changes with their subscribers, and past positions of the topic."""

    whole_from: Positions = field(default_factory=dict)
    """Offset of each partition from which on every change is held."""
    _changes: deque[tuple[str, LiveChange]] = field(default_factory=deque)
    _past: deque[tuple[float, Positions]] = field(default_factory=deque)
    _last_at: float | None = None

    def begin(self, partition: int, offset: int) -> None:
        """Set the first offset of a partition that will be added."""
        self.whole_from.setdefault(partition, offset)

    def add(self, who: str, change: LiveChange) -> None:
        """Add a change that concerns a subscriber; the oldest one is dropped beyond the limit."""
        self._changes.append((who, change))
        if len(self._changes) > MOST:
            _, dropped = self._changes.popleft()
            self.whole_from[dropped.partition] = dropped.offset + 1

    def since(self, start: Mapping[int, int], who: str) -> list[LiveChange] | None:
        """Return a subscriber's changes after a position, in order; None if some are not held."""
        if any(at < self.whole_from.get(each, at + 1) for each, at in start.items()):
            return None
        return [
            change
            for subscriber, change in self._changes
            if subscriber == who and change.offset >= start.get(change.partition, 0)
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
