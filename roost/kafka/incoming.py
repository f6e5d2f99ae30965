"""Records as they are received, and the facts decoded from them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Generic, TypeVar

import structlog
from pydantic import BaseModel

from roost.errors import Invalid
from roost.events.envelope import decode
from roost.topics import Topic

_log = structlog.get_logger(__name__)
E = TypeVar("E", bound=BaseModel)


@dataclass(frozen=True, slots=True)
class Incoming:
    """One received record: its bytes, and its place in the topic."""

    topic: Topic
    partition: int
    offset: int
    key: bytes | None
    value: bytes | None
    at: datetime
    """Time of the event (`ce_time`)."""
    headers: tuple[tuple[str, bytes], ...] = ()
    timestamp_ms: int = 0
    """Kafka's timestamp, from which the retention counts."""

    @property
    def place(self) -> tuple[str, int, int]:
        """Topic, partition and offset."""
        return self.topic.name, self.partition, self.offset

    @property
    def version(self) -> int:
        """Version of the key after this record (offset + 1); higher is later."""
        return self.offset + 1

    @property
    def source(self) -> str:
        """Producer of the event (`ce_source`); empty if its record names none."""
        found = next((value for name, value in self.headers if name == "ce_source"), b"")
        return found.decode("utf-8", errors="replace")


@dataclass(frozen=True, slots=True)
class Fact(Generic[E]):
    """A decoded record; `event` is None if it erases its key (a tombstone)."""

    key: str
    event: E | None
    origin: Incoming

    @property
    def version(self) -> int:
        """Version of the key after this record; higher is later."""
        return self.origin.version

    @property
    def value(self) -> bytes:
        """JSON of the record. Raises Invalid for a tombstone."""
        if self.origin.value is None:
            raise Invalid("(value): the record is empty")
        return self.origin.value

    @property
    def required_event(self) -> E:
        """Event of a topic without tombstones. Raises Invalid for a tombstone."""
        if self.event is None:
            raise Invalid("(value): the record is empty")
        return self.event


def decode_fact(incoming: Incoming) -> Fact[Any]:
    """Decode a record.

    Raises Invalid if it has no key, if its value is not a valid event, or if its key is not the
    event's id.
    """
    if incoming.key is None:
        raise Invalid("(key): the record has no key; key it by the entity's id")
    try:
        key = incoming.key.decode("ascii")
    except UnicodeDecodeError:
        raise Invalid("(key): the record's key is not an id") from None
    if incoming.value is None:
        if not incoming.topic.compacted:
            raise Invalid("(value): the record is empty; only a compacted topic has tombstones")
        return Fact(key, None, incoming)
    event = decode(incoming.topic.event, incoming.value)
    own = getattr(event, "id", None)
    if incoming.topic.compacted and own != key:
        raise Invalid("id: the record is keyed by another id; key it by the entity's own")
    return Fact(key, event, incoming)


def newest_readable(batch: Sequence[Incoming]) -> list[Fact[Any]]:
    """Decode a batch; keep only the newest fact of every key of a compacted topic.

    Skips unreadable records: they have no document, and their stage writes a dead letter.
    """
    facts: dict[str, Fact[Any]] = {}
    for incoming in batch:
        try:
            fact = decode_fact(incoming)
        except Invalid:
            _log.warning(
                "unreadable_record_skipped",
                topic=incoming.topic.name,
                partition=incoming.partition,
                offset=incoming.offset,
            )
            continue
        # In other topics several facts share a key, like the notifications of a recipient.
        place = f"{incoming.partition}/{incoming.offset}"
        facts[fact.key if incoming.topic.compacted else place] = fact
    return list(facts.values())
