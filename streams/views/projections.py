"""The shared part of all projections: the views of the topics, and the document of a tombstone.

A projection turns facts into the documents of a view. Each belongs to the stage that writes the
view; `streams.maintenance.projection_registry` lists all of them for `roost rebuild`. A document
depends only on its record (and, for openings and profiles, on the similarity model), so replaying
a topic gives the same bytes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any, Protocol

from roost.events.searchable import EntityKind
from roost.kafka.incoming import Fact
from roost.topics import (
    AUDIT,
    CANDIDATE_REQUESTS,
    CONVERSATIONS,
    DELIVERIES,
    EMPLOYERS,
    MATCHES,
    NOTES,
    NOTICES,
    NOTIFICATIONS,
    OPENINGS,
    OUTAGES,
    PREFERENCES,
    PROFILES,
    SAVED_SEARCHES,
    SLOTS,
    STATIONS,
    STOPS,
    SUPPRESSIONS,
    WEBHOOKS,
    Topic,
)
from roost.views.answers import Write

Projection = Callable[[Sequence[Fact[Any]]], list[Write]]
"""Return the document of each fact, in order."""

INDEXED: tuple[Topic, ...] = (
    STATIONS,
    OPENINGS,
    PROFILES,
    PREFERENCES,
    STOPS,
    SUPPRESSIONS,
    CONVERSATIONS,
    NOTES,
    CANDIDATE_REQUESTS,
    SAVED_SEARCHES,
    EMPLOYERS,
    WEBHOOKS,
    OUTAGES,
    NOTICES,
    AUDIT,
)
"""The topics whose views the index stage writes."""
VIEW_OF: dict[Topic, str] = {
    topic: topic.name for topic in (*INDEXED, MATCHES, SLOTS, NOTIFICATIONS, DELIVERIES)
}
"""The view of each topic that has one; view and topic have the same name."""
VIEW_OF_KIND = {EntityKind.OPENING: OPENINGS.name, EntityKind.PROFILE: PROFILES.name}
"""The views of the entities that are matched."""


class Recovery(Protocol):
    """Replay of the ends of a topic's partitions into its view, after a kill."""

    async def ensure(self, partitions: Iterable[int]) -> None:
        """Replay the partitions that have not been replayed since they were assigned."""
        ...

    def forget(self, partitions: Iterable[int]) -> None:
        """Replay these partitions again before their next use."""
        ...


class Follower(Protocol):
    """Upkeep of a view by the next stage: the records that the view's own stage did not publish."""

    async def write(self, facts: Sequence[Fact[Any]]) -> None:
        """Write the foreign records of a batch into their view."""
        ...


def erased_write(view: str, key: str, version: int) -> Write:
    """Return the document of an erased entity: only its id, so that no older version can return."""
    return Write(view, key, version, {"id": key, "version": version, "erased": True})
