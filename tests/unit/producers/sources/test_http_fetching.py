"""Pages are downloaded completely, within bounds, and from public addresses only."""

from __future__ import annotations

import asyncio
import gzip
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

import pytest

from producers.sources.http_fetching import (
    Bounds,
    Downloaded,
    NotModified,
    Validators,
    download,
    ending_of,
)
from producers.sources.run_faults import RunFailed
from roost.events.source import RunFault

BOUNDS = Bounds(most_bytes=100_000, most_s=5, may_be_private=True)
Answer = Callable[[str, dict[str, str]], bytes]


def http(status: int, body: bytes = b"", **headers: str) -> bytes:
    named = {"content_length": str(len(body))} | headers
    lines = [f"{name.replace('_', '-')}: {value}" for name, value in named.items()]
    return "\r\n".join([f"HTTP/1.1 {status} X", *lines, "", ""]).encode() + body


@dataclass
class Server:
    """A server on this machine that answers every request by a function of its path."""

    answer: Answer
    url: str = ""
    requests: list[tuple[str, dict[str, str]]] = field(default_factory=list)

    async def handle(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
        path = head[0].split(" ")[1]
        headers = dict(line.lower().split(": ", 1) for line in head[1:] if line)
        self.requests.append((path, headers))
        writer.write(self.answer(path, headers))
        await writer.drain()
        writer.close()


@asynccontextmanager
async def serving(answer: Answer) -> AsyncIterator[Server]:
    server = Server(answer)
    listener = await asyncio.start_server(server.handle, "127.0.0.1", 0)
    async with listener:
        server.url = f"http://127.0.0.1:{listener.sockets[0].getsockname()[1]}"
        yield server


async def got(
    folder: Path, answer: Answer, *, bounds: Bounds = BOUNDS, validators: Validators = Validators()
) -> Downloaded:
    async with serving(answer) as server:
        return await download(f"{server.url}/jobs.csv", validators, folder, bounds)


async def fault(folder: Path, answer: Answer, bounds: Bounds = BOUNDS) -> RunFailed:
    with pytest.raises(RunFailed) as failed:
        await got(folder, answer, bounds=bounds)
    return failed.value


async def test_a_page_is_stored_with_its_validators(tmp_path: Path) -> None:
    modified = "Mon, 23 Nov 2026 08:00:00 GMT"
    found = await got(
        tmp_path, lambda path, headers: http(200, b"a,b\n", etag='"5"', last_modified=modified)
    )
    assert (found.path.name, found.path.read_bytes()) == ("page.csv", b"a,b\n")
    assert found.validators == Validators('"5"', modified)


async def test_an_unchanged_page_is_not_sent_again(tmp_path: Path) -> None:
    def answer(path: str, headers: dict[str, str]) -> bytes:
        assert headers["if-none-match"] == '"5"'
        assert headers["if-modified-since"] == "x"
        return http(304)

    with pytest.raises(NotModified):
        await got(tmp_path, answer, validators=Validators('"5"', "x"))
    assert (await fault(tmp_path, lambda path, headers: http(304))).fault is RunFault.STATUS


@pytest.mark.parametrize("status", [204, 206, 400, 401, 403, 404, 410, 429, 500, 503])
async def test_any_other_status_is_a_failure(tmp_path: Path, status: int) -> None:
    failed = await fault(tmp_path, lambda path, headers: http(status, retry_after="120"))
    assert (failed.fault, failed.retry_after) == (RunFault.STATUS, timedelta(minutes=2))
    assert str(status) in failed.message
    assert str(status) in failed.message_zh


async def test_a_wait_that_cannot_be_read_is_none(tmp_path: Path) -> None:
    said = "Mon, 1 Jan 99999999999999999999 00:00:00 GMT"
    failed = await fault(tmp_path, lambda path, headers: http(429, retry_after=said))
    assert (failed.fault, failed.retry_after) == (RunFault.STATUS, None)


async def test_redirects_are_followed_a_few_times(tmp_path: Path) -> None:
    def hop(path: str, headers: dict[str, str]) -> bytes:
        return http(302, location="/there") if path == "/jobs.csv" else http(200, b"x")

    assert (await got(tmp_path, hop)).path.read_bytes() == b"x"
    endless = await fault(tmp_path, lambda path, headers: http(302, location="/jobs.csv"))
    assert endless.fault is RunFault.STATUS


@pytest.mark.parametrize(
    "location",
    [
        "file:///etc/passwd",
        "http://user:pass@127.0.0.1/",
        "gopher://x/",
        "http://[::1",
        "http://[",
        "//[x",
        "http://a℀b/",
    ],
)
async def test_a_redirect_to_anything_else_is_refused(tmp_path: Path, location: str) -> None:
    failed = await fault(tmp_path, lambda path, headers: http(302, location=location))
    assert failed.fault in {RunFault.REFUSED, RunFault.UNREACHABLE}
    assert "redirect" not in failed.message


@pytest.mark.parametrize(
    "url",
    [
        "http://example.com/jobs.csv",
        "https://127.0.0.1/jobs.csv",
        "https://localhost/jobs.csv",
        "https://169.254.169.254/latest/meta-data",
        "https://[::ffff:10.0.0.1]/",
        "https://2130706433/",
        "https://intranet/jobs.csv",
        "not a url",
    ],
)
async def test_addresses_that_are_not_public_are_refused(tmp_path: Path, url: str) -> None:
    with pytest.raises(RunFailed) as failed:
        await download(url, Validators(), tmp_path, Bounds(1_000, 5))
    assert failed.value.fault is RunFault.REFUSED


async def test_a_public_name_that_leads_to_a_private_address_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def rebound(*args: object, **kwargs: object) -> list[object]:
        return [(2, 1, 6, "", ("10.0.0.7", 443))]

    monkeypatch.setattr(socket, "getaddrinfo", rebound)
    with pytest.raises(RunFailed) as failed:
        await download("https://jobs.example.com/", Validators(), tmp_path, Bounds(1_000, 5))
    assert failed.value.fault is RunFault.REFUSED


async def test_an_incomplete_answer_is_a_failure(tmp_path: Path) -> None:
    cut = await fault(tmp_path, lambda path, headers: http(200, b"a,b", content_length="500"))
    assert cut.fault is RunFault.UNREACHABLE
    packed = gzip.compress(b"a,b\n" * 100)[:-9]
    halved = await fault(tmp_path, lambda path, headers: http(200, packed, content_encoding="gzip"))
    assert halved.fault is RunFault.UNREADABLE


async def test_compressed_pages_are_unpacked(tmp_path: Path) -> None:
    text = b"a,b\n" * 20_000
    found = await got(
        tmp_path, lambda path, headers: http(200, gzip.compress(text), content_encoding="gzip")
    )
    assert found.path.read_bytes() == text


async def test_a_page_beyond_the_bound_is_a_failure_however_it_is_sent(tmp_path: Path) -> None:
    bomb = gzip.compress(b"0" * 50_000_000)
    assert len(bomb) < BOUNDS.most_bytes
    for answer in (
        lambda path, headers: http(200, b"", content_length="100001"),
        lambda path, headers: http(200, bomb, content_encoding="gzip"),
        lambda path, headers: (
            b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n"
            + b"186a1\r\n"
            + b"x" * 100_001
            + b"\r\n0\r\n\r\n"
        ),
    ):
        assert (await fault(tmp_path, answer)).fault is RunFault.TOO_LARGE


async def test_an_unknown_coding_is_a_failure(tmp_path: Path) -> None:
    failed = await fault(tmp_path, lambda path, headers: http(200, b"x", content_encoding="br"))
    assert failed.fault is RunFault.UNREADABLE


async def test_a_server_that_does_not_answer_in_time_is_a_failure(tmp_path: Path) -> None:
    released = asyncio.Event()

    async def silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await released.wait()
        writer.close()

    listener = await asyncio.start_server(silent, "127.0.0.1", 0)
    port = listener.sockets[0].getsockname()[1]
    bounds = Bounds(1_000, 0.2, may_be_private=True)
    with pytest.raises(RunFailed) as failed:
        await download(f"http://127.0.0.1:{port}/", Validators(), tmp_path, bounds)
    released.set()
    listener.close()
    assert failed.value.fault is RunFault.TOO_SLOW


@pytest.mark.parametrize(
    ("url", "kind", "ending"),
    [
        ("https://x.com/a.CSV?x=1", "application/json", ".csv"),
        ("https://x.com/api/jobs", "application/json; charset=utf-8", ".json"),
        ("https://x.com/jobs.php", "text/csv", ".csv"),
        ("https://x.com/", "", ".txt"),
    ],
)
def test_the_ending_of_a_page(url: str, kind: str, ending: str) -> None:
    assert ending_of(url, kind) == ending
