"""Requests and answers of the endpoints of webhooks, apart from the webhook itself."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

from pydantic import Field, HttpUrl

from api.lists.answer_schemas import Documents, FactAnswer, PageOf
from api.lists.paging import Listing
from api.writes.publishing import Accepted
from roost.events.common import Model, NotificationId
from roost.events.notification import DeliveryStatus
from roost.events.webhook import OutageCause, Webhook

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


class OutageAnswer(Model):
    """Reason and time at which the service disabled a webhook."""

    cause: OutageCause
    since: datetime = Field(description="first failure since the last success")
    at: datetime


class WebhookAnswer(Webhook, FactAnswer):
    """A webhook with its version, without its secret."""

    outage: OutageAnswer | None = Field(
        None, description="null unless the service has disabled the webhook"
    )


class WebhookPage(PageOf[WebhookAnswer]):
    """A page of webhooks, by id."""


WebhookFact = Annotated[dict[str, Any], Documents(WebhookAnswer)]
WebhookListing = Annotated[Listing, Documents(WebhookPage)]
