"""Small HTTP server for machines, with bounded connections, sizes and times.

Each connection gets one answer. All of them run on one event loop, so answers are made one at a
time. A connection too many ends the one that is open for longest: a client that sends its request
at once is served while others are slow.
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Self, TypeAlias

import h11
import structlog

from roost.logs import place_of

_log = structlog.get_logger(__name__)
READ_BYTES = 65_536
BACKLOG = 64


@dataclass(frozen=True, slots=True)
class HttpLimits:
    """Limits of a server and of each of its connections."""

    connections: int = 16
    head_bytes: int = 16_384
    body_bytes: int = 0
    request_within_s: float = 5.0
    """From the beginning of a connection to the end of its request."""
    answer_within_s: float = 10.0
    """Time in which a client reads its answer."""


@dataclass(frozen=True, slots=True)
class HttpRequest:
    """Request as it was received; names of headers are in lower case."""

    method: str
    path: str
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""


@dataclass(frozen=True, slots=True)
class HttpAnswer:
    """Status, headers and body of an answer."""

    status: int
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)


Respond: TypeAlias = Callable[[HttpRequest], HttpAnswer]
"""Returns the answer to a request."""


class BoundedHttpServer:
    """Server at one address, bound when it is made. Raises OSError if that is not possible."""

    def __init__(
        self, host: str, port: int, respond: Respond, limits: HttpLimits = HttpLimits()
    ) -> None:
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        self._socket = socket.create_server((host, port), family=family, backlog=BACKLOG)
        self._respond = respond
        self._limits = limits
        self._open: dict[asyncio.Task[Any], None] = {}
        """Tasks of the open connections, oldest first."""
        self._loop: asyncio.AbstractEventLoop | None = None
        self._ended: asyncio.Event | None = None

    @property
    def port(self) -> int:
        """Port that the server is bound to."""
        port: int = self._socket.getsockname()[1]
        return port

    @property
    def open_connections(self) -> int:
        """Number of open connections."""
        return len(self._open)

    def start(self) -> Self:
        """Serve on a daemon thread until the process ends or `close` is called."""
        started = threading.Event()
        threading.Thread(
            target=lambda: asyncio.run(self.serve(started)), name="http", daemon=True
        ).start()
        started.wait()
        return self

    def close(self) -> None:
        """End a server that `start` has started."""
        if self._loop is not None and self._ended is not None:
            self._loop.call_soon_threadsafe(self._ended.set)

    async def serve(self, started: threading.Event | None = None) -> None:
        """Serve until `close` is called."""
        self._loop, self._ended = asyncio.get_running_loop(), asyncio.Event()
        server = await asyncio.start_server(self._connected, sock=self._socket, limit=READ_BYTES)
        if started is not None:
            started.set()
        async with server:
            await self._ended.wait()
            for task in self._open:
                task.cancel()

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._open[task] = None
        if len(self._open) > self._limits.connections:
            oldest = next(iter(self._open))
            del self._open[oldest]
            oldest.cancel()
        try:
            # A client that is too slow, or gone, or one too many, has its connection ended.
            with contextlib.suppress(TimeoutError, OSError, asyncio.CancelledError):
                await _Connection(self._respond, self._limits, reader, writer).run()
        finally:
            self._open.pop(task, None)
            writer.transport.abort()


class _Connection:
    """One request and its answer."""

    def __init__(
        self,
        respond: Respond,
        limits: HttpLimits,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
    ) -> None:
        self._respond = respond
        self._limits = limits
        self._reader = reader
        self._writer = writer
        self._http = h11.Connection(h11.SERVER, max_incomplete_event_size=limits.head_bytes)

    async def run(self) -> None:
        """Read the request and send the answer. Raises TimeoutError for a slow client."""
        head_only = False
        try:
            async with asyncio.timeout(self._limits.request_within_s):
                request = await self._read()
            if request is None:
                return
            head_only = request.method == "HEAD"
            answer = self._answer(request)
        except h11.RemoteProtocolError as error:
            answer = HttpAnswer(error.error_status_hint)
        except _TooLarge as error:
            answer = HttpAnswer(error.status)
        async with asyncio.timeout(self._limits.answer_within_s):
            await self._send(answer, head_only=head_only)

    def _answer(self, request: HttpRequest) -> HttpAnswer:
        try:
            return self._respond(request)
        except Exception as error:  # noqa: BLE001  the next request must still be answered
            _log.error("answer_failed", error=type(error).__name__, at=place_of(error))
            return HttpAnswer(500)

    async def _read(self) -> HttpRequest | None:
        """Return the request, or None if the client has ended the connection."""
        head = await self._next_event()
        if not isinstance(head, h11.Request):
            return None
        size = len(head.target) + sum(len(name) + len(value) for name, value in head.headers)
        if size > self._limits.head_bytes:
            raise _TooLarge(431)
        headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in head.headers}
        if int(headers.get("content-length", 0)) > self._limits.body_bytes:
            raise _TooLarge(413)
        if self._http.they_are_waiting_for_100_continue:
            self._write(h11.InformationalResponse(status_code=100, headers=[]))
        body = b""
        while not isinstance(event := await self._next_event(), h11.EndOfMessage):
            if not isinstance(event, h11.Data):
                return None
            body += event.data
            if len(body) > self._limits.body_bytes:
                raise _TooLarge(413)
        path = head.target.decode("latin-1").partition("?")[0]
        return HttpRequest(head.method.decode("latin-1"), path, headers, body)

    async def _next_event(self) -> Any:
        while (event := self._http.next_event()) is h11.NEED_DATA:
            self._http.receive_data(await self._reader.read(READ_BYTES))
        return event

    async def _send(self, answer: HttpAnswer, *, head_only: bool) -> None:
        """Send the answer, and wait until the client has read it."""
        if self._http.our_state not in (h11.IDLE, h11.SEND_RESPONSE):
            return
        headers = {"content-length": str(len(answer.body)), "connection": "close"}
        self._write(
            h11.Response(
                status_code=answer.status, headers=[*(headers | dict(answer.headers)).items()]
            )
        )
        if answer.body and not head_only:
            self._write(h11.Data(data=answer.body))
        if not answer.body or not head_only:
            self._write(h11.EndOfMessage())
        self._writer.write_eof()
        while await self._reader.read(READ_BYTES):
            pass  # the rest of a refused body: to close before it is read would drop the answer

    def _write(self, event: h11.Event) -> None:
        data = self._http.send(event)
        if data:
            self._writer.write(data)


class _TooLarge(Exception):
    """The head or the body of a request exceeds its limit."""

    def __init__(self, status: int) -> None:
        super().__init__(status)
        self.status = status
