"""Preview of how many workers an opening would reach, for the employer's form: pure.

Repeated previews must not single out one worker. So the demands are rounded before counting, every
count is rounded down to a bucket, and the different previews of a day are limited (`service`).
"""

from __future__ import annotations

import math
from dataclasses import replace
from datetime import date

from api.openings.schemas import Excluded, Reach
from roost.constraints import constraint_clauses
from roost.constraints.needs import LATER, Asking, Needs, Point
from roost.rules.rounded_counts import bucket
from roost.views.elastic import Json

RENARD = 20
"""Wages are rounded to 20 steps a decade, about 12 % apart (ISO 3, series R20)."""
POINT_DIGITS = 1
"""Coordinates are rounded to a tenth of a degree, about 10 km."""
WEEK = 7


def rounded_demands(needs: Needs) -> Needs:
    """Return the demands with wage, point and start rounded, as the preview counts them."""
    return replace(
        needs,
        wage_low=_rounded_wage(needs.wage_low),
        wage_high=_rounded_wage(needs.wage_high),
        point=_rounded_point(needs.point),
        starts_by=needs.starts_by if needs.starts_by == LATER else _next_week(needs.starts_by),
    )


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
    """Return the preview from the number of matchable workers and the aggregations' counts.

    Demands are chosen and ordered by the buckets alone; the exact counts would show in the order.
    """
    excluded = [
        Excluded(
            constraint=name,
            excluded=bucket(count["doc_count"]),
            would_gain=bucket(count["alone"]["doc_count"]),
        )
        for name, count in counts.items()
        if name != "reached" and bucket(count["doc_count"])
    ]
    return Reach(
        workers=bucket(workers),
        reached=bucket(counts["reached"]["doc_count"]),
        excluded=sorted(excluded, key=lambda each: (-each.would_gain, -each.excluded)),
    )


def _rounded_wage(wage: float | None) -> float | None:
    if wage is None or wage <= 0:
        return wage
    exact = 10 ** (round(RENARD * math.log10(wage)) / RENARD)
    return round(exact, 2 - len(str(int(exact))))


def _rounded_point(point: Point | None) -> Point | None:
    return None if point is None else (round(point[0], POINT_DIGITS), round(point[1], POINT_DIGITS))


def _next_week(ordinal: int) -> int:
    """Return the start of the next week, or the day itself if a week starts on it."""
    return -(-ordinal // WEEK) * WEEK
