"""What one lane has in hand: rows by when they are due, each once, so many and no more."""

from __future__ import annotations

import asyncio
import heapq
import itertools
from collections.abc import Callable, Iterable
from datetime import datetime

from roost.clock import Clock
from roost.events.notification import Delivery

ROOM = 5_000
"""Rows that a lane keeps in mind; further ones stay in the ledger and are fetched when there is
room."""
LONGEST_SLEEP_S = 5.0


class DueQueue:
    def __init__(self, clock: Clock, room: int = ROOM) -> None:
        self._clock = clock
        self._room = room
        self._rows: list[tuple[datetime, str, int, Delivery]] = []
        self._known: set[str] = set()
        self._number = itertools.count()
        self._changed = asyncio.Event()
        self._closed = False

    def __len__(self) -> int:
        return len(self._rows)

    def put(self, rows: Iterable[Delivery]) -> None:
        """Takes those that it does not know and has room for."""
        for row in rows:
            if row.id not in self._known and len(self._rows) < self._room:
                self._known.add(row.id)
                recipient = row.notification.recipient.id
                heapq.heappush(self._rows, (row.due_at, recipient, next(self._number), row))
        self._changed.set()

    def done(self, rows: Iterable[Delivery]) -> None:
        """Forgets rows that were taken: they have ended, or the ledger has them."""
        self._known -= {row.id for row in rows}

    def close(self) -> None:
        """Gives out nothing more."""
        self._closed = True
        self._changed.set()

    async def take(
        self, most: int, not_before: Callable[[], datetime | None] = lambda: None
    ) -> list[Delivery]:
        """What is due now, the longest due first; waits for the first one, and for `not_before`.

        What is due to one recipient at one moment is taken together, even if that is a few more
        than `most`: it becomes one message. Empty when it has been closed.
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
        last: tuple[datetime, str] | None = None
        while self._rows and self._rows[0][0] <= now:
            due_at, recipient, _, row = self._rows[0]
            if len(taken) >= most and (due_at, recipient) != last:
                break
            heapq.heappop(self._rows)
            taken.append(row)
            last = due_at, recipient
        return taken
