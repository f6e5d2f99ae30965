"""Query of the overview on the view `matches`. Pure. docs/overview.md defines each figure.

Every event is counted on the day when it happened, in the county's time zone. Waiting times until a
first contact are counted on the day when the match was proposed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from roost.events.match import MatchState
from roost.time.county_days import day_begins
from roost.views.elastic import Json

MOST_STATIONS = 1_000
MOST_DAYS = 366
MOST_WORKERS = 10_000
"""Most workers whose exposure is compared one by one."""
EXACT = 40_000
"""Up to this number Elasticsearch counts different people exactly."""


class Grouping(StrEnum):
    """Rows of an overview: one per day or one per station."""

    DAY = "day"
    STATION = "station"


@dataclass(frozen=True, slots=True)
class Period:
    """Range of days in the county's time zone, first and last included."""

    first: date
    last: date
    zone: ZoneInfo

    @property
    def begins(self) -> datetime:
        """First moment of the period."""
        return day_begins(self.first, self.zone)

    @property
    def ends(self) -> datetime:
        """First moment after the period."""
        return day_begins(self.last + timedelta(days=1), self.zone)

    @property
    def days(self) -> list[date]:
        """All days of the period, in order."""
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
"""Counted events, each with the field that holds its time."""
LEFT = "unclaimed_until"
"""Field with the time at which a match stopped waiting for a holder."""
DUE = "contact_due_at"
"""Field with the end of the target for the first contact; absent in records of earlier releases."""


def station_matches(stations: Sequence[str] | None) -> Json:
    """Return the query for the matches of these stations; None stands for all stations."""
    own: Json = (
        {"exists": {"field": "station_id"}}
        if stations is None
        else {"terms": {"station_id": list(stations)}}
    )
    return {"bool": {"filter": [own], "must_not": [{"term": {"erased": True}}]}}


def overview_aggregations(period: Period, by: Grouping, target: timedelta, now: datetime) -> Json:
    """Return the aggregations of one search: each in total, and within it by day or station."""
    parts: Json = {
        name: _part(_within(period, field), _group(period, by, field), _inner(name, target, now))
        for name, field in EVENTS.items()
    }
    parts["left"] = _part(_within(period, LEFT), _group(period, by, LEFT), {})
    parts["before"] = _part(_waiting_at(period.begins), _by_station(), {})
    return parts | {"now": _now(target, now), "exposure": _exposure(period)}


def _part(condition: Json, group: Json, inner: Json) -> Json:
    return {"filter": condition, "aggs": {"by": {**group, "aggs": inner}, **inner}}


def _group(period: Period, by: Grouping, field: str) -> Json:
    if by is Grouping.STATION:
        return _by_station()
    return {
        "date_histogram": {
            "field": field,
            "calendar_interval": "day",
            "format": "yyyy-MM-dd",
            "min_doc_count": 1,
            "time_zone": period.zone.key,
        }
    }


def _by_station() -> Json:
    return {"terms": {"field": "station_id", "size": MOST_STATIONS}}


def _inner(name: str, target: timedelta, now: datetime) -> Json:
    if name == "placed":
        return {"persons": _different_workers()}
    return _first_contact(target, now) if name == "proposed" else {}


def _first_contact(target: timedelta, now: datetime) -> Json:
    called: Json = {"exists": {"field": "first_contact_at"}}
    return {
        "called": {
            "filter": called,
            "aggs": {"waited": {"percentiles": {"field": "waited_s", "percents": [50, 90]}}},
        },
        "in_time": {"filter": {"bool": {"filter": [called, waited_clause(target, late=False)]}}},
        "late": {"filter": waited_clause(target, late=True)},
        "still_late": {"filter": overdue_clause(target, now)},
    }


def waited_clause(target: timedelta, *, late: bool) -> Json:
    """Match those whose wait has ended, after the target or in time.

    Matches carry the end of their target. Those of earlier releases do not: their wait is compared
    with the present target, by the clock.
    """
    seconds = {"gt" if late else "lte": int(target.total_seconds())}
    return _by_record({"term": {"late": late}}, {"range": {"waited_s": seconds}})


def overdue_clause(target: timedelta, now: datetime) -> Json:
    """Match those that still wait for a first contact after the target."""
    due = _by_record(
        {"range": {DUE: {"lt": now.isoformat()}}},
        {"range": {"proposed_at": {"lt": (now - target).isoformat()}}},
    )
    return {
        "bool": {
            "filter": [{"term": {"active": True}}, due],
            "must_not": [{"exists": {"field": "first_contact_at"}}],
        }
    }


def _by_record(present: Json, earlier: Json) -> Json:
    """Match by one clause, and matches of earlier releases by another."""
    without: Json = {"bool": {"filter": [earlier], "must_not": [{"exists": {"field": DUE}}]}}
    return {"bool": {"should": [present, without], "minimum_should_match": 1}}


def _now(target: timedelta, now: datetime) -> Json:
    """Aggregate the figures of this moment, independent of the period."""
    return {
        "filter": {"term": {"active": True}},
        "aggs": {
            "states": {"terms": {"field": "state", "size": len(MatchState)}},
            "breaches": {"filter": overdue_clause(target, now)},
            "oldest": {
                "filter": {"bool": {"must_not": [{"exists": {"field": "first_contact_at"}}]}},
                "aggs": {"proposed": {"min": {"field": "proposed_at"}}},
            },
        },
    }


def _exposure(period: Period) -> Json:
    """Aggregate the number of openings to which each worker was proposed in the period."""
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
    """Match those that were proposed before a moment and had no holder by then."""
    before: Json = {"lt": moment.isoformat()}
    return {
        "bool": {
            "filter": [{"range": {"proposed_at": before}}],
            "must_not": [{"range": {LEFT: before}}, {"term": {"nameless": True}}],
        }
    }
