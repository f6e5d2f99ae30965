"""A notice as it will read, before anybody is told."""

from __future__ import annotations

from api.notices.schemas import WordsSent
from roost import ids
from roost.events.notice import Notice
from roost.events.notification import Notification, NotificationKind, Recipient, RecipientKind
from roost.wording import Subject, write

SOMEBODY = Recipient(kind=RecipientKind.WORKER, id=ids.derive("w", "preview"))


def words(notice: Notice, language: str) -> WordsSent:
    """Without the link to stop, which is each recipient's own."""
    kind = NotificationKind(notice.kind.value)
    notification = Notification(
        id=ids.notification_id(SOMEBODY.id, notice.id, kind.value, 1),
        recipient=SOMEBODY,
        kind=kind,
        notice_id=notice.id,
        urgent=notice.urgent,
        version=1,
        caused_at=notice.posted_at,
    )
    message = write(notification.id, language, [Subject(notification, notice=notice.to_dict())])
    return WordsSent(title=message.title, body=message.body)
