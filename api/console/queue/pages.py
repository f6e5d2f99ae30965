"""Page of a station's live queue."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Annotated, Any
from urllib.parse import parse_qsl

from fastapi import APIRouter, Query, Request, Response
from sse_starlette import ServerSentEvent

from api.access.requirements import Still
from api.access.sessions import set_protected_cookie
from api.console.queue import board
from api.console.queue.chosen import Chosen, Clerk
from api.console.queue.filters import filters_from_query
from api.console.queue.live_rows import RETRY_MS, no_rows, row_events
from api.console.queue.offers import SHORTCUTS
from api.console.shell.forms import new_seed
from api.console.shell.navigation import LAST_QUEUE
from api.console.shell.rendering import page, wants_part
from api.console.shell.shared_streams import Shared
from api.lists.paging import Cursor
from api.live.merging import MOST_PARTS, merged
from api.live.streaming import LiveResponse
from api.ports.services import Given
from roost.errors import NotFound
from roost.events.match import MatchState

router = APIRouter(prefix="/console/queue", include_in_schema=False)
KEPT = timedelta(hours=12)
"""Time for which the way back from a match leads to the last shown queue."""
VIEW_BEHIND_S = 5.0
"""Live updates start this long ago, for changes that searches do not find yet.

A change sent twice does no harm: rows carry their revision.
"""


@router.get("")
async def show_queue(
    request: Request, given: Given, who: Clerk, chosen: Chosen, cursor: Cursor = None
) -> Response:
    """Show the page; for htmx, only the part that the filters change.

    `cursor` leads to the next page in a browser without scripts.
    """
    since = await given.live.position(VIEW_BEHIND_S)
    shown, counts = await asyncio.gather(
        board.page_of_queue(given, who, chosen.filters, cursor),
        board.board_of(given, who, chosen.filters),
    )
    values: dict[str, Any] = {
        "filters": chosen.filters,
        "since": since,
        "counts": counts,
        "seed": new_seed(),
        **shown,
    }
    if wants_part(request):
        answer = page(request, "queue/board.html", **values)
    else:
        values |= {"stations": chosen.stations, "states": [state.value for state in MatchState]}
        keys = {kind.value: key for kind, key in SHORTCUTS.items()}
        answer = page(request, "queue/page.html", keys=keys, **values)
    set_protected_cookie(answer, LAST_QUEUE, chosen.filters.address, given.settings, KEPT)
    return answer


@router.get("/more")
async def show_more(
    request: Request, given: Given, who: Clerk, chosen: Chosen, cursor: Cursor = None
) -> Response:
    """Show the next rows."""
    shown = await board.page_of_queue(given, who, chosen.filters, cursor)
    return page(request, "queue/more.html", filters=chosen.filters, **shown)


@router.get("/counts")
async def show_counts(request: Request, given: Given, who: Clerk, chosen: Chosen) -> Response:
    """Show the counts."""
    counts = await board.board_of(given, who, chosen.filters)
    return page(request, "queue/counts.html", filters=chosen.filters, counts=counts)


@router.get("/events")
async def stream_rows(
    request: Request,
    given: Given,
    who: Clerk,
    still: Still,
    shared: Shared,
    of: Annotated[list[Annotated[str, Query(max_length=600)]], Query(max_length=MOST_PARTS)],
) -> LiveResponse:
    """Stream the changed rows of each open tab: `of` is the query of its page."""
    own = await board.stations_of(given, who)

    async def rows_of_tab(query: str, since: str) -> AsyncIterator[ServerSentEvent]:
        filters = filters_from_query(dict(parse_qsl(query)))
        try:
            filters = await board.at_station(given, who, filters, own)
        except NotFound:  # of this tab alone: the others go on
            events = no_rows()
        else:
            events = row_events(request, given, who, filters, since, still)
        async for event in events:
            yield event

    tabs = zip(of, shared.since_of(len(of)), strict=True)
    events = merged([rows_of_tab(*each) for each in tabs], RETRY_MS)
    return LiveResponse(events, given.streams, who.counted_as)
