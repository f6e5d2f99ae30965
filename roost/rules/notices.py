"""Notification of a notice to one recipient: the same in the notify stage and in previews."""

from __future__ import annotations

from roost import ids
from roost.events.notice import Notice
from roost.events.notification import Notification, NotificationKind, Recipient


def notice_notification(notice: Notice, recipient: Recipient) -> Notification:
    """Return the notification of a notice to one recipient."""
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
