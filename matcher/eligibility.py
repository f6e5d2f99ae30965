"""Hard constraints of one pair, by the features of both: see `roost.constraints.obstacles`."""

from __future__ import annotations

from matcher.features import OpeningFeatures, WorkerFeatures
from roost.constraints.obstacles import (
    NO_LONGER_OPEN,
    PAUSED,
    distance,
    near_home,
    obstacle,
    obstacles,
)

__all__ = [
    "NO_LONGER_OPEN",
    "PAUSED",
    "distance",
    "near_home",
    "obstacle",
    "obstacles",
    "shared_level",
]


def shared_level(opening: OpeningFeatures, worker: WorkerFeatures) -> str:
    """Return the level of the innermost place that holds the work and the worker's current place.

    The level is township, county, city, province or country; empty when they share none or a place
    is unknown.
    """
    for place, level in zip(opening.places, opening.levels, strict=False):
        if place in worker.places:
            return level
    return ""
