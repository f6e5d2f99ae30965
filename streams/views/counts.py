"""Counts of matches by opening and by worker, made by Elasticsearch in the view `matches`.

Only ids, states and times are read; no document is parsed. A match is counted once a refresh has
made it searchable; the caller decides when to refresh.
"""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from roost.events.match import MatchState
from roost.topics import MATCHES
from roost.views.elastic import FEW_DOCUMENTS, Elastic, Json

EXPOSURE_WINDOW = timedelta(days=30)
"""Age of the oldest matches that count as a worker's exposure; it bounds the cost of counting."""


@dataclass(frozen=True, slots=True)
class MatchCounts:
    """Numbers of matches by id; an id that is missing has none."""

    active: Mapping[str, int] = field(default_factory=dict)
    """Active matches of an opening: those that may still need an action."""
    placed: Mapping[str, int] = field(default_factory=dict)
    """Placements of an opening."""
    sent: Mapping[str, int] = field(default_factory=dict)
    """Matches proposed to a worker since the start of the day, whatever their state is now."""
    shown: Mapping[str, int] = field(default_factory=dict)
    """Matches proposed to a worker within `EXPOSURE_WINDOW`; few mean a newcomer (see
    `matcher.exploration`)."""
    by_employer: Mapping[str, int] = field(default_factory=dict)
    """Matches proposed for an employer's openings since the start of the day."""
    by_pair: Mapping[tuple[str, str], int] = field(default_factory=dict)
    """The same by (employer, worker)."""


async def count_matches(
    elastic: Elastic,
    openings: Collection[str],
    workers: Collection[str],
    since: datetime,
    *,
    employers: Collection[str] = (),
    exposure: bool = False,
) -> MatchCounts:
    """Count the matches of these openings, and of workers and employers since `since`.

    `shown` is counted only if `exposure` is set. It takes one request, or two with employers.
    """
    state: Json = {"term": {"state": MatchState.PLACED.value}}
    employers = [each for each in employers if each]
    tallies, by_pair = await asyncio.gather(
        elastic.tallies(
            MATCHES.name,
            [
                ("opening_id", openings, {"term": {"active": True}}),
                ("opening_id", openings, state),
                ("worker_id", workers, _proposed_since(since)),
                (
                    "worker_id",
                    workers if exposure else (),
                    _proposed_since(since - EXPOSURE_WINDOW),
                ),
                ("employer_id", employers, _proposed_since(since)),
            ],
        ),
        _count_pairs(elastic, employers, workers, since),
    )
    active, placed, sent, shown, by_employer = tallies
    return MatchCounts(active, placed, sent, shown, by_employer, by_pair)


async def _count_pairs(
    elastic: Elastic, employers: Collection[str], workers: Collection[str], since: datetime
) -> dict[tuple[str, str], int]:
    """Count the matches since `since` by employer and worker; a worker has a few a day."""
    if not employers or not workers:
        return {}
    query: Json = {
        "bool": {
            "filter": [
                {"terms": {"employer_id": list(employers)}},
                {"terms": {"worker_id": list(workers)}},
                _proposed_since(since),
            ]
        }
    }
    by_worker: Json = {
        "worker": {"terms": {"field": "worker_id", "size": len(workers), **FEW_DOCUMENTS}}
    }
    by_both: Json = {
        "employer": {
            "terms": {"field": "employer_id", "size": len(employers), **FEW_DOCUMENTS},
            "aggs": by_worker,
        }
    }
    _, found = await elastic.aggregate(MATCHES.name, query, by_both)
    return {
        (employer["key"], worker["key"]): worker["doc_count"]
        for employer in found["employer"]["buckets"]
        for worker in employer["worker"]["buckets"]
    }


def _proposed_since(moment: datetime) -> Json:
    return {"range": {"proposed_at": {"gte": moment.isoformat()}}}
