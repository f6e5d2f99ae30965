"""The newest events of a stage in processing order, each with whether it failed (pure).

A window outlives its process: each dead letter states how many events were handled between the
previous one and itself. The letters of a stage therefore restore its window as of the last of them.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from typing import TypeAlias

from roost.events.dead_letter import DeadLetter

Place: TypeAlias = tuple[str, int, int]
"""(topic, partition, offset)"""


class OutcomeWindow:
    """Bounded window of outcomes; a record that fails again is counted once."""

    def __init__(self, size: int) -> None:
        self._size = size
        self._events: deque[Place | None] = deque()
        """The place of a failed event; None for a handled one."""
        self._failed: dict[Place, int] = {}
        """Failed events, each with the number handled before it, since the previous one."""
        self._handled = 0
        self._in_a_row = 0

    def __len__(self) -> int:
        return len(self._events)

    @property
    def failed(self) -> int:
        """Number of failed events."""
        return len(self._failed)

    @property
    def in_a_row(self) -> int:
        """Number of failed events since the last handled one."""
        return self._in_a_row

    def handled_before(self, place: Place) -> int:
        """Return the number of events handled between a failed one and the previous."""
        return self._failed[place]

    def add(self, place: Place, failed: bool) -> bool:
        """Add an event; return whether it is a failure that was not counted before."""
        if not failed:
            self._failed.pop(place, None)
            self._push(None)
            return False
        if place in self._failed:
            return False
        self._failed[place] = self._handled
        self._push(place)
        return True

    def clear(self) -> None:
        """Forget all events."""
        self._events.clear()
        self._failed.clear()
        self._handled = self._in_a_row = 0

    def restore(self, letters: Sequence[DeadLetter]) -> None:
        """Add the events that dead letters of other processes stand for, oldest letter first.

        A letter that the limit did not count acknowledges all letters before it.
        """
        for letter in letters:
            if letter.handled_before is None:
                self.clear()
            elif letter.place not in self._failed:
                for _ in range(min(letter.handled_before, self._size)):
                    self._push(None)
                self.add(letter.place, failed=True)

    def pass_by(self, topic: str, partition: int, offset: int) -> None:
        """Forget failures that are further behind the next event of a partition than the window.

        The newest failure of the partition decides. Offsets of a compacted topic have gaps, so a
        nearer one is kept: the number of events since then is not known.
        """
        for index in range(len(self._events) - 1, -1, -1):
            place = self._events[index]
            if place in self._failed and place is not None and place[:2] == (topic, partition):
                if offset - place[2] > self._size:
                    for _ in range(index + 1):
                        self._drop_oldest()
                return

    def _push(self, place: Place | None) -> None:
        if len(self._events) == self._size:
            self._drop_oldest()
        self._events.append(place)
        self._handled = 0 if place else self._handled + 1
        self._in_a_row = self._in_a_row + 1 if place else 0

    def _drop_oldest(self) -> None:
        place = self._events.popleft()
        if place is not None:
            self._failed.pop(place, None)
        self._in_a_row = min(self._in_a_row, len(self._events))
