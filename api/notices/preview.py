"""A notice as it will read, before anybody is told."""

from __future__ import annotations

from api.notices.schemas import WordsSent
from roost import ids
from roost.events.notice import Notice
from roost.events.notification import Recipient, RecipientKind
from roost.rules.notices import notice_notification
from roost.wording import Subject, write

SOMEBODY = Recipient(kind=RecipientKind.WORKER, id=ids.derive("w", "preview"))


def words(notice: Notice, language: str) -> WordsSent:
    """Without the link to stop, which is each recipient's own."""
    notification = notice_notification(notice, SOMEBODY)
    message = write(notification.id, language, [Subject(notification, notice=notice.to_dict())])
    return WordsSent(title=message.title, body=message.body)
