"""Conversion of Elasticsearch's answers into the overview. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from api.overview.overview_query import EVENTS, MOST_WORKERS, Grouping, Period
from api.overview.schemas import (
    CurrentFigures,
    Exposure,
    FirstContact,
    Overview,
    OverviewFigures,
    OverviewRow,
)
from roost.events.match import MatchState
from roost.views.elastic import Json

S = MatchState


def overview_of(
    answered: Json,
    period: Period,
    by: Grouping,
    names: Mapping[str, str],
    target_minutes: float,
) -> Overview:
    """Return the overview; `names` are those of the stations, by id."""
    rows = rows_by_day(answered, period) if by is Grouping.DAY else rows_by_station(answered, names)
    return Overview(
        first=period.first,
        last=period.last,
        by=by,
        time_zone=period.zone.key,
        target_minutes=target_minutes,
        now=_current(answered["now"]),
        total=_total(answered),
        rows=rows,
        exposure=_exposure(answered["exposure"]),
    )


def rows_by_day(answered: Json, period: Period) -> list[OverviewRow]:
    """Return a row for every day of the period, including days without events."""
    found = {name: _buckets(answered[name], "key_as_string") for name in (*EVENTS, "left")}
    waiting = answered["before"]["doc_count"]
    rows = []
    for day in period.days:
        parts = {name: buckets.get(day.isoformat(), NOTHING) for name, buckets in found.items()}
        waiting += parts["proposed"]["doc_count"] - parts["left"]["doc_count"]
        rows.append(OverviewRow(day=day, **_figures(parts, waiting)))
    return rows


def rows_by_station(answered: Json, names: Mapping[str, str]) -> list[OverviewRow]:
    """Return a row for every station that is named or has had a match, by name."""
    found = {name: _buckets(answered[name], "key") for name in (*EVENTS, "left", "before")}
    ids = {*names, *(id for buckets in found.values() for id in buckets)}
    rows = []
    for id in sorted(ids, key=lambda id: (names.get(id, id), id)):
        parts = {name: buckets.get(id, NOTHING) for name, buckets in found.items()}
        rows.append(
            OverviewRow(
                station=id, station_name=names.get(id, id), **_figures(parts, _at_the_end(parts))
            )
        )
    return rows


NOTHING: Json = {"doc_count": 0}


def _total(answered: Json) -> OverviewFigures:
    return OverviewFigures(**_figures(answered, _at_the_end(answered)))


def _at_the_end(parts: Mapping[str, Json]) -> int:
    """Return the number waiting at the end: at the start, plus proposed, less claimed or ended."""
    came, left = parts["proposed"]["doc_count"], parts["left"]["doc_count"]
    return int(parts["before"]["doc_count"] + came - left)


def _figures(parts: Mapping[str, Json], waiting: int) -> dict[str, Any]:
    counted = {name: parts[name]["doc_count"] for name in EVENTS}
    return {
        **counted,
        "waiting": max(0, waiting),
        "persons": parts["placed"].get("persons", {}).get("value", 0),
        "first_contact": _first_contact(parts["proposed"]),
    }


def _first_contact(proposed: Json) -> FirstContact:
    if "called" not in proposed:
        return FirstContact()
    waited = proposed["called"]["waited"]["values"]
    in_time = proposed["in_time"]["doc_count"]
    breaches = proposed["late"]["doc_count"] + proposed["still_late"]["doc_count"]
    known = in_time + breaches
    return FirstContact(
        called=proposed["called"]["doc_count"],
        p50_minutes=_minutes(waited.get("50.0")),
        p90_minutes=_minutes(waited.get("90.0")),
        in_time=in_time,
        breaches=breaches,
        share_in_time=round(in_time / known, 4) if known else None,
    )


def _current(now: Json) -> CurrentFigures:
    states = {each["key"]: each["doc_count"] for each in now["states"]["buckets"]}
    oldest = now["oldest"]["proposed"].get("value_as_string")
    return CurrentFigures(
        waiting=states.get(S.PROPOSED, 0),
        claimed=states.get(S.CLAIMED, 0),
        contacted=states.get(S.CONTACTED, 0),
        referred=states.get(S.REFERRED, 0),
        interviewed=states.get(S.INTERVIEWED, 0),
        breaches=now["breaches"]["doc_count"],
        oldest=datetime.fromisoformat(oldest) if oldest else None,
    )


def _exposure(found: Json) -> Exposure:
    workers, matches = found["workers"]["value"], found["doc_count"]
    spread = found["spread"]["values"]
    all_compared = 0 < workers <= MOST_WORKERS
    return Exposure(
        workers=workers,
        matches=matches,
        mean=round(matches / workers, 2) if workers else None,
        p50=spread["50.0"] if all_compared else None,
        p90=spread["90.0"] if all_compared else None,
        most=int(spread["100.0"]) if workers else 0,
    )


def _buckets(part: Json, key: str) -> dict[str, Json]:
    return {each[key]: each for each in part["by"]["buckets"]}


def _minutes(seconds: float | None) -> float | None:
    return round(seconds / 60, 1) if seconds is not None else None
