"""The live queue of a station."""

from __future__ import annotations

import asyncio
from typing import Annotated, Any

from fastapi import APIRouter, Header, Query, Request, Response
from sse_starlette import EventSourceResponse

from api.access.principal import Principal
from api.access.requirements import allow
from api.console.queue import board
from api.console.queue.filters import asked
from api.console.queue.live_rows import told
from api.console.queue.offers import KEYS
from api.console.shell.rendering import page, wants_part
from api.lists.paging import Cursor
from api.ports.services import Given
from roost.events.account import Permission
from roost.events.match import MatchState

router = APIRouter(prefix="/console/queue", include_in_schema=False)
VIEW_BEHIND_S = 5.0
"""The topic may have said what a search does not find yet: told again, rows know their revision."""
Clerk = Annotated[Principal, allow(Permission.MATCHES_ASSIGN)]


@router.get("")
async def queue(request: Request, given: Given, who: Clerk, cursor: Cursor = None) -> Response:
    """The whole page; for htmx only what the filters change. Without scripts `cursor` goes on."""
    own = await board.stations_of(given, who)
    filters = await board.placed_at(given, who, asked(request.query_params), own)
    since = await given.live.position(VIEW_BEHIND_S)
    (rows, following), counts = await asyncio.gather(
        board.rows(given, who, filters, cursor), board.counts(given, who, filters)
    )
    values: dict[str, Any] = {
        "filters": filters,
        "rows": rows,
        "next": following,
        "since": since,
        "counts": counts,
    }
    if wants_part(request):
        return page(request, "queue/board.html", **values)
    return page(
        request,
        "queue/page.html",
        stations=own,
        states=[state.value for state in MatchState],
        keys={kind.value: key for kind, key in KEYS.items()},
        **values,
    )


@router.get("/more")
async def more(request: Request, given: Given, who: Clerk, cursor: Cursor = None) -> Response:
    own = await board.stations_of(given, who)
    filters = await board.placed_at(given, who, asked(request.query_params), own)
    rows, following = await board.rows(given, who, filters, cursor)
    return page(request, "queue/more.html", filters=filters, rows=rows, next=following)


@router.get("/counts")
async def count(request: Request, given: Given, who: Clerk) -> Response:
    own = await board.stations_of(given, who)
    filters = await board.placed_at(given, who, asked(request.query_params), own)
    found = await board.counts(given, who, filters)
    return page(request, "queue/counts.html", filters=filters, counts=found)


@router.get("/events")
async def events(
    request: Request,
    given: Given,
    who: Clerk,
    last_event_id: Annotated[str | None, Header(max_length=500)] = None,
    since: Annotated[str | None, Query(max_length=500)] = None,
) -> EventSourceResponse:
    """What changes; a browser that was away says where it was."""
    own = await board.stations_of(given, who)
    filters = await board.placed_at(given, who, asked(request.query_params), own)
    return EventSourceResponse(told(request, given, who, filters, last_event_id or since), ping=15)
