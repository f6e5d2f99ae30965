"""What became of a notification, channel by channel."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum

from pydantic import Field

from roost.events.common import Model
from roost.events.notification import DeliveryStatus, Hold, Notification
from roost.events.preferences import ChannelKind


class Happening(StrEnum):
    CREATED = "created"
    WAITING = "waiting"
    HELD = "held"
    SENDING = "sending"
    SENT = "sent"
    FAILED = "failed"
    SUPPRESSED = "suppressed"
    PARKED = "parked"
    READ = "read"
    ANSWERED = "answered"


class Moment(Model):
    at: datetime
    what: Happening
    why: str = ""
    until: datetime | None = Field(None, description="when what is held is due")


class ChannelStory(Model):
    """One channel: how far it is, and everything that happened, oldest first."""

    channel: ChannelKind
    status: DeliveryStatus
    held_by: Hold | None = None
    due_at: datetime
    attempts: int
    detail: str = ""
    timeline: Sequence[Moment]


class Story(Model):
    notification: Notification
    channels: Sequence[ChannelStory]
