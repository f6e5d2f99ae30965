"""What is known after a run, as values: the oracle judges nothing else."""

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
class Said:
    """A record as it stands in a topic."""

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
        """What it says, when that is an object of JSON."""
        try:
            said = json.loads(self.value or b"")
        except (ValueError, RecursionError):
            return None
        return said if isinstance(said, dict) else None


Documents = Mapping[str, tuple[int, Json]]
"""By id: version and source."""


@dataclass(frozen=True)
class Evidence:
    """Of one run. `topics` holds what was said since it began, `views` what it concerns.

    What is made of them is made once: a long run has tens of thousands of each.
    """

    accepted: Sequence[Said] = ()
    """What was acknowledged to whoever posted it."""
    topics: Mapping[str, Sequence[Said]] = field(default_factory=dict)
    views: Mapping[str, Documents] = field(default_factory=dict)
    wanted: frozenset[str] = frozenset()
    """The matches that an undisturbed computation on the views arrives at."""
    tenants: Mapping[str, str] = field(default_factory=dict)
    """Who posted each opening and worker that has been accepted in this run, by its id."""
    poison: frozenset[Place] = frozenset()
    """The records that have to end as dead letters; nothing else may."""
    attempts: Sequence[Attempt] = ()
    backlogs: Sequence[Backlog] = ()
    settled_s: float | None = 0.0
    """From the end of the fault until nothing was left to do; None when that never came."""
    delivers: bool = False
    """Whether the deliver stage took part."""

    def said(self, topic: str) -> Sequence[Said]:
        return self.topics.get(topic, ())

    def view(self, name: str) -> Documents:
        return self.views.get(name, {})

    @cached_property
    def letters(self) -> dict[Place, Json]:
        """Dead letters by the record that they stand for."""
        said = (each.json for each in self.said(DEAD_LETTERS.name))
        return {
            (str(letter["topic"]), int(letter["partition"]), int(letter["offset"])): letter
            for letter in said
            if letter is not None
        }

    @cached_property
    def notifications(self) -> dict[str, Json]:
        """By id; a repeat says the same."""
        return _by_id(each.json for each in self.said(NOTIFICATIONS.name))

    @cached_property
    def deliveries(self) -> list[Json]:
        """Every state of every delivery, as it was said."""
        return [said for each in self.said(DELIVERIES.name) if (said := each.json) is not None]

    @cached_property
    def standing(self) -> dict[str, Json]:
        """The matches that somebody may still have to do something about."""
        return {
            id: document
            for id, (_, document) in self.view(MATCHES.name).items()
            if document.get("active")
        }


def newest(records: Iterable[Said]) -> dict[str, Said]:
    """The last record of every key."""
    return {each.key: each for each in sorted(records, key=lambda each: each.offset)}


def _by_id(documents: Iterable[Json | None]) -> dict[str, Json]:
    return {str(each["id"]): each for each in documents if each is not None and "id" in each}


ENTITIES = (PROFILES.name, OPENINGS.name)
