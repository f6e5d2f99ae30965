"""Values that live streams and the change feed hand to their readers."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from roost.kafka.ports import Partition


@dataclass(frozen=True, slots=True)
class LiveChange:
    """One record as its live subscribers receive it; `id` is the stream position after it."""

    id: str
    data: str
    partition: int
    offset: int


@dataclass(frozen=True, slots=True)
class FeedChange:
    """One record of the change feed; `value` is None if its entity has been erased."""

    topic: str
    partition: int
    offset: int
    key: str
    value: bytes | None
    at: datetime

    @property
    def version(self) -> int:
        """Version of the entity after this record: offset + 1."""
        return self.offset + 1

    @property
    def place(self) -> Partition:
        """Partition that holds the record."""
        return Partition(self.topic, self.partition)
