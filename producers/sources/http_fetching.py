"""Download of a source's page over HTTP, within bounds of bytes and time.

Connections follow the rules of webhooks: public addresses only, checked when they are dialled.
Redirects are followed a few times, each checked in the same way. An answer that was not received
completely is a failure, so that nothing is taken for withdrawn.
"""

from __future__ import annotations

import asyncio
import zlib
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path, PurePosixPath
from typing import Protocol
from urllib.parse import urljoin, urlsplit

import httpx

from producers.sources.run_faults import RunFailed, refused_address, too_large
from roost.contact.webhook_targets import check_url, is_public
from roost.errors import Invalid
from roost.events.source import RunFault
from roost.webhooks.guarded import BROKEN, GuardedBackend, TargetRefused, client
from roost.webhooks.retry_after import retry_after_s

MOST_REDIRECTS = 3
REDIRECTS = frozenset({301, 302, 303, 307, 308})
AGENT = "roost-sources/1"
CHUNK = 1 << 16
PATIENCE_S = 30.0
"""Longest silence of a server within an answer."""
MOST_VALIDATOR = 1_000
"""Characters of an ETag that are kept; a longer one is not used."""
ENDINGS = {
    "text/csv": ".csv",
    "text/tab-separated-values": ".tsv",
    "application/json": ".json",
    "application/ld+json": ".json",
    "application/x-ndjson": ".jsonl",
    "application/jsonl": ".jsonl",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": ".xlsx",
    "application/vnd.ms-excel": ".xls",
    "application/vnd.oasis.opendocument.spreadsheet": ".ods",
}
KNOWN_ENDINGS = frozenset({*ENDINGS.values(), ".txt", ".ndjson", ".xlsm"})


@dataclass(frozen=True, slots=True)
class Bounds:
    """Bounds of one download."""

    most_bytes: int
    most_s: float
    may_be_private: bool = False
    """Lets it reach private and loopback addresses, without TLS; for tests only."""


@dataclass(frozen=True, slots=True)
class Validators:
    """Validators of the last answer: its ETag and its Last-Modified."""

    etag: str | None = None
    last_modified: str | None = None

    @property
    def headers(self) -> dict[str, str]:
        """Headers of a conditional request."""
        found = {"if-none-match": self.etag, "if-modified-since": self.last_modified}
        return {name: value for name, value in found.items() if value}


NO_VALIDATORS = Validators()


@dataclass(frozen=True, slots=True)
class Downloaded:
    """A page on disk, its validators and its headers."""

    path: Path
    validators: Validators
    headers: httpx.Headers


class NotModified(Exception):
    """The page has not changed since the validators were issued."""


async def download(url: str, validators: Validators, folder: Path, bounds: Bounds) -> Downloaded:
    """Download a page into a new file of a folder.

    Raises NotModified, and RunFailed for every other answer than a complete one.
    """
    permitted = (lambda address: True) if bounds.may_be_private else is_public
    caller = client(GuardedBackend(permitted), PATIENCE_S)
    try:
        async with asyncio.timeout(bounds.most_s), caller:
            return await _download(caller, url, validators, folder, bounds)
    except TimeoutError:
        raise RunFailed(
            RunFault.TOO_SLOW,
            f"The server took longer than {bounds.most_s:g} s.",
            f"服务器在 {bounds.most_s:g} 秒内未完成应答。",
        ) from None
    except TargetRefused:
        raise refused_address() from None
    except BROKEN as error:
        kind = type(error).__name__
        raise RunFailed(
            RunFault.UNREACHABLE,
            f"The server was not reached, or ended the answer early ({kind}).",
            f"无法连接服务器，或应答不完整（{kind}）。",
        ) from None


async def _download(
    caller: httpx.AsyncClient, url: str, validators: Validators, folder: Path, bounds: Bounds
) -> Downloaded:
    for _ in range(MOST_REDIRECTS + 1):
        response = await caller.send(_request(caller, url, validators, bounds), stream=True)
        try:
            if response.status_code in REDIRECTS and (to := response.headers.get("location")):
                url = _joined(url, to)
                continue
            return await _page(response, url, validators, folder, bounds)
        finally:
            await response.aclose()
    raise RunFailed(
        RunFault.STATUS,
        f"The server redirects more than {MOST_REDIRECTS} times.",
        f"服务器重定向超过 {MOST_REDIRECTS} 次。",
    )


def _joined(url: str, to: str) -> str:
    """Return the address that a redirect leads to. Raises RunFailed for one that is none."""
    try:
        return urljoin(url, to)
    except ValueError:
        raise refused_address() from None


def _request(
    caller: httpx.AsyncClient, url: str, validators: Validators, bounds: Bounds
) -> httpx.Request:
    try:
        check_url(url, bounds.may_be_private)
        headers = {"accept-encoding": "gzip", "user-agent": AGENT, **validators.headers}
        return caller.build_request("GET", url, headers=headers)
    except (Invalid, httpx.InvalidURL, UnicodeError):
        raise refused_address() from None


async def _page(
    response: httpx.Response, url: str, validators: Validators, folder: Path, bounds: Bounds
) -> Downloaded:
    if response.status_code == 304 and validators.headers:
        raise NotModified
    if response.status_code != 200:
        raise RunFailed(
            RunFault.STATUS,
            f"The server answered with the status {response.status_code}.",
            f"服务器返回状态码 {response.status_code}。",
            retry_after=_wait(response),
        )
    if _stated_length(response) > bounds.most_bytes:
        raise too_large(bounds.most_bytes)
    path = folder / f"page{ending_of(url, response.headers.get('content-type', ''))}"
    with path.open("wb") as file:
        async for part in decoded(response, bounds.most_bytes):
            await asyncio.to_thread(file.write, part)
    return Downloaded(path, _validators(response.headers), response.headers)


async def decoded(response: httpx.Response, most_bytes: int) -> AsyncIterator[bytes]:
    """Yield the decoded body of an answer. Raises RunFailed beyond `most_bytes`.

    Compressed bodies are unpacked piece by piece, so that none grows beyond the bound in memory.
    """
    taken = 0
    unpacker = _unpacker(response.headers.get("content-encoding", "").strip().lower())
    async for raw in response.aiter_raw():
        for part in unpacker.unpack(raw):
            taken += len(part)
            if taken > most_bytes:
                raise too_large(most_bytes)
            yield part
    unpacker.finish()


class _Unpacker(Protocol):
    def unpack(self, raw: bytes) -> Iterator[bytes]:
        """Yield the decoded pieces of some received bytes."""
        ...

    def finish(self) -> None:
        """Raise RunFailed if the end of the coded body is missing."""
        ...


class _Plain:
    """Body without a coding; the transport checks its length."""

    def unpack(self, raw: bytes) -> Iterator[bytes]:
        yield raw

    def finish(self) -> None:
        pass


class _Zipped:
    """Body in gzip or zlib format."""

    def __init__(self) -> None:
        self._decoder = zlib.decompressobj(wbits=zlib.MAX_WBITS | 32)

    def unpack(self, raw: bytes) -> Iterator[bytes]:
        full = True
        while (raw or full) and not self._decoder.eof:
            try:
                part = self._decoder.decompress(raw, CHUNK)
            except zlib.error:
                raise _broken_coding() from None
            raw, full = self._decoder.unconsumed_tail, len(part) == CHUNK
            yield part

    def finish(self) -> None:
        if not self._decoder.eof:
            raise _broken_coding()


def _unpacker(coding: str) -> _Unpacker:
    """Return the unpacker of a content coding. Raises RunFailed for an unknown one."""
    if coding in {"", "identity"}:
        return _Plain()
    if coding in {"gzip", "x-gzip", "deflate"}:
        return _Zipped()
    raise RunFailed(
        RunFault.UNREADABLE,
        f"The server sends an unknown content coding ({coding[:40]}).",
        f"服务器使用了未知的内容编码（{coding[:40]}）。",
    )


def _broken_coding() -> RunFailed:
    return RunFailed(
        RunFault.UNREADABLE,
        "The compressed answer is damaged or incomplete.",
        "压缩的应答已损坏或不完整。",
    )


def _stated_length(response: httpx.Response) -> int:
    text = response.headers.get("content-length", "")
    return int(text) if text.isascii() and text.isdigit() else 0


def _validators(headers: httpx.Headers) -> Validators:
    etag, modified = headers.get("etag"), headers.get("last-modified")
    if etag is not None and len(etag) > MOST_VALIDATOR:
        etag = None
    return Validators(etag, modified if modified and len(modified) <= 100 else None)


def _wait(response: httpx.Response) -> timedelta | None:
    seconds = retry_after_s(response.headers.get("retry-after"), datetime.now(UTC))
    return None if seconds is None else timedelta(seconds=seconds)


def ending_of(url: str, content_type: str) -> str:
    """Return the ending of a page's file: the URL's if it is known, else that of its type."""
    ending = PurePosixPath(urlsplit(url).path).suffix.lower()
    if ending in KNOWN_ENDINGS:
        return ending
    return ENDINGS.get(content_type.partition(";")[0].strip().lower(), ".txt")
