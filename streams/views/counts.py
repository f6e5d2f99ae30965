"""Counts of matches by opening and by worker, made by Elasticsearch in the view `matches`.

Only ids, states and times are read; no document is parsed. A match is counted once a refresh has
made it searchable; the caller decides when to refresh.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from roost.events.match import MatchState
from roost.rules.daily_counts import DailyCounts, contested
from roost.topics import MATCHES
from roost.views.elastic import Elastic, Json
from roost.views.first_employers import first_employers
from roost.views.request_bodies import terms_of

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
    by_budget: Mapping[str, int] = field(default_factory=dict)
    """Matches proposed since the start of the day for the openings that share a key: those of an
    employer, and those of near-identical content."""
    by_pair: Mapping[tuple[str, str], int] = field(default_factory=dict)
    """The same by (key, worker)."""
    first: Mapping[str, Collection[str]] = field(default_factory=dict)
    """Of every content that several employers share: those with its first match and posting."""


def daily_counts(counts: MatchCounts) -> DailyCounts:
    """Return the counts of the day, to be counted on."""
    return DailyCounts(
        Counter(counts.sent), Counter(counts.by_budget), Counter(counts.by_pair), counts.first
    )


async def count_matches(
    elastic: Elastic,
    openings: Collection[str],
    workers: Collection[str],
    since: datetime,
    *,
    budgets: Sequence[Sequence[str]] = (),
    exposure: bool = False,
) -> MatchCounts:
    """Count the matches of these openings, and of workers and budgets since `since`.

    `budgets` are those of each opening, its employer's first. `shown` is counted only if `exposure`
    is set. It takes one request, or two with budgets; a third when several employers share one.
    """
    keys = sorted({key for each in budgets for key in each})
    state: Json = {"term": {"state": MatchState.PLACED.value}}
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
                ("budgets", keys, _proposed_since(since)),
            ],
        ),
        _count_pairs(elastic, keys, workers, since),
    )
    active, placed, sent, shown, by_budget = tallies
    first = await first_employers(elastic, contested(budgets, by_budget, by_pair))
    return MatchCounts(active, placed, sent, shown, by_budget, by_pair, first)


async def _count_pairs(
    elastic: Elastic, budgets: Collection[str], workers: Collection[str], since: datetime
) -> dict[tuple[str, str], int]:
    """Count the matches since `since` by budget and worker; a worker has a few a day."""
    if not budgets or not workers:
        return {}
    query: Json = {
        "bool": {
            "filter": [
                {"terms": {"budgets": list(budgets)}},
                {"terms": {"worker_id": list(workers)}},
                _proposed_since(since),
            ]
        }
    }
    by_worker: Json = {"worker": {"terms": terms_of("worker_id", workers)}}
    by_both: Json = {
        "budget": {
            "terms": terms_of("budgets", budgets),
            "aggs": by_worker,
        }
    }
    _, found = await elastic.aggregate(MATCHES.name, query, by_both)
    return {
        (budget["key"], worker["key"]): worker["doc_count"]
        for budget in found["budget"]["buckets"]
        for worker in budget["worker"]["buckets"]
    }


def _proposed_since(moment: datetime) -> Json:
    return {"range": {"proposed_at": {"gte": moment.isoformat()}}}
