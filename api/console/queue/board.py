"""Contents of the queue page: a page of rows, the counts, and the stations to choose from."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from api.access.policy import Reach, reach
from api.access.principal import Principal
from api.console.queue.filters import Filters
from api.console.queue.queue_rows import QueueRow, rows_of
from api.ports.services import Services
from api.stations import service as stations
from api.stations.queue_query import QueueFilter
from api.stations.schemas import Counts
from roost.errors import NotFound
from roost.events.account import Permission
from roost.events.match import Match
from roost.topics import MATCHES, STATIONS
from roost.views.elastic import Json

ROWS = 50
"""Rows on a page."""
MOST_STATIONS = 500
Choices = list[tuple[str, str]]
"""Pairs of an id and a name."""


@dataclass(frozen=True, slots=True)
class Board:
    """Counts of a station's whole queue, and the number of matches that the filters let through."""

    all: Counts
    shown: int


async def stations_of(given: Services, who: Principal) -> Choices:
    """Return the stations whose queues the caller may see, by name."""
    body: Json = {"size": MOST_STATIONS, "sort": [{"name": "asc"}], "query": {"match_all": {}}}
    if reach(who, Permission.MATCHES_READ) is not Reach.ALL:
        body["query"] = {"terms": {"id": list(who.station_ids)}}
    hits = (await given.elastic.search(STATIONS.name, body)).hits
    return [(hit.id, hit.source["fact"]["name"]) for hit in hits if not hit.source.get("erased")]


async def at_station(given: Services, who: Principal, filters: Filters, own: Choices) -> Filters:
    """Return the filters with a station: the requested one, else the caller's, else the busiest.

    The station stays empty if there is none. Raises NotFound for a station out of reach.
    """
    if filters.station:
        if filters.station not in {id for id, _ in own}:
            raise NotFound("There is no such station.", "没有该服务站。")
        return filters
    if who.station_ids or not own:
        return filters.at(next((id for id, _ in own if id in who.station_ids), ""))
    tally = await given.elastic.tallies(
        MATCHES.name, [("station_id", [id for id, _ in own], {"term": {"active": True}})]
    )
    return filters.at(max(own, key=lambda each: tally[0].get(each[0], 0))[0])


async def page_of_rows(
    given: Services, who: Principal, filters: Filters, cursor: str | None
) -> tuple[list[QueueRow], str | None]:
    """Return a page of rows, most urgent first, and the cursor of the next page."""
    if not filters.station:
        return [], None
    documents, following = await stations.queue_page(
        given, who, filters.station, filters.wanted, limit=ROWS, cursor=cursor
    )
    matches = [Match.from_stored(each["fact"]) for each in documents]
    return await rows_of(given, who, matches), following


async def board_of(given: Services, who: Principal, filters: Filters) -> Board:
    """Return the counts of the whole queue and the number that the filters let through."""
    if not filters.station:
        return Board(Counts.none(), 0)
    counts, shown = await asyncio.gather(
        stations.count_queue(given, who, filters.station, QueueFilter()),
        stations.count_listed(given, who, filters.station, filters.wanted),
    )
    return Board(counts, shown)
