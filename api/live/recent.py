"""What came into a topic lately, held in memory: pure.

Most who were away were away for seconds only: they are told from here, without a consumer of their
own. And a view is a little behind its topic, so a page that shows the view begins to listen where
the topic was a moment before.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field

from api.ports.live_messages import LiveChange

MOST = 2_000
"""Changes that are held."""
EVERY_S = 0.5
"""How exactly it is known where the topic was."""
LONGEST_S = 60.0
"""How long ago that is known."""
Positions = dict[int, int]


@dataclass(slots=True)
class Recent:
    whole_from: Positions = field(default_factory=dict)
    """From which offset of each partition on nothing is missing here."""
    _changes: deque[tuple[str, LiveChange]] = field(default_factory=deque)
    _past: deque[tuple[float, Positions]] = field(default_factory=deque)
    _last_at: float | None = None

    def begin(self, partition: int, offset: int) -> None:
        self.whole_from.setdefault(partition, offset)

    def add(self, who: str, change: LiveChange) -> None:
        self._changes.append((who, change))
        if len(self._changes) > MOST:
            _, gone = self._changes.popleft()
            self.whole_from[gone.partition] = gone.offset + 1

    def since(self, start: Mapping[int, int], who: str) -> list[LiveChange] | None:
        """What concerned somebody from there on, in order; None when not all of it is here."""
        if any(at < self.whole_from.get(each, at + 1) for each, at in start.items()):
            return None
        return [
            change
            for whose, change in self._changes
            if whose == who and change.offset >= start.get(change.partition, 0)
        ]

    def moves(self, now: float, positions: Positions) -> None:
        """To be told of the positions just before a record moves them."""
        if not self._past or now - self._past[-1][0] >= EVERY_S:
            self._past.append((now, dict(positions)))
        while len(self._past) > 1 and self._past[1][0] < now - LONGEST_S:
            self._past.popleft()
        self._last_at = now

    def as_of(self, then: float, positions: Positions) -> Positions:
        """Where the topic was at a moment, or a little before; `positions` are those of now."""
        if self._last_at is None or self._last_at < then:
            return positions
        before = [known for at, known in self._past if at <= then]
        return before[-1] if before else self._past[0][1]
