"""The match that has been unclaimed for longest in the queue of each station."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from roost.events.match import MatchState
from roost.topics import MATCHES
from roost.views.elastic import COLUMNS, Elastic, Hit, Json

MOST_STATIONS = 10_000
"""Most stations in one answer: Elasticsearch's limit, and far more than a service has."""


async def longest_waiting(elastic: Elastic, since: datetime) -> tuple[Hit, ...]:
    """Return each station's oldest unclaimed match that was proposed before `since`."""
    return (await elastic.search(MATCHES.name, _query(since))).hits


def longest_wait_s(matches: Iterable[Hit], now: datetime) -> float:
    """Return the seconds for which the oldest of these matches has waited; 0 without any."""
    proposed = (datetime.fromisoformat(hit.source["proposed_at"]) for hit in matches)
    return max((max(0.0, (now - each).total_seconds()) for each in proposed), default=0.0)


def _query(since: datetime) -> Json:
    return {
        **COLUMNS,
        "size": MOST_STATIONS,
        "docvalue_fields": ["id", "opening_id", "station_id", "proposed_at"],
        "track_total_hits": False,
        "query": {
            "bool": {
                "filter": [
                    {"term": {"state": MatchState.PROPOSED.value}},
                    {"range": {"proposed_at": {"lte": since.isoformat()}}},
                    {"exists": {"field": "station_id"}},
                ],
                "must_not": [{"exists": {"field": "assigned_to"}}],
            }
        },
        "collapse": {"field": "station_id"},
        "sort": [{"proposed_at": "asc"}, {"id": "asc"}],
    }
