"""Lookups of host names, each in a daemon thread.

A name server that never answers holds a thread for half a minute. In asyncio's default threads, a
few such names would stop everything else that uses them, and delay the end of the process.
"""

from __future__ import annotations

import asyncio
import socket
import threading
from contextlib import suppress

MOST_LOOKUPS = 64
"""Most names that are looked up at a time."""


class NameLookups:
    """Addresses of names. Requests for a name that is being looked up share its lookup."""

    def __init__(self, most: int = MOST_LOOKUPS) -> None:
        self._most = most
        self._pending: dict[tuple[str, int], asyncio.Future[list[str]]] = {}

    def __len__(self) -> int:
        return len(self._pending)

    async def addresses(self, host: str, port: int, within_s: float) -> list[str]:
        """Return the addresses of a name. Raises OSError without any, TimeoutError among them."""
        pending = self._pending.get((host, port))
        if pending is None:
            if len(self._pending) >= self._most:
                raise OSError("Too many names are being looked up")
            pending = self._begin(host, port)
        async with asyncio.timeout(within_s):
            found = await asyncio.shield(pending)
        if not found:
            raise OSError("The name does not resolve")
        return found

    def _begin(self, host: str, port: int) -> asyncio.Future[list[str]]:
        loop = asyncio.get_running_loop()
        future = self._pending[host, port] = loop.create_future()

        def end(found: list[str]) -> None:
            del self._pending[host, port]
            if not future.done():
                future.set_result(found)

        def look_up() -> None:
            found = _addresses(host, port)
            with suppress(RuntimeError):  # the loop has been closed meanwhile
                loop.call_soon_threadsafe(end, found)

        threading.Thread(target=look_up, name="name lookup", daemon=True).start()
        return future


def _addresses(host: str, port: int) -> list[str]:
    """Return the different addresses of a name; none if it does not resolve."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        return []
    return list(dict.fromkeys(str(each[4][0]) for each in found))
