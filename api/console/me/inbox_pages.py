"""Pages of a worker's inbox: entries newest first, marked as read, updated while open."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from api.access.principal import Principal
from api.access.requirements import Still, allow
from api.console.me.who import worker_of
from api.console.shell.form_answers import WAIT_S, redirect_done
from api.console.shell.rendering import next_page, page, spoken, wants_part
from api.console.shell.shared_streams import Shared
from api.inbox import live_inbox as inbox_stream
from api.inbox import service as inbox
from api.inbox.owners import Owner
from api.inbox.schemas import Whose
from api.lists.paging import Cursor
from api.live.merging import MOST_PARTS, merged
from api.live.streaming import RETRY_MS, LiveResponse
from api.ports.services import Given, Services
from roost.events.account import Permission
from roost.events.common import NotificationId
from roost.events.receipt import ReceiptKind

router = APIRouter(prefix="/console/me/inbox", include_in_schema=False)
Reads = Annotated[Principal, allow(Permission.INBOX_READ)]
Writes = Annotated[Principal, allow(Permission.INBOX_WRITE)]
HERE = "/console/me/inbox"
AT_ONCE = 20
VIEW_BEHIND_S = 5.0
"""Live updates start this long ago, for entries that the list does not show yet."""


@router.get("")
async def list_entries(
    request: Request,
    who: Reads,
    given: Given,
    unread: bool = False,
    cursor: Cursor = None,
) -> Response:
    """Show a page of entries.

    The open page asks for its part when an entry has arrived: only a refresh finds that one.
    """
    owner = await _owner(request, who, given, Permission.INBOX_READ)
    since = await given.live.position(VIEW_BEHIND_S)
    part = wants_part(request)
    found = await inbox.read_inbox(
        given, who, owner, unread=unread, limit=AT_ONCE, cursor=cursor, refresh=part
    )
    return page(
        request,
        "me/inbox_entries.html" if part else "me/inbox.html",
        entries=found.items,
        count=found.unread,
        unread=unread,
        since=since,
        more=next_page(request, found.next),
        done=request.query_params.get("done"),
    )


@router.get("/count")
async def show_count(request: Request, who: Reads, given: Given) -> Response:
    """Show the number of unread entries; every page of the worker loads it."""
    owner = await _owner(request, who, given, Permission.INBOX_READ)
    n = await inbox.count_unread(given, owner)
    return page(request, "me/inbox_count.html", n=n)


@router.get("/events")
async def stream_entries(
    request: Request,
    who: Reads,
    given: Given,
    still: Still,
    shared: Shared,
    of: Annotated[list[Annotated[str, Query(max_length=1)]], Query(max_length=MOST_PARTS)],
) -> LiveResponse:
    """Stream new entries, and erasures, to each open tab; `of` is empty for each."""
    owner = await _owner(request, who, given, Permission.INBOX_READ)
    events = [
        inbox_stream.live_entries(given, who, owner, since, still)
        for since in shared.since_of(len(of))
    ]
    return LiveResponse(merged(events, RETRY_MS), given.streams, who.counted_as)


@router.post("/read")
async def read_all(request: Request, who: Writes, given: Given) -> Response:
    """Mark every entry as read."""
    owner = await _owner(request, who, given, Permission.INBOX_WRITE)
    await inbox.mark_all_read(given, owner, WAIT_S)
    return redirect_done(HERE, "read")


@router.post("/{id}/read")
async def read_one(id: NotificationId, request: Request, who: Writes, given: Given) -> Response:
    """Mark one entry as read."""
    owner = await _owner(request, who, given, Permission.INBOX_WRITE)
    await inbox.mark_entry(given, owner, id, ReceiptKind.READ, WAIT_S)
    return redirect_done(HERE, "read")


async def _owner(
    request: Request, who: Principal, given: Services, permission: Permission
) -> Owner:
    """Return the worker's own inbox, in the language of the page."""
    return await inbox.open_inbox(
        given, who, permission, Whose.PROFILES, worker_of(who), spoken(request)
    )
