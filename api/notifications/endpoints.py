"""Endpoints of notifications: timelines, the notifications of a match, lists of deliveries."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Response

from api.access.principal import Principal
from api.access.requirements import allow
from api.guards.conditional import digest_of, tagged
from api.lists.answer_schemas import tagged_answer
from api.lists.paging import Cursor, Limit, with_fields
from api.lists.sparse import Fields, sparse
from api.lists.totals import Total
from api.notifications import service
from api.notifications.schemas import (
    DeliveryAnswer,
    DeliveryListing,
    NotificationAnswer,
    NotificationListing,
    NotificationTimeline,
)
from api.ports.services import Given
from roost.events.account import Permission
from roost.events.common import MatchId, NotificationId
from roost.events.notification import DeliveryStatus
from roost.events.preferences import ChannelKind

router = APIRouter(prefix="/v1", tags=["notifications"])
Reads = Annotated[Principal, allow(Permission.NOTIFICATIONS_READ)]
ReadsAll = Annotated[Principal, allow(Permission.NOTIFICATIONS_READ, everywhere=True)]


@router.get(
    "/notifications/{id}",
    summary="Timeline of a notification, channel by channel",
    responses=tagged_answer(),
)
async def read_notification(
    id: NotificationId, who: Reads, given: Given, response: Response
) -> NotificationTimeline:
    """Return a notification with the status and steps of each channel."""
    found = await service.read_timeline(given, who, id)
    tagged(response, digest_of(found))
    return found


@router.get("/matches/{id}/notifications", summary="Notifications of a match, newest first")
async def list_notifications_of_match(
    id: MatchId,
    who: Reads,
    given: Given,
    limit: Limit = 50,
    cursor: Cursor = None,
    fields: Annotated[Fields, sparse(NotificationAnswer)] = None,
    total: Total = False,
) -> NotificationListing:
    """Return a page of the notifications that a match caused."""
    found = await service.list_notifications_of_match(
        given, who, id, limit=limit, cursor=cursor, total=total
    )
    return with_fields(found, fields)


@router.get("/deliveries", summary="List deliveries by their status, newest first")
async def list_deliveries(
    who: ReadsAll,
    given: Given,
    status: Annotated[list[DeliveryStatus] | None, Query()] = None,
    channel: ChannelKind | None = None,
    limit: Limit = 50,
    cursor: Cursor = None,
    fields: Annotated[Fields, sparse(DeliveryAnswer)] = None,
    total: Total = False,
) -> DeliveryListing:
    """Return a page. `parked` awaits a person, `failed` was given up, `waiting` is due or held."""
    found = await service.list_deliveries(
        given, who, statuses=status, channel=channel, limit=limit, cursor=cursor, total=total
    )
    return with_fields(found, fields)
