"""Webhooks of employers and partners, notified according to the Standard Webhooks spec.

A webhook's secret is derived from the county's key, its id and `secret_number`, and not stored.
"""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Annotated

from pydantic import Field, HttpUrl

from roost.events.account import NewEmployerId
from roost.events.common import Line, Lines, Model, WebhookId
from roost.events.notification import Answer, NotificationKind

SENT_KINDS = (
    NotificationKind.NEW_MATCH,
    NotificationKind.MATCH_CLAIMED,
    NotificationKind.CANDIDATE_REFERRED,
    NotificationKind.INTERVIEW_SET,
    NotificationKind.INTERVIEW_CANCELLED,
    NotificationKind.MATCH_PLACED,
    NotificationKind.OPENING_CLOSED,
)
"""Kinds of notification that webhooks receive."""


class WebhookContent(Model):
    """Content of a webhook: everything except its id and secret."""

    url: Annotated[HttpUrl, Field(description="https URL, reachable from the public internet")]
    employer_id: NewEmployerId | None = Field(
        None, description="employer whose openings it is notified about; by default all"
    )
    kinds: Lines = Field((), description="kinds of notification; by default all")
    description: Line | None = None
    enabled: bool = True


class Webhook(WebhookContent):
    """Webhook as stored in the topic `webhooks`."""

    id: WebhookId
    secret_number: int = Field(1, ge=1, description="raised by each rotation of the secret")
    rotated_at: datetime | None = Field(
        None,
        description="time of the last rotation; for a day after it the previous secret also signs",
    )
    enabling: int = Field(
        1, ge=1, description="raised when it is enabled again; an outage ends only its own enabling"
    )
    private_origin: Annotated[str, Field(max_length=300)] | None = Field(
        None,
        description="origin in a private network that an administrator allowed; a URL elsewhere "
        "must be public",
    )


class OutageCause(StrEnum):
    """Reason why a webhook was disabled: it failed for days, or asked for no more (410)."""

    FAILING = "failing"
    GONE = "gone"


class Outage(Model):
    """Disabling of a webhook by the service; enabling it again ends the outage."""

    webhook_id: WebhookId
    enabling: int = Field(1, ge=1, description="enabling of the webhook that it ends")
    cause: OutageCause
    since: datetime = Field(description="first failure since the last success")
    at: datetime
    last_answer: Answer | None = Field(None, description="answer to the last attempt, if known")

    @property
    def id(self) -> str:
        """Key of its record."""
        return self.webhook_id


def is_out(webhook: Webhook, outage: Outage | None) -> bool:
    """Return whether the service has disabled the webhook since it was last enabled."""
    return outage is not None and outage.enabling == webhook.enabling
