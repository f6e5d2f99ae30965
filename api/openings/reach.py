"""Preview of how many workers an opening would reach, for the employer's form: pure."""

from __future__ import annotations

from datetime import date

from api.openings.schemas import Excluded, Reach
from roost.constraints import constraint_clauses
from roost.constraints.needs import Asking
from roost.views.elastic import Json

FEW = 5
"""Smallest number shown: repeated previews must not single out one worker."""


def reach_query(opening: Asking, day: date) -> Json:
    """Return the aggregations of a preview.

    `reached` counts the workers who meet every demand. One aggregation for each demand counts
    those who fail it; its `alone` counts those who fail no other.
    """
    demands = constraint_clauses.for_workers(opening, day)
    everything = [each for clauses in demands.values() for each in clauses]
    query: Json = {"reached": {"filter": {"bool": {"filter": everything}}}}
    for name, own in demands.items():
        others = [each for other, clauses in demands.items() if other != name for each in clauses]
        fails: Json = {"bool": {"must_not": [{"bool": {"filter": own}}]}}
        query[name] = {
            "filter": fails,
            "aggs": {"alone": {"filter": {"bool": {"filter": others}}}},
        }
    return query


def reach_from(workers: int, counts: Json) -> Reach:
    """Return the preview from the number of matchable workers and the aggregations' counts."""
    excluded = [
        Excluded(
            constraint=name,
            excluded=coarse(count["doc_count"]),
            would_gain=coarse(count["alone"]["doc_count"]),
        )
        for name, count in counts.items()
        if name != "reached" and count["doc_count"]
    ]
    return Reach(
        workers=coarse(workers),
        reached=coarse(counts["reached"]["doc_count"]),
        excluded=sorted(excluded, key=lambda each: (-each.would_gain, -each.excluded)),
    )


def coarse(number: int) -> int:
    """Round a number from 1 to 4 up to 5."""
    return max(FEW, number) if number else 0
