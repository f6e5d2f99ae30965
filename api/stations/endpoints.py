"""Stations: the registry, their queues, and the queues live."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Header, Query, Response
from sse_starlette import EventSourceResponse

from api import belonging
from api.dependencies import Accepted, Given, Services, Wait, accept, shown, standing, told_live
from api.identity.asking import Still, allow
from api.identity.principal import Principal
from api.paging import Cursor, Limit, Listing, listing
from producers import facts
from roost.events.account import Permission
from roost.events.common import OpeningId, StationId
from roost.events.match import MatchState
from roost.events.station import StationContent
from roost.views.elastic import Json

router = APIRouter(prefix="/v1/stations", tags=["stations"])
Reads = Annotated[Principal, allow(Permission.STATIONS_READ)]
Writes = Annotated[Principal, allow(Permission.STATIONS_WRITE)]
Works = Annotated[Principal, allow(Permission.MATCHES_READ)]
ORDERS: dict[str, list[Json]] = {
    "newest": [{"changed_at": "desc"}],
    "best": [{"score": "desc"}],
}


@router.get("", summary="List stations")
async def list_stations(
    who: Reads, given: Given, limit: Limit = 100, cursor: Cursor = None
) -> Listing:
    """All of the registry: who serves where is no secret among those who serve."""
    return await listing(given.elastic, "stations", [], [{"kind": "asc"}], limit, cursor)


@router.get("/{id}", summary="Read a station")
async def read(id: StationId, who: Reads, given: Given) -> dict[str, Any]:
    return shown(await standing(given.elastic, "stations", id, "station", "服务站"))


@router.put("/{id}", status_code=202, summary="Put a station into the registry")
async def put(
    id: StationId,
    content: StationContent,
    who: Writes,
    given: Given,
    wait: Wait,
    response: Response,
) -> Accepted:
    _, record = facts.station_put(content, at=given.clock.now(), id=id)
    return await accept(given, record, f"/v1/stations/{id}", wait, response, created=False)


@router.get("/{id}/queue", summary="The matches that a station works on")
async def queue(
    id: StationId,
    who: Works,
    given: Given,
    limit: Limit = 50,
    cursor: Cursor = None,
    state: Annotated[list[MatchState] | None, Query()] = None,
    opening: OpeningId | None = None,
    assigned_to: Annotated[str | None, Query(max_length=64)] = None,
    order: Literal["newest", "best"] = "newest",
) -> Listing:
    await _theirs(given, who, id)
    filters: list[Json] = [{"term": {"station_id": id}}]
    filters.append({"terms": {"state": state}} if state else {"term": {"active": True}})
    if opening:
        filters.append({"term": {"opening_id": opening}})
    if assigned_to:
        filters.append({"term": {"assigned_to": assigned_to}})
    return await listing(given.elastic, "matches", filters, ORDERS[order], limit, cursor)


@router.get("/{id}/events", summary="The queue live (server-sent events)")
async def events(
    id: StationId,
    who: Works,
    given: Given,
    still: Still,
    last_event_id: Annotated[str | None, Header()] = None,
) -> EventSourceResponse:
    """Every change of a match as an event `match`; send `Last-Event-ID` to catch up."""
    await _theirs(given, who, id)
    return EventSourceResponse(told_live(given.live, id, last_event_id, "match", still), ping=15)


async def _theirs(given: Services, who: Principal, id: str) -> None:
    """Raises NotFound for a station that is not there, or whose queue is not theirs."""
    belonging.check_station(who, Permission.MATCHES_READ, id)
    await standing(given.elastic, "stations", id, "station", "服务站")
