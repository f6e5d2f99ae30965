"""How full openings and workers are, counted in the view `matches` by Elasticsearch itself.

Ids, states and times only: nothing is opened or parsed. What was written before a call and made
searchable by a refresh is counted; the caller says when a refresh is needed.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from roost.events.match import MatchState
from roost.topics import MATCHES
from roost.views.elastic import Elastic, Json

EXPOSURE_WINDOW = timedelta(days=30)
"""How far back a worker's matches are counted as exposure: what a count costs stays bounded."""


@dataclass(frozen=True, slots=True)
class MatchCounts:
    """By id; who is not named has none."""

    active: Mapping[str, int] = field(default_factory=dict)
    """Standing matches of an opening: somebody may still have to do something about them."""
    placed: Mapping[str, int] = field(default_factory=dict)
    """Placements of an opening."""
    sent: Mapping[str, int] = field(default_factory=dict)
    """Matches that a worker was sent since the start of the day, whatever became of them."""
    shown: Mapping[str, int] = field(default_factory=dict)
    """The same of the last `LATELY`: who was shown to few is a newcomer (`matcher.exploration`)."""


async def count_matches(
    elastic: Elastic,
    openings: Collection[str],
    workers: Collection[str],
    since: datetime,
    *,
    exposure: bool = False,
) -> MatchCounts:
    """Counts of these openings, and of these workers since the day began, in one request.

    `shown` is counted only where `exposure` is asked for.
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
