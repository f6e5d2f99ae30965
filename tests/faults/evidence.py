"""The evidence of a run, as values; the oracle judges nothing else."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from producers.admin import Backlog
from roost.topics import DEAD_LETTERS, DELIVERIES, MATCHES, NOTIFICATIONS, OPENINGS, PROFILES
from tests.faults.sink import Attempt

Json = dict[str, Any]
Place = tuple[str, int, int]
"""Topic, partition and offset."""


@dataclass(frozen=True, slots=True)
class TopicRecord:
    """A record of a topic."""

    topic: str
    partition: int
    offset: int
    key: str
    value: bytes | None

    @property
    def version(self) -> int:
        return self.offset + 1

    @property
    def place(self) -> Place:
        return (self.topic, self.partition, self.offset)

    @property
    def json(self) -> Json | None:
        """The value, when it is a JSON object."""
        try:
            event = json.loads(self.value or b"")
        except (ValueError, RecursionError):
            return None
        return event if isinstance(event, dict) else None


Documents = Mapping[str, tuple[int, Json]]
"""Version and source by id."""


@dataclass(frozen=True)
class Evidence:
    """The evidence of one run: records since its beginning, and the documents they concern.

    Derived values are cached: a long run has tens of thousands of records.
    """

    accepted: Sequence[TopicRecord] = ()
    """Records that were acknowledged to their sender."""
    topics: Mapping[str, Sequence[TopicRecord]] = field(default_factory=dict)
    views: Mapping[str, Documents] = field(default_factory=dict)
    wanted: frozenset[str] = frozenset()
    """Matches that an undisturbed computation on the views gives."""
    tenants: Mapping[str, str] = field(default_factory=dict)
    """Tenant that posted each accepted opening and worker, by its id."""
    poison: frozenset[Place] = frozenset()
    """Records that must become dead letters; no other may."""
    attempts: Sequence[Attempt] = ()
    backlogs: Sequence[Backlog] = ()
    settled_s: float | None = 0.0
    """Seconds from the end of the fault until all work was done; None: never."""
    delivers: bool = False
    """True if the deliver stage took part."""

    def records(self, topic: str) -> Sequence[TopicRecord]:
        return self.topics.get(topic, ())

    def view(self, name: str) -> Documents:
        return self.views.get(name, {})

    @cached_property
    def letters(self) -> dict[Place, Json]:
        """Dead letters by the record that they concern."""
        letters = (each.json for each in self.records(DEAD_LETTERS.name))
        return {
            (str(letter["topic"]), int(letter["partition"]), int(letter["offset"])): letter
            for letter in letters
            if letter is not None
        }

    @cached_property
    def notifications(self) -> dict[str, Json]:
        """Notifications by id; a repeat has the same content."""
        return _by_id(each.json for each in self.records(NOTIFICATIONS.name))

    @cached_property
    def deliveries(self) -> list[Json]:
        """All recorded states of all deliveries."""
        return [event for each in self.records(DELIVERIES.name) if (event := each.json) is not None]

    @cached_property
    def active_matches(self) -> dict[str, Json]:
        """Matches that may still need action."""
        return {
            id: document
            for id, (_, document) in self.view(MATCHES.name).items()
            if document.get("active")
        }


def newest(records: Iterable[TopicRecord]) -> dict[str, TopicRecord]:
    """Return the last record of every key."""
    return {each.key: each for each in sorted(records, key=lambda each: each.offset)}


def _by_id(documents: Iterable[Json | None]) -> dict[str, Json]:
    return {str(each["id"]): each for each in documents if each is not None and "id" in each}


ENTITIES = (PROFILES.name, OPENINGS.name)
