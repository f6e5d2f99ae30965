"""Cost of messages from the ledger: by day and channel, and by station."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from api.access import policy
from api.access.principal import Principal
from api.ports.services import Services
from roost.events.account import Permission
from roost.events.notification import Hold
from roost.events.preferences import ChannelKind
from roost.message_cost_settings import CostCap
from roost.topics import DELIVERIES, STATIONS
from roost.views.elastic import Json

DAYS = 14
"""Number of days that are shown, today included."""
MOST_STATIONS = 50
PER_YUAN = 1_000
SUM: Json = {"cost": {"sum": {"field": "cost_milli_yuan"}}}


@dataclass(frozen=True, slots=True)
class DayCost:
    """Cost of a day on one channel."""

    day: date
    channel: str
    messages: int
    yuan: float


@dataclass(frozen=True, slots=True)
class StationCost:
    """Cost of one station's messages; without a name, those that belong to no station."""

    name: str
    today: float
    month: float


@dataclass(frozen=True, slots=True)
class MessageCosts:
    """Cost of messages, the caps in force, and the messages that a cap holds."""

    today: float
    month: float
    caps: Mapping[CostCap, float]
    held: int
    days: Sequence[DayCost]
    stations: Sequence[StationCost]


async def count_message_costs(given: Services, who: Principal) -> MessageCosts | None:
    """Return the costs of this month and the last days; None if no channel has a price.

    Raises Forbidden for a narrower reach.
    """
    policy.everywhere(who, Permission.OVERVIEW_READ)
    settings = given.settings
    if not settings.message_prices_fen:
        return None
    zone = settings.zone
    midnight = given.clock.now().astimezone(zone).replace(hour=0, minute=0, second=0, microsecond=0)
    month = midnight.replace(day=1)
    earliest = min(month, midnight - timedelta(days=DAYS - 1))
    sums: Json = {**SUM, "stations": _terms("station_id", MOST_STATIONS, SUM)}
    aggregations: Json = {
        "today": {"filter": _since(midnight), "aggs": sums},
        "month": {"filter": _since(month), "aggs": sums},
        "days": {
            "date_histogram": {
                "field": "charged_at",
                "calendar_interval": "day",
                "time_zone": zone.key,
                "format": "yyyy-MM-dd",
                "min_doc_count": 1,
                "order": {"_key": "desc"},
            },
            "aggs": {"channels": _terms("channel", len(ChannelKind), SUM)},
        },
    }
    _, found = await given.elastic.aggregate(
        DELIVERIES.name, {"bool": {"filter": [_since(earliest)]}}, aggregations
    )
    held: Json = {"bool": {"filter": [{"term": {"held_by": Hold.BUDGET.value}}]}}
    return MessageCosts(
        _yuan(found["today"]),
        _yuan(found["month"]),
        settings.message_caps_yuan,
        await given.elastic.count(DELIVERIES.name, held),
        _by_day(found["days"]["buckets"]),
        await _by_station(given, found),
    )


def _by_day(buckets: Sequence[Json]) -> list[DayCost]:
    return [
        DayCost(
            date.fromisoformat(day["key_as_string"]), each["key"], each["doc_count"], _yuan(each)
        )
        for day in buckets[:DAYS]
        for each in day["channels"]["buckets"]
    ]


async def _by_station(given: Services, found: Json) -> list[StationCost]:
    month = {each["key"]: _yuan(each) for each in found["month"]["stations"]["buckets"]}
    today = {each["key"]: _yuan(each) for each in found["today"]["stations"]["buckets"]}
    names = await given.elastic.mget([(STATIONS.name, id) for id in month], ("fact.name",))
    rows = [
        StationCost(
            names.get((STATIONS.name, id), {}).get("fact", {}).get("name", id),
            today.get(id, 0.0),
            yuan,
        )
        for id, yuan in month.items()
    ]
    rest = _yuan(found["month"]) - sum(month.values())
    if rest > 0:
        rows.append(StationCost("", _yuan(found["today"]) - sum(today.values()), rest))
    return rows


def _since(at: datetime) -> Json:
    return {"range": {"charged_at": {"gte": at.astimezone(UTC).isoformat()}}}


def _terms(field: str, size: int, within: Json) -> Json:
    return {
        "terms": {"field": field, "size": size, "order": {"cost": "desc"}},
        "aggs": within,
    }


def _yuan(bucket: Json) -> float:
    return float(bucket["cost"]["value"]) / PER_YUAN
