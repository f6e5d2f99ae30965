"""Planned rows that the topic has and the view does not have yet: a lane's claim writes them."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Sequence

from roost.events.notification import Delivery


class UnwrittenRows:
    """Rows whose first write to the view is pending in this process."""

    def __init__(self) -> None:
        self._writes: dict[str, asyncio.Event] = {}

    def add(self, rows: Iterable[Delivery]) -> None:
        """Expect a write of these rows."""
        self._writes |= {row.id: asyncio.Event() for row in rows}

    def note_written(self, rows: Iterable[Delivery]) -> None:
        """Note that the view has these rows, in this or a newer revision."""
        for row in rows:
            if (write := self._writes.get(row.id)) is not None:
                write.set()

    async def remaining(self, rows: Sequence[Delivery], within_s: float) -> list[Delivery]:
        """Wait until the view has these rows; return those that it lacks after that time."""
        try:
            async with asyncio.timeout(within_s):
                for row in rows:
                    await self._writes[row.id].wait()
        except TimeoutError:
            return [row for row in rows if not self._writes[row.id].is_set()]
        return []

    def forget(self, rows: Iterable[Delivery]) -> None:
        """Expect these rows no longer."""
        for row in rows:
            self._writes.pop(row.id, None)
