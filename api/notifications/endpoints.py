"""Notifications: what became of one, which ones a match gave rise to, and what is stuck."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Response

from api.access import belonging
from api.access.principal import Principal
from api.access.requirements import allow
from api.guards.conditional import digest_of, tagged
from api.lists.documents import existing_document, not_found
from api.lists.paging import Cursor, Limit, Listing, listing
from api.notifications.schemas import Story
from api.notifications.timeline import story
from api.ports.services import Given
from roost import ids
from roost.errors import NotFound
from roost.events.account import Permission
from roost.events.common import MatchId, NotificationId
from roost.events.notification import Delivery, DeliveryStatus, Notification
from roost.events.preferences import ChannelKind
from roost.topics import DELIVERIES, NOTIFICATIONS
from roost.views.elastic import Json

router = APIRouter(prefix="/v1", tags=["notifications"])
Reads = Annotated[Principal, allow(Permission.NOTIFICATIONS_READ)]
ReadsAll = Annotated[Principal, allow(Permission.NOTIFICATIONS_READ, everywhere=True)]


@router.get("/notifications/{id}", summary="What became of a notification, channel by channel")
async def read(id: NotificationId, who: Reads, given: Given, response: Response) -> Story:
    document = await existing_document(
        given.elastic, NOTIFICATIONS.name, id, "notification", "通知"
    )
    told = document["recipient_id"]
    try:
        await belonging.recipient(given, who, Permission.NOTIFICATIONS_READ, told)
    except NotFound:
        raise not_found("notification", "通知", id) from None
    keys = [(DELIVERIES.name, ids.delivery_id(id, channel.value)) for channel in ChannelKind]
    rows = await given.elastic.mget(keys, ("fact",))
    found = Story(
        notification=Notification.from_stored(document["fact"]),
        channels=[story(Delivery.from_stored(rows[key]["fact"])) for key in keys if key in rows],
    )
    tagged(response, digest_of(found))
    return found


@router.get("/matches/{id}/notifications", summary="Who was told of a match, newest first")
async def of_match(
    id: MatchId, who: Reads, given: Given, limit: Limit = 50, cursor: Cursor = None
) -> Listing:
    await belonging.match(given, who, Permission.NOTIFICATIONS_READ, id)
    wanted: list[Json] = [{"term": {"match_id": id}}]
    newest: list[Json] = [{"caused_at": "desc"}]
    return await listing(given.elastic, NOTIFICATIONS.name, wanted, newest, limit, cursor)


@router.get("/deliveries", summary="List deliveries by their status, newest first")
async def deliveries(
    who: ReadsAll,
    given: Given,
    status: Annotated[list[DeliveryStatus] | None, Query()] = None,
    channel: ChannelKind | None = None,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> Listing:
    """`parked` waits for a person, `failed` was given up, `waiting` is due or held."""
    filters: list[Json] = []
    if status:
        filters.append({"terms": {"status": [each.value for each in status]}})
    if channel:
        filters.append({"term": {"channel": channel.value}})
    newest: list[Json] = [{"at": "desc"}]
    return await listing(given.elastic, DELIVERIES.name, filters, newest, limit, cursor)
