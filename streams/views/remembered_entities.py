"""Caches of the openings' and workers' features, and of the openings' employers."""

from __future__ import annotations

from matcher.features import OpeningFeatures, WorkerFeatures
from roost.topics import OPENINGS, PROFILES
from roost.views.elastic import Elastic
from roost.views.remembered import Remembered

FIELDS = ("features",)


def remembered_openings(elastic: Elastic) -> Remembered[OpeningFeatures]:
    """Return a cache of the openings' features, by id and version."""
    return Remembered(
        elastic,
        OPENINGS.name,
        FIELDS,
        lambda document: OpeningFeatures.unpacked(document["features"]),
    )


def remembered_workers(elastic: Elastic) -> Remembered[WorkerFeatures]:
    """Return a cache of the workers' features, by id and version."""
    return Remembered(
        elastic,
        PROFILES.name,
        FIELDS,
        lambda document: WorkerFeatures.unpacked(document["features"]),
    )


def remembered_employers(elastic: Elastic) -> Remembered[str | None]:
    """Return a cache of the openings' employer ids; None for an opening without one."""
    return Remembered(
        elastic, OPENINGS.name, ("employer_id",), lambda document: document.get("employer_id")
    )
