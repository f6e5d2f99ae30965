"""Inboxes in the application, of workers and stations: read, marked as read, followed live."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from typing import Annotated

import structlog
from fastapi import APIRouter, Depends, Header, Path, Query, Response
from sse_starlette import EventSourceResponse, ServerSentEvent

from api.access import belonging
from api.access.principal import Principal
from api.access.requirements import Still, allow
from api.guards.conditional import digest_of, tagged
from api.inbox.entries import entries
from api.inbox.owners import Owner, check_theirs, owner
from api.inbox.schemas import AllRead, Entry, Inbox, Receipted, Whose
from api.lists.documents import existing_document
from api.lists.paging import Cursor, Limit, every, page
from api.live.streaming import event_stream
from api.ports.services import Given, Services
from api.writes.publishing import Wait, poll, publish_together, waited_for
from producers import facts
from roost import ids
from roost.events.account import Permission
from roost.events.common import Language, NotificationId
from roost.events.envelope import decode
from roost.events.notification import Delivery
from roost.events.preferences import ChannelKind
from roost.events.receipt import ReceiptKind
from roost.topics import DELIVERIES
from roost.views.elastic import Json

_log = structlog.get_logger(__name__)
router = APIRouter(prefix="/v1/{whose}/{id}/inbox", tags=["inbox"])
NEWEST: list[Json] = [{"at": "desc"}]
STANDS_WITHIN_S = 10.0
"""Then it is told nevertheless: better too early for the list than not at all."""
SHOWN_AS = {ReceiptKind.READ: "readAt", ReceiptKind.ANSWERED: "answeredAt"}


Id = Annotated[str, Path(pattern=r"^[ws]-[a-z2-7]{26}$")]
InLanguage = Annotated[
    Language | None, Query(description="to write in; without it, the recipient's")
]


async def _reader(
    whose: Whose,
    id: Id,
    given: Given,
    who: Annotated[Principal, allow(Permission.INBOX_READ)],
    language: InLanguage = None,
) -> Owner:
    """Whose inbox it is. Raises NotFound for somebody else's."""
    await belonging.recipient(given, who, Permission.INBOX_READ, id)
    return await owner(given.elastic, whose, id, language)


async def _marker(
    whose: Whose,
    id: Id,
    given: Given,
    who: Annotated[Principal, allow(Permission.INBOX_WRITE)],
    language: InLanguage = None,
) -> Owner:
    await belonging.recipient(given, who, Permission.INBOX_WRITE, id)
    return await owner(given.elastic, whose, id, language)


Of = Annotated[Owner, Depends(_reader)]
Marks = Annotated[Owner, Depends(_marker)]


@router.get("", summary="Read an inbox, newest first")
async def read(
    of: Of,
    given: Given,
    unread: Annotated[bool, Query(description="only what was not read")] = False,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> Inbox:
    filters = of.unread if unread else of.all
    (documents, following), count = await asyncio.gather(
        page(given.elastic, DELIVERIES.name, filters, NEWEST, limit, cursor),
        given.elastic.count(DELIVERIES.name, {"bool": {"filter": of.unread}}),
    )
    deliveries = [Delivery.from_stored(each["fact"]) for each in documents]
    items = await entries(given.elastic, deliveries, of.language)
    return Inbox(items=items, unread=count, next=following)


@router.get("/events", summary="New entries live (server-sent events)")
async def events(
    of: Of, given: Given, still: Still, last_event_id: Annotated[str | None, Header()] = None
) -> EventSourceResponse:
    """Each new entry as an event `entry`; send `Last-Event-ID` to catch up."""
    return EventSourceResponse(_stream(given, of, last_event_id, still), ping=15)


@router.get("/{notification}", summary="Read one entry")
async def read_one(notification: NotificationId, of: Of, given: Given, response: Response) -> Entry:
    """Reading it here does not mark it as read."""
    delivery = await _theirs(given, of, notification)
    (found,) = await entries(given.elastic, [delivery], of.language)
    tagged(response, digest_of(found))
    return found


@router.post("/read", status_code=202, summary="Mark the whole inbox as read")
async def read_all(of: Marks, given: Given, wait: Wait, response: Response) -> AllRead:
    """Everything that is unread at this moment; 200 when the inbox shows it within the time of
    `Prefer: wait=N`.
    """
    now = given.clock.now()
    until: Json = {"range": {"at": {"lte": now.isoformat()}}}
    rows = [
        Delivery.from_stored(each["fact"])
        async for each in every(given.elastic, DELIVERIES.name, [*of.unread, until])
    ]
    records = [facts.receipt_given(each.notification, ReceiptKind.READ, at=now)[1] for each in rows]
    await publish_together(given, records, 0)
    if await _show(given, [each.id for each in rows], SHOWN_AS[ReceiptKind.READ], wait):
        response.status_code = 200
    return AllRead(read=len(records))


@router.post("/{notification}/{kind}", status_code=202, summary="Mark as read, or as answered")
async def receipt(
    notification: NotificationId,
    kind: ReceiptKind,
    of: Marks,
    given: Given,
    wait: Wait,
    response: Response,
) -> Receipted:
    """200 when the inbox shows it already, or does within the time of `Prefer: wait=N`."""
    delivery = await _theirs(given, of, notification)
    done = SHOWN_AS[kind] in delivery.to_dict()
    if not done:
        _, record = facts.receipt_given(delivery.notification, kind, at=given.clock.now())
        await publish_together(given, [record], 0)
        done = await _show(given, [delivery.id], SHOWN_AS[kind], wait)
    response.status_code = 200 if done else 202
    return Receipted(id=notification, in_force=done)


async def _stands(given: Services, row: Delivery) -> None:
    """The topic says a row before the view holds it, and who is told of it asks the view next."""
    try:
        async with asyncio.timeout(STANDS_WITHIN_S):
            await poll(
                given.elastic,
                DELIVERIES.name,
                row.id,
                lambda found: found is not None and found["version"] >= row.revision,
            )
    except TimeoutError:
        _log.warning("told_before_it_stands", id=row.id)


async def _theirs(given: Services, of: Owner, notification: str) -> Delivery:
    """The delivery behind an entry of this inbox. Raises NotFound."""
    id = ids.delivery_id(notification, ChannelKind.INBOX.value)
    document = await existing_document(given.elastic, DELIVERIES.name, id, "message", "消息")
    return check_theirs(of, Delivery.from_stored(document["fact"]))


async def _show(given: Services, rows: Sequence[str], field: str, wait_s: float) -> bool:
    """Whether all rows come to have the field within the time; then every list shows it."""

    def shows(row: Json | None) -> bool:
        return bool(row and field in row["fact"])

    return await waited_for(given.elastic, DELIVERIES.name, rows, shows, wait_s) is not None


async def _stream(
    given: Services, of: Owner, last_id: str | None, still: Callable[[], bool]
) -> AsyncIterator[ServerSentEvent]:
    async for event in event_stream(given.live_inbox, of.id, last_id, "entry", still):
        if event.event != "entry":
            yield event
            continue
        delivery = decode(Delivery, str(event.data).encode("utf-8"))
        await _stands(given, delivery)
        (entry,) = await entries(given.elastic, [delivery], of.language)
        yield ServerSentEvent(
            event="entry",
            id=event.id,
            data=entry.model_dump_json(by_alias=True, exclude_none=True),
        )
