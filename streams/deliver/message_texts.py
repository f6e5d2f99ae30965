"""The text of a message, written from its rows and their contexts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, tzinfo
from pathlib import Path
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from roost.contact.address_codes import address_code
from roost.contact.confirmed_channels import awaiting_confirmation
from roost.contact.search_links import search_url
from roost.contact.sharing_links import Question, sharing_url
from roost.contact.sign_in_codes import sign_in_code, sign_in_link, sign_in_telephone
from roost.contact.stop_links import stop_url
from roost.events.notification import (
    CODES,
    STOPPABLE,
    Delivery,
    Notification,
    NotificationKind,
    RecipientKind,
)
from roost.events.webhook import Outage
from roost.rules.interview_news import ABOUT_INTERVIEWS, with_time
from roost.views.mappings import Json
from roost.wording import Message, Subject, write
from streams.deliver.contexts import Context

OPENING_PAGE = "/console/employer/openings"
"""Path of the pages of an employer's openings."""
WEBHOOK_PAGE = "/console/employer/webhooks"
"""Path of the page on which an employer switches a webhook on."""


class MessageWriter:
    """The wording of messages, with the county's own templates if it has any."""

    def __init__(
        self,
        public_url: str,
        key: bytes,
        templates: Path | None = None,
        zone: tzinfo = UTC,
    ) -> None:
        self._zone = zone
        self._public_url = public_url.rstrip("/")
        self._key = key
        self._templates = templates

    def write(
        self, id: str, rows: Sequence[Delivery], contexts: Sequence[Context], at: datetime
    ) -> Message:
        """Return the message of rows to one recipient. Raises ValueError if a value is missing."""
        recipient = rows[0].notification.recipient
        link = ""
        is_code = rows[0].notification.kind in CODES
        if recipient.kind in STOPPABLE and not is_code:  # the holder may be a stranger
            link = stop_url(self._public_url, self._key, recipient.id)
        subjects = [
            Subject(
                row.notification,
                context.opening,
                visible_match(recipient.kind, (context.match or {}).get("fact")),
                context.notice,
                self._webhook(row.notification, context),
                self._link(row.notification, context),
                self._code(row.notification, context),
                context.message,
                self._interview(row.notification, context),
                context.request.to_dict() if context.request else None,
                search=context.search,
            )
            for row, context in zip(rows, contexts, strict=True)
        ]
        message = write(
            id, contexts[0].language, subjects, stop_url=link, at=at, folder=self._templates
        )
        first = rows[0].notification
        kind = first.kind.value if len(rows) == 1 else "digest"
        return replace(message, kind=kind, data=_ids(first) if len(rows) == 1 else {})

    def _link(self, notification: Notification, context: Context) -> str:
        """Return the page that a message leads to: an opening, a sign-in, or a question."""
        if notification.kind is NotificationKind.SIGN_IN_CODE:
            number = _telephone(context)
            return sign_in_link(self._public_url, self._key, number, notification.caused_at)
        if notification.kind is NotificationKind.SHARING_ASKED and notification.match_id:
            question = Question(notification.match_id, notification.caused_at)
            return sharing_url(self._public_url, self._key, question)
        if notification.saved_search_id is not None:
            return search_url(self._public_url, self._key, notification.saved_search_id)
        to_employer = notification.recipient.kind is RecipientKind.EMPLOYER
        if not to_employer or notification.opening_id is None:
            return ""
        return f"{self._public_url}{OPENING_PAGE}/{notification.opening_id}"

    def _interview(self, notification: Notification, context: Context) -> Json | None:
        """Return the details of the interview that a message is about, with its time."""
        if notification.kind not in ABOUT_INTERVIEWS or not context.match:
            return context.interview
        return with_time(context.interview, context.match["fact"], self._zone_of(context))

    def _zone_of(self, context: Context) -> tzinfo:
        chosen = context.telling.time_zone
        return ZoneInfo(chosen) if chosen else self._zone

    def _webhook(self, notification: Notification, context: Context) -> Json | None:
        """Return the disabled webhook that a message is about; None for other kinds."""
        if notification.kind is not NotificationKind.WEBHOOK_DISABLED:
            return None
        if context.webhook is None or context.outage is None:
            raise ValueError("webhook is missing")
        zone = self._zone_of(context)
        outage = Outage.from_stored(context.outage)
        return {
            "host": urlsplit(context.webhook["url"]).hostname,
            "cause": outage.cause.value,
            "since": outage.since.astimezone(zone).isoformat(),
            "status": outage.last_answer.status if outage.last_answer else None,
            "link": f"{self._public_url}{WEBHOOK_PAGE}",
        }

    def _code(self, notification: Notification, context: Context) -> str:
        """Return the code that a notification carries; empty for other kinds."""
        if notification.kind is NotificationKind.SIGN_IN_CODE:
            return sign_in_code(self._key, _telephone(context), notification.caused_at)
        if notification.kind is not NotificationKind.ADDRESS_CODE or notification.channel is None:
            return ""
        channel = awaiting_confirmation(context.unconfirmed, notification.channel)
        if channel is None:
            raise ValueError("address is missing")
        worker = notification.recipient.id
        return address_code(self._key, worker, channel, notification.caused_at)


def _telephone(context: Context) -> str:
    """Return the telephone that the recipient signs in with. Raises ValueError without one."""
    number = sign_in_telephone(context.channels)
    if number is None:
        raise ValueError("telephone is missing")
    return number


def visible_match(kind: RecipientKind, fact: Json | None) -> Json | None:
    """Return the fields of a match that a message to this kind of recipient may contain.

    A webhook may be an employer's. The API shows employers the fields that a worker consents to at
    that moment, so a message to a webhook or an employer contains none.
    """
    if fact is None or kind not in {RecipientKind.WEBHOOK, RecipientKind.EMPLOYER}:
        return fact
    return {**fact, "reasons": [], "missingSkills": []}


def _ids(notification: Notification) -> Json:
    """Return the data for programs: ids, no personal data."""
    named = {
        "notificationId": notification.id,
        "openingId": notification.opening_id,
        "matchId": notification.match_id,
        "noticeId": notification.notice_id,
        "webhookId": notification.webhook_id,
        "conversationMessageId": notification.conversation_message_id,
        "savedSearchId": notification.saved_search_id,
    }
    return {name: id for name, id in named.items() if id}
