"""Webhooks of employers and partners, notified according to the Standard Webhooks spec.

A webhook's secret is derived from the county's key, its id and `secret_number`, and not stored.
"""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from pydantic import Field, HttpUrl

from roost.events.common import Line, Lines, Model, WebhookId


class WebhookContent(Model):
    """Content of a webhook: everything except its id and secret."""

    url: Annotated[HttpUrl, Field(description="https URL, reachable from the public internet")]
    employer_id: (
        Annotated[str, Field(min_length=1, max_length=64, pattern=r"^[\w.:-]+$")] | None
    ) = Field(None, description="employer whose openings it is notified about; by default all")
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
