"""Server that ends within a deadline, whatever still waits for Kafka."""

from __future__ import annotations

import os
import socket
import threading

import structlog
import uvicorn

_log = structlog.get_logger(__name__)
STOP_WITHIN_S = 10.0
"""Longest time from the signal to the end of the process."""
REQUESTS_WITHIN_S = 3
"""Time for requests in flight; then the buffers are flushed: imports, answers, audit."""


class StoppingServer(uvicorn.Server):
    """uvicorn's server; a thread ends the process if the shutdown takes too long.

    A thread of a client library may wait 20 s for a broker that is away, and the interpreter waits
    for such threads. By the deadline every buffer has been flushed or reported as lost.
    """

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Stop as uvicorn does, with a deadline."""
        deadline = threading.Timer(STOP_WITHIN_S - 0.5, _end)
        deadline.daemon = True
        deadline.start()
        await super().shutdown(sockets)


def _end() -> None:
    _log.error("stop_forced", after_s=STOP_WITHIN_S)
    os._exit(0)
