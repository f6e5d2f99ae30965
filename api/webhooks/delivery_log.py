"""The deliveries of one webhook: their list with every answer, and the wish to send one again."""

from __future__ import annotations

from collections.abc import Sequence

from api.access.principal import Principal
from api.lists import clauses
from api.lists.documents import existing_document, not_found
from api.lists.paging import Listing, listing
from api.lists.totals import with_total
from api.ports.services import Services
from api.webhooks.service import find_own_webhook, find_webhook
from api.webhooks.trials import count_resend
from api.writes.publishing import publish_batch
from producers import message_facts
from roost import ids
from roost.errors import Conflict
from roost.events.account import Permission
from roost.events.notification import Delivery, DeliveryStatus
from roost.events.preferences import ChannelKind
from roost.topics import DELIVERIES
from roost.views.elastic import Json

NEWEST: list[Json] = [{"at": "desc"}]


async def list_deliveries(
    given: Services,
    who: Principal,
    id: str,
    *,
    statuses: Sequence[DeliveryStatus] | None = None,
    limit: int,
    cursor: str | None = None,
    total: bool = False,
) -> Listing:
    """Return a page of a webhook's deliveries, newest first. Raises NotFound."""
    await find_webhook(given, who, id)
    filters = [{"term": {"recipient_id": id}}, *clauses.one_of("status", statuses)]
    found = await listing(given, who.id, DELIVERIES.name, filters, NEWEST, limit, cursor)
    return await with_total(given, who.role, DELIVERIES.name, filters, found, total)


async def resend(given: Services, who: Principal, id: str, notification_id: str) -> Delivery:
    """Ask for a message again, under the same message id.

    Raises NotFound, Conflict and TooManyCalls.
    """
    await find_own_webhook(given, who, Permission.WEBHOOKS_WRITE, id)
    delivery_id = ids.delivery_id(notification_id, ChannelKind.WEBHOOK.value)
    document = await existing_document(
        given.elastic, DELIVERIES.name, delivery_id, "delivery", "发送记录"
    )
    delivery = Delivery.from_stored(document["fact"])
    if delivery.notification.recipient.id != id:
        raise not_found("delivery", "发送记录", delivery_id)
    if delivery.status is DeliveryStatus.SENDING:
        raise Conflict(
            f"{notification_id} is being sent at this moment; ask again in a minute.",
            f"{notification_id} 正在发送，请一分钟后重试。",
        )
    count_resend(given, who, id)
    _, record = message_facts.resend_asked(delivery.notification, at=given.clock.now())
    await publish_batch(given, [record])
    return delivery
