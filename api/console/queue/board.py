"""Contents of the queue page: a page of rows, the counts, and the stations to choose from."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import Any

from api.access.policy import Reach, reach
from api.access.principal import Principal
from api.console.queue.filters import ALL, Filters
from api.console.queue.people import page_of_people
from api.console.queue.queue_rows import QueueRow, rows_of
from api.ports.services import Services
from api.stations import service as stations
from api.stations.queue_people import count_people
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
    """Counts of the whole queue, and the number of matches that the filters let through."""

    all: Counts
    shown: int
    people: int | None = None
    """Number of people with such a match; None unless the page is by person."""


async def stations_of(given: Services, who: Principal) -> Choices:
    """Return the stations whose queues the caller may see, by name."""
    body: Json = {"size": MOST_STATIONS, "sort": [{"name": "asc"}], "query": {"match_all": {}}}
    if reach(who, Permission.MATCHES_READ) is not Reach.ALL:
        body["query"] = {"terms": {"id": list(who.station_ids)}}
    hits = (await given.elastic.search(STATIONS.name, body)).hits
    return [(hit.id, hit.source["fact"]["name"]) for hit in hits if not hit.source.get("erased")]


async def at_station(given: Services, who: Principal, filters: Filters, own: Choices) -> Filters:
    """Return the filters with stations: those requested, else the caller's, else the busiest one.

    They stay without one if there is none. Raises NotFound for a station out of reach.
    """
    if filters.station == ALL:
        return filters.across([id for id, _ in own])
    if filters.station:
        if filters.station not in {id for id, _ in own}:
            raise NotFound("There is no such station.", "没有该服务站。")
        return filters.at(filters.station)
    mine = [id for id, _ in own if id in who.station_ids]
    if len(mine) > 1:
        return filters.across(mine)
    if mine or not own:
        return filters.at(mine[0] if mine else "")
    tally = await given.elastic.tallies(
        MATCHES.name, [("station_id", [id for id, _ in own], {"term": {"active": True}})]
    )
    return filters.at(max(own, key=lambda each: tally[0].get(each[0], 0))[0])


async def page_of_queue(
    given: Services, who: Principal, filters: Filters, cursor: str | None
) -> dict[str, Any]:
    """Return the rows or, on a page by person, the groups, and the cursor of the next page."""
    if filters.by_person:
        groups, following = await page_of_people(given, who, filters, cursor)
        return {"groups": groups, "rows": [], "next": following}
    rows, following = await page_of_rows(given, who, filters, cursor)
    return {"groups": [], "rows": rows, "next": following}


async def page_of_rows(
    given: Services, who: Principal, filters: Filters, cursor: str | None
) -> tuple[list[QueueRow], str | None]:
    """Return a page of rows, most urgent first, and the cursor of the next page."""
    if not filters.stations:
        return [], None
    documents, following = await stations.queue_page(
        given, who, filters.stations, filters.wanted, limit=ROWS, cursor=cursor
    )
    matches = [Match.from_stored(each["fact"]) for each in documents]
    return await rows_of(given, who, matches), following


async def board_of(given: Services, who: Principal, filters: Filters) -> Board:
    """Return the counts of the whole queue and the number that the filters let through."""
    if not filters.stations:
        return Board(Counts.none(), 0)
    counts, shown, people = await asyncio.gather(
        stations.count_queue(given, who, filters.stations, QueueFilter()),
        stations.count_listed(given, who, filters.stations, filters.wanted),
        _people(given, who, filters),
    )
    return Board(counts, shown, people)


async def _people(given: Services, who: Principal, filters: Filters) -> int | None:
    if not filters.by_person:
        return None
    return await count_people(given, who, filters.stations, filters.wanted)
