"""Endpoints of workers' and stations' inboxes: read, mark as read or answered, follow live."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Header, Path, Query, Response

from api.access.principal import Principal
from api.access.requirements import Still, Who, allow
from api.guards.conditional import digest_of, tagged
from api.inbox import service
from api.inbox.live_inbox import live_entries
from api.inbox.owners import Owner
from api.inbox.schemas import AllRead, Entry, Inbox, Receipted, Whose
from api.lists.answer_schemas import tagged_answer
from api.lists.paging import Cursor, Limit
from api.lists.totals import Total
from api.live.own_positions import OwnPositions
from api.live.streaming import LiveResponse
from api.ports.services import Given
from api.writes.publishing import Wait
from roost.events.account import Permission
from roost.events.common import NotificationId
from roost.events.receipt import ReceiptKind

router = APIRouter(prefix="/v1/{whose}/{id}/inbox", tags=["inbox"])
Id = Annotated[str, Path(pattern=r"^[ws]-[a-z2-7]{26}$")]
InLanguage = Annotated[
    Literal["zh", "en"] | None,
    Query(description="language of the entries; by default the recipient's"),
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
    total: Total = False,
) -> Inbox:
    """Return a page of entries and the number of unread ones."""
    return await service.read_inbox(
        given, who, owner, unread=unread, limit=limit, cursor=cursor, total=total
    )


@router.get("/events", summary="Follow new entries live (server-sent events)")
async def events(
    owner: Reads,
    who: Who,
    given: Given,
    still: Still,
    last_event_id: Annotated[str | None, Header()] = None,
) -> LiveResponse:
    """Send each new entry as an event `entry`; send `Last-Event-ID` to catch up.

    An event `erased` names a match or a worker that entries may still mention: read them again, as
    after `reload`, when more was missed than is replayed. 429 if too many streams are open.
    """
    own = OwnPositions(given.key, who.id)
    events = live_entries(given, who, owner, last_event_id, still, own=own)
    return LiveResponse(events, given.streams, who.counted_as)


@router.get("/{notification}", summary="Read one entry", responses=tagged_answer())
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
    kind: Literal[ReceiptKind.READ, ReceiptKind.ANSWERED],
    owner: Marks,
    given: Given,
    wait: Wait,
    response: Response,
) -> Receipted:
    """Mark one entry; the status is 200 if the inbox shows it within `Prefer: wait=N`."""
    in_force = await service.mark_entry(given, owner, notification, kind, wait)
    response.status_code = 200 if in_force else 202
    return Receipted(id=notification, in_force=in_force)
