"""Use cases of webhooks: list, read, register, replace, edit, rotate the secret, remove.

Endpoints and console pages call these functions. Every write is authorised here, against the stored
webhook and against the webhook after the write.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import orjson
from pydantic import HttpUrl

from api.access import policy
from api.access.policy import Belonging, Forbidden, Reach
from api.access.principal import Principal
from api.guards.conditional import ANYTHING, Expected
from api.lists import clauses
from api.lists.documents import not_found
from api.lists.paging import Listing, listing
from api.lists.totals import with_total
from api.ports.latest_writes import CurrentFact
from api.ports.services import Services
from api.webhooks.outage_answers import with_outages
from api.writes.editing import WEBHOOK, existing_fact, parsed_once
from api.writes.employer_spelling import check_spelling
from api.writes.patching import patched
from api.writes.publishing import Written, write_fact
from api.writes.quotas import Quota, QuotaReached, reserve
from producers import webhook_facts
from roost.errors import Transient, at_field
from roost.events.account import AccountRole, Permission
from roost.events.envelope import Record
from roost.events.webhook import Webhook, WebhookContent
from roost.security.signing import secret_of
from roost.topics import WEBHOOKS
from roost.views.elastic import Json

MOST_NOTICED = 100
"""Most webhooks of one employer that are looked at for the notice."""
Change = Callable[[Webhook], Record]
"""Return the record that follows a stored webhook."""


@dataclass(frozen=True, slots=True)
class WrittenWithSecret:
    """Outcome of a write that gave the webhook a new secret, which is shown only once."""

    written: Written
    secret: str


async def list_webhooks(
    given: Services,
    who: Principal,
    *,
    employer: str | None = None,
    limit: int,
    cursor: str | None = None,
    total: bool = False,
) -> Listing:
    """Return a page of the webhooks within the caller's reach, by id."""
    filters = clauses.equal("employer_id", employer)
    if policy.reach(who, Permission.WEBHOOKS_READ) is not Reach.ALL:
        filters += clauses.equal("employer_id", who.employer_id or "")
    found = await listing(given, who.id, WEBHOOKS.name, filters, [], limit, cursor)
    shown = Listing(items=await with_outages(given, found.items), next=found.next)
    return await with_total(given, who.role, WEBHOOKS.name, filters, shown, total)


async def disabled_webhooks(given: Services, who: Principal) -> list[Json] | None:
    """Return an employer's webhooks that an outage has disabled, for the notice to their owner.

    Returns None for other callers, and while the views cannot be read: nothing depends on it. So it
    does before the person has changed an initial password or enrolled a second factor.
    """
    if who.role is not AccountRole.EMPLOYER or not policy.may(who, Permission.WEBHOOKS_READ):
        return None
    try:
        found = await list_webhooks(given, who, limit=MOST_NOTICED)
    except Transient:
        return None
    return [each for each in found.items if each["outage"]]


async def find_webhook(given: Services, who: Principal, id: str) -> Json:
    """Return a webhook's document with its outage. Raises NotFound for another employer's."""
    document = await find_own_webhook(given, who, Permission.WEBHOOKS_READ, id)
    (fact,) = await with_outages(given, [document["fact"]])
    return {**document, "fact": fact}


async def find_own_webhook(
    given: Services, who: Principal, permission: Permission, id: str
) -> Json:
    """Return the newest document of a webhook within the caller's reach. Raises NotFound.

    A webhook is tried as soon as it is registered: this process's own writes are seen at once.
    """
    policy.reach(who, permission)
    document = await given.elastic.get(WEBHOOKS.name, id)
    current = given.latest.over(WEBHOOKS.name, id, document)
    fact = existing_fact(current, WEBHOOK, id)
    if not _is_within_reach(who, permission, fact.get("employerId")):
        raise not_found(WEBHOOK.what, WEBHOOK.what_zh, id)
    return {"id": id, "version": current.version, "fact": fact}


async def register_webhook(
    given: Services, who: Principal, content: WebhookContent, *, seed: str
) -> WrittenWithSecret:
    """Register a webhook; its id is derived from `seed`, so that a repetition makes no second one.

    Raises Forbidden for another employer's webhook, Invalid for a URL out of bounds, Conflict for
    another spelling of a known employer, and QuotaReached.
    """
    webhook, record = _put(given, who, content, None, seed)
    number = webhook.secret_number
    stored_webhook = parsed_once(Webhook)

    async def authorise(current: CurrentFact) -> None:
        if current.fact is not None:
            _authorise_stored(who, stored_webhook(current))
        elif webhook.employer_id is not None:
            await check_spelling(given, webhook.employer_id, "employerId")
            await _reserve_place(given, webhook.employer_id, webhook.id)

    async def derive(current: CurrentFact) -> Record:
        nonlocal number
        if current.fact is None:
            return record
        stored = stored_webhook(current)
        number = stored.secret_number  # a repeated registration undoes no rotation
        return _put(given, who, content, stored)[1]

    written = await write_fact(given, WEBHOOK, webhook.id, authorise, derive)
    return _with_secret(given, written, number)


async def _reserve_place(given: Services, employer: str, id: str) -> None:
    """Count a new webhook against the quota of its employer. Raises QuotaReached."""
    most = given.settings.webhooks_per_employer
    refusal = at_field(
        QuotaReached,
        "employerId",
        f"this employer has {most} webhooks; remove one first.",
        f"该单位已有 {most} 个 webhook，请先删除一个。",
    )
    quota = Quota(
        WEBHOOKS.name,
        employer,
        clauses.equal("employer_id", employer),
        most,
        lambda fact: fact.get("employerId") == employer,
    )
    await reserve(given, quota, id, refusal)


async def replace_webhook(
    given: Services,
    who: Principal,
    id: str,
    content: WebhookContent,
    expected: Expected = ANYTHING,
) -> Written:
    """Replace a webhook's content; its secret stays.

    Raises NotFound, PreconditionFailed, Invalid, Forbidden if it would become another's, and
    QuotaReached if a partner or an administrator gives it to an employer that has its quota.
    """

    def change(stored: Webhook) -> Record:
        return _put(given, who, content, stored)[1]

    return await _write_existing(given, who, id, change, expected)


async def patch_webhook(
    given: Services,
    who: Principal,
    id: str,
    changes: dict[str, Any],
    expected: Expected = ANYTHING,
) -> Written:
    """Apply a JSON Merge Patch (RFC 7396) to a webhook. Raises as `replace_webhook` does."""

    def change(stored: Webhook) -> Record:
        content = patched(WebhookContent, stored, changes)
        return _put(given, who, content, stored)[1]

    return await _write_existing(given, who, id, change, expected)


async def rotate_secret(
    given: Services, who: Principal, id: str, expected: Expected = ANYTHING
) -> WrittenWithSecret:
    """Give a webhook a new secret; for a day messages are signed with the former one as well.

    Raises NotFound and PreconditionFailed.
    """
    number = 0

    def change(stored: Webhook) -> Record:
        nonlocal number
        rotated, record = webhook_facts.webhook_rotated(stored, at=given.clock.now())
        number = rotated.secret_number
        return record

    written = await _write_existing(given, who, id, change, expected)
    return _with_secret(given, written, number)


async def enable_webhook(
    given: Services, who: Principal, id: str, expected: Expected = ANYTHING
) -> Written:
    """Switch a webhook on, also after the service has disabled it. Raises as `rotate_secret`."""

    def change(stored: Webhook) -> Record:
        return webhook_facts.webhook_enabled(stored, at=given.clock.now())[1]

    return await _write_existing(given, who, id, change, expected)


async def allow_private(
    given: Services, who: Principal, id: str, url: HttpUrl | None, expected: Expected = ANYTHING
) -> Written:
    """Point a webhook to a URL in a private network, or take that permission back with None.

    Raises Forbidden unless the caller administers all webhooks, NotFound and Invalid.
    """
    policy.everywhere(who, Permission.WEBHOOKS_WRITE)

    def change(stored: Webhook) -> Record:
        return webhook_facts.webhook_private_allowed(stored, url, at=given.clock.now())[1]

    return await _write_existing(given, who, id, change, expected)


async def remove_webhook(
    given: Services, who: Principal, id: str, expected: Expected = ANYTHING
) -> Written:
    """Remove a webhook. Raises NotFound and PreconditionFailed."""

    def change(stored: Webhook) -> Record:
        return webhook_facts.webhook_removed(stored.id, at=given.clock.now())

    return await _write_existing(given, who, id, change, expected)


async def _write_existing(
    given: Services, who: Principal, id: str, change: Change, expected: Expected
) -> Written:
    """Write to a stored webhook. Raises NotFound if it is absent or not the caller's to change."""
    stored_webhook = parsed_once(Webhook)

    async def authorise(current: CurrentFact) -> None:
        existing_fact(current, WEBHOOK, id)
        _authorise_stored(who, stored_webhook(current))

    async def derive(current: CurrentFact) -> Record:
        stored = stored_webhook(current)
        changed = change(stored)
        await _reserve_moved(given, stored, changed)
        return changed

    return await write_fact(given, WEBHOOK, id, authorise, derive, expected=expected)


async def _reserve_moved(given: Services, stored: Webhook, changed: Record) -> None:
    """Count a webhook that becomes another employer's against its quota. Raises QuotaReached."""
    if changed.value is None:
        return
    employer = orjson.loads(changed.value).get("employerId")
    if employer not in (None, stored.employer_id):
        await check_spelling(given, employer, "employerId")
        await _reserve_place(given, employer, stored.id)


def _put(
    given: Services,
    who: Principal,
    content: WebhookContent,
    stored: Webhook | None,
    seed: str = "",
) -> tuple[Webhook, Record]:
    """Return the webhook after a write. Raises Forbidden if it is not the caller's to write."""
    if not _is_within_reach(who, Permission.WEBHOOKS_WRITE, content.employer_id):
        raise at_field(
            Forbidden,
            "employerId",
            "name your own employer; a webhook without one receives the events of every opening.",
            "请填写本单位，未填写的 webhook 会收到所有岗位的通知。",
        )
    private = given.settings.webhooks_may_be_private
    return webhook_facts.webhook_put(
        content, stored, at=given.clock.now(), may_be_private=private, seed=seed
    )


def _authorise_stored(who: Principal, stored: Webhook) -> None:
    """Raise NotFound if the stored webhook belongs to another employer."""
    if not _is_within_reach(who, Permission.WEBHOOKS_WRITE, stored.employer_id):
        raise not_found(WEBHOOK.what, WEBHOOK.what_zh, stored.id)


def _is_within_reach(who: Principal, permission: Permission, employer_id: str | None) -> bool:
    return policy.reaches(policy.reach(who, permission), who, Belonging(employer_id=employer_id))


def _with_secret(given: Services, written: Written, number: int) -> WrittenWithSecret:
    return WrittenWithSecret(written, secret_of(given.key, written.record.key, number))
