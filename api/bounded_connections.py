"""HTTP connections with bounded waits for their clients.

uvicorn waits without end for the first request of a connection, for the rest of a request's head,
and for a client that does not read: each such connection keeps a descriptor and its answer in
memory. Requests in flight are bounded elsewhere: by rate, by time, and by open streams.
"""

from __future__ import annotations

import asyncio
import contextlib
import resource
from dataclasses import dataclass
from typing import Any

import structlog
from uvicorn.protocols.http.h11_impl import H11Protocol

_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class ConnectionLimits:
    """Longest waits of a connection, and the number of connections that wait for a request."""

    request_within_s: float = 15.0
    """From the beginning of a connection, or the end of an answer, to the end of the next head."""
    read_within_s: float = 30.0
    least_read_bytes: int = 16_384
    """Least bytes of an unread answer that a client reads within `read_within_s`."""
    most_waiting: int = 500
    check_every_s: float = 2.5


@dataclass(slots=True)
class ClientWaits:
    """Times since which a connection waits for its client, in seconds of the event loop's clock."""

    limits: ConnectionLimits
    request_since: float | None
    """None while a request is in flight."""
    read_at: float = 0.0
    unread: int = 0

    def has_read(self, now: float) -> None:
        """Note that the client has read enough for the next part of the answer."""
        self.read_at = now
        self.unread = 0

    def is_overdue(self, now: float, unread: int, must_read: bool) -> bool:
        """Return whether the client has kept the connection waiting for too long.

        `unread` are the bytes of the answer that the client has not taken; `must_read` states that
        nothing more is sent until it takes some.
        """
        if unread and must_read:
            if not self.unread or unread <= self.unread - self.limits.least_read_bytes:
                self.read_at, self.unread = now, unread
            if self.request_since is not None:
                self.request_since = now
            return now - self.read_at >= self.limits.read_within_s
        self.has_read(now)
        waits_since = self.request_since
        return waits_since is not None and now - waits_since >= self.limits.request_within_s


class BoundedConnections:
    """Makes the connections of one server, which share a bound on those without a request.

    One too many ends the connection that has waited longest. A client that has a request to send
    is not affected: it sends it at once.
    """

    def __init__(self, limits: ConnectionLimits = ConnectionLimits()) -> None:
        self.limits = limits
        self._waiting: dict[BoundedConnection, None] = {}

    def __call__(self, **given: Any) -> BoundedConnection:
        """Make a connection, as uvicorn asks its protocol class to."""
        return BoundedConnection(self, **given)

    def waits(self, connection: BoundedConnection) -> None:
        """Count a connection that waits for a request."""
        self._waiting.pop(connection, None)
        self._waiting[connection] = None
        while len(self._waiting) > self.limits.most_waiting:
            oldest = next(iter(self._waiting))
            del self._waiting[oldest]
            oldest.transport.close()

    def works(self, connection: BoundedConnection) -> None:
        """Leave out a connection that has a request in flight, or has ended."""
        self._waiting.pop(connection, None)


class BoundedConnection(H11Protocol):
    """uvicorn's HTTP/1.1 connection, ended once its client keeps it waiting for too long."""

    def __init__(self, all_connections: BoundedConnections, **given: Any) -> None:
        super().__init__(**given)
        self._all = all_connections
        self._waits = ClientWaits(all_connections.limits, None)
        self._check_task: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Begin to wait for the first request."""
        super().connection_made(transport)
        self._waits.has_read(self.loop.time())
        self._note_request()
        self._check_later()

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget the connection."""
        if self._check_task is not None:
            self._check_task.cancel()
        self._all.works(self)
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Read a part of a request; only the end of its head ends the wait for it."""
        super().data_received(data)
        self._note_request()

    def on_response_complete(self) -> None:
        """Begin to wait for the next request, unless it has arrived already."""
        super().on_response_complete()
        self._note_request()

    def resume_writing(self) -> None:
        """Go on with an answer of which the client has read a part."""
        self._waits.has_read(self.loop.time())
        super().resume_writing()

    def _is_in_flight(self) -> bool:
        return self.cycle is not None and not self.cycle.response_complete

    def _note_request(self) -> None:
        if self._is_in_flight():
            self._waits.request_since = None
            self._all.works(self)
        elif self._waits.request_since is None:
            self._waits.request_since = self.loop.time()
            self._all.waits(self)

    def _check_later(self) -> None:
        self._check_task = self.loop.call_later(self._all.limits.check_every_s, self._check)

    def _check(self) -> None:
        unread = self.transport.get_write_buffer_size()
        must_read = (
            self.flow.write_paused or self.transport.is_closing() or not self._is_in_flight()
        )
        if not self._waits.is_overdue(self.loop.time(), unread, must_read):
            self._check_later()
            return
        if unread:
            _log.info("unread_connection_cut", unread_bytes=unread)
        self.transport.abort()


def raise_descriptor_limit() -> None:
    """Allow as many open connections as the operator's hard limit; the usual soft one is 1,024."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    with contextlib.suppress(ValueError, OSError):  # the soft limit then stays
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
