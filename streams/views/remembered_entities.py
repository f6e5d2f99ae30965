"""Caches of the openings' and workers' features, and of the openings' employers."""

from __future__ import annotations

from dataclasses import dataclass, field

from matcher.features import OpeningFeatures, WorkerFeatures
from roost.topics import OPENINGS, PROFILES
from roost.views.elastic import Elastic
from roost.views.remembered import Kept, Remembered

FIELDS = ("features",)


@dataclass(frozen=True, slots=True)
class EntityMemory:
    """The features that the stages of one process have read, in common."""

    openings: Kept[OpeningFeatures] = field(default_factory=dict)
    workers: Kept[WorkerFeatures] = field(default_factory=dict)


def remembered_openings(
    elastic: Elastic, memory: EntityMemory | None = None
) -> Remembered[OpeningFeatures]:
    """Return a cache of the openings' features, by id and version."""
    return Remembered(
        elastic,
        OPENINGS.name,
        FIELDS,
        lambda document: OpeningFeatures.unpacked(document["features"]),
        kept=memory.openings if memory is not None else None,
    )


def remembered_workers(
    elastic: Elastic, memory: EntityMemory | None = None
) -> Remembered[WorkerFeatures]:
    """Return a cache of the workers' features, by id and version."""
    return Remembered(
        elastic,
        PROFILES.name,
        FIELDS,
        lambda document: WorkerFeatures.unpacked(document["features"]),
        kept=memory.workers if memory is not None else None,
    )


def remembered_employers(elastic: Elastic) -> Remembered[str | None]:
    """Return a cache of the openings' employer ids; None for an opening without one."""
    return Remembered(
        elastic, OPENINGS.name, ("employer_id",), lambda document: document.get("employer_id")
    )
