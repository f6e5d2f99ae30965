"""Notifications and deliveries: who is told of what, and what each channel answered.

Both stand in append-only topics, so they carry ids, never people or text: the deliver stage
writes the words at the moment of sending, from what the views say then.
"""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Annotated

from pydantic import Field

from roost.events.common import MatchId, Model, NotificationId, OpeningId
from roost.events.profile import ChannelKind


class NotificationKind(StrEnum):
    NEW_MATCH = "new_match"
    QUEUE_NEW = "queue_new"
    MATCH_PLACED = "match_placed"
    MATCH_WITHDRAWN = "match_withdrawn"


class RecipientKind(StrEnum):
    WORKER = "worker"
    STATION = "station"


class Recipient(Model):
    kind: RecipientKind
    id: Annotated[str, Field(pattern=r"^[ws]-[a-z2-7]{26}$")]


class Notification(Model):
    """One message to one recipient. Id = recipient + cause + kind + version."""

    id: NotificationId
    recipient: Recipient
    kind: NotificationKind
    opening_id: OpeningId
    match_id: MatchId
    version: int = Field(ge=1)
    caused_at: datetime = Field(description="when the fact that caused it was posted")


class DeliveryStatus(StrEnum):
    SENT = "sent"
    FAILED = "failed"
    SUPPRESSED = "suppressed"


class Delivery(Model):
    """What one channel answered for one notification. `posted_to_told_ms` is the service level."""

    id: Annotated[str, Field(pattern=r"^n-[a-z2-7]{26}\.[a-z]+$")]
    notification_id: NotificationId
    recipient: Recipient
    channel: ChannelKind
    status: DeliveryStatus
    attempts: int = Field(ge=0)
    at: datetime
    detail: str = Field("", description="why it failed or was suppressed; no personal data")
    posted_to_told_ms: int = Field(0, ge=0)
