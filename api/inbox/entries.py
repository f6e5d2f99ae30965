"""Entries of an inbox, worded from the views when they are read."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from api.inbox.schemas import Entry
from roost.events.notification import Delivery, Notification
from roost.rules.holding import withdrawn
from roost.rules.interview_details import details_in_force, interview_note_id
from roost.rules.interview_news import OF_ARRANGED
from roost.topics import (
    CANDIDATE_REQUESTS,
    CONVERSATIONS,
    MATCHES,
    NOTES,
    NOTICES,
    OPENINGS,
    SAVED_SEARCHES,
    SLOTS,
)
from roost.views.elastic import Elastic, Json
from roost.wording import Message, Subject, write

GONE = {
    True: ("消息已失效", "相关内容已被删除，无法显示。"),
    False: ("No longer there", "What this message was about has been erased."),
}
Found = Mapping[tuple[str, str], Json]


async def entries(elastic: Elastic, deliveries: Sequence[Delivery], language: str) -> list[Entry]:
    """Return the entries of deliveries, in their order, worded from the current views."""
    keys = {key for each in deliveries for key in _keys(each.notification)}
    found = await elastic.mget(sorted(keys), ("erased", "fact"))
    return [entry(each, found, language) for each in deliveries]


def entry(delivery: Delivery, found: Found, language: str) -> Entry:
    """Return the entry of a delivery, worded from the documents that it refers to."""
    notification = delivery.notification
    message = _message(notification, found, language)
    return Entry(
        id=notification.id,
        kind=notification.kind,
        title=message.title,
        body=message.body,
        urgent=message.urgent,
        at=delivery.at,
        read=delivery.read_at is not None,
        answered=delivery.answered_at is not None,
        withdrawn=withdrawn(notification, _match(notification, found)),
        opening_id=notification.opening_id,
        match_id=notification.match_id,
        notice_id=notification.notice_id,
    )


def _match(notification: Notification, found: Found) -> dict[str, Any] | None:
    return _fact(found, MATCHES.name, notification.match_id or "")


def _message(notification: Notification, found: Found, language: str) -> Message:
    """Return the words of a notification; if its subject was erased, a message that says so."""
    subjects = {view: _fact(found, view, id) for view, id in _keys(notification)}
    subject = Subject(
        notification,
        opening=subjects.get(OPENINGS.name),
        match=subjects.get(MATCHES.name),
        notice=subjects.get(NOTICES.name),
        message=subjects.get(CONVERSATIONS.name),
        request=subjects.get(CANDIDATE_REQUESTS.name),
        interview=details_in_force(
            subjects.get(MATCHES.name), subjects.get(NOTES.name), subjects.get(SLOTS.name)
        ),
        search=subjects.get(SAVED_SEARCHES.name),
    )
    try:
        return write(notification.id, language, [subject])
    except ValueError:
        title, body = GONE[language.split("-")[0].lower() == "zh"]
        return Message(notification.id, title, body, notification.urgent)


def _keys(notification: Notification) -> Iterable[tuple[str, str]]:
    subjects = (
        (OPENINGS.name, notification.opening_id),
        (MATCHES.name, notification.match_id),
        (NOTICES.name, notification.notice_id),
        (CONVERSATIONS.name, notification.conversation_message_id),
        (NOTES.name, _interview_note(notification)),
        (SLOTS.name, notification.slot_id),
        (CANDIDATE_REQUESTS.name, notification.request_id),
        (SAVED_SEARCHES.name, notification.saved_search_id),
    )
    return [(view, id) for view, id in subjects if id is not None]


def _interview_note(notification: Notification) -> str | None:
    """Return the id of the interview details that an entry states; None for other kinds."""
    if notification.kind not in OF_ARRANGED or not notification.match_id:
        return None
    return interview_note_id(notification.match_id)


def _fact(found: Found, view: str, id: str) -> dict[str, Any] | None:
    document = found.get((view, id), {})
    return None if document.get("erased") else document.get("fact")
