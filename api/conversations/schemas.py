"""Requests and responses of conversations."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum
from typing import Annotated

from pydantic import Field, StringConstraints

from api.lists.totals import TotalField
from roost.events.common import MessageId, Model, Text, WorkerId
from roost.events.conversation import LONGEST_WRITTEN, Author
from roost.events.preferences import ChannelKind

WrittenText = Annotated[
    Text, StringConstraints(strip_whitespace=True, min_length=1, max_length=LONGEST_WRITTEN)
]


class NewMessage(Model):
    """Message to write; a station's message also answers the open ones up to `through`."""

    text: WrittenText
    through: MessageId | None = Field(
        None, description="newest message that the writer has read; by default the newest of all"
    )


class Closing(Model):
    """Messages to close without an answer: the open ones up to `through`."""

    through: MessageId | None = Field(
        None, description="newest message that the caller has read; by default the newest of all"
    )


class DeliveryState(StrEnum):
    """Delivery of a station's message to the worker."""

    QUEUED = "queued"
    """It is sent as soon as quiet hours, gaps and retries permit."""
    DELIVERED = "delivered"
    INBOX = "inbox"
    """It is in the worker's inbox only: the worker has no other channel."""
    FAILED = "failed"
    STOPPED = "stopped"
    """It was not sent: the worker has stopped or muted messages."""


class SentMessage(Model):
    """One message of a conversation."""

    id: MessageId
    author: Author
    text: str
    shortened: bool
    repeats: MessageId | None = Field(
        None, description="earlier message that this one may be: the gateway gave no id or time"
    )
    channel: ChannelKind
    by: str | None = Field(None, description="account or key that wrote it; for staff only")
    sent_at: datetime
    settled_at: datetime | None = None
    answer_id: MessageId | None = None
    delivery: DeliveryState | None = Field(None, description="of a station's message")
    delivered_on: ChannelKind | None = None


class ConversationPage(Model):
    """Page of a worker's conversation, newest first."""

    worker_id: WorkerId
    items: Sequence[SentMessage]
    waiting: int = Field(ge=0, description="messages that wait for a clerk, on all pages")
    channels: Sequence[ChannelKind] = Field(
        description="channels besides the inbox that an answer can be sent on; if there are none, "
        "the worker has to be called"
    )
    stopped: bool = Field(description="the worker has stopped all messages")
    next: str | None = None
    total: TotalField = None


class Closed(Model):
    """Result of closing messages."""

    closed: int = Field(ge=0, description="messages that were open until now")


class WaitingWorker(Model):
    """Worker whose messages wait for a clerk."""

    worker_id: WorkerId
    name: str | None = None
    messages: int = Field(ge=1, description="messages that wait")
    since: datetime = Field(description="time of the oldest of them")
    text: str = Field(description="beginning of the newest of them")


class WaitingWorkers(Model):
    """Workers within the caller's reach whose messages wait, the longest waiting first."""

    items: Sequence[WaitingWorker]
    waiting: int = Field(ge=0, description="number of these workers, on all pages")
    more: bool = Field(description="whether there are more than are listed")
