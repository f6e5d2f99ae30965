"""Check of the views against the places of openings and the shares of workers."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from matcher.features import OpeningFeatures
from roost.rules.capacity import Capacity
from roost.time.clock import day_of
from roost.topics import MATCHES, OPENINGS
from roost.views.elastic import Elastic


@dataclass(frozen=True, slots=True)
class OverLimits:
    """Number of openings and of workers beyond their limit."""

    openings: int
    workers: int


async def over_limits(elastic: Elastic, capacity: Capacity, zone: ZoneInfo) -> OverLimits:
    """Count every match one by one, which is independent of the way the stages count."""
    active: Counter[str] = Counter()
    sent: Counter[object] = Counter()
    async for _, _, match in elastic.scan(MATCHES.name):
        if not match.get("erased"):
            active[match["opening_id"]] += match["active"]
            day = day_of(datetime.fromisoformat(match["proposed_at"]), zone)
            sent[match["worker_id"], day] += 1
    headcounts = {
        id: OpeningFeatures.unpacked(document["features"]).headcount
        async for id, _, document in elastic.scan(OPENINGS.name)
        if not document.get("erased")
    }
    return OverLimits(
        # A placement reduces the places, but notified workers keep theirs: so count none as placed.
        sum(count > capacity.places(headcounts[id], 0) for id, count in active.items() if count),
        sum(count > capacity.worker_day for count in sent.values()),
    )
