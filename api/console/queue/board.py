"""What a queue's page shows: a page of rows, counts, and what can be filtered by."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from api.console.queue.filters import ORDER, Filters, question
from api.console.queue.rows import Row, rows_of
from api.dependencies import Services
from api.identity.principal import Principal
from api.matches import acting
from api.paging import page
from api.policy import Reach, reach
from roost.errors import NotFound
from roost.events.account import Permission
from roost.events.match import Match
from roost.places import gazetteer
from roost.views.elastic import Json

ROWS = 50
MOST_PLACES, MOST_STATIONS, MOST_OCCUPATIONS = 60, 500, 100
Choices = list[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Counts:
    waiting: int
    """Somebody still has to do something about them."""
    unclaimed: int
    mine: int
    overdue: int
    shown: int
    """All that the filters let through."""


async def stations_of(given: Services, who: Principal) -> Choices:
    """The stations whose queues somebody may work on: (id, name)."""
    body: Json = {"size": MOST_STATIONS, "sort": [{"name": "asc"}], "query": {"match_all": {}}}
    if reach(who, Permission.MATCHES_READ) is not Reach.ALL:
        body["query"] = {"terms": {"id": list(who.station_ids)}}
    hits = (await given.elastic.search("stations", body)).hits
    return [(hit.id, hit.source["fact"]["name"]) for hit in hits if not hit.source.get("erased")]


async def placed_at(given: Services, who: Principal, filters: Filters, own: Choices) -> Filters:
    """With a station: the one that is asked for, else one's own, else the busiest.

    Raises NotFound for a station out of reach.
    """
    if filters.station:
        if filters.station not in {id for id, _ in own}:
            raise NotFound("There is no such station.", "没有该服务站。")
        return filters
    if who.station_ids or not own:
        return filters.at(next((id for id, _ in own if id in who.station_ids), ""))
    tally = await given.elastic.tallies(
        "matches", [("station_id", [id for id, _ in own], {"term": {"active": True}})]
    )
    return filters.at(max(own, key=lambda each: tally[0].get(each[0], 0))[0])


async def rows(
    given: Services, who: Principal, filters: Filters, cursor: str | None
) -> tuple[list[Row], str | None]:
    """(a page of rows, the cursor of the next)."""
    clauses = [*question(filters, who.id, given.clock.now()), *acting.within(who)]
    found, following = await page(given.elastic, "matches", clauses, ORDER, ROWS, cursor)
    matches = [Match.model_validate(each["fact"]) for each in found]
    return await rows_of(given, who, matches), following


async def counts(given: Services, who: Principal, filters: Filters) -> Counts:
    now = given.clock.now()
    station = Filters(station=filters.station)
    asked = (
        station,
        replace(station, whose="nobody"),
        replace(station, whose="mine"),
        replace(station, overdue=True),
        filters,
    )
    bodies: list[Json] = [
        {
            "size": 0,
            "track_total_hits": True,
            "query": {"bool": {"filter": question(each, who.id, now)}},
        }
        for each in asked
    ]
    pages = await given.elastic.msearch([("matches", body) for body in bodies])
    return Counts(*(each.total for each in pages))


async def places(given: Services, filters: Filters) -> Choices:
    """The townships that the station serves."""
    document = await given.elastic.get("stations", filters.station)
    serves = (document or {}).get("fact", {}).get("serves", [])
    known = gazetteer()
    found = [key for key in known.within(serves) if key in known]
    if len(found) > MOST_PLACES:
        found = [key for key in serves if key in known]
    return sorted(((key, known.full_name(key)) for key in found), key=lambda each: each[1])


async def occupations(given: Services, filters: Filters) -> Choices:
    """Those of the openings in the queue."""
    body: Json = {
        "size": MOST_OCCUPATIONS,
        "_source": ["fact.about.occupation", "fact.about.occupationName"],
        "query": {
            "bool": {
                "filter": [
                    {"term": {"station_id": filters.station}},
                    {"term": {"active": True}},
                    {"exists": {"field": "occupation"}},
                ]
            }
        },
        "collapse": {"field": "occupation"},
    }
    hits: Sequence[Json] = [
        hit.source for hit in (await given.elastic.search("matches", body)).hits
    ]
    about = [hit["fact"]["about"] for hit in hits]
    return sorted(
        ((each["occupation"], each.get("occupationName") or each["occupation"]) for each in about),
        key=lambda each: each[1],
    )
