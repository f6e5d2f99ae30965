"""Timeline of a notification, channel by channel."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum
from typing import Annotated, Any

from pydantic import Field

from api.lists.answer_schemas import Documents, FactAnswer, PageOf
from api.lists.paging import Listing
from roost.events.common import Model
from roost.events.notification import Delivery, DeliveryStatus, Hold, Notification
from roost.events.preferences import ChannelKind


class DeliveryStep(StrEnum):
    """Steps of a delivery."""

    CREATED = "created"
    WAITING = "waiting"
    HELD = "held"
    SENDING = "sending"
    SENT = "sent"
    FAILED = "failed"
    SUPPRESSED = "suppressed"
    PARKED = "parked"
    DELIVERED = "delivered"
    READ = "read"
    ANSWERED = "answered"


class TimelineEntry(Model):
    """One step of a delivery."""

    at: datetime
    what: DeliveryStep
    why: str = ""
    until: datetime | None = Field(None, description="when a held message is due")


class ChannelTimeline(Model):
    """Status of one channel, and its steps, oldest first."""

    channel: ChannelKind
    status: DeliveryStatus
    held_by: Hold | None = None
    due_at: datetime
    attempts: int
    detail: str = ""
    timeline: Sequence[TimelineEntry]


class NotificationTimeline(Model):
    """A notification with the timeline of each channel."""

    notification: Notification
    channels: Sequence[ChannelTimeline]


class NotificationAnswer(Notification, FactAnswer):
    """A notification with its version."""


class NotificationPage(PageOf[NotificationAnswer]):
    """A page of notifications, newest first."""


class DeliveryAnswer(Delivery, FactAnswer):
    """A delivery with its version."""


class DeliveryPage(PageOf[DeliveryAnswer]):
    """A page of deliveries, newest first."""


NotificationFact = Annotated[dict[str, Any], Documents(NotificationAnswer)]
DeliveryFact = Annotated[dict[str, Any], Documents(DeliveryAnswer)]
NotificationListing = Annotated[Listing, Documents(NotificationPage)]
DeliveryListing = Annotated[Listing, Documents(DeliveryPage)]
