"""A real server ends the connections of clients that send no request or read no answer."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import Any, cast

import pytest
import uvicorn
from hypothesis import given
from hypothesis import strategies as st
from sse_starlette import ServerSentEvent

from api import serve_commands
from api.app import create_app
from api.bounded_connections import BoundedConnections, ClientWaits, ConnectionLimits
from api.live import streaming
from api.live.open_streams import OpenStreams
from api.live.streaming import LiveResponse
from roost.settings import Settings
from tests.unit.api.signed import Topics, given_to, headers_for

LIMITS = ConnectionLimits(
    request_within_s=0.6, read_within_s=0.6, check_every_s=0.05, most_waiting=1000
)
HEAD = b"GET /%s HTTP/1.1\r\nHost: roost\r\n\r\n"
LARGE = b"x" * 40_000_000
Send = Callable[[Any], Awaitable[None]]


class Site:
    """An application with a short answer, a large one and an endless stream of events."""

    def __init__(self) -> None:
        self.streams = OpenStreams(5, 5)
        self.served = 0

    async def __call__(self, scope: Any, receive: Any, send: Send) -> None:
        self.served += 1
        if scope["path"] == "/live":
            await LiveResponse(_flood(), self.streams, "k-1")(scope, receive, send)
            return
        if scope["path"] == "/ticks":
            await LiveResponse(_ticks(), self.streams, "k-1")(scope, receive, send)
            return
        body = LARGE if scope["path"] == "/large" else b"short"
        headers = [(b"content-length", str(len(body)).encode())]
        status = 401 if scope["method"] == "POST" else 200
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": body})


async def _flood() -> AsyncIterator[ServerSentEvent]:
    while True:
        yield ServerSentEvent(data="x" * 100_000)


async def _ticks() -> AsyncIterator[ServerSentEvent]:
    while True:
        yield ServerSentEvent(data="x")
        await asyncio.sleep(0.01)


class Running:
    """A server on a free port."""

    def __init__(self, server: uvicorn.Server, site: Site, port: int) -> None:
        self.site = site
        self._server = server
        self._port = port

    @property
    def open(self) -> int:
        return len(self._server.server_state.connections)

    async def connect(self, sent: bytes = b"") -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        reader, writer = await asyncio.open_connection("127.0.0.1", self._port)
        writer.write(sent)
        return reader, writer

    @asynccontextmanager
    async def unread(self, path: bytes) -> AsyncIterator[socket.socket]:
        """Send a request from a client with a small buffer, so that the answer stays unsent."""
        loop = asyncio.get_running_loop()
        with socket.socket() as client:
            client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            client.setblocking(False)
            await loop.sock_connect(client, ("127.0.0.1", self._port))
            await loop.sock_sendall(client, HEAD % path)
            await self.until_open(1)
            yield client

    async def until_open(self, number: int) -> None:
        async with asyncio.timeout(10):
            while self.open != number:  # noqa: ASYNC110  no event does
                await asyncio.sleep(0.01)


@asynccontextmanager
async def running(limits: ConnectionLimits = LIMITS, site: Any = None) -> AsyncIterator[Running]:
    site = site or Site()
    config = uvicorn.Config(
        site,
        http=cast("Any", BoundedConnections(limits)),
        port=0,
        lifespan="off",
        log_level="critical",
        timeout_keep_alive=30,
    )
    server = uvicorn.Server(config)
    with _no_signals(server):
        task = asyncio.create_task(server.serve())
        while not server.started:  # noqa: ASYNC110  no event does
            await asyncio.sleep(0.01)
        port = server.servers[0].sockets[0].getsockname()[1]
        try:
            yield Running(server, site, port)
        finally:
            server.should_exit = server.force_exit = True
            await task


@contextmanager
def _no_signals(server: uvicorn.Server) -> Iterator[None]:
    server.capture_signals = _nothing  # type: ignore[method-assign]
    yield


@contextmanager
def _nothing() -> Iterator[None]:
    yield


async def test_500_connections_without_a_request_are_ended() -> None:
    async with running() as server:
        idle = [await server.connect() for _ in range(500)]
        reader, _ = await server.connect(HEAD % b"")
        assert (await reader.readline()).startswith(b"HTTP/1.1 200")
        await server.until_open(0)
        assert [await each.read() for each, _ in idle] == [b""] * 500


async def test_a_head_that_arrives_byte_by_byte_is_not_awaited() -> None:
    async with running() as server:
        reader, writer = await server.connect(b"GET / HTTP/1.1\r\nHost: roost\r\n")
        sending = asyncio.create_task(_trickle(writer, b"X-A: b\r\n"))
        assert await asyncio.wait_for(reader.read(), 5) == b""
        sending.cancel()
        assert server.site.served == 0


async def test_the_rest_of_a_refused_body_is_not_awaited() -> None:
    async with running() as server:
        head = b"POST / HTTP/1.1\r\nHost: roost\r\nContent-Length: 1000000\r\n\r\n"
        reader, writer = await server.connect(head)
        assert (await reader.readline()).startswith(b"HTTP/1.1 401")
        sending = asyncio.create_task(_trickle(writer, b"x"))
        await server.until_open(0)
        sending.cancel()


async def _trickle(writer: asyncio.StreamWriter, part: bytes) -> None:
    while True:
        writer.write(part)
        await asyncio.sleep(0.05)


@pytest.mark.parametrize(
    "lengths",
    [
        b"Content-Length: 5\r\nContent-Length: 6\r\n",
        b"Content-Length: 5, 6\r\n",
        b"Content-Length: -5\r\n",
        b"Content-Length: +5\r\n",
        b"Content-Length: 0x5\r\n",
        b"Transfer-Encoding: gzip, chunked\r\n",
        b"Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n",
        b"Content-Length : 5\r\n",
    ],
)
async def test_a_request_whose_length_is_ambiguous_is_refused_and_its_connection_ended(
    lengths: bytes,
) -> None:
    async with running() as server:
        smuggled = HEAD % b"smuggled"
        reader, _ = await server.connect(
            b"POST / HTTP/1.1\r\nHost: roost\r\n" + lengths + b"\r\n" + smuggled
        )
        answer = await asyncio.wait_for(reader.read(), 5)
        assert answer.split(b"\r\n")[0] in (
            b"HTTP/1.1 400 Bad Request",
            b"HTTP/1.1 501 Not Implemented",
        )
        assert answer.count(b"HTTP/1.1") == 1
        assert server.site.served == 0
        await server.until_open(0)


async def test_a_stream_whose_client_is_gone_gives_its_place_and_its_connection_back() -> None:
    async with running() as server:
        reader, writer = await server.connect(HEAD % b"ticks")
        await reader.readuntil(b"data: ")
        assert len(server.site.streams) == 1
        writer.transport.abort()
        await server.until_open(0)
        async with asyncio.timeout(5):
            while len(server.site.streams):  # noqa: ASYNC110  no event does
                await asyncio.sleep(0.01)


async def test_an_accepted_body_that_arrives_byte_by_byte_ends_at_its_time() -> None:
    app, topics = create_app(Settings(request_timeout_s=0.5)), Topics()
    given_to(app, topics)
    key = headers_for(topics)["Authorization"].encode()
    async with running(site=app) as server:
        reader, writer = await server.connect(
            b"POST /v1/openings HTTP/1.1\r\nHost: roost\r\nAuthorization: " + key + b"\r\n"
            b"Content-Type: application/json\r\nContent-Length: 100000\r\n\r\n{"
        )
        sending = asyncio.create_task(_trickle(writer, b" "))
        assert (await asyncio.wait_for(reader.readline(), 5)).startswith(b"HTTP/1.1 408")
        await server.until_open(0)
        sending.cancel()


async def test_a_large_answer_that_is_not_read_is_dropped() -> None:
    async with running() as server, server.unread(b"large"):
        await server.until_open(0)


@pytest.mark.parametrize("size", [1, 200])
async def test_a_large_answer_that_is_read_byte_by_byte_is_dropped(size: int) -> None:
    """Not even if the client always reads something in time."""
    async with running() as server, server.unread(b"large") as client:
        reading = asyncio.create_task(_read_slowly(client, size))
        await server.until_open(0)
        reading.cancel()


async def _read_slowly(client: socket.socket, size: int) -> None:
    while True:
        await asyncio.get_running_loop().sock_recv(client, size)
        await asyncio.sleep(0.02)


async def test_a_stream_that_is_not_read_gives_its_place_and_its_connection_back(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(streaming, "SEND_WITHIN_S", 0.2)
    async with running() as server, server.unread(b"live"):
        await server.until_open(0)
        assert len(server.site.streams) == 0


async def test_an_answer_that_is_read_slowly_but_steadily_arrives_whole() -> None:
    async with running() as server:
        reader, writer = await server.connect(HEAD % b"large")
        length = 0
        async with asyncio.timeout(60):
            await reader.readuntil(b"\r\n\r\n")
            while length < len(LARGE):
                length += len(await reader.read(400_000))
                await asyncio.sleep(0.001)
        assert length == len(LARGE)
        writer.write(HEAD % b"")  # the time in which it read is no wait for a request
        assert (await reader.readline()).startswith(b"HTTP/1.1 200")


def test_the_time_in_which_an_answer_is_read_is_no_wait_for_a_request() -> None:
    limits = ConnectionLimits()
    waits = ClientWaits(limits, request_since=0.0)
    for second in range(100):
        assert not waits.is_overdue(second, (100 - second) * limits.least_read_bytes, True)
    assert not waits.is_overdue(100, 0, False)
    assert waits.is_overdue(99 + limits.request_within_s, 0, False)


async def test_a_connection_is_used_again_and_pipelined_requests_are_answered() -> None:
    async with running() as server:
        reader, writer = await server.connect(HEAD % b"" * 3)
        for _ in range(3):
            assert (await reader.readuntil(b"short")).startswith(b"HTTP/1.1 200")
        await asyncio.sleep(0.3)
        writer.write(HEAD % b"")
        assert (await reader.readline()).startswith(b"HTTP/1.1 200")


async def test_one_connection_too_many_without_a_request_ends_the_oldest() -> None:
    limits = ConnectionLimits(request_within_s=30, most_waiting=10)
    async with running(limits) as server:
        idle = [await server.connect() for _ in range(30)]
        await server.until_open(10)
        assert [await each.read() for each, _ in idle[:20]] == [b""] * 20
        reader, _ = await server.connect(HEAD % b"")
        assert (await reader.readline()).startswith(b"HTTP/1.1 200")


def test_roost_serve_bounds_its_connections() -> None:
    config = serve_commands.server_config(cast("Any", None), "127.0.0.1", 0)
    config.load_app = lambda: cast("Any", None)  # type: ignore[method-assign]
    config.load()
    assert isinstance(config.http_protocol_class, BoundedConnections)


@given(
    steps=st.lists(st.tuples(st.floats(0.1, 10), st.integers(0, 200_000), st.booleans())),
    in_flight=st.booleans(),
)
def test_no_wait_lasts_longer_than_its_limit(
    steps: list[tuple[float, int, bool]], in_flight: bool
) -> None:
    limits = ConnectionLimits()
    waits = ClientWaits(limits, None if in_flight else 0.0)
    now = waited = 0.0
    last: tuple[int, bool] | None = None
    for passed, unread, must_read in steps:
        now += passed
        same = last == (unread, must_read) and (unread > 0 and must_read)
        waited = waited + passed if same else 0.0
        last = (unread, must_read)
        overdue = waits.is_overdue(now, unread, must_read)
        if waited >= limits.read_within_s:
            assert overdue
        if in_flight and not (unread and must_read):
            assert not overdue
