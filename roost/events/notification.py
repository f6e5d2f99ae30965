"""Notifications and deliveries: who is told of what, and how far each channel is with it.

Both stand in append-only topics, so they carry ids, never people or text: the deliver stage
writes the words at the moment of sending, from what the views say then.
"""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Annotated

from pydantic import Field

from roost.events.common import MatchId, Model, NoticeId, NotificationId, OpeningId
from roost.events.preferences import ChannelKind


class NotificationKind(StrEnum):
    NEW_MATCH = "new_match"
    MATCH_CLAIMED = "match_claimed"
    INTERVIEW_SET = "interview_set"
    MATCH_PLACED = "match_placed"
    OPENING_CLOSED = "opening_closed"
    REQUEST_ANSWERED = "request_answered"
    POLICY_NEWS = "policy_news"
    QUEUE_NEW = "queue_new"
    MATCH_WITHDRAWN = "match_withdrawn"
    MATCH_WAITING = "match_waiting"


URGENT = frozenset({NotificationKind.INTERVIEW_SET, NotificationKind.OPENING_CLOSED})
"""Kinds that pass quiet hours, snooze, digests and throttling; a notice says so itself."""


class RecipientKind(StrEnum):
    WORKER = "worker"
    STATION = "station"
    WEBHOOK = "webhook"


class Recipient(Model):
    kind: RecipientKind
    id: Annotated[str, Field(pattern=r"^[wsh]-[a-z2-7]{26}$")]


class Notification(Model):
    """One message to one recipient, about a match, an opening or a notice.

    Id = recipient + cause + kind + version.
    """

    id: NotificationId
    recipient: Recipient
    kind: NotificationKind
    opening_id: OpeningId | None = None
    match_id: MatchId | None = None
    notice_id: NoticeId | None = None
    urgent: bool = False
    version: int = Field(ge=1)
    caused_at: datetime = Field(description="when the fact that caused it was posted")


def urgent(notification: Notification) -> bool:
    """Whether it passes quiet hours, snooze, digests and throttling, and goes out alone."""
    return notification.urgent or notification.kind in URGENT


class DeliveryStatus(StrEnum):
    """waiting ─► sending ─► sent, failed or parked; waiting ─► suppressed."""

    WAITING = "waiting"
    SENDING = "sending"
    SENT = "sent"
    FAILED = "failed"
    SUPPRESSED = "suppressed"
    PARKED = "parked"
    """A process was killed amid sending, and the channel knows no ids: a person looks."""

    @property
    def final(self) -> bool:
        return self not in {DeliveryStatus.WAITING, DeliveryStatus.SENDING}


class Hold(StrEnum):
    """Why a delivery waits."""

    QUIET = "quiet"
    SNOOZE = "snooze"
    DIGEST = "digest"
    THROTTLE = "throttle"
    RETRY = "retry"
    UNREAD = "unread"
    """It goes out only when the channel before it stays unread."""


class Step(Model):
    """One line of a delivery's history."""

    at: datetime
    status: DeliveryStatus
    why: str = ""


class Delivery(Model):
    """One notification on one channel, as it is now. `revision` rises by one with every change.

    `posted_to_told_ms` is the service level. `message_id` is what the receiver drops repeats by:
    the notification's own id, or that of the message in which several were merged; once an
    attempt was made it never changes.
    """

    id: Annotated[str, Field(pattern=r"^n-[a-z2-7]{26}\.[a-z]+$")]
    notification: Notification
    channel: ChannelKind
    status: DeliveryStatus
    revision: int = Field(1, ge=1)
    due_at: datetime = Field(description="when it may be sent, or is tried again")
    held_by: Hold | None = None
    attempts: int = Field(0, ge=0)
    at: datetime = Field(description="when it came to this status")
    message_id: NotificationId | None = None
    lease_until: datetime | None = Field(None, description="until then its sender has it")
    detail: str = Field("", description="why it failed, waits or was suppressed; no personal data")
    posted_to_told_ms: int = Field(0, ge=0)
    read_at: datetime | None = None
    answered_at: datetime | None = None
    history: tuple[Step, ...] = Field((), description="the last 20 steps, oldest first")
    planned: tuple[ChannelKind, ...] = Field(
        (), description="the channels that its notification was planned on; a repeat plans no other"
    )
