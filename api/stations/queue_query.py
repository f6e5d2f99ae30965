"""A station's queue: what it is filtered, sorted and counted by. Pure; typed clauses only."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Annotated

from fastapi import Query
from pydantic import Field

from api.matches.acting import works_at
from roost.events.account import Account, AccountRole
from roost.events.common import Model, OpeningId
from roost.events.match import MatchState
from roost.places.gazetteer import Gazetteer
from roost.time.urgency import SOON, Urgency
from roost.views.elastic import Json

ME, NOBODY = "me", "nobody"
FACETS = 50
"""Most places, occupations and people that are counted one by one."""


class Order(StrEnum):
    URGENT = "urgent"
    NEWEST = "newest"
    LONGEST = "longest"
    BEST = "best"


ORDERS: dict[Order, list[Json]] = {
    Order.URGENT: [{"urgent_at": "asc"}, {"proposed_at": "desc"}],
    Order.NEWEST: [{"changed_at": "desc"}],
    Order.LONGEST: [{"proposed_at": "asc"}],
    Order.BEST: [{"score": "desc"}],
}


@dataclass(frozen=True, slots=True)
class Wanted:
    """What of a queue somebody wants to see; nothing said is everything that is active."""

    states: tuple[MatchState, ...] = ()
    opening: str | None = None
    assigned_to: str | None = None
    township: str | None = None
    occupation: str | None = None
    priority: bool | None = None
    accepted: bool | None = None
    urgency: Urgency | None = None
    older_than: timedelta | None = None
    newer_than: timedelta | None = None


Key = Annotated[str | None, Query(max_length=64, pattern=r"^[a-z][a-z0-9-]*:[\w.-]+$")]
Hours = Annotated[float | None, Query(ge=0, le=100_000)]


def wanted(
    state: Annotated[list[MatchState] | None, Query(description="active ones without it")] = None,
    opening: OpeningId | None = None,
    assigned_to: Annotated[
        str | None, Query(max_length=64, description="who has it: an id, `me` or `nobody`")
    ] = None,
    township: Annotated[Key, Query(description="key of a place where the worker lives")] = None,
    occupation: Annotated[Key, Query(description="key of the opening's occupation")] = None,
    priority: Annotated[bool | None, Query(description="a consented priority counts")] = None,
    accepted: Annotated[bool | None, Query(description="the worker said yes")] = None,
    urgency: Annotated[Urgency | None, Query(description="as of now")] = None,
    older_than_hours: Annotated[Hours, Query(description="proposed longer ago")] = None,
    newer_than_hours: Annotated[Hours, Query(description="proposed since then")] = None,
) -> Wanted:
    """The filters of a queue."""
    return Wanted(
        states=tuple(state or ()),
        opening=opening,
        assigned_to=assigned_to,
        township=township,
        occupation=occupation,
        priority=priority,
        accepted=accepted,
        urgency=urgency,
        older_than=_hours(older_than_hours),
        newer_than=_hours(newer_than_hours),
    )


def filters(station_id: str, wanted: Wanted, me: str, now: datetime) -> list[Json]:
    """What is listed."""
    states: Json = {"terms": {"state": [each.value for each in wanted.states]}}
    return [
        *in_any_state(station_id, wanted, me, now),
        states if wanted.states else {"term": {"active": True}},
    ]


def in_any_state(station_id: str, wanted: Wanted, me: str, now: datetime) -> list[Json]:
    """What is counted by state."""
    found: list[Json] = [{"term": {"station_id": station_id}}, _not_nameless()]
    for field, value in (("opening_id", wanted.opening), ("occupation", wanted.occupation)):
        if value is not None:
            found.append({"term": {field: value}})
    if wanted.priority is not None:
        found.append({"term": {"priority": wanted.priority}})
    if wanted.accepted is not None:
        found.append(_there("accepted_at") if wanted.accepted else _absent("accepted_at"))
    if wanted.assigned_to is not None:
        found.append(_held_by(wanted.assigned_to, me))
    if wanted.township is not None:
        places = [{"term": {field: wanted.township}} for field in ("lives_at", "home")]
        found.append({"bool": {"should": places, "minimum_should_match": 1}})
    if wanted.urgency is not None:
        found.append(due(wanted.urgency, now))
    return found + _aged(wanted, now)


def due(level: Urgency, now: datetime) -> Json:
    """The filter of what is as urgent as this by now: `roost.time.urgency` as a range."""
    soon = (now + SOON).isoformat()
    span: dict[Urgency, Json] = {
        Urgency.OVERDUE: {"lte": now.isoformat()},
        Urgency.SOON: {"gt": now.isoformat(), "lte": soon},
        Urgency.LATER: {"gt": soon},
    }
    return {"range": {"act_by": span[level]}}


def aggregations(me: str, now: datetime) -> Json:
    """What is counted of a queue: how many in each state, and all else of the active ones."""
    named: Json = {level.value: due(level, now) for level in Urgency}
    named |= {
        "mine": _held_by(ME, me),
        "unassigned": _absent("assigned_to"),
        "accepted": _there("accepted_at"),
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


class Facet(Model):
    key: str
    name: str
    count: int


class Counts(Model):
    """Among those that the filters leave: `by_state` counts all, the rest those that are active."""

    total: int
    by_state: dict[MatchState, int]
    overdue: int
    soon: int
    mine: int
    unassigned: int
    accepted: int
    priority: int
    oldest: datetime | None = Field(description="when the oldest was proposed")
    townships: list[Facet]
    occupations: list[Facet]
    people: list[Facet]


def counts_of(answered: Json, name: Callable[[str], str], places: Gazetteer) -> Counts:
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
        townships=_facets(active["township"], lambda key: _place(places, key)),
        occupations=_facets(active["occupation"], lambda key: key),
        people=_facets(active["assigned_to"], name),
    )


def _place(places: Gazetteer, key: str) -> str:
    return places[key].name if key in places else key


def _facets(answered: Json, name: Callable[[str], str]) -> list[Facet]:
    return [
        Facet(
            key=each["key"],
            name=next(
                (named["key"] for named in each.get("name", {}).get("buckets", ())),
                name(each["key"]),
            ),
            count=each["doc_count"],
        )
        for each in answered["buckets"]
    ]


class Colleague(Model):
    id: str
    name: str
    role: AccountRole


class Colleagues(Model):
    items: list[Colleague]


def colleagues_of(station_id: str, accounts: Iterable[Account]) -> Colleagues:
    found = [each for each in accounts if works_at(each, station_id)]
    return Colleagues(
        items=[
            Colleague(id=each.id, name=each.name, role=each.role)
            for each in sorted(found, key=lambda each: (each.name, each.id))
        ]
    )


def _held_by(who: str, me: str) -> Json:
    if who == NOBODY:
        return _absent("assigned_to")
    return {"term": {"assigned_to": me if who == ME else who}}


def _aged(wanted: Wanted, now: datetime) -> list[Json]:
    span: Json = {}
    if wanted.older_than is not None:
        span["lte"] = (now - wanted.older_than).isoformat()
    if wanted.newer_than is not None:
        span["gte"] = (now - wanted.newer_than).isoformat()
    return [{"range": {"proposed_at": span}}] if span else []


def _hours(hours: float | None) -> timedelta | None:
    return timedelta(hours=hours) if hours is not None else None


def _there(field: str) -> Json:
    return {"exists": {"field": field}}


def _absent(field: str) -> Json:
    return {"bool": {"must_not": [_there(field)]}}


def _not_nameless() -> Json:
    return {"bool": {"must_not": [{"term": {"nameless": True}}]}}
