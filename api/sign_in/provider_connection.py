"""HTTP to the OpenID Connect provider: bounded in time and size."""

from __future__ import annotations

import asyncio
from base64 import b64encode
from collections.abc import AsyncIterator, Collection
from contextlib import asynccontextmanager
from typing import Any
from urllib.parse import quote_plus, urlsplit

from authlib.integrations.httpx_client import AsyncOAuth2Client

# authlib chooses between httpx and httpx2; the classes to use are those of its choice.
from authlib.integrations.httpx_client._compat import httpx2 as httpx

from roost.errors import NotFound, Transient
from roost.settings import Settings

CALLBACK = "/v1/sign-in/oidc/callback"
TIMEOUT_S = 10.0
ANSWERS_WITHIN_S = 20.0
"""Longest wait for the answers of a provider to one use of the client."""
UNREADABLE = (
    httpx.HTTPError,
    httpx.InvalidURL,
    ValueError,
    TypeError,
    AttributeError,
    ArithmeticError,
    RecursionError,
)
"""Errors of the libraries for a provider that is away, and for answers that they cannot read."""

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


@asynccontextmanager
async def provider_client(settings: Settings) -> AsyncIterator[AsyncOAuth2Client]:
    """Yield a client of the provider.

    Raises NotFound if no provider is set, Transient if its answers take too long together.
    """
    try:
        async with asyncio.timeout(ANSWERS_WITHIN_S), _client(settings) as client:
            yield client
    except TimeoutError as error:
        raise provider_away(error) from error


async def read_document(client: AsyncOAuth2Client, url: str) -> dict[str, Any]:
    """Return the JSON object at an address. Raises Transient if there is none to read."""
    try:
        answer = await client.request("GET", url, withhold_token=True)
        answer.raise_for_status()
        return dict(answer.json())
    except UNREADABLE as error:
        raise provider_away(error) from error


def address_in(about: dict[str, Any], name: str) -> str:
    """Return an endpoint that the provider's configuration names.

    Raises Transient if it names none with a host, or one without TLS behind an issuer with TLS.
    """
    address = about.get(name)
    over_tls = str(about.get("issuer")).startswith("https://")
    schemes = {"https"} if over_tls else {"https", "http"}
    if not (isinstance(address, str) and _has_host(address, schemes)):
        needs = " with https" if over_tls else ""
        raise Transient(
            f"The provider's configuration names no {name}{needs}; ask its administrator.",
            f"身份提供方的配置缺少{'使用 https 的 ' if over_tls else ' '}{name}，请联系其管理员。",
        )
    return address


def provider_away(error: Exception) -> Transient:
    """Return the refusal for a provider that does not answer, or not readably."""
    return Transient(
        f"The OpenID Connect provider does not answer ({type(error).__name__}); try again.",
        "身份提供方暂时没有响应，请稍后重试。",
    )


def _client(settings: Settings) -> AsyncOAuth2Client:
    if settings.oidc_issuer is None:
        raise NotFound("No OpenID Connect provider is set.", "未配置身份提供方。")
    secret = settings.oidc_client_secret
    client = AsyncOAuth2Client(
        settings.oidc_client_id,
        secret.get_secret_value() if secret else None,
        scope="openid email profile",
        redirect_uri=settings.public_url.rstrip("/") + CALLBACK,
        code_challenge_method="S256",
        timeout=TIMEOUT_S,
        headers={"accept-encoding": "identity"},
        event_hooks={"response": [bound_answer]},
    )
    client.register_client_auth_method(("client_secret_basic", _basic_auth))
    return client


def _basic_auth(
    client: Any, method: str, uri: str, headers: Any, body: str
) -> tuple[str, Any, str]:
    """Add the client's credentials, form-encoded before base64 (RFC 6749, section 2.3.1)."""
    pair = f"{quote_plus(client.client_id)}:{quote_plus(client.client_secret)}"
    headers["Authorization"] = f"Basic {b64encode(pair.encode()).decode('ascii')}"
    return uri, headers, body


def _has_host(address: str, schemes: Collection[str]) -> bool:
    """Return whether an address is one of the web: a browser would read another as a path here."""
    try:
        url = urlsplit(address)
        return url.scheme in schemes and bool(url.hostname)
    except ValueError:
        return False
