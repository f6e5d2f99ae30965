"""Stations: the registry, their queues, and the queues live."""

from __future__ import annotations

import asyncio
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Header, Response
from sse_starlette import EventSourceResponse

from api.access import belonging
from api.access.principal import Principal
from api.access.requirements import Still, allow
from api.guards.conditional import IfMatch
from api.lists import exports
from api.lists.documents import document_answer, existing_document
from api.lists.paging import Cursor, Limit, Listing, bool_of, every, listing, page
from api.lists.sparse import Fields, sparse
from api.live.streaming import event_stream
from api.matches.showing import shown_to
from api.ports.services import Given, Services
from api.stations import queue_export, queue_query
from api.stations.queue_query import Colleagues, Counts, Order, Wanted, wanted
from api.writes.editing import STATION
from api.writes.publishing import Accepted, Wait, edit
from producers import facts
from roost.events.account import Permission
from roost.events.common import StationId
from roost.events.envelope import Record
from roost.events.station import Station, StationContent
from roost.places.gazetteer import gazetteer
from roost.topics import MATCHES

router = APIRouter(prefix="/v1/stations", tags=["stations"])
Reads = Annotated[Principal, allow(Permission.STATIONS_READ)]
Writes = Annotated[Principal, allow(Permission.STATIONS_WRITE)]
Chosen = Annotated[Fields, sparse(Station)]
Works = Annotated[Principal, allow(Permission.MATCHES_READ)]


@router.get("", summary="List stations")
async def list_stations(
    who: Reads, given: Given, limit: Limit = 100, cursor: Cursor = None, fields: Chosen = None
) -> Listing:
    """All of the registry: who serves where is no secret among those who serve."""
    return await listing(given.elastic, "stations", [], [{"kind": "asc"}], limit, cursor, fields)


@router.get("/{id}", summary="Read a station")
async def read(
    id: StationId, who: Reads, given: Given, response: Response, fields: Chosen = None
) -> dict[str, Any]:
    document = await existing_document(given.elastic, "stations", id, "station", "服务站")
    return document_answer(document, response, fields)


@router.put("/{id}", status_code=202, summary="Put a station into the registry")
async def put(
    id: StationId,
    content: StationContent,
    who: Writes,
    given: Given,
    expected: IfMatch,
    wait: Wait,
    response: Response,
) -> Accepted:
    async def change(known: dict[str, Any]) -> Record:
        return facts.station_put(content, at=given.clock.now(), id=id)[1]

    return await edit(given, STATION, id, expected, change, wait, response)


@router.get("/{id}/queue", summary="The matches that a station works on")
async def read_queue(
    id: StationId,
    given: Given,
    who: Works,
    wanted: Annotated[Wanted, Depends(wanted)],
    limit: Limit = 50,
    cursor: Cursor = None,
    order: Order = Order.URGENT,
) -> Listing:
    """The most urgent first, and of one hour the newest; `order` says otherwise."""
    await _of_station(given, who, id)
    now, name = given.clock.now(), given.identities.name_of
    filters = queue_query.filters(id, wanted, who.id, now)
    documents, following = await page(
        given.elastic, MATCHES.name, filters, queue_query.ORDERS[order], limit, cursor
    )
    return Listing(items=[shown_to(who, each, name, now) for each in documents], next=following)


@router.get("/{id}/queue/counts", summary="How many matches of each kind a queue holds")
async def count_queue(
    id: StationId, given: Given, who: Works, wanted: Annotated[Wanted, Depends(wanted)]
) -> Counts:
    """Of what the filters leave; a filter of states is passed over."""
    await _of_station(given, who, id)
    now = given.clock.now()
    query = bool_of(queue_query.in_any_state(id, wanted, who.id, now))
    aggregations = queue_query.aggregations(who.id, now)
    _, answered = await given.elastic.aggregate(MATCHES.name, query, aggregations)
    return queue_query.counts_of(answered, given.identities.name_of, gazetteer())


@router.get(
    "/{id}/queue/export",
    response_class=Response,
    responses=exports.DOCUMENTED,
    summary="The queue as a table, without who the workers are",
)
async def export_queue(
    id: StationId,
    given: Given,
    who: Works,
    wanted: Annotated[Wanted, Depends(wanted)],
    format: exports.Format = exports.Format.XLSX,
) -> Response:
    """The most urgent first, 10,000 rows at most."""
    await _of_station(given, who, id)
    found = queue_query.filters(id, wanted, who.id, given.clock.now())
    documents = [
        each
        async for each in every(
            given.elastic,
            MATCHES.name,
            found,
            queue_query.ORDERS[Order.URGENT],
            most=queue_export.MOST_ROWS,
        )
    ]
    rows = queue_export.rows(documents, given.identities.name_of, gazetteer(), who.language == "zh")
    header = queue_export.header(who.language == "zh")
    return await asyncio.to_thread(exports.download, format, "roost-queue", header, rows)


async def _of_station(given: Services, who: Principal, id: str) -> None:
    """Raises NotFound for a station that is not there, or not of those whom `who` works for."""
    belonging.check_station(who, Permission.MATCHES_READ, id)
    await existing_document(given.elastic, "stations", id, "station", "服务站")


@router.get("/{id}/colleagues", summary="To whom a match of the station can be given")
async def colleagues(
    id: StationId,
    given: Given,
    who: Annotated[Principal, allow(Permission.MATCHES_ASSIGN)],
) -> Colleagues:
    """By name; those who may see every station are among them."""
    await _of_station(given, who, id)
    return queue_query.colleagues_of(id, given.identities.accounts.values())


@router.get("/{id}/events", summary="The queue live (server-sent events)")
async def events(
    id: StationId,
    given: Given,
    who: Works,
    still: Still,
    last_event_id: Annotated[str | None, Header()] = None,
) -> EventSourceResponse:
    """Every change of a match as an event `match`; send `Last-Event-ID` to catch up."""
    await _of_station(given, who, id)
    return EventSourceResponse(event_stream(given.live, id, last_event_id, "match", still), ping=15)
