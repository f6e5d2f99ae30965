"""A sender that keeps what it is given, for a stage that is looked at alone."""

from __future__ import annotations

from collections.abc import Sequence

from roost.events.envelope import Record


class Kept:
    """Takes records as the broker would, and keeps them."""

    def __init__(self) -> None:
        self.records: list[Record] = []

    async def send(self, records: Sequence[Record]) -> list[int]:
        self.records += records
        return list(range(1, len(records) + 1))
