"""Stations: the registry, their queues, and the queues live."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Header, Query, Response
from sse_starlette import EventSourceResponse

from api.dependencies import Accepted, Given, Wait, accept, shown, standing, told_live
from api.paging import Cursor, Limit, Listing, listing
from producers import facts
from roost.events.common import OpeningId, StationId
from roost.events.match import MatchState
from roost.events.station import StationContent
from roost.views.elastic import Json

router = APIRouter(prefix="/v1/stations", tags=["stations"])
ORDERS: dict[str, list[Json]] = {
    "newest": [{"changed_at": "desc"}],
    "best": [{"score": "desc"}],
}


@router.get("", summary="List stations")
async def list_stations(given: Given, limit: Limit = 100, cursor: Cursor = None) -> Listing:
    return await listing(given.elastic, "stations", [], [{"kind": "asc"}], limit, cursor)


@router.get("/{id}", summary="Read a station")
async def read(id: StationId, given: Given) -> dict[str, Any]:
    return shown(await standing(given.elastic, "stations", id, "station", "服务站"))


@router.put("/{id}", status_code=202, summary="Put a station into the registry")
async def put(
    id: StationId, content: StationContent, given: Given, wait: Wait, response: Response
) -> Accepted:
    _, record = facts.station_put(content, at=given.clock.now(), id=id)
    return await accept(given, record, f"/v1/stations/{id}", wait, response, created=False)


@router.get("/{id}/queue", summary="The matches that a station works on")
async def queue(
    id: StationId,
    given: Given,
    limit: Limit = 50,
    cursor: Cursor = None,
    state: Annotated[list[MatchState] | None, Query()] = None,
    opening: OpeningId | None = None,
    assigned_to: Annotated[str | None, Query(max_length=64)] = None,
    order: Literal["newest", "best"] = "newest",
) -> Listing:
    await standing(given.elastic, "stations", id, "station", "服务站")
    filters: list[Json] = [{"term": {"station_id": id}}]
    filters.append({"terms": {"state": state}} if state else {"term": {"active": True}})
    if opening:
        filters.append({"term": {"opening_id": opening}})
    if assigned_to:
        filters.append({"term": {"assigned_to": assigned_to}})
    return await listing(given.elastic, "matches", filters, ORDERS[order], limit, cursor)


@router.get("/{id}/events", summary="The queue live (server-sent events)")
async def events(
    id: StationId, given: Given, last_event_id: Annotated[str | None, Header()] = None
) -> EventSourceResponse:
    """Every change of a match as an event `match`; send `Last-Event-ID` to catch up."""
    await standing(given.elastic, "stations", id, "station", "服务站")
    return EventSourceResponse(told_live(given.live, id, last_event_id, "match"), ping=15)
