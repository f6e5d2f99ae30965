"""What the stages remember of openings and workers: what decides about a pair, and whose it is."""

from __future__ import annotations

from matcher.features import OpeningFeatures, WorkerFeatures
from roost.topics import OPENINGS, PROFILES
from roost.views.elastic import Elastic
from roost.views.remembered import Remembered

FIELDS = ("features",)


def remembered_openings(elastic: Elastic) -> Remembered[OpeningFeatures]:
    return Remembered(
        elastic,
        OPENINGS.name,
        FIELDS,
        lambda document: OpeningFeatures.unpacked(document["features"]),
    )


def remembered_workers(elastic: Elastic) -> Remembered[WorkerFeatures]:
    return Remembered(
        elastic,
        PROFILES.name,
        FIELDS,
        lambda document: WorkerFeatures.unpacked(document["features"]),
    )


def remembered_employers(elastic: Elastic) -> Remembered[str | None]:
    """Whose opening it is; None when it is not said."""
    return Remembered(
        elastic, OPENINGS.name, ("employer_id",), lambda document: document.get("employer_id")
    )
