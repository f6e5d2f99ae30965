"""The costs of messages in the view `deliveries`."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from roost.message_cost_settings import CostCap
from roost.topics import DELIVERIES
from roost.views.elastic import Elastic, Json
from streams.deliver.message_costs import CostRules, Spent
from streams.kernel.retry import retry_transient

MOST_STATIONS = 2_000
SUM: Json = {"cost": {"sum": {"field": "cost_milli_yuan"}}}
SUMS: Json = {
    **SUM,
    "stations": {"terms": {"field": "station_id", "size": MOST_STATIONS}, "aggs": SUM},
}


class ElasticSpending:
    """Costs in the view, which is refreshed first: reservations of other processes count too."""

    def __init__(self, elastic: Elastic) -> None:
        self._elastic = elastic

    async def spent(self, rules: CostRules, now: datetime) -> Spent:
        """Return the costs of this day and month, reservations included."""
        return await retry_transient("deliver.costs", lambda: self._spent(rules, now))

    async def _spent(self, rules: CostRules, now: datetime) -> Spent:
        await self._elastic.refresh(DELIVERIES.name)
        day = {"range": {"charged_at": {"gte": rules.day_begins(now).isoformat()}}}
        month: Json = {"range": {"charged_at": {"gte": rules.month_begins(now).isoformat()}}}
        aggregations: Json = {**SUMS, "day": {"filter": day, "aggs": SUMS}}
        query: Json = {"bool": {"filter": [month]}}
        _, found = await self._elastic.aggregate(DELIVERIES.name, query, aggregations)
        today = found["day"]
        return Spent(
            {CostCap.MONTH: _sum(found), CostCap.DAY: _sum(today)},
            dict(
                [
                    *_by_station(CostCap.STATION_MONTH, found),
                    *_by_station(CostCap.STATION_DAY, today),
                ]
            ),
        )


def _by_station(cap: CostCap, found: Json) -> Iterator[tuple[tuple[CostCap, str], int]]:
    for bucket in found["stations"]["buckets"]:
        yield (cap, bucket["key"]), _sum(bucket)


def _sum(found: Json) -> int:
    return round(found["cost"]["value"])
