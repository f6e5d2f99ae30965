"""Notification of a station's message to the worker: the same in the notify stage and the API."""

from __future__ import annotations

from roost import ids
from roost.events.conversation import Author, ConversationMessage
from roost.events.notification import Notification, NotificationKind, Recipient, RecipientKind

KIND = NotificationKind.STATION_MESSAGE


def message_notification_id(message: ConversationMessage) -> str:
    """Return the id of the notification of a station's message."""
    return ids.notification_id(message.worker_id, message.id, KIND.value, 1)


def message_notification(message: ConversationMessage) -> Notification | None:
    """Return the notification of a message; None for a worker's, which notifies nobody."""
    if message.author is not Author.STATION:
        return None
    return Notification(
        id=message_notification_id(message),
        recipient=Recipient(kind=RecipientKind.WORKER, id=message.worker_id),
        kind=KIND,
        conversation_message_id=message.id,
        version=1,
        caused_at=message.sent_at,
    )
