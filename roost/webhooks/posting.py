"""Signed posts to webhooks over https, and their outcome as data.

Source: Standard Webhooks.
"""

from __future__ import annotations

import asyncio
from contextlib import suppress
from datetime import datetime
from time import monotonic

import httpx

from roost.contact.webhook_targets import check_url, is_internal, is_public, origin_of
from roost.errors import Invalid
from roost.events.notification import Answer
from roost.events.webhook import Webhook
from roost.security.signing import secrets_at, signature
from roost.time.leases import UNBOUNDED, Lease, LeaseEnded
from roost.webhooks.excerpts import excerpt_of
from roost.webhooks.guarded import (
    BROKEN,
    MOST_CONNECTIONS,
    GuardedBackend,
    TargetRefused,
    client,
)

PATIENCE_S = 9.0
"""Timeout for the answer's status, however slowly it arrives; with the rest it is 10 s."""
REST_S = 1.0
"""Timeout for the rest of the answer, read so that the connection can be reused."""
MOST_BYTES = 64 * 1024


class WebhookPoster:
    """Posts messages to webhooks at public addresses, or at the private one that is allowed."""

    def __init__(
        self,
        key: bytes,
        *,
        may_be_private: bool = False,
        backend: GuardedBackend | None = None,
        patience_s: float = PATIENCE_S,
    ) -> None:
        self._key = key
        self._may_be_private = may_be_private
        self._patience_s = patience_s
        permitted = (lambda address: True) if may_be_private else is_public
        self._client = client(backend or GuardedBackend(permitted), patience_s)
        self._internal_client = client(GuardedBackend(is_internal), patience_s)
        self._places = asyncio.Semaphore(MOST_CONNECTIONS)

    async def aclose(self) -> None:
        """Close the connections."""
        await self._client.aclose()
        await self._internal_client.aclose()

    async def post(
        self,
        webhook: Webhook,
        message_id: str,
        body: bytes,
        at: datetime,
        lease: Lease = UNBOUNDED,
    ) -> tuple[Answer, str | None]:
        """Return the answer, or why there was none, and its Retry-After header.

        The wait for a connection that others use is not counted as the receiver's, and ends with
        the lease. Raises TargetRefused for a URL that nothing is sent to, and LeaseEnded.
        """
        internal = webhook.private_origin == origin_of(str(webhook.url))
        caller = self._internal_client if internal and not self._may_be_private else self._client
        request = self._request(caller, webhook, message_id, body, at, internal)
        await self._wait_for_place(lease)
        try:
            lease.check()
            return await self._sent(caller, request, at)
        finally:
            self._places.release()

    async def _wait_for_place(self, lease: Lease) -> None:
        try:
            async with asyncio.timeout(lease.left_s()):
                await self._places.acquire()
        except TimeoutError:
            raise LeaseEnded from None

    async def _sent(
        self, caller: httpx.AsyncClient, request: httpx.Request, at: datetime
    ) -> tuple[Answer, str | None]:
        begun = monotonic()

        def answer(status: int | None, error: str = "", rest: bytes = b"") -> Answer:
            elapsed_ms = int((monotonic() - begun) * 1_000)
            return Answer(
                at=at, status=status, elapsed_ms=elapsed_ms, error=error, excerpt=excerpt_of(rest)
            )

        try:
            async with asyncio.timeout(self._patience_s):
                response = await caller.send(request, stream=True)
        except TimeoutError:
            return answer(None, f"The webhook did not answer within {self._patience_s:g} s"), None
        except BROKEN as error:
            return answer(None, f"The webhook was not reached: {type(error).__name__}"), None
        try:
            rest = await _rest(response)
        finally:
            await response.aclose()
        return answer(response.status_code, "", rest), response.headers.get("retry-after")

    def _request(
        self,
        caller: httpx.AsyncClient,
        webhook: Webhook,
        message_id: str,
        body: bytes,
        at: datetime,
        internal: bool,
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
            check_url(url, self._may_be_private or internal)
            return caller.build_request("POST", url, content=body, headers=headers)
        except Invalid as error:
            raise TargetRefused(error.message, error.message_zh) from None
        except (httpx.InvalidURL, UnicodeError):  # UnicodeError for names that IDNA 2008 forbids
            raise TargetRefused(
                "The webhook's URL cannot be used", "该 webhook 的网址无法使用"
            ) from None


async def _rest(response: httpx.Response) -> bytes:
    """Read the rest of an answer, within bounds; the status is known, so errors do not matter."""
    taken = bytearray()
    with suppress(TimeoutError, *BROKEN):
        async with asyncio.timeout(REST_S):
            async for part in response.aiter_raw():
                taken += part
                if len(taken) >= MOST_BYTES:
                    break
    return bytes(taken[:MOST_BYTES])
