"""Small servers stay within their bounds whatever their clients do (real sockets)."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from roost.servers.bounded_http import BoundedHttpServer, HttpAnswer, HttpLimits, HttpRequest

LIMITS = HttpLimits(
    connections=4, head_bytes=2_000, body_bytes=100, request_within_s=0.5, answer_within_s=0.5
)
GET = b"GET / HTTP/1.1\r\nHost: roost\r\n\r\n"
LARGE = b"x" * 40_000_000
Streams = tuple[asyncio.StreamReader, asyncio.StreamWriter]


class Site:
    """Answers with the body that it received, or a large one; counts its answers."""

    def __init__(self) -> None:
        self.answered = 0

    def __call__(self, request: HttpRequest) -> HttpAnswer:
        self.answered += 1
        return HttpAnswer(200, LARGE if request.path == "/large" else request.body or b"short")


@pytest.fixture(scope="module")
def site() -> Site:
    return Site()


@pytest.fixture(scope="module")
def server(site: Site) -> Iterator[BoundedHttpServer]:
    made = BoundedHttpServer("127.0.0.1", 0, site, LIMITS).start()
    yield made
    made.close()


async def connect(server: BoundedHttpServer, sent: bytes = b"") -> Streams:
    reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
    writer.write(sent)
    return reader, writer


async def answer_to(server: BoundedHttpServer, sent: bytes) -> bytes:
    """Return all that the server sends before it ends the connection."""
    reader, writer = await connect(server, sent)
    try:
        async with asyncio.timeout(10):
            return await reader.read()
    except ConnectionError:
        return b""
    finally:
        writer.close()


async def trickle(writer: asyncio.StreamWriter, line: bytes) -> None:
    with suppress(OSError):
        while True:
            writer.write(line)
            await writer.drain()
            await asyncio.sleep(0.05)


async def test_a_request_is_answered_and_the_connection_ended(server: BoundedHttpServer) -> None:
    answer = await answer_to(server, GET)
    assert answer.startswith(b"HTTP/1.1 200")
    assert answer.endswith(b"\r\n\r\nshort")
    assert b"connection: close" in answer.lower()


async def test_head_has_no_body(server: BoundedHttpServer) -> None:
    answer = await answer_to(server, GET.replace(b"GET", b"HEAD"))
    assert b"content-length: 5" in answer.lower()
    assert answer.endswith(b"\r\n\r\n")


@pytest.mark.parametrize(
    "begun",
    [
        b"",
        b"GET / HTTP/1.1\r\nHost: roost\r\n",
        b"POST / HTTP/1.1\r\nHost: roost\r\nContent-Length: 90\r\n\r\n",
    ],
    ids=["no request", "slow head", "slow body"],
)
async def test_a_slow_request_is_not_awaited(
    server: BoundedHttpServer, site: Site, begun: bytes
) -> None:
    before = site.answered
    reader, writer = await connect(server, begun)
    sending = asyncio.create_task(trickle(writer, b"X-A: b\r\n" if begun else b""))
    async with asyncio.timeout(5):
        with suppress(ConnectionError):
            assert await reader.read() == b""
    sending.cancel()
    assert site.answered == before


async def test_a_client_that_does_not_read_is_cut(server: BoundedHttpServer) -> None:
    reader, _ = await connect(server, GET.replace(b"GET /", b"GET /large"))
    transport = reader._transport  # type: ignore[attr-defined]
    transport.pause_reading()
    await answer_to(server, GET)
    async with asyncio.timeout(5):
        while server.open_connections:  # noqa: ASYNC110  no event does
            await asyncio.sleep(0.01)
    transport.resume_reading()
    with suppress(ConnectionError):
        assert len(await reader.read()) < len(LARGE)


@pytest.mark.parametrize("sent", [b"", b"GET / HTTP/1.1\r\nX: "], ids=["silent", "slow"])
async def test_many_slow_connections_keep_nobody_out(
    server: BoundedHttpServer, sent: bytes
) -> None:
    slow = [await connect(server, sent) for _ in range(50)]
    assert (await answer_to(server, GET)).endswith(b"short")
    assert server.open_connections <= LIMITS.connections
    for _, writer in slow:
        writer.close()


async def test_many_requests_at_once_are_answered_within_the_bound(
    server: BoundedHttpServer,
) -> None:
    answers = await asyncio.gather(*(answer_to(server, GET) for _ in range(3)))
    assert all(each.endswith(b"short") for each in answers)


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        (b"GET / HTTP/1.1\r\nHost: a\r\nX: " + b"x" * 3_000 + b"\r\n\r\n", b"431"),
        (b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 101\r\n\r\n", b"413"),
        (
            b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
            + b"ff\r\n" + b"x" * 255 + b"\r\n0\r\n\r\n",
            b"413",
        ),
        (b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nxx", b"400"),
        (b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: -1\r\n\r\n", b"400"),
        (b"\x16\x03\x01\x00\xa5\r\n\r\n", b"400"),
        (b"GET / HTTP/1.1\r\n\r\n", b"400"),
    ],
    ids=["long head", "large body", "large chunks", "two lengths", "bad length", "tls", "no host"],
)  # fmt: skip
async def test_an_excessive_or_bad_request_is_refused(
    server: BoundedHttpServer, site: Site, sent: bytes, status: bytes
) -> None:
    before = site.answered
    assert (await answer_to(server, sent)).startswith(b"HTTP/1.1 " + status)
    assert site.answered == before


async def test_two_requests_in_one_connection_get_one_answer(server: BoundedHttpServer) -> None:
    assert (await answer_to(server, GET * 2)).count(b"HTTP/1.1") == 1


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.binary(max_size=300))
async def test_no_bytes_at_all_harm_the_server(server: BoundedHttpServer, sent: bytes) -> None:
    _, writer = await connect(server, sent)
    writer.close()
    assert (await answer_to(server, GET)).endswith(b"short")


def test_an_address_in_use_is_an_error(server: BoundedHttpServer, site: Site) -> None:
    with pytest.raises(OSError, match="in use"):
        BoundedHttpServer("127.0.0.1", server.port, site)


async def test_a_fault_of_the_site_ends_its_connection_only() -> None:
    def fail(request: HttpRequest) -> HttpAnswer:
        raise ArithmeticError

    made = BoundedHttpServer("127.0.0.1", 0, fail, replace(LIMITS)).start()
    assert (await answer_to(made, GET)).startswith(b"HTTP/1.1 500")
    assert (await answer_to(made, GET)).startswith(b"HTTP/1.1 500")
    made.close()
