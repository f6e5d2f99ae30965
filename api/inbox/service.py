"""Use cases of inboxes: open, read, mark as read or answered, render live entries.

`open_inbox` authorises the caller; the other functions take the owner that it returns.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

import structlog

from api.access import belonging
from api.access.principal import Principal
from api.inbox.entries import entries
from api.inbox.owners import Owner, check_owner, owner_of
from api.inbox.schemas import Entry, Inbox, Whose
from api.lists.documents import existing_document
from api.lists.paging import every, page
from api.lists.totals import exact_total
from api.ports.services import Services
from api.writes.publishing import poll, publish_batch, waited_for
from producers import message_facts
from roost import ids
from roost.errors import NotFound
from roost.events.account import Permission
from roost.events.envelope import decode
from roost.events.notification import Delivery
from roost.events.preferences import ChannelKind
from roost.events.receipt import ReceiptKind
from roost.topics import DELIVERIES
from roost.views.elastic import Json

_log = structlog.get_logger(__name__)
NEWEST: list[Json] = [{"caused_at": "desc"}]
SEARCHABLE_WITHIN_S = 10.0
"""Longest wait for the view; then a live entry is sent anyway, since losing it is worse."""
FIELD_OF = {ReceiptKind.READ: "readAt", ReceiptKind.ANSWERED: "answeredAt"}
"""Field of a delivery that a receipt sets."""


@dataclass(frozen=True, slots=True)
class MarkedRead:
    """Number of entries marked as read, and whether the inbox shows all of them as read."""

    count: int
    in_force: bool


async def open_inbox(
    given: Services,
    who: Principal,
    permission: Permission,
    whose: Whose,
    id: str,
    language: str | None = None,
) -> Owner:
    """Return the owner of an inbox that the caller may open. Raises NotFound."""
    await belonging.recipient(given, who, permission, id)
    return await owner_of(given.elastic, whose, id, language)


async def may_still_read(given: Services, who: Principal, owner: Owner) -> bool:
    """Return whether the caller may still read an inbox that they opened before.

    A station may not once the worker's last match in its queue has ended.
    """
    try:
        await belonging.recipient(given, who, Permission.INBOX_READ, owner.id)
    except NotFound:
        return False
    return True


async def read_inbox(
    given: Services,
    who: Principal,
    owner: Owner,
    *,
    unread: bool,
    limit: int,
    cursor: str | None = None,
    refresh: bool = False,
    total: bool = False,
) -> Inbox:
    """Return a page of entries, newest first; `refresh` includes those of the last second."""
    if refresh:
        await given.elastic.refresh(DELIVERIES.name)
    filters = owner.unread if unread else owner.all
    (documents, following), count, whole = await asyncio.gather(
        page(given, who.id, DELIVERIES.name, filters, NEWEST, limit, cursor),
        count_unread(given, owner),
        exact_total(given, DELIVERIES.name, filters, total=total),
    )
    deliveries = [Delivery.from_stored(each["fact"]) for each in documents]
    items = await entries(given.elastic, deliveries, owner.language)
    return Inbox(items=items, unread=count, next=following, total=whole)


async def count_unread(given: Services, owner: Owner) -> int:
    """Return the number of unread entries."""
    return await given.elastic.count(DELIVERIES.name, {"bool": {"filter": owner.unread}})


async def find_entry(given: Services, owner: Owner, notification: str) -> Entry:
    """Return one entry without marking it as read. Raises NotFound."""
    return await _render(given, owner, await _delivery(given, owner, notification))


async def mark_all_read(given: Services, owner: Owner, wait_s: float) -> MarkedRead:
    """Mark every entry that is unread at this moment; wait until the inbox shows it."""
    now = given.clock.now()
    until: Json = {"range": {"at": {"lte": now.isoformat()}}}
    deliveries = [
        Delivery.from_stored(each["fact"])
        async for each in every(given.elastic, DELIVERIES.name, [*owner.unread, until])
    ]
    records = [
        message_facts.receipt_given(each.notification, ReceiptKind.READ, at=now)[1]
        for each in deliveries
    ]
    await publish_batch(given, records)
    in_force = await _shown_within(
        given, [each.id for each in deliveries], ReceiptKind.READ, wait_s
    )
    return MarkedRead(len(deliveries), in_force)


async def mark_entry(
    given: Services, owner: Owner, notification: str, kind: ReceiptKind, wait_s: float
) -> bool:
    """Mark one entry as read or answered; return whether the inbox shows it within `wait_s`.

    An entry that is marked already is left as it is. Raises NotFound.
    """
    delivery = await _delivery(given, owner, notification)
    if FIELD_OF[kind] in delivery.to_dict():
        return True
    _, record = message_facts.receipt_given(delivery.notification, kind, at=given.clock.now())
    await publish_batch(given, [record])
    return await _shown_within(given, [delivery.id], kind, wait_s)


async def render_live_entry(given: Services, owner: Owner, change: bytes) -> Entry:
    """Return the entry of a delivery read from its topic.

    Waits until the view has it, since a subscriber reads the inbox next.
    """
    delivery = decode(Delivery, change)
    try:
        async with asyncio.timeout(SEARCHABLE_WITHIN_S):
            await poll(
                given.elastic,
                DELIVERIES.name,
                delivery.id,
                lambda found: found is not None and found["version"] >= delivery.revision,
            )
    except TimeoutError:
        _log.warning("entry_sent_before_searchable", id=delivery.id)
    return await _render(given, owner, delivery)


async def _render(given: Services, owner: Owner, delivery: Delivery) -> Entry:
    (entry,) = await entries(given.elastic, [delivery], owner.language)
    return entry


async def _delivery(given: Services, owner: Owner, notification: str) -> Delivery:
    """Return the delivery of an entry of this inbox. Raises NotFound."""
    id = ids.delivery_id(notification, ChannelKind.INBOX.value)
    document = await existing_document(given.elastic, DELIVERIES.name, id, "message", "消息")
    return check_owner(owner, Delivery.from_stored(document["fact"]))


async def _shown_within(
    given: Services, delivery_ids: Sequence[str], kind: ReceiptKind, wait_s: float
) -> bool:
    """Return whether every list shows the receipts of the deliveries within `wait_s` seconds."""

    def is_marked(document: Json | None) -> bool:
        return bool(document and FIELD_OF[kind] in document["fact"])

    view = DELIVERIES.name
    return await waited_for(given.elastic, view, delivery_ids, is_marked, wait_s) is not None
