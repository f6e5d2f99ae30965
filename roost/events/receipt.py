"""Receipts: a recipient has read or answered a notification. Ids only."""

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


class Receipt(Model):
    """Fact that a recipient has read or answered a notification."""

    id: Annotated[str, Field(pattern=r"^r-[a-z2-7]{26}$")]
    notification_id: NotificationId
    recipient: Recipient
    kind: ReceiptKind
    channel: ChannelKind = ChannelKind.INBOX
    at: datetime
