"""Values that live streams and the change feed hand to their readers."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from roost.kafka.ports import Partition


class LiveKind(StrEnum):
    """Kind of a live change; the name of its server-sent event."""

    MATCH = "match"
    """A match of the station changed; the data is the match."""
    LEFT = "left"
    """A match left the station for another one; the data is its id and its revision."""
    ENTRY = "entry"
    """An inbox has a new entry."""
    MESSAGE = "message"
    """A message of a conversation was written, settled or delivered; the data says which."""
    ERASED = "erased"
    """A match or a worker was erased; the data is the id."""
    RELOAD = "reload"
    """Too much was missed to replay it: read the view again; later changes follow."""


@dataclass(frozen=True, slots=True)
class LiveChange:
    """One change as its live subscribers receive it; `id` is the sealed position after it."""

    id: str
    kind: LiveKind
    data: str
    key: str
    """Key of the record."""
    place: Partition
    offset: int
    at: datetime


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
