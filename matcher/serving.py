"""Which station serves a worker: where they live now, else where their home is, else the county."""

from __future__ import annotations

from collections.abc import Sequence

from matcher.features import WorkerFeatures
from roost.events.station import Station, StationKind


def serving_station(worker: WorkerFeatures, stations: Sequence[Station]) -> str | None:
    """Id of the station that serves the most specific place; None when there is no station.

    Of several for one place a branch comes before the association; ties go by id.
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
