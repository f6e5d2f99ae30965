"""A TCP proxy with faults: latency, resets, refusals, cut answers, throttling, busy answers.

It is placed between Roost's processes and a server, and its behaviour can change while it runs.
With `http=True` it handles each request separately: it can answer one with 429 or 503 itself, or
forward it and cut the answer. Its random numbers are seeded, and it counts its faults.
"""

from __future__ import annotations

import asyncio
import random
import socket
import struct
import threading
from collections import Counter
from collections.abc import Coroutine
from contextlib import suppress
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, TypeVar

CHUNK = 65_536
AT_ONCE = struct.pack("ii", 1, 0)
"""SO_LINGER value that turns a close into a reset."""
T = TypeVar("T")


class Mode(StrEnum):
    PASS = "pass"
    LATENCY = "latency"
    """Every request waits `seconds`."""
    RESET = "reset"
    """A request's connection is reset before the server sees it."""
    REFUSE = "refuse"
    """Nothing listens, and open connections are reset."""
    CUT = "cut_after_request"
    """The server receives the request; its answer is cut."""
    THROTTLE = "throttle"
    """At most `bytes_per_s` in each direction of a connection."""
    BUSY = "busy"
    """HTTP only: the proxy answers `status` instead of the server."""


@dataclass(frozen=True, slots=True)
class Behaviour:
    """A mode for a `share` of the requests whose first line contains `about`."""

    mode: Mode = Mode.PASS
    share: float = 1.0
    about: str = ""
    seconds: float = 0.0
    bytes_per_s: int = 0
    status: int = 503


class Cut(Exception):
    """Signal to reset the connection."""


class Proxy:
    """A proxy in its own thread, so that it runs while its owner blocks."""

    def __init__(self, target: int, *, http: bool = False, seed: int = 1) -> None:
        self.target = target
        self.done: Counter[str] = Counter()
        self._http = http
        self._dice = random.Random(seed)
        self._ways = Behaviour()
        self._server: asyncio.Server | None = None
        self._open: set[asyncio.StreamWriter] = set()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        self.port = 0
        self._await(self._listen())

    def set(self, ways: Behaviour) -> None:
        """Change the behaviour, also for open connections."""
        self._await(self._change(ways))

    def heal(self) -> None:
        self.set(Behaviour())

    def close(self) -> None:
        self._await(self._shut())
        self._await(_cancel_others())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)
        self._loop.close()

    def _await(self, what: Coroutine[Any, Any, T]) -> T:
        return asyncio.run_coroutine_threadsafe(what, self._loop).result(20)

    async def _listen(self) -> None:
        self._server = await asyncio.start_server(
            self._connected, "127.0.0.1", self.port, reuse_address=True
        )
        self.port = self._server.sockets[0].getsockname()[1]

    async def _change(self, ways: Behaviour) -> None:
        before, self._ways = self._ways, ways
        if ways.mode is Mode.REFUSE and before.mode is not Mode.REFUSE:
            self.done["refused"] += 1
            await self._shut()
        if ways.mode is not Mode.REFUSE and before.mode is Mode.REFUSE:
            await self._listen()

    async def _shut(self) -> None:
        if self._server is not None:
            self._server.close()
            self._server = None
        for writer in list(self._open):
            _reset(writer)

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            there, back = await asyncio.open_connection("127.0.0.1", self.target)
        except OSError:
            _reset(writer)
            return
        link = _Link()
        self._open |= {writer, back}
        up = asyncio.create_task(self._requests(reader, back, writer, link))
        down = asyncio.create_task(self._answers(there, writer, link))
        try:
            ended, _ = await asyncio.wait({up, down}, return_when=asyncio.FIRST_COMPLETED)
            hurt = any(isinstance(task.exception(), Cut) for task in ended)
            if not hurt and up in ended and down not in ended:
                await asyncio.wait({down}, timeout=5)  # half closed: the answer may still come
        finally:
            up.cancel()
            down.cancel()
            await asyncio.gather(up, down, return_exceptions=True)
            self._open -= {writer, back}
            for each in (writer, back):
                _reset(each)

    async def _requests(
        self,
        reader: asyncio.StreamReader,
        there: asyncio.StreamWriter,
        back: asyncio.StreamWriter,
        link: _Link,
    ) -> None:
        while data := await (_http_request(reader) if self._http else reader.read(CHUNK)):
            ways = self._for_this(data)
            if ways.mode is Mode.LATENCY:
                self.done["delayed"] += 1
                await asyncio.sleep(ways.seconds)
            elif ways.mode is Mode.RESET:
                self.done["reset"] += 1
                raise Cut
            elif ways.mode is Mode.BUSY and self._http:
                self.done[str(ways.status)] += 1
                back.write(_busy(ways.status))
                await back.drain()
                continue
            elif ways.mode is Mode.CUT:
                link.cut = True
            await self._pour(data, there)
        with suppress(OSError):
            there.write_eof()

    async def _answers(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, link: _Link
    ) -> None:
        while data := await reader.read(CHUNK):
            if link.cut:
                self.done["cut"] += 1
                raise Cut
            await self._pour(data, writer)

    async def _pour(self, data: bytes, writer: asyncio.StreamWriter) -> None:
        ways = self._ways
        if ways.mode is Mode.THROTTLE and ways.bytes_per_s > 0:
            self.done["throttled"] += 1
            step = max(1, ways.bytes_per_s // 20)
            for start in range(0, len(data), step):
                writer.write(data[start : start + step])
                await writer.drain()
                await asyncio.sleep(step / ways.bytes_per_s)
            return
        writer.write(data)
        await writer.drain()

    def _for_this(self, data: bytes) -> Behaviour:
        ways = self._ways
        if ways.mode is Mode.PASS:
            return ways
        concerned = not ways.about or ways.about.encode() in data.split(b"\r\n", 1)[0]
        return ways if concerned and self._dice.random() < ways.share else Behaviour()


@dataclass(slots=True)
class _Link:
    """State shared by the two directions of a connection."""

    cut: bool = False


async def _http_request(reader: asyncio.StreamReader) -> bytes:
    """Read the next whole request; empty at the end. Our clients always send a body's length."""
    try:
        head = await reader.readuntil(b"\r\n\r\n")
        length = 0
        for line in head.split(b"\r\n")[1:]:
            name, _, value = line.partition(b":")
            if name.strip().lower() == b"content-length":
                length = int(value)
        return head + await reader.readexactly(length)
    except (asyncio.IncompleteReadError, ConnectionError):
        return b""


def _busy(status: int) -> bytes:
    body = b'{"error":{"type":"es_rejected_execution_exception","reason":"busy"},"status":%d}'
    text = body % status
    return (
        b"HTTP/1.1 %d Busy\r\nX-Elastic-Product: Elasticsearch\r\n"
        b"content-type: application/json\r\ncontent-length: %d\r\n\r\n%s"
        % (status, len(text), text)
    )


def _reset(writer: asyncio.StreamWriter) -> None:
    """Close with a reset, which nobody can mistake for an orderly end."""
    connection = writer.get_extra_info("socket")
    with suppress(OSError, ValueError):
        if connection is not None and not writer.is_closing():
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, AT_ONCE)
    writer.transport.abort()


async def _cancel_others() -> None:
    others = asyncio.all_tasks() - {asyncio.current_task()}
    for task in others:
        task.cancel()
    await asyncio.gather(*others, return_exceptions=True)
