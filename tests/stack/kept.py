"""For a stage that is looked at alone: a sender that keeps what it is given, and limits."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from zoneinfo import ZoneInfo

from matcher.assignment import Capacity
from roost.events.envelope import Record
from streams.match.match_stage import Limits

LIMITS = Limits(35.0, ZoneInfo("Asia/Shanghai"), Capacity())


class Kept:
    """Takes records as the broker would, and keeps them."""

    def __init__(self) -> None:
        self.records: list[Record] = []

    async def send(self, records: Sequence[Record]) -> list[int]:
        self.records += records
        return list(range(1, len(records) + 1))


class Healed:
    """The view of `matches` is up to its record: there is nothing to heal."""

    async def ensure(self, partitions: Iterable[int]) -> None:
        """At once."""
