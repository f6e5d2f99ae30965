"""An endpoint (webhook) of an employer or a partner, told after the Standard Webhooks spec.

Its secret is derived from the county's key, this id and `secret_number`, so it is stored nowhere.
"""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from pydantic import Field, HttpUrl

from roost.events.common import Line, Lines, Model, WebhookId


class WebhookContent(Model):
    url: Annotated[HttpUrl, Field(description="https; reached from the public internet")]
    employer_id: (
        Annotated[str, Field(min_length=1, max_length=64, pattern=r"^[\w.:-]+$")] | None
    ) = Field(None, description="told of this employer's openings only; without it, of every one")
    kinds: Lines = Field((), description="kinds of notification; none means every kind")
    description: Line | None = None
    enabled: bool = True


class Webhook(WebhookContent):
    id: WebhookId
    secret_number: int = Field(1, ge=1, description="rises when the secret is rotated")
    rotated_at: datetime | None = Field(
        None, description="for a day after it the former secret signs as well"
    )
