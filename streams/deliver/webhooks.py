"""Messages to the webhooks of employers and partners: signed JSON over https.

Only the answer's status counts. Every answer but 2xx is retried, for three days (`retries`), since
receivers also answer 401 or 404 while they are being repaired; 410 ends the webhook. Source:
Standard Webhooks.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from typing import Protocol

from roost.events.notification import Answer
from roost.events.webhook import Outage, Webhook, is_out
from roost.time.leases import Lease
from roost.topics import OUTAGES, WEBHOOKS
from roost.views.mappings import Json
from roost.webhooks.guarded import GuardedBackend, TargetRefused
from roost.webhooks.payloads import payload
from roost.webhooks.posting import PATIENCE_S, WebhookPoster
from roost.webhooks.retry_after import retry_after_s
from roost.wording import Message
from streams.deliver.channels import silence_libraries
from streams.deliver.delivery_errors import DeliveryRefused, ReceiverGone, RetryLater

Find = Callable[[str], Awaitable[Webhook | None]]
Key = tuple[str, str]


class Documents(Protocol):
    """The method of `Elastic` that a lookup uses."""

    async def mget(
        self, keys: Sequence[Key], fields: Sequence[str] | None = None
    ) -> dict[Key, Json]: ...


class WebhookLookup:
    """A lookup of webhooks in the view; None for one that is unknown or removed.

    Calls that arrive while a request is pending share the next request. So one request serves many
    messages, and no call is answered with a document that was read before it.
    """

    def __init__(self, documents: Documents) -> None:
        self._documents = documents
        self._turn = asyncio.Lock()
        self._ids: set[str] = set()
        self._next: asyncio.Task[dict[str, Webhook]] | None = None

    async def __call__(self, id: str) -> Webhook | None:
        self._ids.add(id)
        if self._next is None:
            self._next = asyncio.create_task(self._ask(), name="webhooks")
        return (await asyncio.shield(self._next)).get(id)

    async def _ask(self) -> dict[str, Webhook]:
        async with self._turn:
            keys = [(view, id) for id in self._ids for view in (WEBHOOKS.name, OUTAGES.name)]
            self._ids, self._next = set(), None
            found = await self._documents.mget(keys, ("fact", "erased"))
        return {
            id: _in_force(document, found.get((OUTAGES.name, id)))
            for (view, id), document in found.items()
            if view == WEBHOOKS.name and not document.get("erased")
        }


def _in_force(document: Json, outage: Json | None) -> Webhook:
    """Return a webhook as it is in force: off during an outage."""
    webhook = Webhook.from_stored(document["fact"])
    known = Outage.from_stored(outage["fact"]) if outage and "fact" in outage else None
    return webhook.model_copy(update={"enabled": False}) if is_out(webhook, known) else webhook


class WebhookSink:
    """A sink that posts to the webhook whose id is the recipient, at its current URL."""

    knows_ids = True

    def __init__(
        self,
        find: Find,
        key: bytes,
        *,
        may_be_private: bool = False,
        backend: GuardedBackend | None = None,
        patience_s: float = PATIENCE_S,
    ) -> None:
        silence_libraries()
        self._find = find
        self._poster = WebhookPoster(
            key, may_be_private=may_be_private, backend=backend, patience_s=patience_s
        )

    async def aclose(self) -> None:
        """Close the connections."""
        await self._poster.aclose()

    async def send(
        self, message: Message, recipient: str, address: str, at: datetime, lease: Lease
    ) -> Answer:
        """Post a message; return the answer.

        Raises DeliveryRefused (ReceiverGone for 410) or Transient (RetryLater with Retry-After),
        with the answer if there was one; LeaseEnded if no connection became free in time.
        """
        webhook = await self._find(recipient)
        if webhook is None or not webhook.enabled:
            raise DeliveryRefused(
                "The webhook was removed or switched off", "该 webhook 已删除或停用"
            )
        try:
            answer, retry_after = await self._poster.post(
                webhook, message.id, payload(message, at), at, lease
            )
        except TargetRefused as error:
            raise DeliveryRefused(error.message, error.message_zh) from None
        if answer.status is None:
            raise RetryLater(answer.error, answer=answer)
        judge(answer, retry_after, at)
        return answer


def judge(answer: Answer, retry_after: str | None, at: datetime) -> None:
    """Return for an answer of 2xx, else raise the error that it means: pure."""
    status = answer.status or 0
    if 200 <= status < 300:
        return
    if status == 410:
        raise ReceiverGone(
            "The webhook answered 410: it wants no more", "该 webhook 返回 410，已不再接收", answer
        )
    wait_s = retry_after_s(retry_after, at)
    if 300 <= status < 400:
        raise RetryLater(
            f"The webhook answered {status}, a redirect, which is not followed; register the URL "
            "that it leads to",
            wait_s,
            answer,
        )
    raise RetryLater(f"The webhook answered {status}", wait_s, answer)
