"""Endpoints of the change feed: a page after a cursor, and live server-sent events."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Annotated

from fastapi import APIRouter, Header, Query
from sse_starlette import ServerSentEvent

from api.access.principal import Principal
from api.access.requirements import Still, allow
from api.changes import service
from api.changes.schemas import Changed, Changes
from api.live.change_feed import PAGE_SIZE
from api.live.feed_positions import format_cursor
from api.live.streaming import RETRY_MS, LiveResponse
from api.ports.live_messages import LiveKind
from api.ports.services import Given
from roost.events.account import Permission

router = APIRouter(prefix="/v1/changes", tags=["changes"])
Reads = Annotated[Principal, allow(Permission.CHANGES_READ)]
LONGEST_WAIT_S = 30
Types = Annotated[
    str | None, Query(max_length=60, description="`opening,match`; without it, all types")
]


@router.get("", summary="Read the changes after a cursor")
async def read_changes(
    who: Reads,
    given: Given,
    since: Annotated[
        str | None,
        Query(description="`next` of the last page, at most 30 days old; without it, begin now"),
    ] = None,
    types: Types = None,
    limit: Annotated[int, Query(ge=1, le=PAGE_SIZE)] = 200,
    wait: Annotated[
        int, Query(ge=0, le=LONGEST_WAIT_S, description="seconds to wait for a change")
    ] = 0,
) -> Changes:
    """Return changes in order. For a snapshot, first ask without `since` and keep `next`.

    Then read the lists and continue from `next`. Every change is delivered at least once; of an
    entity that changes often, at least the last change is.
    """
    return await service.read_changes(given, who, since, types, limit, wait)


@router.get("/events", summary="Follow changes live (server-sent events)")
async def events(
    who: Reads,
    given: Given,
    still: Still,
    types: Types = None,
    since: str | None = None,
    last_event_id: Annotated[str | None, Header()] = None,
) -> LiveResponse:
    """Send `ready` with the starting cursor, then every change as an event `change`.

    The id of each event is a cursor: `Last-Event-ID` or `since` resumes from it. If more was missed
    than is replayed, an event `reload` comes first: read the lists again. 429 if too many streams
    are open.
    """
    wanted = service.partitions_of(types)
    start = await service.stream_start(given, who, last_event_id, since)
    changes = service.follow_changes(given, who, start.positions, wanted, still)
    cursor = format_cursor(given, who.id, start.positions)
    return LiveResponse(_stream(cursor, start.reload, changes), given.streams, who.counted_as)


async def _stream(
    start: str, reload: bool, changes: AsyncIterator[tuple[str, Changed]]
) -> AsyncIterator[ServerSentEvent]:
    """Yield the event `ready`, perhaps `reload`, then an event for each change."""
    yield ServerSentEvent(event="ready", id=start, data="", retry=RETRY_MS)
    if reload:
        yield ServerSentEvent(event=LiveKind.RELOAD.value, id=start, data="{}")
    async for cursor, change in changes:
        data = change.model_dump_json(by_alias=True, exclude_none=True)
        yield ServerSentEvent(event="change", id=cursor, data=data)
