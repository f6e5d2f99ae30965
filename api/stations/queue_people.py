"""Queue of a station by person: people in the order of their most urgent match, with all matches.

The filters choose the people: those with a match that meets them. A person's group holds all of
their active matches at the station, since one call settles them all.

A page survives edits as `api.lists.live_order` does: the cursor holds the people shown, and after
`MOST_SHOWN` of them the rest follows in the order of ids.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from api.access.principal import Principal
from api.lists.live_order import MOST_SHOWN, Shown
from api.lists.paging import after_of, bool_of, cursor_of, list_key
from api.ports.services import Services
from api.stations.queue_query import SORTS, Order, QueueFilter, held_at, listed_clauses
from api.stations.service import check_queues
from roost.topics import MATCHES
from roost.views.elastic import Json

MOST_OF_PERSON = 50
"""Matches of one person that are read, the most urgent first."""
EXACT_PEOPLE = 40_000
"""Number of people up to which their count is nearly exact; the highest that is possible."""
BY_URGENCY: list[Json] = [*SORTS[Order.URGENT], {"id": "asc"}]


@dataclass(frozen=True, slots=True)
class PersonMatches:
    """A person's matches at some stations: the most urgent first, and their number."""

    worker_id: str
    documents: tuple[Json, ...]
    total: int


async def people_page(
    given: Services,
    who: Principal,
    stations: Sequence[str],
    wanted: QueueFilter,
    *,
    limit: int,
    cursor: str | None = None,
    each: int = MOST_OF_PERSON,
) -> tuple[list[PersonMatches], str | None]:
    """Return a page of people, at most `each` matches of one, and the cursor of the next page.

    Raises NotFound, and TokenRefused for a foreign or expired cursor.
    """
    await check_queues(given, who, stations)
    query = list_key(who.id, "people", repr((tuple(stations), wanted)))
    shown = Shown() if cursor is None else Shown.at(after_of(given, cursor, query))
    filters = listed_clauses(stations, wanted, who.id, given.clock.now())
    people, following = await _page(given, filters, limit, shown)
    found = await _matches_of(given, stations, people, wanted, each)
    return found, cursor_of(given, following.position(), query) if following else None


async def matches_of_people(
    given: Services,
    who: Principal,
    stations: Sequence[str],
    people: Sequence[str],
    wanted: QueueFilter | None = None,
    *,
    each: int = MOST_OF_PERSON,
) -> list[PersonMatches]:
    """Return the active matches of people at stations, and those that meet the filter of states.

    Raises NotFound for a station out of reach.
    """
    await check_queues(given, who, stations)
    return await _matches_of(given, stations, people, wanted or QueueFilter(), each)


async def count_people(
    given: Services, who: Principal, stations: Sequence[str], wanted: QueueFilter
) -> int:
    """Return the number of people with a match that the filters let through. Raises NotFound."""
    await check_queues(given, who, stations)
    query = bool_of(listed_clauses(stations, wanted, who.id, given.clock.now()))
    people: Json = {"field": "worker_id", "precision_threshold": EXACT_PEOPLE}
    counted: Json = {"people": {"cardinality": people}}
    _, answered = await given.elastic.aggregate(MATCHES.name, query, counted)
    return int(answered["people"]["value"])


async def _page(
    given: Services, filters: list[Json], limit: int, shown: Shown
) -> tuple[list[str], Shown | None]:
    """Return the ids of the next people, and the people shown after them; None after the last."""
    in_order = not shown.last_id and len(shown.hashes) + limit <= MOST_SHOWN
    after: list[Json] = [{"range": {"worker_id": {"gt": shown.last_id}}}] if shown.last_id else []
    body: Json = {
        "size": limit + len(shown.hashes),
        "sort": BY_URGENCY if in_order else [{"worker_id": "asc"}],
        "collapse": {"field": "worker_id"},
        "track_total_hits": False,
        "query": bool_of([*filters, *after]),
        "_source": ["worker_id"],
    }
    hits = (await given.elastic.search(MATCHES.name, body)).hits
    people = [each for hit in hits if (each := hit.source["worker_id"]) not in shown][:limit]
    if len(people) < limit:
        return people, None
    return people, shown.plus(people) if in_order else Shown(shown.hashes, people[-1])


async def _matches_of(
    given: Services,
    stations: Sequence[str],
    people: Sequence[str],
    wanted: QueueFilter,
    most: int,
) -> list[PersonMatches]:
    active: list[Json] = [{"term": {"active": True}}]
    if wanted.states:
        active.append({"terms": {"state": [each.value for each in wanted.states]}})
    states: Json = {"bool": {"should": active, "minimum_should_match": 1}}
    bodies: list[tuple[str, Json]] = [
        (
            MATCHES.name,
            {
                "size": most,
                "sort": BY_URGENCY,
                "track_total_hits": True,
                "query": bool_of([held_at(stations), {"term": {"worker_id": id}}, states]),
            },
        )
        for id in people
    ]
    pages = await given.elastic.msearch(bodies)
    return [
        PersonMatches(id, tuple(hit.source for hit in page.hits), page.total)
        for id, page in zip(people, pages, strict=True)
        if page.hits
    ]
