"""The change feed: asked for page by page, waiting for what comes, or as server-sent events."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Callable, Collection
from typing import Annotated

from fastapi import APIRouter, Header, Query
from sse_starlette import EventSourceResponse, ServerSentEvent

from api.access.principal import Principal
from api.access.requirements import Still, allow
from api.changes.change_visibility import visible
from api.changes.schemas import Changes
from api.live.change_feed import PAGE_SIZE
from api.live.feed_positions import PARTITIONS, TOPICS, format_cursor, parse_cursor
from api.ports.live_messages import FeedChange
from api.ports.services import Given, Services
from roost.errors import invalid_field
from roost.events.account import Permission
from roost.kafka.ports import Partition

router = APIRouter(prefix="/v1/changes", tags=["changes"])
Reads = Annotated[Principal, allow(Permission.CHANGES_READ)]
LONGEST_WAIT_S = 30
QUIET_S = 15.0
Types = Annotated[
    str | None, Query(max_length=60, description="`opening,match`; without it, all of them")
]


@router.get("", summary="What changed since a cursor")
async def read(
    who: Reads,
    given: Given,
    since: Annotated[
        str | None, Query(max_length=600, description="`next` of the last page; none begins now")
    ] = None,
    types: Types = None,
    limit: Annotated[int, Query(ge=1, le=PAGE_SIZE)] = 200,
    wait: Annotated[
        int, Query(ge=0, le=LONGEST_WAIT_S, description="seconds to wait for something to come")
    ] = 0,
) -> Changes:
    """For a snapshot ask first without `since`, keep `next`, read the lists, and go on from it.

    A change may be told twice, never not at all; a thing that changed often is told of its last
    change at least.
    """
    places = places_of(types)
    at = parse_cursor(since) if since is not None else await given.feed.now()
    deadline = time.monotonic() + wait
    while True:
        found, at = await given.feed.page(at, places, limit)
        items = await visible(given, who, found)
        left = deadline - time.monotonic()
        if items or len(found) == limit or left <= 0 or not await given.feed.come(left):
            return Changes(items=items, next=format_cursor(at), more=len(found) == limit)


@router.get("/events", summary="What changes, live (server-sent events)")
async def events(
    who: Reads,
    given: Given,
    still: Still,
    types: Types = None,
    since: Annotated[str | None, Query(max_length=600)] = None,
    last_event_id: Annotated[str | None, Header()] = None,
) -> EventSourceResponse:
    """`ready` with where it begins, then every change as an event `change`; the id of each is a
    cursor, so `Last-Event-ID` or `since` catches up.
    """
    places = places_of(types)
    start = last_event_id or since
    at = parse_cursor(start) if start else await given.feed.now()
    return EventSourceResponse(_told(given, who, at, places, still), ping=15)


async def _told(
    given: Services,
    who: Principal,
    at: dict[Partition, int],
    places: Collection[Partition],
    still: Callable[[], bool],
) -> AsyncIterator[ServerSentEvent]:
    yield ServerSentEvent(event="ready", id=format_cursor(at), data="", retry=2_000)
    while still():
        found, following = await given.feed.page(at, places)
        for change in found:
            at = {**at, change.place: change.offset + 1}
            async for event in _event(given, who, change, at):
                yield event
        at = following
        if not found:
            await given.feed.come(QUIET_S)


async def _event(
    given: Services, who: Principal, change: FeedChange, at: dict[Partition, int]
) -> AsyncIterator[ServerSentEvent]:
    for each in await visible(given, who, [change]):
        said = each.model_dump_json(by_alias=True, exclude_none=True)
        yield ServerSentEvent(event="change", id=format_cursor(at), data=said)


def places_of(types: str | None) -> frozenset[Partition]:
    """Raises Invalid for a type that is none."""
    if types is None:
        return frozenset(PARTITIONS)
    asked = {each.strip() for each in types.split(",")} - {""}
    if not asked or asked - set(TOPICS):
        known = ", ".join(TOPICS)
        raise invalid_field("types", f"write some of {known}", f"可选：{known}")
    names = {TOPICS[each].name for each in asked}
    return frozenset(each for each in PARTITIONS if each.topic in names)
