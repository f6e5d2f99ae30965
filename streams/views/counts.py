"""Counts of matches by opening and by worker, made by Elasticsearch in the view `matches`.

Only ids, states and times are read; no document is parsed. A match is counted once a refresh has
made it searchable; the caller decides when to refresh.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from roost.events.match import MatchState
from roost.topics import MATCHES
from roost.views.elastic import Elastic, Json

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


async def count_matches(
    elastic: Elastic,
    openings: Collection[str],
    workers: Collection[str],
    since: datetime,
    *,
    exposure: bool = False,
) -> MatchCounts:
    """Count the matches of these openings, and of these workers since `since`, in one request.

    `shown` is counted only if `exposure` is set.
    """
    state: Json = {"term": {"state": MatchState.PLACED.value}}
    active, placed, sent, shown = await elastic.tallies(
        MATCHES.name,
        [
            ("opening_id", openings, {"term": {"active": True}}),
            ("opening_id", openings, state),
            ("worker_id", workers, _proposed_since(since)),
            ("worker_id", workers if exposure else (), _proposed_since(since - EXPOSURE_WINDOW)),
        ],
    )
    return MatchCounts(active, placed, sent, shown)


def _proposed_since(moment: datetime) -> Json:
    return {"range": {"proposed_at": {"gte": moment.isoformat()}}}
