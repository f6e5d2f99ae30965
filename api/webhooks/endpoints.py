"""Endpoints of webhooks: register, list, edit, rotate, enable, try, and their deliveries."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Body, Query, Response

from api.access.principal import Principal
from api.access.requirements import allow
from api.guards.conditional import IfMatch
from api.guards.idempotency.key_header import Seed
from api.guards.security_headers import mark_shown_once
from api.lists.answer_schemas import tagged_answer
from api.lists.documents import document_answer
from api.lists.paging import Cursor, Limit, with_fields
from api.lists.sparse import Fields, sparse
from api.lists.totals import Total
from api.notifications.schemas import DeliveryAnswer, DeliveryListing
from api.ports.services import Given, Services
from api.webhooks import delivery_log, service, trials
from api.webhooks.schemas import (
    EXAMPLES,
    AcceptedWithSecret,
    PrivateTarget,
    ResendAsked,
    WebhookAnswer,
    WebhookFact,
    WebhookListing,
)
from api.webhooks.service import WrittenWithSecret
from api.writes.publishing import Accepted, Wait, Written, answered
from roost.events.account import Permission
from roost.events.common import NotificationId, WebhookId
from roost.events.notification import Answer, DeliveryStatus
from roost.events.webhook import WebhookContent

router = APIRouter(prefix="/v1/webhooks", tags=["webhooks"])
Content = Annotated[WebhookContent, Body(openapi_examples=EXAMPLES)]
Reads = Annotated[Principal, allow(Permission.WEBHOOKS_READ)]
Writes = Annotated[Principal, allow(Permission.WEBHOOKS_WRITE)]
Chosen = Annotated[Fields, sparse(WebhookAnswer)]
WritesAll = Annotated[Principal, allow(Permission.WEBHOOKS_WRITE, everywhere=True)]


@router.post("", status_code=202, summary="Register a webhook")
async def register_webhook(
    content: Content, who: Writes, given: Given, seed: Seed, wait: Wait, response: Response
) -> AcceptedWithSecret:
    """Register a webhook. The answer is the only one with the secret; a lost one can be rotated."""
    made = await service.register_webhook(given, who, content, seed=seed)
    return await _accepted_with_secret(given, made, wait, response)


@router.get("", summary="List webhooks")
async def list_webhooks(
    who: Reads,
    given: Given,
    limit: Limit = 50,
    cursor: Cursor = None,
    fields: Chosen = None,
    employer: Annotated[str | None, Query(max_length=64)] = None,
    total: Total = False,
) -> WebhookListing:
    """Return a page of the webhooks within reach."""
    found = await service.list_webhooks(
        given, who, employer=employer, limit=limit, cursor=cursor, total=total
    )
    return with_fields(found, fields)


@router.get("/{id}", summary="Read a webhook", responses=tagged_answer())
async def read_webhook(
    id: WebhookId, who: Reads, given: Given, response: Response, fields: Chosen = None
) -> WebhookFact:
    """Return a webhook without its secret, or the requested fields of it."""
    return document_answer(await service.find_webhook(given, who, id), response, fields)


@router.put("/{id}", status_code=202, summary="Replace a webhook; its secret stays")
async def replace_webhook(
    id: WebhookId,
    content: Content,
    who: Writes,
    given: Given,
    expected: IfMatch,
    wait: Wait,
    response: Response,
) -> Accepted:
    """Replace the content of a webhook."""
    written = await service.replace_webhook(given, who, id, content, expected)
    return await _accepted(given, written, wait, response)


@router.patch("/{id}", status_code=202, summary="Change parts of a webhook (RFC 7396)")
async def patch_webhook(
    id: WebhookId,
    changes: Annotated[dict[str, Any], Body(examples=[{"enabled": False}])],
    who: Writes,
    given: Given,
    expected: IfMatch,
    wait: Wait,
    response: Response,
) -> Accepted:
    """Apply the changes to the current version; with `If-Match`, only to the version named."""
    written = await service.patch_webhook(given, who, id, changes, expected)
    return await _accepted(given, written, wait, response)


@router.delete("/{id}", status_code=202, summary="Remove a webhook")
async def remove_webhook(
    id: WebhookId,
    who: Writes,
    given: Given,
    expected: IfMatch,
    wait: Wait,
    response: Response,
) -> Accepted:
    """Remove a webhook; nothing more is sent to it."""
    written = await service.remove_webhook(given, who, id, expected)
    return await _accepted(given, written, wait, response)


@router.post("/{id}/rotate", status_code=202, summary="Give a webhook a new secret")
async def rotate_secret(
    id: WebhookId,
    who: Writes,
    given: Given,
    expected: IfMatch,
    wait: Wait,
    response: Response,
) -> AcceptedWithSecret:
    """Rotate the secret. The answer is the only one with it; for a day both secrets sign."""
    made = await service.rotate_secret(given, who, id, expected)
    return await _accepted_with_secret(given, made, wait, response)


@router.post("/{id}/enable", status_code=202, summary="Switch a webhook on, also after an outage")
async def enable_webhook(
    id: WebhookId,
    who: Writes,
    given: Given,
    expected: IfMatch,
    wait: Wait,
    response: Response,
) -> Accepted:
    """Switch a webhook on. One that failed for three days or answered 410 is off until then."""
    written = await service.enable_webhook(given, who, id, expected)
    return await _accepted(given, written, wait, response)


@router.post("/{id}/private", status_code=202, summary="Allow a webhook a private address")
async def allow_private(
    id: WebhookId,
    target: PrivateTarget,
    who: WritesAll,
    given: Given,
    expected: IfMatch,
    wait: Wait,
    response: Response,
) -> Accepted:
    """Point a webhook to a URL in a private network, which only an administrator may allow.

    The permission covers this scheme, host and port; with another URL it ends.
    """
    written = await service.allow_private(given, who, id, target.url, expected)
    return await _accepted(given, written, wait, response)


@router.post("/{id}/test", summary="Send a test call and return its answer")
async def call_webhook(id: WebhookId, who: Writes, given: Given) -> Answer:
    """Post a signed message of the type `roost.test` and return the receiver's answer."""
    return await trials.call_webhook(given, who, id)


@router.get("/{id}/deliveries", summary="List a webhook's deliveries and answers, newest first")
async def list_deliveries(
    id: WebhookId,
    who: Reads,
    given: Given,
    status: Annotated[list[DeliveryStatus] | None, Query()] = None,
    limit: Limit = 50,
    cursor: Cursor = None,
    fields: Annotated[Fields, sparse(DeliveryAnswer)] = None,
    total: Total = False,
) -> DeliveryListing:
    """Return a page of deliveries, each with the answers to its attempts."""
    found = await delivery_log.list_deliveries(
        given, who, id, statuses=status, limit=limit, cursor=cursor, total=total
    )
    return with_fields(found, fields)


@router.post(
    "/{id}/deliveries/{notification}/resend", status_code=202, summary="Send a message again"
)
async def resend(
    id: WebhookId, notification: NotificationId, who: Writes, given: Given
) -> ResendAsked:
    """Queue a delivery again, whatever its status, under the same message id."""
    delivery = await delivery_log.resend(given, who, id, notification)
    return ResendAsked(id=notification, status=delivery.status)


async def _accepted(given: Services, written: Written, wait: float, response: Response) -> Accepted:
    return await answered(given, written, f"/v1/webhooks/{written.record.key}", wait, response)


async def _accepted_with_secret(
    given: Services, made: WrittenWithSecret, wait: float, response: Response
) -> AcceptedWithSecret:
    accepted = await _accepted(given, made.written, wait, response)
    mark_shown_once(response)
    return AcceptedWithSecret(**accepted.model_dump(), secret=made.secret)
