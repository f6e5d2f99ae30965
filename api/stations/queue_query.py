"""Filters, sort orders and counts of a station's queue, as queries of the view `matches`. Pure."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from api.stations.schemas import Counts, Facet
from roost.events.match import MatchState
from roost.places.gazetteer import Gazetteer
from roost.time.urgency import Urgency
from roost.views.elastic import Json

ME, NOBODY = "me", "nobody"
FACETS = 50
"""Most places, occupations and people that are counted one by one."""


class Order(StrEnum):
    """Sort orders of a queue."""

    URGENT = "urgent"
    NEWEST = "newest"
    LONGEST = "longest"
    BEST = "best"


SORTS: dict[Order, list[Json]] = {
    Order.URGENT: [{"urgent_at": "asc"}, {"proposed_at": "desc"}],
    Order.NEWEST: [{"created_at": "desc"}],
    Order.LONGEST: [{"proposed_at": "asc"}],
    Order.BEST: [{"score": "desc"}],
}


@dataclass(frozen=True, slots=True)
class QueueFilter:
    """Conditions of a queue; an empty one lets all active matches through."""

    states: tuple[MatchState, ...] = ()
    opening: str | None = None
    assigned_to: str | None = None
    """An account's or key's id, `me` or `nobody`."""
    township: str | None = None
    occupation: str | None = None
    priority: bool | None = None
    accepted: bool | None = None
    urgency: Urgency | None = None
    older_than: timedelta | None = None
    newer_than: timedelta | None = None


def listed_clauses(
    stations: Collection[str], wanted: QueueFilter, me: str, now: datetime
) -> list[Json]:
    """Return the clauses of the stations' matches to list; without states, the active ones."""
    states: Json = {"terms": {"state": [each.value for each in wanted.states]}}
    return [
        *counted_clauses(stations, wanted, me, now),
        states if wanted.states else {"term": {"active": True}},
    ]


def counted_clauses(
    stations: Collection[str], wanted: QueueFilter, me: str, now: datetime
) -> list[Json]:
    """Return the clauses of the stations' matches to count: in any state."""
    found: list[Json] = [held_at(stations), _with_worker()]
    for field, value in (("opening_id", wanted.opening), ("occupation", wanted.occupation)):
        if value is not None:
            found.append({"term": {field: value}})
    if wanted.priority is not None:
        found.append({"term": {"priority": wanted.priority}})
    if wanted.accepted is not None:
        found.append(_present("accepted_at") if wanted.accepted else _absent("accepted_at"))
    if wanted.assigned_to is not None:
        found.append(held_by(wanted.assigned_to, me))
    if wanted.township is not None:
        places = [{"term": {field: wanted.township}} for field in ("lives_at", "home")]
        found.append({"bool": {"should": places, "minimum_should_match": 1}})
    if wanted.urgency is not None:
        found.append(due_clause(wanted.urgency, now))
    return found + _age_clauses(wanted, now)


def due_clause(level: Urgency, now: datetime) -> Json:
    """Return the clause of the matches of an urgency: `roost.time.urgency` as a query."""
    until_now, from_now = {"lte": now.isoformat()}, {"gt": now.isoformat()}
    match level:
        case Urgency.OVERDUE:
            return {"range": {"act_by": until_now}}
        case Urgency.SOON:
            due = [{"range": {"act_by": from_now}}, {"range": {"soon_at": until_now}}]
            return {"bool": {"filter": due}}
        case Urgency.LATER:
            return {"range": {"soon_at": from_now}}


def count_aggregations(me: str, now: datetime) -> Json:
    """Return the aggregations of `counts_of`: matches by state, and details of the active ones."""
    named: Json = {level.value: due_clause(level, now) for level in Urgency}
    named |= {
        "mine": held_by(ME, me),
        "unassigned": _absent("assigned_to"),
        "accepted": _present("accepted_at"),
        "priority": {"term": {"priority": True}},
    }
    by: Json = {
        field: {"terms": {"field": field, "size": FACETS}}
        for field in ("township", "occupation", "assigned_to")
    }
    by["occupation"]["aggs"] = {"name": {"terms": {"field": "occupation_name", "size": 1}}}
    parts = {
        "kinds": {"filters": {"filters": named}},
        **by,
        "oldest": {"min": {"field": "proposed_at"}},
    }
    return {
        "states": {"terms": {"field": "state", "size": len(MatchState)}},
        "active": {"filter": {"term": {"active": True}}, "aggs": parts},
    }


def counts_of(answered: Json, name_of: Callable[[str], str], places: Gazetteer) -> Counts:
    """Return the counts in the answer to `count_aggregations`, with names of places and people."""
    states = {each["key"]: each["doc_count"] for each in answered["states"]["buckets"]}
    active = answered["active"]
    kinds = {key: each["doc_count"] for key, each in active["kinds"]["buckets"].items()}
    oldest = active["oldest"].get("value_as_string")
    return Counts(
        total=active["doc_count"],
        by_state={state: states.get(state.value, 0) for state in MatchState},
        **{key: kinds[key] for key in ("overdue", "soon", "mine", "unassigned", "accepted")},
        priority=kinds["priority"],
        oldest=datetime.fromisoformat(oldest) if oldest else None,
        townships=_facets(active["township"], lambda key: place_label(places, key)),
        occupations=_facets(active["occupation"], lambda key: key),
        people=_facets(active["assigned_to"], name_of),
    )


def place_label(places: Gazetteer, key: str) -> str:
    """Return a place's name, or its key if the gazetteer does not know it."""
    return places[key].name if key in places else key


def _facets(answered: Json, name_of: Callable[[str], str]) -> list[Facet]:
    return [
        Facet(
            key=each["key"],
            name=next(
                (named["key"] for named in each.get("name", {}).get("buckets", ())),
                name_of(each["key"]),
            ),
            count=each["doc_count"],
        )
        for each in answered["buckets"]
    ]


def held_at(stations: Collection[str]) -> Json:
    """Return the clause of the matches in the queues of some stations."""
    return {"terms": {"station_id": list(stations)}}


def held_by(holder: str, me: str) -> Json:
    """Return the clause of the matches of a holder: an id, `me` or `nobody`."""
    if holder == NOBODY:
        return _absent("assigned_to")
    return {"term": {"assigned_to": me if holder == ME else holder}}


def _age_clauses(wanted: QueueFilter, now: datetime) -> list[Json]:
    span: Json = {}
    if wanted.older_than is not None:
        span["lte"] = (now - wanted.older_than).isoformat()
    if wanted.newer_than is not None:
        span["gte"] = (now - wanted.newer_than).isoformat()
    return [{"range": {"proposed_at": span}}] if span else []


def _present(field: str) -> Json:
    return {"exists": {"field": field}}


def _absent(field: str) -> Json:
    return {"bool": {"must_not": [_present(field)]}}


def _with_worker() -> Json:
    """Exclude placements whose worker has been erased."""
    return {"bool": {"must_not": [{"term": {"nameless": True}}]}}
