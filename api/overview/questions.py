"""What the overview asks of the view `matches`: pure. Meanings: docs/overview.md.

Every figure is counted on the day of its own moment, in the county's time zone; how long matches
waited for a first contact, on the day when they were proposed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from roost.events.match import MatchState
from roost.views.elastic import Json

MOST_STATIONS = 1_000
MOST_DAYS = 366
MOST_WORKERS = 10_000
"""Workers whose exposure is compared one by one."""
EXACT = 40_000
"""Up to here Elasticsearch counts different people exactly."""


class By(StrEnum):
    DAY = "day"
    STATION = "station"


@dataclass(frozen=True, slots=True)
class Period:
    """Days, both included, as the county counts them."""

    first: date
    last: date
    zone: ZoneInfo

    @property
    def begins(self) -> datetime:
        return datetime.combine(self.first, time(), self.zone)

    @property
    def ends(self) -> datetime:
        """The first moment that is not in it."""
        return datetime.combine(self.last + timedelta(days=1), time(), self.zone)

    @property
    def days(self) -> list[date]:
        count = (self.last - self.first).days + 1
        return [self.first + timedelta(days=number) for number in range(count)]


EVENTS: dict[str, str] = {
    "proposed": "proposed_at",
    "accepted": "accepted_at",
    "claimed": "claimed_at",
    "contacted": "contacted_at",
    "referred": "referred_at",
    "interviewed": "interviewed_at",
    "placed": "placed_at",
    "declined": "declined_at",
    "expired": "expired_at",
}
"""What is counted, by the field that says when it happened."""
LEFT = "unclaimed_until"


def query(stations: Sequence[str] | None) -> Json:
    """The matches of these stations; of all that have one when None."""
    own: Json = (
        {"exists": {"field": "station_id"}}
        if stations is None
        else {"terms": {"station_id": list(stations)}}
    )
    return {"bool": {"filter": [own], "must_not": [{"term": {"erased": True}}]}}


def aggregations(period: Period, by: By, target: timedelta, now: datetime) -> Json:
    """What is asked in one search: each part for the whole, and within it by day or station."""
    parts: Json = {
        name: _part(_within(period, field), _group(period, by, field), _inner(name, target, now))
        for name, field in EVENTS.items()
    }
    parts["left"] = _part(_within(period, LEFT), _group(period, by, LEFT), {})
    parts["before"] = _part(_waiting_at(period.begins), _of_stations(), {})
    return parts | {"now": _now(target, now), "exposure": _exposure(period)}


def _part(condition: Json, group: Json, inner: Json) -> Json:
    return {"filter": condition, "aggs": {"by": {**group, "aggs": inner}, **inner}}


def _group(period: Period, by: By, field: str) -> Json:
    if by is By.STATION:
        return _of_stations()
    return {
        "date_histogram": {
            "field": field,
            "calendar_interval": "day",
            "format": "yyyy-MM-dd",
            "min_doc_count": 1,
            "time_zone": period.zone.key,
        }
    }


def _of_stations() -> Json:
    return {"terms": {"field": "station_id", "size": MOST_STATIONS}}


def _inner(name: str, target: timedelta, now: datetime) -> Json:
    if name == "placed":
        return {"persons": _different_workers()}
    return _first_contact(target, now) if name == "proposed" else {}


def _first_contact(target: timedelta, now: datetime) -> Json:
    seconds = int(target.total_seconds())
    called: Json = {"exists": {"field": "first_contact_at"}}
    in_time: Json = {"range": {"waited_s": {"lte": seconds}}}
    return {
        "called": {
            "filter": called,
            "aggs": {"waited": {"percentiles": {"field": "waited_s", "percents": [50, 90]}}},
        },
        "in_time": {"filter": {"bool": {"filter": [called, in_time]}}},
        "late": {"filter": {"range": {"waited_s": {"gt": seconds}}}},
        "still_late": {"filter": _overdue(target, now)},
    }


def _overdue(target: timedelta, now: datetime) -> Json:
    """It waits for a first contact, and has for longer than the target."""
    return {
        "bool": {
            "filter": [
                {"term": {"active": True}},
                {"range": {"proposed_at": {"lt": (now - target).isoformat()}}},
            ],
            "must_not": [{"exists": {"field": "first_contact_at"}}],
        }
    }


def _now(target: timedelta, now: datetime) -> Json:
    """How it stands at this moment, whatever the period."""
    return {
        "filter": {"term": {"active": True}},
        "aggs": {
            "states": {"terms": {"field": "state", "size": len(MatchState)}},
            "breaches": {"filter": _overdue(target, now)},
            "oldest": {
                "filter": {"bool": {"must_not": [{"exists": {"field": "first_contact_at"}}]}},
                "aggs": {"proposed": {"min": {"field": "proposed_at"}}},
            },
        },
    }


def _exposure(period: Period) -> Json:
    """To how many openings the workers were proposed in the period."""
    each: Json = {"terms": {"field": "worker_id", "size": MOST_WORKERS}}
    spread: Json = {"buckets_path": "each>_count", "percents": [50, 90, 100]}
    proposed: Json = {
        "bool": {
            "filter": [_within(period, "proposed_at")],
            "must_not": [{"term": {"nameless": True}}],
        }
    }
    return {
        "filter": proposed,
        "aggs": {
            "workers": _different_workers(),
            "each": each,
            "spread": {"percentiles_bucket": spread},
        },
    }


def _different_workers() -> Json:
    return {"cardinality": {"field": "worker_id", "precision_threshold": EXACT}}


def _within(period: Period, field: str) -> Json:
    span = {"gte": period.begins.isoformat(), "lt": period.ends.isoformat()}
    return {"range": {field: span}}


def _waiting_at(moment: datetime) -> Json:
    """Proposed before, and nobody had it yet."""
    before: Json = {"lt": moment.isoformat()}
    return {
        "bool": {
            "filter": [{"range": {"proposed_at": before}}],
            "must_not": [{"range": {LEFT: before}}, {"term": {"nameless": True}}],
        }
    }
