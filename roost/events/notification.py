"""Notifications and deliveries: recipient and cause, and the state of each channel.

Both topics are append-only, so they carry ids, never people or text. The deliver stage writes
the text when it sends, from the current views.
"""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Annotated

from pydantic import Field

from roost.events.common import (
    MatchId,
    MessageId,
    Model,
    NoticeId,
    NotificationId,
    OpeningId,
    RequestId,
    SavedSearchId,
    SlotId,
    WebhookId,
)
from roost.events.preferences import ChannelKind


class NotificationKind(StrEnum):
    """Kind of notification."""

    NEW_MATCH = "new_match"
    MATCH_CLAIMED = "match_claimed"
    INTERVIEW_SET = "interview_set"
    INTERVIEW_CANCELLED = "interview_cancelled"
    """The interview that was announced does not take place."""
    INTERVIEW_REMINDER = "interview_reminder"
    """To a worker, the day before: time, place and documents of the interview."""
    MATCH_PLACED = "match_placed"
    OPENING_CLOSED = "opening_closed"
    OPENING_PAUSED = "opening_paused"
    OPENING_RESUMED = "opening_resumed"
    REQUEST_ANSWERED = "request_answered"
    POLICY_NEWS = "policy_news"
    QUEUE_NEW = "queue_new"
    MATCH_WITHDRAWN = "match_withdrawn"
    MATCH_WAITING = "match_waiting"
    SHARING_ASKED = "sharing_asked"
    """To a worker: may an employer have name and contact details; it has a deadline."""
    SHARING_ANSWERED = "sharing_answered"
    """To a station: the worker has answered that question, or has not in time."""
    STATION_MESSAGE = "station_message"
    """A clerk's message in the worker's conversation; it is sent alone, with its whole text."""
    ADDRESS_CODE = "address_code"
    """The code that confirms an address; it goes to that address alone."""
    SAVED_SEARCH = "saved_search"
    """To a worker: a new opening meets a saved search, or, with `further`, more of them do."""
    SIGN_IN_CODE = "sign_in_code"
    """The code and the link with which a worker signs in; it goes to the telephone alone."""
    WEBHOOK_DISABLED = "webhook_disabled"
    """To an employer: the service has disabled one of its webhooks."""
    OPENING_APPROVED = "opening_approved"
    """To an employer: a station or the association approved its opening."""
    OPENING_REFUSED = "opening_refused"
    """To an employer: its opening was closed while it waited for approval."""
    OPENING_HELD = "opening_held"
    """To an employer: words of its opening wait for review."""
    CANDIDATES_REQUESTED = "candidates_requested"
    """To a station: an employer asks for candidates for an opening."""
    CANDIDATES_ANSWERED = "candidates_answered"
    """To an employer: its request was accepted, declined or fulfilled, or has expired."""
    CANDIDATE_REFERRED = "candidate_referred"
    """A station has referred a candidate for an opening of the employer; it names nobody."""


URGENT = frozenset(
    {
        NotificationKind.INTERVIEW_SET,
        NotificationKind.INTERVIEW_CANCELLED,
        NotificationKind.OPENING_CLOSED,
        NotificationKind.ADDRESS_CODE,
        NotificationKind.SIGN_IN_CODE,
    }
)
"""Kinds exempt from quiet hours, snooze, digests and throttling; a notice has its own flag."""
CODES = frozenset({NotificationKind.ADDRESS_CODE, NotificationKind.SIGN_IN_CODE})
"""Kinds that carry a code which somebody asked for: they go to one kind of channel alone."""


class RecipientKind(StrEnum):
    """Kind of recipient."""

    WORKER = "worker"
    STATION = "station"
    WEBHOOK = "webhook"
    EMPLOYER = "employer"


STOPPABLE = frozenset({RecipientKind.WORKER, RecipientKind.EMPLOYER})
"""Recipients whose messages carry a stop link. A station's messages are its work, and a webhook is
switched off."""


class Recipient(Model):
    """Recipient of a notification: a worker, a station, a webhook or an employer, by id."""

    kind: RecipientKind
    id: Annotated[str, Field(pattern=r"^[wshe]-[a-z2-7]{26}$")]


class Notification(Model):
    """One message to one recipient: a match, opening, notice, text, search, address or webhook.

    Its id is derived from recipient, cause, kind and version.
    """

    id: NotificationId
    recipient: Recipient
    kind: NotificationKind
    opening_id: OpeningId | None = None
    match_id: MatchId | None = None
    notice_id: NoticeId | None = None
    webhook_id: WebhookId | None = None
    slot_id: SlotId | None = Field(
        None,
        description="interview slot that an arranged interview was booked at",
        exclude_if=lambda slot: slot is None,
    )
    request_id: RequestId | None = Field(
        None,
        description="request for candidates",
        exclude_if=lambda request: request is None,
    )
    conversation_message_id: MessageId | None = None
    saved_search_id: SavedSearchId | None = None
    further: int | None = Field(
        None,
        ge=1,
        description="of a `saved_search` without an opening: the day's further openings; 100 means "
        "100 or more",
    )
    in_digest: bool | None = Field(
        None, description="waits for a digest, also of a recipient without one: at 8:00 then"
    )
    channel: ChannelKind | None = Field(
        None,
        description="kind of the address to which an `address_code` or `sign_in_code` goes",
    )
    urgent: bool = False
    version: int = Field(ge=1)
    caused_at: datetime = Field(description="time at which the fact that caused it was posted")


ALONE = frozenset({NotificationKind.STATION_MESSAGE, NotificationKind.SHARING_ASKED})
"""Kinds that the recipient answers; they are sent alone, with their whole text."""


def urgent(notification: Notification) -> bool:
    """Return whether it ignores quiet hours, snooze, digests and throttling, and is sent alone."""
    return notification.urgent or notification.kind in URGENT


def sent_alone(notification: Notification) -> bool:
    """Return whether it is never merged with other messages: urgent, or one to answer."""
    return urgent(notification) or notification.kind in ALONE


class DeliveryStatus(StrEnum):
    """State of a delivery: waiting ─► sending ─► sent, failed or parked; waiting ─► suppressed."""

    WAITING = "waiting"
    SENDING = "sending"
    SENT = "sent"
    FAILED = "failed"
    SUPPRESSED = "suppressed"
    PARKED = "parked"
    """The sender was killed while sending, and the channel does not drop repeats."""

    @property
    def final(self) -> bool:
        """Whether no attempt will follow."""
        return self not in {DeliveryStatus.WAITING, DeliveryStatus.SENDING}


PAIR_WITHDRAWN = "the match no longer holds"
"""Detail of a delivery that was suppressed since its pair was withdrawn before it was sent."""


class Hold(StrEnum):
    """Reason why a delivery waits."""

    QUIET = "quiet"
    SNOOZE = "snooze"
    DIGEST = "digest"
    THROTTLE = "throttle"
    RETRY = "retry"
    BUDGET = "budget"
    """A cap on the cost of messages is reached."""
    UNREAD = "unread"
    """It is sent only if the message stays unread on the previous channel."""


class Step(Model):
    """One change of status in a delivery's history."""

    at: datetime
    status: DeliveryStatus
    why: str = ""


MOST_ANSWERS = 12
"""Most answers that a delivery keeps: those of a whole schedule."""


class Answer(Model):
    """Answer of a webhook or a provider to one attempt, without personal data."""

    at: datetime
    status: Annotated[int, Field(ge=100, le=999)] | None = Field(
        None, description="HTTP status; absent if there was no answer"
    )
    elapsed_ms: int = Field(0, ge=0)
    error: Annotated[str, Field(max_length=300)] = Field(
        "", description="reason why there was no answer"
    )
    excerpt: Annotated[str, Field(max_length=300)] = Field(
        "", description="technical words of the answer's body; all other words are left out"
    )
    reference: Annotated[str, Field(max_length=64)] = Field(
        "", description="the provider's id of the message, by which its delivery report names it"
    )
    request_id: Annotated[str, Field(max_length=64)] = Field(
        "", description="the provider's id of the call, for its support"
    )


class Delivery(Model):
    """Current state of one notification on one channel; every change raises `revision` by one.

    `posted_to_told_ms` (milliseconds from event publication to delivery) is the service level.
    By `message_id` the receiver drops repeats: it is the notification's own id, or the id of the
    message in which several were merged. It never changes after the first attempt.
    """

    id: Annotated[str, Field(pattern=r"^n-[a-z2-7]{26}\.[a-z]+$")]
    notification: Notification
    channel: ChannelKind
    status: DeliveryStatus
    revision: int = Field(1, ge=1)
    due_at: datetime = Field(description="earliest time of the next attempt")
    held_by: Hold | None = None
    attempts: int = Field(0, ge=0)
    at: datetime = Field(description="time at which it reached this status")
    message_id: NotificationId | None = None
    lease_until: datetime | None = Field(None, description="end of the sender's lease")
    detail: str = Field(
        "", description="reason of failure, waiting or suppression; no personal data"
    )
    posted_to_told_ms: int = Field(0, ge=0)
    read_at: datetime | None = None
    answered_at: datetime | None = None
    delivered_at: datetime | None = Field(
        None, description="time at which the provider reported that the message arrived"
    )
    cost_milli_yuan: int = Field(
        0, ge=0, description="cost of its attempts in thousandths of a yuan, on the first of merged"
    )
    segments: int = Field(0, ge=0, description="segments of its last text message")
    charged_at: datetime | None = Field(None, description="time of the last attempt with a cost")
    station_id: Annotated[str, Field(pattern=r"^s-[a-z2-7]{26}$")] | None = Field(
        None, description="station that the cost is counted for; without one, the county alone"
    )
    history: tuple[Step, ...] = Field((), description="the last 20 steps, oldest first")
    answers: tuple[Answer, ...] = Field(
        (), description="answers of a webhook or provider, oldest first; the last of many"
    )
    planned: tuple[ChannelKind, ...] = Field(
        (), description="channels planned for its notification; a repeat plans no others"
    )
