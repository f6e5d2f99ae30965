"""The station that serves a worker: by current place, else by home, else the association."""

from __future__ import annotations

from collections.abc import Sequence

from matcher.features import WorkerFeatures
from roost.events.station import Station, StationKind


def serving_station(worker: WorkerFeatures, stations: Sequence[Station]) -> str | None:
    """Return the id of the station that serves the most specific place; None without stations.

    For one place, a branch precedes the association; tie-break by id.
    """
    for line in (worker.places, worker.home):
        for place in line:
            serving = [station for station in stations if place in station.serves]
            if serving:
                return min(serving, key=_rank).id
    associations = [each for each in stations if each.kind is StationKind.ASSOCIATION]
    return min(associations, key=_rank).id if associations else None


def _rank(station: Station) -> tuple[bool, str]:
    return station.kind is StationKind.ASSOCIATION, station.id
