"""Text of a notice as a recipient will read it. Pure."""

from __future__ import annotations

from api.notices.schemas import NoticeText
from roost import ids
from roost.events.notice import Notice
from roost.events.notification import Recipient, RecipientKind
from roost.rules.notices import notice_notification
from roost.wording import Subject, write

SAMPLE_RECIPIENT = Recipient(kind=RecipientKind.WORKER, id=ids.derive_public("w", "preview"))


def notice_text(notice: Notice, language: str) -> NoticeText:
    """Return the text in a language, without the recipient's personal link to stop messages."""
    notification = notice_notification(notice, SAMPLE_RECIPIENT)
    message = write(notification.id, language, [Subject(notification, notice=notice.to_dict())])
    return NoticeText(title=message.title, body=message.body)
