"""Endpoints of stations: the registry, their queues, and the queues live."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Annotated

from fastapi import APIRouter, Depends, Header, Query, Response

from api.access.principal import Principal
from api.access.requirements import Still, allow
from api.guards.conditional import IfMatch
from api.lists import exports
from api.lists.answer_schemas import tagged_answer
from api.lists.documents import document_answer
from api.lists.paging import Cursor, Limit, with_fields
from api.lists.sparse import Fields, sparse
from api.lists.totals import Total
from api.live.concerns import queue_of
from api.live.own_positions import OwnPositions
from api.live.streaming import LiveResponse, event_stream
from api.matches.schemas import MatchAnswer, MatchListing
from api.ports.services import Given
from api.stations import service
from api.stations.queue_query import Order, QueueFilter
from api.stations.schemas import (
    Colleagues,
    Counts,
    StationAnswer,
    StationFact,
    StationListing,
)
from api.writes.publishing import Accepted, Wait, answered
from roost.events.account import Permission
from roost.events.common import OpeningId, StationId
from roost.events.match import MatchState
from roost.events.station import StationContent
from roost.time.urgency import Urgency

router = APIRouter(prefix="/v1/stations", tags=["stations"])
Reads = Annotated[Principal, allow(Permission.STATIONS_READ)]
Writes = Annotated[Principal, allow(Permission.STATIONS_WRITE)]
Works = Annotated[Principal, allow(Permission.MATCHES_READ)]
Assigns = Annotated[Principal, allow(Permission.MATCHES_ASSIGN)]
Chosen = Annotated[Fields, sparse(StationAnswer)]
ChosenOfMatch = Annotated[Fields, sparse(MatchAnswer)]
TermKey = Annotated[str | None, Query(max_length=64, pattern=r"^[a-z][a-z0-9-]*:[\w.-]+$")]
Hours = Annotated[float | None, Query(ge=0, le=100_000)]


def queue_filter(
    state: Annotated[list[MatchState] | None, Query(description="active ones without it")] = None,
    opening: OpeningId | None = None,
    assigned_to: Annotated[
        str | None, Query(max_length=64, description="the holder: an id, `me` or `nobody`")
    ] = None,
    township: Annotated[TermKey, Query(description="key of a place where the worker lives")] = None,
    occupation: Annotated[TermKey, Query(description="key of the opening's occupation")] = None,
    priority: Annotated[bool | None, Query(description="a consented priority counts")] = None,
    accepted: Annotated[bool | None, Query(description="the worker accepted")] = None,
    urgency: Annotated[Urgency | None, Query(description="as of now")] = None,
    older_than_hours: Annotated[Hours, Query(description="proposed longer ago")] = None,
    newer_than_hours: Annotated[Hours, Query(description="proposed since then")] = None,
) -> QueueFilter:
    """Return the filters of a queue that the query names."""
    return QueueFilter(
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


Wanted = Annotated[QueueFilter, Depends(queue_filter)]


@router.get("", summary="List stations")
async def list_stations(
    who: Reads,
    given: Given,
    limit: Limit = 100,
    cursor: Cursor = None,
    fields: Chosen = None,
    identifier: Annotated[
        str | None, Query(min_length=1, max_length=300, description="code of the station")
    ] = None,
    total: Total = False,
) -> StationListing:
    """Return a page of the whole registry."""
    return await service.list_stations(
        given, who, limit=limit, cursor=cursor, fields=fields, identifier=identifier, total=total
    )


@router.get("/{id}", summary="Read a station", responses=tagged_answer())
async def read_station(
    id: StationId, who: Reads, given: Given, response: Response, fields: Chosen = None
) -> StationFact:
    """Return one station, or the requested fields of it."""
    return document_answer(await service.find_station(given, who, id), response, fields)


@router.put("/{id}", status_code=202, summary="Put a station into the registry")
async def put_station(
    id: StationId,
    content: StationContent,
    who: Writes,
    given: Given,
    expected: IfMatch,
    wait: Wait,
    response: Response,
) -> Accepted:
    """Replace a station, or add it if the id is unknown."""
    written = await service.put_station(given, who, id, content, expected)
    return await answered(given, written, f"/v1/stations/{id}", wait, response)


@router.get("/{id}/queue", summary="Matches that a station works on")
async def list_queue(
    id: StationId,
    given: Given,
    who: Works,
    wanted: Wanted,
    limit: Limit = 50,
    cursor: Cursor = None,
    fields: ChosenOfMatch = None,
    order: Order = Order.URGENT,
    total: Total = False,
) -> MatchListing:
    """Return the most urgent first and, within one hour, the newest; `order` changes that."""
    found = await service.list_queue(
        given, who, id, wanted, order=order, limit=limit, cursor=cursor, total=total
    )
    return with_fields(found, fields)


@router.get("/{id}/queue/counts", summary="Number of matches of each kind in a queue")
async def count_queue(id: StationId, given: Given, who: Works, wanted: Wanted) -> Counts:
    """Return the counts within the filters; a filter of states is ignored."""
    return await service.count_queue(given, who, (id,), wanted)


@router.get(
    "/{id}/queue/export",
    response_class=Response,
    responses=exports.DOCUMENTED,
    summary="The queue as a table, without the workers' identities",
)
async def export_queue(
    id: StationId,
    given: Given,
    who: Works,
    wanted: Wanted,
    format: exports.Format = exports.Format.XLSX,
) -> Response:
    """Return the most urgent first, at most 10,000 rows."""
    table = await service.export_queue(given, who, id, wanted)
    return await asyncio.to_thread(exports.download, format, "roost-queue", table)


@router.get("/{id}/colleagues", summary="Colleagues to whom a match of the station can be assigned")
async def list_colleagues(id: StationId, given: Given, who: Assigns) -> Colleagues:
    """Return them by name; accounts that see every station are included."""
    return await service.list_colleagues(given, who, id)


@router.get("/{id}/events", summary="The queue live (server-sent events)")
async def stream_queue(
    id: StationId,
    given: Given,
    who: Works,
    still: Still,
    last_event_id: Annotated[str | None, Header()] = None,
) -> LiveResponse:
    """Send every change of a match as an event `match`; send `Last-Event-ID` to catch up.

    An event `left` names a match that another station has now, `erased` a match or a worker that
    has been erased. After `reload` more was missed than is replayed: read the queue again. 429 if
    too many streams are open.
    """
    await service.check_queue(given, who, id)
    own = OwnPositions(given.key, who.id)
    events = event_stream(given.live, queue_of(id), id, last_event_id, still, own)
    return LiveResponse(events, given.streams, who.counted_as)


def _hours(hours: float | None) -> timedelta | None:
    return timedelta(hours=hours) if hours is not None else None
