"""Webhooks: register, read, edit, rotate the secret, remove."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Body, Query, Response

from api.access import policy
from api.access.policy import Belonging, Forbidden, Reach
from api.access.principal import Principal
from api.access.requirements import allow
from api.guards.conditional import IfMatch
from api.guards.idempotency.key_header import Seed
from api.lists.documents import document_answer, existing_document, not_found
from api.lists.paging import Cursor, Limit, Listing, listing
from api.ports.services import Given, Services
from api.webhooks.schemas import EXAMPLES, WithSecret
from api.writes.editing import WEBHOOK
from api.writes.patching import patched
from api.writes.publishing import Accepted, Wait, accept, edit
from producers import facts
from roost.events.account import Permission
from roost.events.common import WebhookId
from roost.events.envelope import Record
from roost.events.webhook import Webhook, WebhookContent
from roost.security.signing import secret_of
from roost.views.elastic import Json

router = APIRouter(prefix="/v1/webhooks", tags=["webhooks"])
Content = Annotated[WebhookContent, Body(openapi_examples=EXAMPLES)]
Reads = Annotated[Principal, allow(Permission.WEBHOOKS_READ)]
Writes = Annotated[Principal, allow(Permission.WEBHOOKS_WRITE)]


@router.post("", status_code=202, summary="Register a webhook")
async def post(
    content: Content, who: Writes, given: Given, seed: Seed, wait: Wait, response: Response
) -> WithSecret:
    """The answer holds the secret: it is shown this once. Lost, it can only be rotated."""
    webhook, record = _put(content, None, who, given, seed)
    where = f"/v1/webhooks/{webhook.id}"
    accepted = await accept(given, record, where, wait, response, created=True)
    return _with_secret(given, webhook, accepted, response)


@router.get("", summary="List webhooks")
async def list_webhooks(
    who: Reads,
    given: Given,
    limit: Limit = 50,
    cursor: Cursor = None,
    employer: Annotated[str | None, Query(max_length=64)] = None,
) -> Listing:
    filters = [{"term": {"employer_id": employer}}] if employer is not None else []
    if policy.reach(who, Permission.WEBHOOKS_READ) is not Reach.ALL:
        filters.append({"term": {"employer_id": who.employer_id or ""}})
    return await listing(given.elastic, "webhooks", filters, [], limit, cursor)


@router.get("/{id}", summary="Read a webhook")
async def read(id: WebhookId, who: Reads, given: Given, response: Response) -> dict[str, Any]:
    return document_answer(await _theirs(given, who, Permission.WEBHOOKS_READ, id), response)


@router.put("/{id}", status_code=202, summary="Replace a webhook; its secret stays")
async def replace(
    id: WebhookId,
    content: Content,
    who: Writes,
    given: Given,
    expected: IfMatch,
    wait: Wait,
    response: Response,
) -> Accepted:
    await _theirs(given, who, Permission.WEBHOOKS_WRITE, id)

    async def change(fact: dict[str, Any]) -> Record:
        return _put(content, Webhook.from_stored(fact), who, given)[1]

    return await edit(given, WEBHOOK, id, expected, change, wait, response)


@router.patch("/{id}", status_code=202, summary="Change parts of a webhook (RFC 7396)")
async def patch(
    id: WebhookId,
    changes: Annotated[dict[str, Any], Body(examples=[{"enabled": False}])],
    who: Writes,
    given: Given,
    expected: IfMatch,
    wait: Wait,
    response: Response,
) -> Accepted:
    await _theirs(given, who, Permission.WEBHOOKS_WRITE, id)

    async def change(fact: dict[str, Any]) -> Record:
        webhook = Webhook.from_stored(fact)
        kept = ("id", "secretNumber", "rotatedAt")
        return _put(patched(WebhookContent, webhook, changes, kept=kept), webhook, who, given)[1]

    return await edit(given, WEBHOOK, id, expected, change, wait, response)


@router.delete("/{id}", status_code=202, summary="Remove a webhook")
async def remove(
    id: WebhookId,
    who: Writes,
    given: Given,
    expected: IfMatch,
    wait: Wait,
    response: Response,
) -> Accepted:
    await _theirs(given, who, Permission.WEBHOOKS_WRITE, id)

    async def change(fact: dict[str, Any]) -> Record:
        return facts.webhook_removed(id, at=given.clock.now())

    return await edit(given, WEBHOOK, id, expected, change, wait, response)


@router.post("/{id}/rotate", status_code=202, summary="Give a webhook a new secret")
async def rotate(
    id: WebhookId,
    who: Writes,
    given: Given,
    expected: IfMatch,
    wait: Wait,
    response: Response,
) -> WithSecret:
    """The answer holds the new secret: it is shown this once. For a day both sign."""
    await _theirs(given, who, Permission.WEBHOOKS_WRITE, id)
    turned: list[Webhook] = []

    async def change(fact: dict[str, Any]) -> Record:
        webhook, record = facts.webhook_rotated(Webhook.from_stored(fact), at=given.clock.now())
        turned.append(webhook)
        return record

    accepted = await edit(given, WEBHOOK, id, expected, change, wait, response)
    return _with_secret(given, turned[0], accepted, response)


def _put(
    content: WebhookContent,
    standing: Webhook | None,
    who: Principal,
    given: Services,
    seed: str = "",
) -> tuple[Webhook, Record]:
    """Raises Forbidden for a webhook that would hear of others' openings than theirs."""
    how_far = policy.reach(who, Permission.WEBHOOKS_WRITE)
    if not policy.reaches(how_far, who, Belonging(employer_id=content.employer_id)):
        raise Forbidden(
            "employerId: name your own employer; a webhook without one hears of every opening.",
            "employerId：请填写本单位，未填写的 webhook 会收到所有岗位的通知。",
        )
    private = given.settings.webhooks_may_be_private
    return facts.webhook_put(
        content, standing, at=given.clock.now(), may_be_private=private, seed=seed
    )


def _with_secret(
    given: Services, webhook: Webhook, accepted: Accepted, response: Response
) -> WithSecret:
    secret = secret_of(given.key, webhook.id, webhook.secret_number)
    response.headers["cache-control"] = "no-store"
    return WithSecret(**accepted.model_dump(), secret=secret)


async def _theirs(given: Services, who: Principal, permission: Permission, id: str) -> Json:
    """Raises NotFound for one that is not there, and for another employer's."""
    document = await existing_document(given.elastic, "webhooks", id, "webhook", "webhook")
    of = Belonging(employer_id=document["fact"].get("employerId"))
    if not policy.reaches(policy.reach(who, permission), who, of):
        raise not_found("webhook", "webhook", id)
    return document
