"""Requests and answers of the endpoints of webhooks, apart from the webhook itself."""

from __future__ import annotations

from typing import Any

from pydantic import Field, HttpUrl

from api.writes.publishing import Accepted
from roost.events.common import Model, NotificationId
from roost.events.notification import DeliveryStatus

EXAMPLES: Any = {
    "zh": {
        "summary": "用工单位",
        "value": {
            "url": "https://hr.example.com/roost",
            "employerId": "taiyuan-jianzhu",
            "kinds": ["match_placed"],
            "description": "太原示例建筑公司人事系统",
        },
    },
    "en": {
        "summary": "A partner that receives every event",
        "value": {"url": "https://partner.example.com/hooks/roost"},
    },
}


class AcceptedWithSecret(Accepted):
    """A write that gave the webhook a new secret."""

    secret: str = Field(
        description="verifies the signatures (Standard Webhooks); shown only once, so store it"
    )


class PrivateTarget(Model):
    """A URL in a private network that an administrator allows; null takes the permission back."""

    url: HttpUrl | None = Field(examples=["http://10.20.0.8/roost"])


class ResendAsked(Model):
    """A delivery that will be sent again under the same message id."""

    id: NotificationId
    status: DeliveryStatus = Field(description="status before it was asked for again")
