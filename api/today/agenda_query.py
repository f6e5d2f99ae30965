"""Queries of a day's work in the view `matches`: calls, interviews, counts and figures. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from api.lists.clauses import since_before
from api.lists.paging import bool_of
from api.stations.queue_query import NOBODY, due_clause, held_by
from api.today.schemas import ColleagueLoad, DayCounts, DoneFigures
from roost.events.match import MatchState
from roost.time.urgency import Urgency
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
    return [*held, ACTIVE, *since_before("call_again_at", None, day.ends)]


def interviews_ahead(held: Sequence[Json], day: Day) -> list[Json]:
    """Return the clauses of the interviews from the day's begin on, for two weeks."""
    state: Json = {"term": {"state": MatchState.INTERVIEWED.value}}
    return [*held, state, *since_before("interview_at", day.begins, day.begins + AHEAD)]


def agenda_counts(held: Sequence[Json], day: Day) -> Json:
    """Return the aggregations that `counted` reads; `held` are the clauses of the caller's own."""
    today = since_before("interview_at", day.begins, day.ends)
    named: Json = {
        "calls": bool_of(calls_due(held, day)),
        "interviews": bool_of([*interviews_ahead(held, day), *today]),
        "overdue": bool_of([*held, ACTIVE, due_clause(Urgency.OVERDUE, day.now)]),
        "active": bool_of([*held, ACTIVE]),
        "unclaimed": bool_of([ACTIVE, held_by(NOBODY, "")]),
    }
    for name, field in DONE.items():
        named[f"today.{name}"] = bool_of([*held, *since_before(field, day.begins, day.ends)])
        named[f"week.{name}"] = bool_of([*held, *since_before(field, day.week_begins, day.ends)])
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
        "overdue": due_clause(Urgency.OVERDUE, day.now),
        "calls": bool_of(calls_due([], day)),
        "interviews": bool_of(interviews_ahead([], day)),
    }
    placed = {
        "filter": bool_of(since_before("placed_at", day.week_begins, day.ends)),
        "aggs": {"by": {"terms": {"field": "assigned_to", "size": MOST_PEOPLE}}},
    }
    by: Json = {"terms": {"field": "assigned_to", "size": MOST_PEOPLE}}
    by["aggs"] = {"parts": {"filters": {"filters": parts}}}
    nobody: Json = {"filter": held_by(NOBODY, "")}
    return {
        "active": {"filter": ACTIVE, "aggs": {"by": by, "nobody": nobody}},
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
