"""Notification of a notice to one recipient. Pure; sending and previewing use the same."""

from __future__ import annotations

from roost import ids
from roost.events.notice import Notice
from roost.events.notification import Notification, NotificationKind, Recipient


def notice_notification(notice: Notice, recipient: Recipient) -> Notification:
    """Return the notification; its id is the same for every attempt to send it."""
    kind = NotificationKind(notice.kind.value)
    return Notification(
        id=ids.notification_id(recipient.id, notice.id, kind.value, 1),
        recipient=recipient,
        kind=kind,
        notice_id=notice.id,
        urgent=notice.urgent,
        version=1,
        caused_at=notice.posted_at,
    )
