"""Owners of entities, as the views hold them: checks against a reach, and filters of lists.

A function that returns a document raises NotFound with the same text whether the id is unknown or
out of the caller's reach, so that nobody can probe for ids.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from api.access import policy
from api.access.policy import Belonging, Reach
from api.access.principal import Principal
from api.lists.documents import existing_document, not_found
from api.lists.paging import bool_of
from api.ports.services import Services
from roost import ids
from roost.constraints.needs import locate
from roost.errors import NotFound
from roost.events.account import Permission
from roost.events.common import Place
from roost.events.notice import Audience
from roost.places.gazetteer import gazetteer
from roost.places.place_clauses import clauses_within
from roost.rules.notice_audience import are_wholly_served, is_reached_by_place
from roost.topics import EMPLOYERS, MATCHES, OPENINGS, PROFILES, STATIONS
from roost.views.elastic import Json

MOST_MATCHES = 1_000
"""Matches read for a worker's list of openings; far more than a worker has at a time."""
Serves = Mapping[str, frozenset[str]]


async def serves(given: Services, who: Principal) -> Serves:
    """Return the places that each of the caller's stations serves, by station."""
    keys = [(STATIONS.name, id) for id in who.station_ids]
    found = await given.elastic.mget(keys, ("serves",))
    return {id: frozenset(found.get((view, id), {}).get("serves", ())) for view, id in keys}


def serving(stations: Serves, places: Iterable[str]) -> tuple[str, ...]:
    """Return the stations that serve at least one of the places. Pure."""
    lie_in = frozenset(places)
    return tuple(id for id, served in stations.items() if not served.isdisjoint(lie_in))


async def opening(given: Services, who: Principal, permission: Permission, id: str) -> Json:
    """Return an opening that the caller may read: through ownership, service area or a match.

    Raises NotFound.
    """
    how_far = policy.reach(who, permission)
    document = await existing_document(given.elastic, OPENINGS.name, id, "opening", "岗位")
    if policy.reaches(how_far, who, await _of_opening(given, who, how_far, document)):
        return document
    if how_far is Reach.STATIONS and await _in_queue(given, who, {"term": {"opening_id": id}}):
        return document
    if how_far is Reach.SELF and who.worker_id is not None:
        match = await given.elastic.get(MATCHES.name, ids.match_id(id, who.worker_id))
        if match is not None and not match.get("erased"):
            return document
    raise not_found("opening", "岗位", id)


async def own_opening(given: Services, who: Principal, permission: Permission, id: str) -> Json:
    """Return an opening that the caller may change; a match alone gives no access.

    Raises NotFound.
    """
    how_far = policy.reach(who, permission)
    document = await existing_document(given.elastic, OPENINGS.name, id, "opening", "岗位")
    if not policy.reaches(how_far, who, await _of_opening(given, who, how_far, document)):
        raise not_found("opening", "岗位", id)
    return document


async def within_reach(
    given: Services,
    who: Principal,
    permission: Permission,
    *,
    employer_id: str | None = None,
    worker_id: str | None = None,
    places: Iterable[str] = (),
) -> bool:
    """Return whether an entity with these owners and places is within the caller's reach.

    Raises Forbidden without the permission.
    """
    how_far = policy.reach(who, permission)
    stations = serving(await _own(given, who, how_far), places)
    return policy.reaches(how_far, who, Belonging(employer_id, worker_id, stations))


async def profile(given: Services, who: Principal, permission: Permission, id: str) -> Json:
    """Return the document of a worker within the caller's reach. Raises NotFound.

    The reach is that of `reaches_worker`, judged on the newest fact known: a worker erased by this
    process is unknown at once, although the view may still show the profile.
    """
    policy.reach(who, permission)
    document = await existing_document(given.elastic, PROFILES.name, id, "worker", "人员")
    current = given.latest.over(PROFILES.name, id, document)
    if current.fact is None or not await reaches_worker(given, who, permission, id, current.fact):
        raise not_found("worker", "人员", id)
    return document


async def reaches_worker(
    given: Services, who: Principal, permission: Permission, id: str, fact: Mapping[str, Any]
) -> bool:
    """Return whether a stored worker is within the caller's reach.

    That is the caller, a worker who lives or is at home in a place that the caller's stations
    serve, or one with an active match in their queues. An ended match gives no access.
    """
    how_far = policy.reach(who, permission)
    homes = (Place.from_stored(fact[name]) for name in ("location", "home"))
    if await within_reach(given, who, permission, worker_id=id, places=places_of(*homes)):
        return True
    return how_far is Reach.STATIONS and await _served_now(given, who, id)


async def workers_nearby(
    given: Services, who: Principal, permission: Permission
) -> Callable[[Mapping[str, Any]], bool]:
    """Return the test whether a worker lives or is at home where the caller's stations serve.

    It takes a stored profile, and is always true for a reach over everything.
    """
    how_far = policy.reach(who, permission)
    stations = await _own(given, who, how_far)

    def is_nearby(fact: Mapping[str, Any]) -> bool:
        homes = [Place.from_stored(fact[name]) for name in ("location", "home") if fact.get(name)]
        return how_far is Reach.ALL or bool(serving(stations, places_of(*homes)))

    return is_nearby


def places_of(*places: Place) -> list[str]:
    """Return the keys of places and of every division that contains them."""
    return [key for place in places for key in locate(place, gazetteer())[0]]


async def match(given: Services, who: Principal, permission: Permission, id: str) -> Json:
    """Return a match of the caller's opening, of the caller, or in their stations' queues.

    Raises NotFound.
    """
    document = await existing_document(given.elastic, MATCHES.name, id, "match", "匹配")
    check_match(who, permission, document)
    return document


def check_match(who: Principal, permission: Permission, document: Json) -> None:
    """Raise NotFound for a match out of the caller's reach."""
    if not reaches_match(who, permission, document):
        raise not_found("match", "匹配", document["id"])


def reaches_match(who: Principal, permission: Permission, document: Json) -> bool:
    """Return whether a match is within the caller's reach. Raises Forbidden without permission."""
    station_id = document.get("station_id")
    stations = (station_id,) if station_id else ()
    owners = Belonging(document.get("employer_id"), document.get("worker_id"), stations)
    return policy.reaches(policy.reach(who, permission), who, owners)


def check_station(who: Principal, permission: Permission, id: str) -> None:
    """Raise NotFound for a station out of the caller's reach."""
    how_far = policy.reach(who, permission)
    if not policy.reaches(how_far, who, Belonging(station_ids=(id,))):
        raise not_found("station", "服务站", id)


async def recipient(given: Services, who: Principal, permission: Permission, id: str) -> None:
    """Raise NotFound for a notified worker or station out of the caller's reach."""
    if id.startswith("w-"):
        await profile(given, who, permission, id)
    else:
        check_station(who, permission, id)


async def notice(
    given: Services, who: Principal, permission: Permission, audience: Audience, *, whole: bool
) -> bool:
    """Return whether the caller serves a recipient of a notice or, with `whole`, all of them."""
    how_far = policy.reach(who, permission)
    if how_far is not Reach.STATIONS:
        return how_far is Reach.ALL
    served = frozenset().union(*(await serves(given, who)).values())
    by_place = are_wholly_served if whole else is_reached_by_place
    parts = [by_place(audience.places, served, gazetteer())] if audience.places else []
    parts += [id in who.station_ids for id in audience.station_ids]
    parts += [await _serve(given, who, permission, id) for id in audience.worker_ids]
    return all(parts) if whole else any(parts)


async def _serve(given: Services, who: Principal, permission: Permission, id: str) -> bool:
    try:
        await profile(given, who, permission, id)
    except NotFound:
        return False
    return True


async def employer(given: Services, who: Principal, permission: Permission, id: str) -> None:
    """Raise NotFound for an employer without an opening or contact, and for one out of reach.

    A station reaches the employers with an opening at a place that it serves; closed ones count:
    the station still knows the employer.
    """
    if await has_opening_within_reach(given, who, permission, id):
        return
    if policy.reach(who, permission) is Reach.ALL:
        contact = await given.elastic.get(EMPLOYERS.name, ids.employer_key(id))
        if contact is not None and not contact.get("erased"):
            return
    raise not_found("employer", "用工单位", id)


async def has_opening_within_reach(
    given: Services, who: Principal, permission: Permission, employer_id: str
) -> bool:
    """Return whether an employer has an opening within the caller's reach; closed ones count."""
    within = await openings_within_reach(given, who, permission)
    query = bool_of([{"term": {"employer_id": employer_id}}, *within])
    return await given.elastic.count(OPENINGS.name, query) > 0


async def openings_within_reach(
    given: Services, who: Principal, permission: Permission
) -> list[Json]:
    """Return the filters that limit a list of openings to the caller's reach."""
    match policy.reach(who, permission):
        case Reach.ALL:
            return []
        case Reach.EMPLOYER:
            return [{"term": {"employer_id": who.employer_id}}]
        case Reach.STATIONS:
            places = frozenset().union(*(await serves(given, who)).values())
            return [{"terms": {"places": sorted(places)}}]
        case Reach.SELF:
            return [{"terms": {"id": await _matched_openings(given, who)}}]


async def profiles_within_reach(
    given: Services, who: Principal, permission: Permission
) -> list[Json]:
    """Return the filters that limit a list of workers to the caller's reach.

    Stations see the workers whose places or home lie in their service area.
    """
    match policy.reach(who, permission):
        case Reach.ALL:
            return []
        case Reach.STATIONS:
            places = sorted(frozenset().union(*(await serves(given, who)).values()))
            within = [{"terms": {"places": places}}, *clauses_within("home", places, gazetteer())]
            return [{"bool": {"should": within, "minimum_should_match": 1}}]
        case Reach.SELF:
            return [{"term": {"id": who.worker_id}}]
        case Reach.EMPLOYER:
            return [{"terms": {"id": []}}]


def matches_within_reach(who: Principal, permission: Permission) -> list[Json]:
    """Return the filters that limit a list of matches to the caller's reach."""
    match policy.reach(who, permission):
        case Reach.STATIONS:
            return [{"terms": {"station_id": list(who.station_ids)}}]
        case Reach.SELF:
            return [{"term": {"worker_id": who.worker_id}}]
        case Reach.EMPLOYER:
            return [{"term": {"employer_id": who.employer_id}}]
        case Reach.ALL:
            return []


async def _of_opening(given: Services, who: Principal, how_far: Reach, document: Json) -> Belonging:
    stations = serving(await _own(given, who, how_far), document.get("places", ()))
    return Belonging(employer_id=document.get("employer_id"), station_ids=stations)


async def _own(given: Services, who: Principal, how_far: Reach) -> Serves:
    return await serves(given, who) if how_far is Reach.STATIONS else {}


async def _served_now(given: Services, who: Principal, worker_id: str) -> bool:
    """Return whether a worker has an active match in the queue of one of the caller's stations."""
    return await _in_queue(
        given, who, {"term": {"worker_id": worker_id}}, {"term": {"active": True}}
    )


async def _in_queue(given: Services, who: Principal, *matching: Json) -> bool:
    """Return whether the queue of one of the caller's stations holds such a match."""
    own_stations: Json = {"terms": {"station_id": list(who.station_ids)}}
    query: Json = {
        "bool": {"filter": [*matching, own_stations], "must_not": [{"term": {"erased": True}}]}
    }
    return await given.elastic.count(MATCHES.name, query) > 0


async def _matched_openings(given: Services, who: Principal) -> list[str]:
    body: Json = {
        "size": MOST_MATCHES,
        "_source": ["opening_id"],
        "sort": [{"changed_at": "desc"}],
        "track_total_hits": False,
        "query": {
            "bool": {
                "filter": [{"term": {"worker_id": who.worker_id}}],
                "must_not": [{"term": {"erased": True}}],
            }
        },
    }
    page = await given.elastic.search(MATCHES.name, body)
    return sorted({hit.source["opening_id"] for hit in page.hits})
