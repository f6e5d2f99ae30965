"""A record as a stage receives it, and what it says once it has been read."""

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
    """One record of one topic: bytes as they came, and where they stand."""

    topic: Topic
    partition: int
    offset: int
    key: bytes | None
    value: bytes | None
    at: datetime
    """When the fact was posted (`ce_time`)."""

    @property
    def version(self) -> int:
        """A higher version of the same key is later: offset + 1."""
        return self.offset + 1


@dataclass(frozen=True, slots=True)
class Fact(Generic[E]):
    """An incoming record that could be read; `event` is None when it erases its key."""

    key: str
    event: E | None
    origin: Incoming

    @property
    def version(self) -> int:
        return self.origin.version

    @property
    def value(self) -> bytes:
        """The record's JSON. Raises Invalid for a tombstone."""
        if self.origin.value is None:
            raise Invalid("(value): the record is empty")
        return self.origin.value

    @property
    def said(self) -> E:
        """The event of a topic that has no tombstones. Raises Invalid for one."""
        if self.event is None:
            raise Invalid("(value): the record is empty")
        return self.event


def read(incoming: Incoming) -> Fact[Any]:
    """The fact in a record. Raises Invalid: no key, not our JSON, or a key that is not its id."""
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
    """The readable facts, of a compacted topic the newest of every key.

    What cannot be read has no document anyway; a stage parks it.
    """
    facts: dict[str, Fact[Any]] = {}
    for incoming in batch:
        try:
            fact = read(incoming)
        except Invalid:
            _log.warning(
                "unreadable_passed_over",
                topic=incoming.topic.name,
                partition=incoming.partition,
                offset=incoming.offset,
            )
            continue
        # Where several facts share a key, as a recipient's notifications do, each stands alone.
        place = f"{incoming.partition}/{incoming.offset}"
        facts[fact.key if incoming.topic.compacted else place] = fact
    return list(facts.values())
