"""HTTP to permitted addresses only: the connection dials exactly the address that was checked.

A name may resolve to another address a moment later (DNS rebinding). So a check is worthless if
the connection resolves the name again. TLS still verifies the name in the URL.
"""

from __future__ import annotations

import asyncio
import functools
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from contextlib import suppress
from http.cookiejar import CookieJar, DefaultCookiePolicy

import httpcore
import httpx

from roost.errors import RoostError
from roost.webhooks.name_lookups import NameLookups

CONNECT_S = 3.0
LEAKING_LOGGERS = ("httpx", "httpcore")
"""Loggers that write URLs."""
MOST_ADDRESSES = 3
"""Most addresses of a name that are tried, in turn."""
MOST_CONNECTIONS = 256
"""Most connections of a client. The deliver stage keeps slow receivers to one each, in up to 200
lanes, so that some are left for the others."""
IDLE_S = 5.0
BROKEN: tuple[type[Exception], ...] = (
    httpcore.NetworkError,
    httpcore.TimeoutException,
    httpcore.ProtocolError,
    httpx.TransportError,
)
"""Errors of a connection that failed or broke."""
SocketOptions = Iterable[httpcore.SOCKET_OPTION]


class TargetRefused(RoostError):
    """A URL or an address that nothing is sent to."""


class GuardedBackend(httpcore.AsyncNetworkBackend):
    """A network backend that resolves names itself and connects to permitted addresses only."""

    def __init__(
        self,
        is_permitted: Callable[[str], bool],
        inner: httpcore.AsyncNetworkBackend | None = None,
    ) -> None:
        self._is_permitted = is_permitted
        self._inner = inner or httpcore.AnyIOBackend()
        self._lookups = NameLookups()

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109 (the port's)
        local_address: str | None = None,
        socket_options: SocketOptions | None = None,
    ) -> httpcore.AsyncNetworkStream:
        """Connect to a name. Raises TargetRefused unless all its addresses are permitted."""
        failure: Exception = httpcore.ConnectError("The name has no address")
        for address in (await self._checked(host, port, timeout or CONNECT_S))[:MOST_ADDRESSES]:
            try:
                return await self._inner.connect_tcp(
                    address, port, timeout, local_address, socket_options
                )
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                failure = error
        raise failure

    async def sleep(self, seconds: float) -> None:
        """Wait, as the port requires."""
        await self._inner.sleep(seconds)

    async def _checked(self, host: str, port: int, within_s: float) -> list[str]:
        try:
            addresses = await self._lookups.addresses(host, port, within_s)
        except TimeoutError:
            raise httpcore.ConnectTimeout("The name does not resolve in time") from None
        except OSError:
            raise httpcore.ConnectError("The name does not resolve") from None
        if not all(map(self._is_permitted, addresses)):
            raise TargetRefused(
                "The webhook's name leads to an address that is not public; nothing was sent",
                "该 webhook 的域名指向非公网地址，未发送",
            )
        return addresses


class Connections:
    """A pool of connections by origin; each carries one request at a time.

    httpcore's own pool checks the state of every connection at each request, and for each idle one
    counts the others: with 64 connections that took longer than the requests themselves.
    """

    def __init__(self, backend: GuardedBackend) -> None:
        self._backend = backend
        self._ssl = httpx.create_ssl_context(trust_env=False)
        self._places = asyncio.Semaphore(MOST_CONNECTIONS)
        self._idle: dict[httpcore.AsyncHTTPConnection, str] = {}
        """Idle connections with their origin, the longest idle first."""

    async def take(self, url: httpcore.URL) -> httpcore.AsyncHTTPConnection:
        """Return a connection, once one may be opened; the caller must give it back in any case."""
        await self._places.acquire()
        where = str(url.origin)
        for connection, leads_to in reversed(self._idle.items()):
            if leads_to == where and not connection.has_expired():
                del self._idle[connection]
                return connection
        return httpcore.AsyncHTTPConnection(
            url.origin,
            ssl_context=self._ssl,
            keepalive_expiry=IDLE_S,
            network_backend=self._backend,
        )

    async def give_back(self, connection: httpcore.AsyncHTTPConnection, url: httpcore.URL) -> None:
        """Keep a connection whose answer was read to the end; close any other."""
        self._places.release()
        if connection.is_available():
            self._idle[connection] = str(url.origin)
            await self._close_old()
        else:
            await self._close(connection)

    async def aclose(self) -> None:
        """Close the idle connections."""
        while self._idle:
            await self._close(self._idle.popitem()[0])

    async def _close_old(self) -> None:
        while self._idle:
            oldest = next(iter(self._idle))
            if len(self._idle) <= MOST_CONNECTIONS and not oldest.has_expired():
                return
            del self._idle[oldest]
            await self._close(oldest)

    async def _close(self, connection: httpcore.AsyncHTTPConnection) -> None:
        with suppress(*BROKEN):  # it is closed either way
            await connection.aclose()


class _Body(httpx.AsyncByteStream):
    def __init__(self, response: httpcore.Response, done: Callable[[], Awaitable[None]]) -> None:
        self._response = response
        self._done: Callable[[], Awaitable[None]] | None = done

    def __aiter__(self) -> AsyncIterator[bytes]:
        return self._response.aiter_stream()

    async def aclose(self) -> None:
        done, self._done = self._done, None
        if done is None:
            return
        try:
            await self._response.aclose()
        finally:
            await done()


class GuardedTransport(httpx.AsyncBaseTransport):
    """An httpx transport on a guarded backend; httpx's own accepts no backend."""

    def __init__(self, backend: GuardedBackend) -> None:
        self._connections = Connections(backend)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Send a request over a connection of the pool."""
        assert isinstance(request.stream, httpx.AsyncByteStream)
        url = httpcore.URL(
            scheme=request.url.raw_scheme,
            host=request.url.raw_host,
            port=request.url.port,
            target=request.url.raw_path,
        )
        forwarded = httpcore.Request(
            request.method,
            url,
            headers=request.headers.raw,
            content=request.stream,
            extensions=request.extensions,
        )
        connection = await self._connections.take(url)
        done = functools.partial(self._connections.give_back, connection, url)
        try:
            answer = await connection.handle_async_request(forwarded)
        except BaseException:
            await done()
            raise
        return httpx.Response(answer.status, headers=answer.headers, stream=_Body(answer, done))

    async def aclose(self) -> None:
        """Close the idle connections."""
        await self._connections.aclose()


def client(backend: GuardedBackend, patience_s: float) -> httpx.AsyncClient:
    """Return a client that follows no redirects, keeps no cookies and ignores proxy variables.

    URLs of webhooks may hold tokens, so the libraries that would log them are silenced.
    """
    for name in LEAKING_LOGGERS:
        logging.getLogger(name).disabled = True
    return httpx.AsyncClient(
        transport=GuardedTransport(backend),
        timeout=httpx.Timeout(patience_s, connect=CONNECT_S),
        follow_redirects=False,
        trust_env=False,
        cookies=CookieJar(DefaultCookiePolicy(allowed_domains=())),
    )
