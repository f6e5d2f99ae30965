"""Facts of webhooks: registered, edited, enabled, allowed a private address, rotated, removed.

Functions return the event and the record that carries it, or the record alone. They do not publish.
"""

from __future__ import annotations

import secrets
from datetime import datetime

from pydantic import HttpUrl

from producers.facts import API
from producers.notification_kinds import check_kinds
from roost import ids
from roost.contact.webhook_targets import check_internal_url, check_url, origin_of
from roost.events.envelope import Record, record, tombstone
from roost.events.webhook import Webhook, WebhookContent
from roost.topics import WEBHOOKS


def webhook_put(
    content: WebhookContent,
    current: Webhook | None,
    *,
    at: datetime,
    may_be_private: bool = False,
    seed: str = "",
) -> tuple[Webhook, Record]:
    """Create a webhook, or replace its content; an existing secret stays.

    The id of a new one derives from `seed`, or else is random. Raises Invalid for a URL that
    deliveries refuse, and for an unknown kind of notification.
    """
    url = str(content.url)
    allowed = current is not None and current.private_origin == origin_of(url)
    check_url(url, may_be_private or allowed)
    check_kinds("kinds", content.kinds)
    fields = {name: getattr(content, name) for name in WebhookContent.model_fields}
    if current is not None:
        # A permission is bound to its origin, and enabling it again ends an outage.
        fields["private_origin"] = current.private_origin if allowed else None
        fields["enabling"] = current.enabling + (content.enabled and not current.enabled)
    if current is None:
        webhook = Webhook(id=ids.derive("h", seed or secrets.token_hex(16)), **fields)
    else:
        webhook = current.model_copy(update=fields)
    return webhook, record(webhook, webhook.id, source=API, at=at)


def webhook_enabled(current: Webhook, *, at: datetime) -> tuple[Webhook, Record]:
    """Switch a webhook on, which also ends an outage."""
    webhook = current.model_copy(update={"enabled": True, "enabling": current.enabling + 1})
    return webhook, record(webhook, webhook.id, source=API, at=at)


def webhook_private_allowed(
    current: Webhook, url: HttpUrl | None, *, at: datetime
) -> tuple[Webhook, Record]:
    """Point a webhook to a URL in a private network and allow its origin; None takes that back.

    Raises Invalid for a URL that is no URL, and for one that no permission opens.
    """
    changes: dict[str, object] = {"private_origin": None}
    if url is not None:
        check_internal_url(str(url))
        changes = {"url": url, "private_origin": origin_of(str(url))}
    webhook = current.model_copy(update=changes)
    return webhook, record(webhook, webhook.id, source=API, at=at)


def webhook_rotated(current: Webhook, *, at: datetime) -> tuple[Webhook, Record]:
    """Move a webhook to its next secret; for a day, messages carry signatures of both."""
    changes = {"secret_number": current.secret_number + 1, "rotated_at": at}
    webhook = current.model_copy(update=changes)
    return webhook, record(webhook, webhook.id, source=API, at=at)


def webhook_removed(id: str, *, at: datetime) -> Record:
    return tombstone(WEBHOOKS, id, source=API, at=at)
