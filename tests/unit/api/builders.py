"""Notifications and deliveries for tests."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from roost import ids
from roost.events.notification import (
    Delivery,
    DeliveryStatus,
    Notification,
    NotificationKind,
    Recipient,
    RecipientKind,
)
from roost.events.preferences import ChannelKind

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
WORKER = ids.worker_id("test", "1")


def minutes(count: int) -> datetime:
    return NOW + timedelta(minutes=count)


def notification(reference: str = "1", recipient: str = WORKER, **changes: Any) -> Notification:
    kinds = {
        "w": RecipientKind.WORKER,
        "s": RecipientKind.STATION,
        "h": RecipientKind.WEBHOOK,
    }
    said: dict[str, Any] = {
        "id": ids.notification_id(recipient, reference, "new_match", 1),
        "recipient": Recipient(kind=kinds[recipient[0]], id=recipient),
        "kind": NotificationKind.NEW_MATCH,
        "version": 1,
        "caused_at": NOW,
    }
    return Notification(**said | changes)


def delivery(
    of: Notification | None = None,
    *,
    channel: ChannelKind = ChannelKind.INBOX,
    status: DeliveryStatus = DeliveryStatus.SENT,
    **changes: Any,
) -> Delivery:
    told = of or notification()
    said: dict[str, Any] = {
        "id": ids.delivery_id(told.id, channel.value),
        "notification": told,
        "channel": channel,
        "status": status,
        "due_at": NOW,
        "at": minutes(1),
    }
    return Delivery(**said | changes)
