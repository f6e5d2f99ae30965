"""Messages to the webhooks of employers and partners: signed JSON over https.

Only the answer's status counts. Every answer but 2xx is retried, for three days (`retries`), since
receivers also answer 401 or 404 while they are being repaired; 410 ends the webhook. Source:
Standard Webhooks.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Protocol

import httpx
import orjson

from roost.contact.webhook_targets import check_url
from roost.errors import Invalid, Transient
from roost.events.webhook import Webhook
from roost.security.signing import secrets_at, signature
from roost.topics import WEBHOOKS
from roost.views.mappings import Json
from roost.wording import Message
from streams.deliver.channels import DeliveryRefused, ReceiverGone, RetryLater, silence_libraries
from streams.deliver.guarded import BROKEN, GuardedBackend, client

PATIENCE_S = 9.0
"""Timeout for the answer's status, however slowly it arrives; with the rest it is 10 s."""
REST_S = 1.0
"""Timeout for the rest of the answer, read so that the connection can be reused."""
MOST_BYTES = 64 * 1024
LONGEST_WAIT_S = 86_400.0
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
            keys = [(WEBHOOKS.name, id) for id in self._ids]
            self._ids, self._next = set(), None
            found = await self._documents.mget(keys, ("fact", "erased"))
        return {
            id: Webhook.from_stored(document["fact"])
            for (_, id), document in found.items()
            if not document.get("erased")
        }


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
        self._key = key
        self._may_be_private = may_be_private
        self._patience_s = patience_s
        guard = backend or GuardedBackend(may_be_private=may_be_private)
        self._client = client(guard, patience_s)

    async def aclose(self) -> None:
        """Close the connections."""
        await self._client.aclose()

    async def send(self, message: Message, recipient: str, address: str, at: datetime) -> None:
        """Post a message.

        Raises DeliveryRefused (ReceiverGone for 410) or Transient (RetryLater with Retry-After).
        """
        webhook = await self._find(recipient)
        if webhook is None or not webhook.enabled:
            raise DeliveryRefused(
                "The webhook was removed or switched off", "该 webhook 已删除或停用"
            )
        body = payload(message, at)
        judge(*await self._post(webhook, message.id, body, at), at)

    async def _post(
        self, webhook: Webhook, message_id: str, body: bytes, at: datetime
    ) -> tuple[int, str | None]:
        """Return the answer's status and its Retry-After header."""
        request = self._request(webhook, message_id, body, at)
        try:
            async with asyncio.timeout(self._patience_s):
                response = await self._client.send(request, stream=True)
        except TimeoutError:
            raise Transient(f"The webhook did not answer within {self._patience_s:g} s") from None
        except BROKEN as error:
            raise Transient(f"The webhook was not reached: {type(error).__name__}") from None
        try:
            await _rest(response)
        finally:
            await response.aclose()
        return response.status_code, response.headers.get("retry-after")

    def _request(
        self, webhook: Webhook, message_id: str, body: bytes, at: datetime
    ) -> httpx.Request:
        url, timestamp = str(webhook.url), int(at.timestamp())
        secrets = secrets_at(self._key, webhook.id, webhook.secret_number, webhook.rotated_at, at)
        headers = {
            "content-type": "application/json",
            "accept-encoding": "identity",
            "user-agent": "roost-webhooks/1",
            "webhook-id": message_id,
            "webhook-timestamp": str(timestamp),
            "webhook-signature": signature(secrets, message_id, timestamp, body),
        }
        try:
            check_url(url, self._may_be_private)
            return self._client.build_request("POST", url, content=body, headers=headers)
        except Invalid as error:
            raise DeliveryRefused(error.message, error.message_zh) from None
        except httpx.InvalidURL:
            raise DeliveryRefused(
                "The webhook's URL cannot be used", "该 webhook 的网址无法使用"
            ) from None


def payload(message: Message, at: datetime) -> bytes:
    """Return the body: `type`, `timestamp` and `data`, as Standard Webhooks recommends."""
    body = {
        "type": f"roost.{message.kind}",
        "timestamp": at.astimezone(UTC).isoformat().replace("+00:00", "Z"),
        "data": {"id": message.id, "title": message.title, "body": message.body, **message.data},
    }
    return orjson.dumps(body)


def judge(status: int, retry_after: str | None, at: datetime) -> None:
    """Return for an answer of 2xx, else raise the error that it means: pure."""
    if 200 <= status < 300:
        return
    if status == 410:
        raise ReceiverGone(
            "The webhook answered 410: it wants no more", "该 webhook 返回 410，已不再接收"
        )
    wait_s = retry_after_s(retry_after, at)
    if 300 <= status < 400:
        raise RetryLater(
            f"The webhook answered {status}, a redirect, which is not followed; register the URL "
            "that it leads to",
            wait_s,
        )
    raise RetryLater(f"The webhook answered {status}", wait_s)


def retry_after_s(header: str | None, at: datetime) -> float | None:
    """Return Retry-After in seconds, at most a day; None if unreadable.

    Source: RFC 9110, 10.2.3.
    """
    value = (header or "").strip()
    if value.isascii() and value.isdigit():
        return min(float(value), LONGEST_WAIT_S)
    try:
        moment = parsedate_to_datetime(value)
    except ValueError:
        return None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return min(max((moment - at).total_seconds(), 0.0), LONGEST_WAIT_S)


async def _rest(response: httpx.Response) -> None:
    """Read the rest of an answer, within bounds; the status is known, so errors do not matter."""
    taken = 0
    with suppress(TimeoutError, *BROKEN):
        async with asyncio.timeout(REST_S):
            async for part in response.aiter_raw():
                taken += len(part)
                if taken >= MOST_BYTES:
                    return
