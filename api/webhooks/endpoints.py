"""Webhooks: register, read, edit, rotate the secret, remove."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Body, Query, Response

from api.dependencies import Accepted, Given, Services, Wait, accept, shown, standing
from api.paging import Cursor, Limit, Listing, listing
from api.patching import patched
from api.webhooks.schemas import EXAMPLES, WithSecret
from producers import facts
from roost.events.common import WebhookId
from roost.events.envelope import Record
from roost.events.webhook import Webhook, WebhookContent
from roost.signing import secret_of

router = APIRouter(prefix="/v1/webhooks", tags=["webhooks"])
Content = Annotated[WebhookContent, Body(openapi_examples=EXAMPLES)]


@router.post("", status_code=202, summary="Register a webhook")
async def post(content: Content, given: Given, wait: Wait, response: Response) -> WithSecret:
    """The answer holds the secret: it is shown this once. Lost, it can only be rotated."""
    webhook, record = _put(content, None, given)
    return await _with_secret(given, webhook, record, wait, response, created=True)


@router.get("", summary="List webhooks")
async def list_webhooks(
    given: Given,
    limit: Limit = 50,
    cursor: Cursor = None,
    employer: Annotated[str | None, Query(max_length=64)] = None,
) -> Listing:
    filters = [{"term": {"employer_id": employer}}] if employer is not None else []
    return await listing(given.elastic, "webhooks", filters, [], limit, cursor)


@router.get("/{id}", summary="Read a webhook")
async def read(id: WebhookId, given: Given) -> dict[str, Any]:
    return shown(await standing(given.elastic, "webhooks", id, "webhook", "webhook"))


@router.put("/{id}", status_code=202, summary="Replace a webhook; its secret stays")
async def replace(
    id: WebhookId, content: Content, given: Given, wait: Wait, response: Response
) -> Accepted:
    _, record = _put(content, await _webhook(given, id), given)
    return await accept(given, record, f"/v1/webhooks/{id}", wait, response, created=False)


@router.patch("/{id}", status_code=202, summary="Change parts of a webhook (RFC 7396)")
async def patch(
    id: WebhookId,
    changes: Annotated[dict[str, Any], Body(examples=[{"enabled": False}])],
    given: Given,
    wait: Wait,
    response: Response,
) -> Accepted:
    webhook = await _webhook(given, id)
    content = patched(WebhookContent, webhook, changes, kept=("id", "secretNumber", "rotatedAt"))
    _, record = _put(content, webhook, given)
    return await accept(given, record, f"/v1/webhooks/{id}", wait, response, created=False)


@router.delete("/{id}", status_code=202, summary="Remove a webhook")
async def remove(id: WebhookId, given: Given, wait: Wait, response: Response) -> Accepted:
    await _webhook(given, id)
    record = facts.webhook_removed(id, at=given.clock.now())
    return await accept(given, record, f"/v1/webhooks/{id}", wait, response, created=False)


@router.post("/{id}/rotate", status_code=202, summary="Give a webhook a new secret")
async def rotate(id: WebhookId, given: Given, wait: Wait, response: Response) -> WithSecret:
    """The answer holds the new secret: it is shown this once. For a day both sign."""
    webhook, record = facts.webhook_rotated(await _webhook(given, id), at=given.clock.now())
    return await _with_secret(given, webhook, record, wait, response, created=False)


def _put(
    content: WebhookContent, standing: Webhook | None, given: Services
) -> tuple[Webhook, Record]:
    private = given.settings.webhooks_may_be_private
    return facts.webhook_put(content, standing, at=given.clock.now(), may_be_private=private)


async def _with_secret(
    given: Services,
    webhook: Webhook,
    record: Record,
    wait: float,
    response: Response,
    *,
    created: bool,
) -> WithSecret:
    secret = secret_of(given.key, webhook.id, webhook.secret_number)
    where = f"/v1/webhooks/{webhook.id}"
    accepted = await accept(given, record, where, wait, response, created=created)
    response.headers["cache-control"] = "no-store"
    return WithSecret(**accepted.model_dump(), secret=secret)


async def _webhook(given: Services, id: str) -> Webhook:
    document = await standing(given.elastic, "webhooks", id, "webhook", "webhook")
    return Webhook.model_validate(document["fact"])
