"""A bounded priority queue of deliveries without duplicates, ordered by due time."""

from __future__ import annotations

import asyncio
import heapq
import itertools
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, timedelta

from roost.events.notification import Delivery
from roost.time.clock import Clock
from streams.deliver.messages import message_mark

ROOM = 5_000
"""Most rows in a queue; the rest stays in the ledger until there is room."""
SOON = timedelta(minutes=1)
"""Rows due later than this stay in the ledger: a night's messages would fill the queue."""
LONGEST_SLEEP_S = 5.0


class DueQueue:
    """The deliveries that one lane holds."""

    def __init__(self, clock: Clock, room: int = ROOM) -> None:
        self._clock = clock
        self._room = room
        self._rows: list[tuple[datetime, int, Delivery]] = []
        self._known: set[str] = set()
        self._number = itertools.count()
        self._changed = asyncio.Event()
        self._closed = False

    def __len__(self) -> int:
        return len(self._rows)

    def knows(self, id: str) -> bool:
        """Return whether the row is queued, or was taken and is not done."""
        return id in self._known

    def put(self, rows: Iterable[Delivery]) -> None:
        """Queue the rows that are due soon and not known, as far as there is room."""
        soon = self._clock.now() + SOON
        for row in rows:
            if row.due_at <= soon and row.id not in self._known and len(self._rows) < self._room:
                self._known.add(row.id)
                heapq.heappush(self._rows, (row.due_at, next(self._number), row))
        self._changed.set()

    def done(self, rows: Iterable[Delivery]) -> None:
        """Forget taken rows: they have ended, or wait in the ledger."""
        self._known -= {row.id for row in rows}

    def close(self) -> None:
        """End the queue: `take` returns nothing from now on."""
        self._closed = True
        self._changed.set()

    async def take(
        self, most: int, not_before: Callable[[], datetime | None] = lambda: None
    ) -> list[Delivery]:
        """Wait for a due row, and for `not_before`; return the due rows, the longest due first.

        Returns nothing once the queue is closed.
        """
        while not self._closed:
            now = self._clock.now()
            wake = not_before()
            if wake is None:
                if taken := self._due(now, most):
                    return taken
                wake = self._rows[0][0] if self._rows else None
            wait = LONGEST_SLEEP_S if wake is None else (wake - now).total_seconds()
            self._changed.clear()
            try:
                async with asyncio.timeout(max(0.001, min(wait, LONGEST_SLEEP_S))):
                    await self._changed.wait()
            except TimeoutError:
                continue
        return []

    def _due(self, now: datetime, most: int) -> list[Delivery]:
        taken: list[Delivery] = []
        while self._rows and self._rows[0][0] <= now and len(taken) < most:
            taken.append(heapq.heappop(self._rows)[2])
        return taken + self._along_with(taken, now)

    def _along_with(self, taken: Sequence[Delivery], now: datetime) -> list[Delivery]:
        """Return further due rows of the same messages, so that no message is split here."""
        marks = {message_mark(row) for row in taken}
        together = [
            each for each in self._rows if each[0] <= now and message_mark(each[2]) in marks
        ]
        if together:
            numbers = {number for _, number, _ in together}
            self._rows = [each for each in self._rows if each[1] not in numbers]
            heapq.heapify(self._rows)
        return [row for _, _, row in sorted(together, key=lambda each: each[:2])]
