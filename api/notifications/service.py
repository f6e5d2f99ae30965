"""Use cases of notifications: timelines, the notifications of a match, and lists of deliveries."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from api.access import belonging, policy
from api.access.principal import Principal
from api.lists import clauses
from api.lists.documents import existing_document, not_found
from api.lists.paging import Listing, listing, page
from api.lists.totals import with_total
from api.notifications.delivery_timeline import channel_timeline
from api.notifications.schemas import NotificationTimeline
from api.ports.services import Services
from roost import ids
from roost.errors import NotFound
from roost.events.account import Permission
from roost.events.notification import Delivery, DeliveryStatus, Notification
from roost.events.preferences import ChannelKind
from roost.topics import DELIVERIES, NOTIFICATIONS
from roost.views.elastic import Json

NEWEST_CAUSE: list[Json] = [{"caused_at": "desc"}]
NEWEST_DELIVERY: list[Json] = [{"caused_at": "desc"}]


async def read_timeline(given: Services, who: Principal, id: str) -> NotificationTimeline:
    """Return a notification and its timeline. Raises NotFound if its recipient is out of reach."""
    document = await existing_document(
        given.elastic, NOTIFICATIONS.name, id, "notification", "通知"
    )
    recipient = document["recipient_id"]
    try:
        await belonging.recipient(given, who, Permission.NOTIFICATIONS_READ, recipient)
    except NotFound:
        raise not_found("notification", "通知", id) from None
    (timeline,) = await _timelines(given, [document])
    return timeline


async def list_notifications_of_match(
    given: Services,
    who: Principal,
    match_id: str,
    *,
    limit: int,
    cursor: str | None = None,
    total: bool = False,
) -> Listing:
    """Return a page of the notifications that a match caused, newest first. Raises NotFound."""
    await belonging.match(given, who, Permission.NOTIFICATIONS_READ, match_id)
    view, filters = NOTIFICATIONS.name, _of_match(match_id)
    found = await listing(given, who.id, view, filters, NEWEST_CAUSE, limit, cursor)
    return await with_total(given, who.role, view, filters, found, total)


async def read_timelines_of_match(
    given: Services, who: Principal, match_id: str, *, limit: int
) -> list[NotificationTimeline]:
    """Return the newest notifications that a match caused, with their timelines.

    Raises NotFound.
    """
    await belonging.match(given, who, Permission.NOTIFICATIONS_READ, match_id)
    documents, _ = await page(
        given, who.id, NOTIFICATIONS.name, _of_match(match_id), NEWEST_CAUSE, limit, None
    )
    return await _timelines(given, documents)


async def list_deliveries(
    given: Services,
    who: Principal,
    *,
    statuses: Sequence[DeliveryStatus] | None = None,
    channel: ChannelKind | None = None,
    limit: int,
    cursor: str | None = None,
    total: bool = False,
) -> Listing:
    """Return a page of all deliveries, newest first. Raises Forbidden for a limited reach."""
    policy.everywhere(who, Permission.NOTIFICATIONS_READ)
    filters = [*clauses.one_of("status", statuses), *clauses.equal("channel", channel)]
    view = DELIVERIES.name
    found = await listing(given, who.id, view, filters, NEWEST_DELIVERY, limit, cursor)
    return await with_total(given, who.role, view, filters, found, total)


def _of_match(match_id: str) -> list[Json]:
    return [{"term": {"match_id": match_id}}]


async def _timelines(given: Services, documents: Sequence[Json]) -> list[NotificationTimeline]:
    """Return notifications with the timelines of their deliveries, read in one request."""
    notifications = [Notification.from_stored(each["fact"]) for each in documents]
    keys = [key for each in notifications for key in _delivery_keys(each.id)]
    found = await given.elastic.mget(keys, ("fact",))
    return [_timeline(each, found) for each in notifications]


def _timeline(
    notification: Notification, found: Mapping[tuple[str, str], Json]
) -> NotificationTimeline:
    deliveries = (found.get(key, {}).get("fact") for key in _delivery_keys(notification.id))
    return NotificationTimeline(
        notification=notification,
        channels=[channel_timeline(Delivery.from_stored(fact)) for fact in deliveries if fact],
    )


def _delivery_keys(notification_id: str) -> list[tuple[str, str]]:
    return [
        (DELIVERIES.name, ids.delivery_id(notification_id, channel.value))
        for channel in ChannelKind
    ]
