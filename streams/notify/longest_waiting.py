"""The match that has been unclaimed for longest in the queue of each station.

A match whose opening is paused does not wait, and its wait starts again at the end of the pause.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from roost.events.match import MatchState
from roost.time.open_time import Schedule, working_time_between
from roost.time.station_hours import CountyHours, HasHours
from roost.topics import MATCHES
from roost.views.elastic import COLUMNS, Elastic, Hit, Json

MOST_STATIONS = 10_000
"""Most stations in one answer: Elasticsearch's limit, and far more than a service has."""


async def longest_waiting(elastic: Elastic, since: datetime) -> tuple[Hit, ...]:
    """Return each station's oldest unclaimed match that has waited since before `since`."""
    return (await elastic.search(MATCHES.name, _query(since))).hits


@dataclass(frozen=True, slots=True)
class Waiting:
    """An unclaimed match, the opening hours it has waited for, and its station's schedule."""

    station_id: str
    match_id: str
    opening_id: str
    waited: timedelta
    schedule: Schedule


def overlong(
    hits: Iterable[Hit],
    stations: Mapping[str, HasHours],
    hours: CountyHours,
    now: datetime,
    longest: timedelta,
) -> list[Waiting]:
    """Return the matches that have waited for `longest` or more of their station's hours."""
    waiting = (_waiting(hit.source, stations, hours, now) for hit in hits)
    return [each for each in waiting if each.waited >= longest]


def _waiting(
    source: Json, stations: Mapping[str, HasHours], hours: CountyHours, now: datetime
) -> Waiting:
    station_id = source["station_id"]
    schedule = hours.of(stations.get(station_id))
    begun = datetime.fromisoformat(source["waits_from"])
    waited = working_time_between(begun, now, schedule)
    return Waiting(station_id, source["id"], source["opening_id"], waited, schedule)


def _query(since: datetime) -> Json:
    return {
        **COLUMNS,
        "size": MOST_STATIONS,
        "docvalue_fields": ["id", "opening_id", "station_id", "waits_from"],
        "track_total_hits": False,
        "query": {
            "bool": {
                "filter": [
                    {"term": {"state": MatchState.PROPOSED.value}},
                    {"range": {"waits_from": {"lte": since.isoformat()}}},
                    {"exists": {"field": "station_id"}},
                ],
                "must_not": [{"exists": {"field": "assigned_to"}}],
            }
        },
        "collapse": {"field": "station_id"},
        "sort": [{"waits_from": "asc"}, {"id": "asc"}],
    }
