"""Bodies of webhook messages, in the form that Standard Webhooks recommends: pure."""

from __future__ import annotations

from datetime import UTC, datetime

import orjson
from pydantic import AwareDatetime, Field

from roost.events.common import MatchId, Model, NoticeId, NotificationId, OpeningId
from roost.views.mappings import Json
from roost.wording import Message

TEST = "test"


class WebhookData(Model):
    """Content of a message: its text, and the ids of the entities that it is about."""

    id: NotificationId = Field(description="id of the message")
    title: str
    body: str
    notification_id: NotificationId | None = None
    opening_id: OpeningId | None = None
    match_id: MatchId | None = None
    notice_id: NoticeId | None = None


class WebhookMessage(Model):
    """Body of a message to a webhook (Standard Webhooks)."""

    type: str = Field(description="`roost.` and the kind of notification")
    timestamp: AwareDatetime = Field(description="time of the attempt")
    data: WebhookData


def payload(message: Message, at: datetime) -> bytes:
    """Return the body of a message: `type`, `timestamp` and `data`."""
    data = {"id": message.id, "title": message.title, "body": message.body, **message.data}
    return _body(message.kind, at, data)


def trial_payload(message_id: str, at: datetime) -> bytes:
    """Return the body of a test call, of the type `roost.test`."""
    said = {
        "title": "Test",
        "body": "This is a test call; no action is needed. 这是测试消息，无需处理。",
    }
    return _body(TEST, at, {"id": message_id, **said})


def _body(kind: str, at: datetime, data: Json) -> bytes:
    body = {
        "type": f"roost.{kind}",
        "timestamp": at.astimezone(UTC).isoformat().replace("+00:00", "Z"),
        "data": data,
    }
    return orjson.dumps(body)
