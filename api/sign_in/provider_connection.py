"""HTTP to the OpenID Connect provider: bounded in time and size."""

from __future__ import annotations

from collections.abc import AsyncIterator

# authlib chooses between httpx and httpx2; the classes to use are those of its choice.
from authlib.integrations.httpx_client._compat import httpx2 as httpx

MOST_BYTES = 1_000_000
"""Longest answer of a provider; a key set has some kilobytes."""


class _BoundedStream(httpx.AsyncByteStream):  # type: ignore[misc, name-defined, unused-ignore]
    def __init__(self, stream: httpx.AsyncByteStream) -> None:
        self._stream = stream

    async def __aiter__(self) -> AsyncIterator[bytes]:
        left = MOST_BYTES
        async for part in self._stream:
            left -= len(part)
            if left < 0:
                raise httpx.ReadError("The answer is too long")
            yield part

    async def aclose(self) -> None:
        await self._stream.aclose()


async def bound_answer(answer: httpx.Response) -> None:
    """Bound the body of an answer before it is read. Raises DecodingError if it is compressed.

    A compressed answer, which is never asked for, could unpack to any length.
    """
    if answer.headers.get("content-encoding", "identity").strip().lower() not in {"", "identity"}:
        raise httpx.DecodingError("The answer is compressed")
    answer.stream = _BoundedStream(answer.stream)
