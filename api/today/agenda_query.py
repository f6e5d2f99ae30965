"""Queries of a day's work in the view `matches`: calls, interviews, counts and figures. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from api.lists.paging import bool_of
from api.today.schemas import ColleagueLoad, DayCounts, DoneFigures
from roost.events.match import MatchState
from roost.views.elastic import Json

AHEAD = timedelta(days=14)
"""Interviews of this time are listed."""
WEEK = timedelta(days=7)
DONE = {
    "reached": "contacted_at",
    "referred": "referred_at",
    "interviews": "interviewed_at",
    "placed": "placed_at",
}
"""Columns of the view that date each step."""
ACTIVE: Json = {"term": {"active": True}}
UNASSIGNED: Json = {"bool": {"must_not": [{"exists": {"field": "assigned_to"}}]}}
MOST_PEOPLE = 500
"""Most colleagues whose load is counted."""


@dataclass(frozen=True, slots=True)
class Day:
    """The present, and the moments at which its day begins and ends in the county."""

    now: datetime
    begins: datetime
    ends: datetime

    @property
    def week_begins(self) -> datetime:
        """Start of the seven days that end with this one."""
        return self.ends - WEEK


def calls_due(held: Sequence[Json], day: Day) -> list[Json]:
    """Return the clauses of active matches whose worker asked to be called by the day's end."""
    return [*held, ACTIVE, _range("call_again_at", lt=day.ends)]


def interviews_ahead(held: Sequence[Json], day: Day) -> list[Json]:
    """Return the clauses of the interviews from the day's begin on, for two weeks."""
    state: Json = {"term": {"state": MatchState.INTERVIEWED.value}}
    within = _range("interview_at", gte=day.begins, lt=day.begins + AHEAD)
    return [*held, state, within]


def agenda_counts(held: Sequence[Json], day: Day) -> Json:
    """Return the aggregations that `counted` reads; `held` are the clauses of the caller's own."""
    today = _range("interview_at", gte=day.begins, lt=day.ends)
    named: Json = {
        "calls": bool_of(calls_due(held, day)),
        "interviews": bool_of([*interviews_ahead(held, day), today]),
        "overdue": bool_of([*held, ACTIVE, _range("act_by", lte=day.now)]),
        "active": bool_of([*held, ACTIVE]),
        "unclaimed": bool_of([ACTIVE, UNASSIGNED]),
    }
    for name, field in DONE.items():
        named[f"today.{name}"] = bool_of([*held, _range(field, gte=day.begins, lt=day.ends)])
        named[f"week.{name}"] = bool_of([*held, _range(field, gte=day.week_begins, lt=day.ends)])
    return {"of": {"filters": {"filters": named}}}


def counted(answered: Mapping[str, Any]) -> tuple[DayCounts, DoneFigures, DoneFigures]:
    """Return the counts, and the figures of the day and of the week, of an answer."""
    found = {name: each["doc_count"] for name, each in answered["of"]["buckets"].items()}
    counts = DayCounts(**{name: found[name] for name in DayCounts.model_fields})
    today = DoneFigures(**{name: found[f"today.{name}"] for name in DONE})
    return counts, today, DoneFigures(**{name: found[f"week.{name}"] for name in DONE})


def load_aggregations(day: Day) -> Json:
    """Return the aggregations that `loads_of` reads: the active matches by holder."""
    parts: Json = {
        "overdue": _range("act_by", lte=day.now),
        "calls": _range("call_again_at", lt=day.ends),
        "interviews": bool_of(interviews_ahead([], day)),
    }
    placed = {
        "filter": _range("placed_at", gte=day.week_begins, lt=day.ends),
        "aggs": {"by": {"terms": {"field": "assigned_to", "size": MOST_PEOPLE}}},
    }
    by: Json = {"terms": {"field": "assigned_to", "size": MOST_PEOPLE}}
    by["aggs"] = {"parts": {"filters": {"filters": parts}}, "oldest": {"min": {"field": "act_by"}}}
    return {
        "active": {"filter": ACTIVE, "aggs": {"by": by, "nobody": {"filter": UNASSIGNED}}},
        "placed": placed,
    }


def loads_of(answered: Mapping[str, Any], names: Mapping[str, str]) -> list[ColleagueLoad]:
    """Return the load of each colleague, the heaviest first, also of those without any match.

    `names` are the colleagues by id; a holder who works here no longer is listed by id alone.
    """
    held = {each["key"]: each for each in answered["active"]["by"]["buckets"]}
    placed = {each["key"]: each["doc_count"] for each in answered["placed"]["by"]["buckets"]}
    found = [
        ColleagueLoad(
            id=id,
            name=names.get(id),
            active=held[id]["doc_count"] if id in held else 0,
            placed_in_week=placed.get(id, 0),
            **_parts(held.get(id)),
        )
        for id in {**names, **held}
    ]
    return sorted(found, key=lambda each: (-each.active, each.name or "", each.id))


def unclaimed_of(answered: Mapping[str, Any]) -> int:
    """Return the number of active matches that nobody holds."""
    return int(answered["active"]["nobody"]["doc_count"])


def _parts(bucket: Mapping[str, Any] | None) -> dict[str, int]:
    parts = bucket["parts"]["buckets"] if bucket else {}
    names = ("overdue", "calls", "interviews")
    return {name: parts[name]["doc_count"] if parts else 0 for name in names}


def _range(field: str, **bounds: datetime) -> Json:
    return {"range": {field: {name: at.isoformat() for name, at in bounds.items()}}}
