"""Facts of conversations: replies, messages written in Roost, and their settlement."""

from __future__ import annotations

from datetime import datetime

from roost import ids
from roost.contact.addresses import normal_address
from roost.events.conversation import LONGEST_KEPT, Author, ConversationMessage
from roost.events.envelope import Record, record
from roost.events.preferences import ChannelKind

API = "/api"


def reply_id(channel: ChannelKind, address: str, reference: str) -> str:
    """Return the id of a reply, by its sender's address and the gateway's reference for it."""
    return ids.derive("d", "reply", channel.value, normal_address(channel, address), reference)


def written_id(worker_id: str, writer_id: str, seed: str) -> str:
    """Return the id of a message written in Roost; a repeat under one seed is one message."""
    return ids.derive("d", "written", worker_id, writer_id, seed)


def reply_received(
    id: str,
    worker_id: str,
    channel: ChannelKind,
    text: str,
    *,
    at: datetime,
    repeats: str | None = None,
) -> tuple[ConversationMessage, Record]:
    """Record a worker's reply; a text that is too long is cut.

    `repeats` is an earlier message that this one may be.
    """
    return _recorded(
        ConversationMessage(
            id=id,
            worker_id=worker_id,
            author=Author.WORKER,
            text=text[:LONGEST_KEPT],
            shortened=len(text) > LONGEST_KEPT,
            repeats=repeats,
            channel=channel,
            sent_at=at,
        )
    )


def message_written(
    id: str, worker_id: str, author: Author, text: str, *, by: str, at: datetime
) -> tuple[ConversationMessage, Record]:
    """Record a message that a worker or a clerk wrote in Roost."""
    return _recorded(
        ConversationMessage(id=id, worker_id=worker_id, author=author, text=text, by=by, sent_at=at)
    )


def message_settled(
    stored: ConversationMessage, answer_id: str | None, *, at: datetime
) -> tuple[ConversationMessage, Record]:
    """Record that a worker's message was answered or, without an answer, closed."""
    changes = {"settled_at": at, "answer_id": answer_id}
    return _recorded(stored.model_copy(update=changes), at)


def message_repeated(stored: ConversationMessage) -> Record:
    """Return the record of a stored message, for a repeat that changes nothing."""
    return _recorded(stored)[1]


def _recorded(
    message: ConversationMessage, at: datetime | None = None
) -> tuple[ConversationMessage, Record]:
    return message, record(message, message.id, source=API, at=at or message.sent_at)
