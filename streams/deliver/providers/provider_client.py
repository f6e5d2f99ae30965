"""Calls of a provider's HTTP interface: bounded, without redirects, with the answer as JSON."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from time import monotonic
from typing import Any

import httpx
import orjson

from roost.carriers.provider_answers import REMEDIES, WAITS_S, Meaning
from roost.events.notification import Answer
from roost.metrics import PROVIDER_ANSWERS
from roost.time.clock import Clock
from roost.time.leases import UNBOUNDED, Lease
from streams.deliver.channels import silence_libraries
from streams.deliver.delivery_errors import DeliveryRefused, RetryLater

TIMEOUT_S = 10.0
MOST_BYTES = 64 * 1024
MOST_CONNECTIONS = 16
LONGEST_REFERENCE = 64


@dataclass(frozen=True, slots=True)
class ProviderAnswer:
    """Answer of a provider to one call."""

    status: int
    content: Mapping[str, Any]
    """The JSON object; empty if the body is none."""
    elapsed_ms: int


class ProviderClient:
    """An HTTP client for one provider's host."""

    def __init__(self, provider: str, base_url: str, clock: Clock) -> None:
        silence_libraries()
        self.provider = provider
        self._clock = clock
        self._base_url = base_url
        limits = httpx.Limits(max_connections=MOST_CONNECTIONS)
        # No proxy of the environment: the answers are trusted as the provider's.
        self._client = httpx.AsyncClient(limits=limits, timeout=TIMEOUT_S, trust_env=False)

    async def call(
        self,
        path: str,
        body: bytes,
        headers: Mapping[str, str],
        lease: Lease = UNBOUNDED,
        method: str = "POST",
    ) -> ProviderAnswer:
        """Call once; raise RetryLater without an answer, and LeaseEnded before a late call."""
        begun = monotonic()
        lease.check()
        request = self._client.build_request(
            method, f"{self._base_url}{path}", content=body, headers=dict(headers)
        )
        try:
            async with asyncio.timeout(TIMEOUT_S):
                response = await self._client.send(request, stream=True)
                try:
                    content = await _bounded(response)
                finally:
                    await response.aclose()
        except (TimeoutError, httpx.HTTPError) as error:
            self.count(Meaning.LATER)
            raise RetryLater(f"{self.provider} did not answer ({type(error).__name__})") from None
        elapsed_ms = int((monotonic() - begun) * 1_000)
        return ProviderAnswer(response.status_code, _object(content), elapsed_ms)

    def accepted(self, answer: ProviderAnswer, reference: str, request_id: str = "") -> Answer:
        """Return the record of an accepted message, with the provider's ids."""
        self.count(Meaning.ACCEPTED)
        return self._answer(answer, "", reference, request_id)

    def check(self, answer: ProviderAnswer, meaning: Meaning, code: str, request_id: str) -> None:
        """Return for an accepted message; else raise DeliveryRefused or RetryLater."""
        if meaning is Meaning.ACCEPTED:
            return
        self.count(meaning)
        shown = _plain(code) or f"HTTP {answer.status}"
        why = f"{self.provider} answered {shown}: {REMEDIES[meaning]}"
        record = self._answer(answer, shown, "", request_id)
        if meaning is Meaning.PERMANENT:
            raise DeliveryRefused(why, answer=record)
        raise RetryLater(why, WAITS_S[meaning], record)

    def count(self, meaning: Meaning) -> None:
        """Count an answer in the metrics."""
        PROVIDER_ANSWERS.labels(self.provider, meaning.value).inc()

    def _answer(
        self, answer: ProviderAnswer, error: str, reference: str, request_id: str
    ) -> Answer:
        return Answer(
            at=self._clock.now(),
            status=answer.status if 100 <= answer.status <= 999 else None,
            elapsed_ms=answer.elapsed_ms,
            error=error,
            reference=_plain(reference),
            request_id=_plain(request_id),
        )


def _plain(text: str) -> str:
    """Return an id or code without anything else that a provider might put there."""
    kept = "".join(each for each in text if each.isascii() and (each.isalnum() or each in "._:^-"))
    return kept[:LONGEST_REFERENCE]


async def _bounded(response: httpx.Response) -> bytes:
    taken = bytearray()
    async for part in response.aiter_bytes():
        taken += part
        if len(taken) > MOST_BYTES:
            return b""
    return bytes(taken)


def _object(content: bytes) -> dict[str, Any]:
    try:
        found = orjson.loads(content)
    except orjson.JSONDecodeError:
        return {}
    return found if isinstance(found, dict) else {}
