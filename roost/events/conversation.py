"""Conversations: messages between a worker and the station that serves the worker.

A worker replies to a message of ours, or writes on their own page; a clerk answers. The text is
personal, so the topic is compacted: an erasure leaves a tombstone under every message.
"""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Annotated

from pydantic import Field

from roost.events.common import MessageId, Model, Text, WorkerId
from roost.events.preferences import ChannelKind

LONGEST_KEPT = 2_000
"""Maximum length of a stored message in characters; a longer reply is cut there."""
LONGEST_WRITTEN = 1_000
"""Maximum length of a message that is written in Roost: it fits one message of every channel."""


class Author(StrEnum):
    """Author of a message: the worker, or the station that answers."""

    WORKER = "worker"
    STATION = "station"


class ConversationMessage(Model):
    """One message of a conversation, as stored in the topic `conversations`."""

    id: MessageId
    worker_id: WorkerId
    author: Author
    text: Annotated[Text, Field(min_length=1, max_length=LONGEST_KEPT)]
    shortened: bool = Field(False, description="the reply was longer; its end was not kept")
    repeats: MessageId | None = Field(
        None,
        description="earlier message of the day with this text; the gateway gave neither id nor "
        "time, so this may be the same reply forwarded again",
    )
    channel: ChannelKind = Field(
        ChannelKind.INBOX, description="channel on which a reply arrived; `inbox` if in Roost"
    )
    by: Annotated[str, Field(max_length=40)] | None = Field(
        None, description="id of the account or key that wrote it; absent for forwarded replies"
    )
    sent_at: datetime
    settled_at: datetime | None = Field(
        None, description="time at which a clerk answered a worker's message, or closed it"
    )
    answer_id: MessageId | None = Field(
        None, description="the answer; absent if it was closed without one"
    )

    @property
    def is_open(self) -> bool:
        """Whether a worker's message waits for a clerk."""
        return self.author is Author.WORKER and self.settled_at is None
