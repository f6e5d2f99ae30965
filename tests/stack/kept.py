"""Fakes for one stage alone: a sender that keeps its records, and limits."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from zoneinfo import ZoneInfo

from roost.events.envelope import Record
from roost.kafka.ports import Position
from roost.rules.capacity import Capacity
from streams.match.match_stage import MatchLimits

LIMITS = MatchLimits(35.0, ZoneInfo("Asia/Shanghai"), Capacity())


class Kept:
    """A sender that accepts records as the broker would, and keeps them."""

    def __init__(self) -> None:
        self.records: list[Record] = []

    async def publish(self, records: Sequence[Record]) -> list[Position]:
        self.records += records
        return [Position(each.topic.name, 0, number) for number, each in enumerate(records)]


class Healed:
    """A recovery with nothing to repair: the view equals its topic."""

    async def ensure(self, partitions: Iterable[int]) -> None:
        """Return at once."""
