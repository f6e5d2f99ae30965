"""What a queue's page shows: a page of rows, counts, and what can be filtered by."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from api.access.policy import Reach, reach
from api.access.principal import Principal
from api.console.queue.filters import Filters
from api.console.queue.queue_rows import Row, rows_of
from api.lists.paging import bool_of, page
from api.ports.services import Services
from api.stations import queue_query
from api.stations.queue_query import Counts, Wanted
from roost.errors import NotFound
from roost.events.account import Permission
from roost.events.match import Match
from roost.places.gazetteer import gazetteer
from roost.topics import MATCHES
from roost.views.elastic import Json

ROWS = 50
MOST_STATIONS = 500
Choices = list[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Board:
    """`all` counts the station's queue, `shown` what the filters let through."""

    all: Counts
    shown: int


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
    clauses = queue_query.filters(filters.station, filters.wanted, who.id, given.clock.now())
    order = queue_query.ORDERS[queue_query.Order.URGENT]
    found, following = await page(given.elastic, MATCHES.name, clauses, order, ROWS, cursor)
    matches = [Match.from_stored(each["fact"]) for each in found]
    return await rows_of(given, who, matches), following


async def counts(given: Services, who: Principal, filters: Filters) -> Board:
    """Of the whole queue, and how many the filters let through."""
    now = given.clock.now()
    everything = queue_query.in_any_state(filters.station, Wanted(), who.id, now)
    asked = given.elastic.aggregate(
        MATCHES.name, bool_of(everything), queue_query.aggregations(who.id, now)
    )
    shown = given.elastic.count(
        MATCHES.name, bool_of(queue_query.filters(filters.station, filters.wanted, who.id, now))
    )
    (_, answered), count = await asyncio.gather(asked, shown)
    return Board(queue_query.counts_of(answered, given.identities.name_of, gazetteer()), count)
