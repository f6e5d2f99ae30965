"""Endpoints of workers' and stations' inboxes: read, mark as read or answered, follow live."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from typing import Annotated

from fastapi import APIRouter, Depends, Header, Path, Query, Response
from sse_starlette import EventSourceResponse, ServerSentEvent

from api.access.principal import Principal
from api.access.requirements import Still, Who, allow
from api.guards.conditional import digest_of, tagged
from api.inbox import service
from api.inbox.owners import Owner
from api.inbox.schemas import AllRead, Entry, Inbox, Receipted, Whose
from api.lists.paging import Cursor, Limit
from api.live.streaming import event_stream
from api.ports.services import Given, Services
from api.writes.publishing import Wait
from roost.events.account import Permission
from roost.events.common import Language, NotificationId
from roost.events.receipt import ReceiptKind

router = APIRouter(prefix="/v1/{whose}/{id}/inbox", tags=["inbox"])
Id = Annotated[str, Path(pattern=r"^[ws]-[a-z2-7]{26}$")]
InLanguage = Annotated[
    Language | None, Query(description="language of the entries; by default the recipient's")
]


async def _reader(
    whose: Whose,
    id: Id,
    given: Given,
    who: Annotated[Principal, allow(Permission.INBOX_READ)],
    language: InLanguage = None,
) -> Owner:
    """Return the owner of an inbox that the caller may read. Raises NotFound."""
    return await service.open_inbox(given, who, Permission.INBOX_READ, whose, id, language)


async def _marker(
    whose: Whose,
    id: Id,
    given: Given,
    who: Annotated[Principal, allow(Permission.INBOX_WRITE)],
    language: InLanguage = None,
) -> Owner:
    """Return the owner of an inbox whose entries the caller may mark. Raises NotFound."""
    return await service.open_inbox(given, who, Permission.INBOX_WRITE, whose, id, language)


Reads = Annotated[Owner, Depends(_reader)]
Marks = Annotated[Owner, Depends(_marker)]


@router.get("", summary="Read an inbox, newest first")
async def read_inbox(
    who: Who,
    owner: Reads,
    given: Given,
    unread: Annotated[bool, Query(description="only unread entries")] = False,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> Inbox:
    """Return a page of entries and the number of unread ones."""
    return await service.read_inbox(given, who, owner, unread=unread, limit=limit, cursor=cursor)


@router.get("/events", summary="Follow new entries live (server-sent events)")
async def events(
    who: Who,
    owner: Reads,
    given: Given,
    still: Still,
    last_event_id: Annotated[str | None, Header()] = None,
) -> EventSourceResponse:
    """Send each new entry as an event `entry`; send `Last-Event-ID` to catch up."""
    return EventSourceResponse(_stream(given, who, owner, last_event_id, still), ping=15)


@router.get("/{notification}", summary="Read one entry")
async def read_entry(
    notification: NotificationId, owner: Reads, given: Given, response: Response
) -> Entry:
    """Return one entry; reading it here does not mark it as read."""
    entry = await service.find_entry(given, owner, notification)
    tagged(response, digest_of(entry))
    return entry


@router.post("/read", status_code=202, summary="Mark the whole inbox as read")
async def read_all(owner: Marks, given: Given, wait: Wait, response: Response) -> AllRead:
    """Mark every entry that is unread at this moment.

    The status is 200 once the inbox shows it within the time of `Prefer: wait=N`.
    """
    marked = await service.mark_all_read(given, owner, wait)
    if marked.in_force:
        response.status_code = 200
    return AllRead(read=marked.count)


@router.post("/{notification}/{kind}", status_code=202, summary="Mark as read, or as answered")
async def receipt(
    notification: NotificationId,
    kind: ReceiptKind,
    owner: Marks,
    given: Given,
    wait: Wait,
    response: Response,
) -> Receipted:
    """Mark one entry; the status is 200 if the inbox shows it within `Prefer: wait=N`."""
    in_force = await service.mark_entry(given, owner, notification, kind, wait)
    response.status_code = 200 if in_force else 202
    return Receipted(id=notification, in_force=in_force)


async def _stream(
    given: Services, who: Principal, owner: Owner, last_id: str | None, still: Callable[[], bool]
) -> AsyncIterator[ServerSentEvent]:
    """Yield the live events of an inbox, with each delivery rendered as an entry.

    The stream ends before the first entry that the caller may no longer read.
    """
    async for event in event_stream(given.live_inbox, owner.id, last_id, "entry", still):
        if event.event != "entry":
            yield event
            continue
        if not await service.may_still_read(given, who, owner):
            return
        entry = await service.render_live_entry(given, owner, str(event.data).encode("utf-8"))
        yield ServerSentEvent(
            event="entry",
            id=event.id,
            data=entry.model_dump_json(by_alias=True, exclude_none=True),
        )
