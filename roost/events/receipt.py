"""Receipts: a recipient has read or answered a notification, or a provider has delivered it.

Ids and codes only.
"""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Annotated

from pydantic import Field

from roost.events.common import Model, NotificationId
from roost.events.notification import Recipient
from roost.events.preferences import ChannelKind


class ReceiptKind(StrEnum):
    """Kind of receipt."""

    READ = "read"
    ANSWERED = "answered"
    RESEND = "resend"
    """The owner of a webhook asks for its message again."""
    DELIVERED = "delivered"
    """The provider reports that the message has arrived."""
    UNDELIVERED = "undelivered"
    """The provider reports that the message has not arrived and is given up."""


class Receipt(Model):
    """Fact about one message: read, answered, delivered, or asked for again."""

    id: Annotated[str, Field(pattern=r"^r-[a-z2-7]{26}$")]
    notification_id: NotificationId
    recipient: Recipient
    kind: ReceiptKind
    channel: ChannelKind = ChannelKind.INBOX
    at: datetime
    code: Annotated[str, Field(max_length=64, pattern=r"^[A-Za-z0-9._:-]*$")] = Field(
        "", description="the provider's code of a delivery report"
    )
