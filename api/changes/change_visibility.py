"""Visible part of the change feed: changes within the caller's reach, and the data of each.

Changes of workers, and of erased entities, carry only ids.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import orjson

from api.access import belonging, policy
from api.access.policy import Belonging, Reach
from api.access.principal import Principal
from api.changes.schemas import Changed
from api.live.feed_positions import TYPE_OF
from api.matches.match_answers import match_answers
from api.ports.live_messages import FeedChange
from api.ports.services import Services
from roost import ids
from roost.events.account import Permission
from roost.places.gazetteer import gazetteer
from roost.topics import MATCHES, OPENINGS, PROFILES, STATIONS

NEEDED = {
    OPENINGS.name: Permission.OPENINGS_READ,
    MATCHES.name: Permission.MATCHES_READ,
    PROFILES.name: Permission.PROFILES_READ,
    STATIONS.name: Permission.STATIONS_READ,
}
Fact = dict[str, Any]


def may_read(who: Principal, topic: str) -> bool:
    """Return whether the caller has the permission that a topic needs."""
    return NEEDED[topic] in policy.permissions(who)


async def visible_changes(
    given: Services, who: Principal, changes: Sequence[FeedChange]
) -> list[tuple[FeedChange, Changed]]:
    """Return the changes that the caller may see, each with its answer, in the given order.

    The views are read once for all of them.
    """
    readable = [(each, fact_of(each)) for each in changes if may_read(who, each.topic)]
    owners = await _employers(given, who, readable)
    stations = await belonging.serves(given, who)
    within = [
        (change, fact) for change, fact in readable if _within(who, change, fact, owners, stations)
    ]
    matches = [_document(*each) for each in within if _is_match_with_data(each)]
    masked = iter(await match_answers(given, who, matches))
    return [
        (
            change,
            _changed(change, next(masked) if _is_match_with_data((change, fact)) else None, fact),
        )
        for change, fact in within
    ]


def fact_of(change: FeedChange) -> Fact | None:
    """Return the fact of a change; None if it was erased or is unreadable (a dead letter)."""
    try:
        fact = orjson.loads(change.value) if change.value is not None else None
    except orjson.JSONDecodeError:
        return None
    return fact if isinstance(fact, dict) else None


def _is_match_with_data(each: tuple[FeedChange, Fact | None]) -> bool:
    return each[0].topic == MATCHES.name and each[1] is not None


def _document(change: FeedChange, fact: Fact | None) -> dict[str, Any]:
    assert fact is not None
    return {"fact": fact, "version": change.version, "worker_id": fact.get("workerId", "")}


def _changed(change: FeedChange, match: Fact | None, fact: Fact | None) -> Changed:
    data = match
    if change.topic in {OPENINGS.name, STATIONS.name} and fact is not None:
        data = {**fact, "version": change.version}
    return Changed(
        type=TYPE_OF[change.topic],
        id=change.key,
        version=change.version,
        at=change.at,
        erased=change.value is None,
        data=data,
    )


def _within(
    who: Principal,
    change: FeedChange,
    fact: Fact | None,
    owners: dict[str, str],
    stations: belonging.Serves,
) -> bool:
    """Return whether a change is within the caller's reach."""
    how_far = policy.reach(who, NEEDED[change.topic])
    if change.topic == STATIONS.name or how_far is Reach.ALL:
        return True
    if fact is None:  # an id alone discloses nothing; every holder removes the entity
        if how_far is Reach.EMPLOYER:
            return owners.get(_opening_of(change), "") == who.employer_id
        return how_far is Reach.STATIONS or change.key == who.worker_id
    return policy.reaches(how_far, who, _belongs(change, fact, owners, stations))


def _belongs(
    change: FeedChange, fact: Fact, owners: dict[str, str], stations: belonging.Serves
) -> Belonging:
    if change.topic == MATCHES.name:
        station = fact.get("stationId")
        return Belonging(
            owners.get(fact.get("openingId", "")),
            fact.get("workerId"),
            (station,) if station else (),
        )
    if change.topic == PROFILES.name:
        places = [*_ancestors(fact.get("location")), *_ancestors(fact.get("home"))]
        return Belonging(worker_id=change.key, station_ids=belonging.serving(stations, places))
    employer = fact.get("hiringOrganization", {}).get("id")
    served = belonging.serving(stations, _ancestors(fact.get("jobLocation")))
    return Belonging(employer, None, served)


def _ancestors(place: Any) -> tuple[str, ...]:
    """Return the key of a place and of every division that contains it."""
    if not isinstance(place, dict) or not place.get("code"):
        return ()
    return gazetteer().ancestors(f"{place.get('scheme')}:{place['code']}")


async def _employers(
    given: Services, who: Principal, changes: Sequence[tuple[FeedChange, Fact | None]]
) -> dict[str, str]:
    """Return, for a caller who is an employer, the employer of each changed match's opening."""
    if policy.GRANTS[who.role][0] is not Reach.EMPLOYER:
        return {}
    opening_ids = {_opening_of(change) for change, _ in changes} - {""}
    keys = [(OPENINGS.name, id) for id in sorted(opening_ids)]
    found = await given.elastic.mget(keys, ("employer_id",))
    return {id: str(document.get("employer_id")) for (_, id), document in found.items()}


def _opening_of(change: FeedChange) -> str:
    """Return the opening of a changed match, which its id names; empty for anything else."""
    try:
        return ids.split_match_id(change.key)[0] if change.topic == MATCHES.name else ""
    except ValueError:
        return ""
