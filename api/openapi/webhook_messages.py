"""The `webhooks` section of the OpenAPI document: the messages that Roost posts to receivers."""

from __future__ import annotations

from typing import Any

from roost.events.common import NotificationId
from roost.events.notification import NotificationKind
from roost.events.webhook import SENT_KINDS
from roost.webhooks.payloads import TEST, WebhookMessage

Json = dict[str, Any]
SUMMARIES = {
    NotificationKind.NEW_MATCH.value: "A match was proposed",
    NotificationKind.MATCH_CLAIMED.value: "A station took over a match",
    NotificationKind.CANDIDATE_REFERRED.value: "A station referred a candidate",
    NotificationKind.INTERVIEW_SET.value: "An interview was arranged",
    NotificationKind.INTERVIEW_CANCELLED.value: "An interview was cancelled before it took place",
    NotificationKind.MATCH_PLACED.value: "A worker was placed",
    NotificationKind.OPENING_CLOSED.value: "A match ended, since its opening is no longer open",
    TEST: "A test call, which the owner asked for",
}
"""Summary of each message."""
HEADERS: tuple[tuple[str, str, Json], ...] = (
    (
        "webhook-id",
        "id of the message, the same in every attempt: drop repeats by it",
        {"type": "string", "examples": ["n-aaaaaaaaaaaaaaaaaaaaaaaaaa"]},
    ),
    (
        "webhook-timestamp",
        "time of this attempt in seconds since 1970; refuse one more than five minutes off",
        {"type": "string", "pattern": "^[0-9]+$", "examples": ["1795595400"]},
    ),
    (
        "webhook-signature",
        "`v1,` and the base64 of HMAC-SHA256 over `id.timestamp.body`; several are separated by a "
        "space during a rotation of the secret",
        {"type": "string", "examples": ["v1,K5oZfzN95Z9UVu1EsfQmfVNQhnkZ2pj9o9NDN/H/pI4="]},
    ),
)
"""Name, meaning and schema of the headers of Standard Webhooks."""
ANSWERS: Json = {
    "2XX": {"description": "Received; the message is not sent again"},
    "410": {"description": "No more messages are wanted: the webhook is switched off"},
    "default": {
        "description": "Not received; ten more attempts follow within three days. `Retry-After` "
        "lengthens a wait"
    },
}


def webhooks_section() -> tuple[Json, Json]:
    """Return the section, and the schemas that it refers to."""
    schema = WebhookMessage.model_json_schema(
        by_alias=True, mode="serialization", ref_template="#/components/schemas/{model}"
    )
    schemas = schema.pop("$defs", {}) | {"WebhookMessage": schema}
    kinds = [*(each.value for each in SENT_KINDS), TEST]
    return {f"roost.{kind}": {"post": _message(kind)} for kind in kinds}, schemas


def _message(kind: str) -> Json:
    return {
        "operationId": f"webhook_{kind}",
        "tags": ["webhooks"],
        "summary": SUMMARIES[kind],
        "description": "Signed according to Standard Webhooks. It holds ids and a text, and no "
        "fields that a worker has not agreed to share. Verify the signature, answer 2xx at once, "
        "and drop repeats by `webhook-id`.",
        "security": [],
        "parameters": [
            {
                "name": name,
                "in": "header",
                "required": True,
                "description": meaning,
                "schema": schema,
            }
            for name, meaning, schema in HEADERS
        ],
        "requestBody": {
            "required": True,
            "content": {
                "application/json": {
                    "schema": {"$ref": "#/components/schemas/WebhookMessage"},
                    "example": _example(kind),
                }
            },
        },
        "responses": ANSWERS,
    }


def _example(kind: str) -> Json:
    id: NotificationId = "n-aaaaaaaaaaaaaaaaaaaaaaaaaa"
    opening, worker = "a" * 26, "b" * 26
    data = {"id": id, "title": SUMMARIES[kind], "body": f"{SUMMARIES[kind]}."}
    if kind != TEST:
        data |= {
            "notificationId": id,
            "openingId": f"o-{opening}",
            "matchId": f"m-{opening}.{worker}",
        }
    return {"type": f"roost.{kind}", "timestamp": "2026-11-25T08:30:00Z", "data": data}
