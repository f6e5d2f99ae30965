"""Random bytes for nonces and public ids, taken from the system in blocks.

Each read from the system releases the interpreter's lock, and a busy thread may then keep it for
milliseconds: one read for every event delayed the events of a live feed by seconds. Keys, passwords
and session tokens are few and come from `secrets`.
"""

from __future__ import annotations

import os
import threading

BLOCK_BYTES = 16_384


class RandomBytes:
    """Source of random bytes that no two callers, threads or forked processes receive twice."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._block = b""
        self._used = 0
        os.register_at_fork(after_in_child=self._forget)

    def take(self, count: int) -> bytes:
        """Return `count` bytes, at most a block."""
        with self._lock:
            if self._used + count > len(self._block):
                self._block, self._used = os.urandom(BLOCK_BYTES), 0
            start, self._used = self._used, self._used + count
            return self._block[start : self._used]

    def _forget(self) -> None:
        self._lock = threading.Lock()
        self._block, self._used = b"", 0


_SOURCE = RandomBytes()


def random_bytes(count: int) -> bytes:
    """Return `count` random bytes of this process's source, at most 16,384."""
    if not 0 <= count <= BLOCK_BYTES:
        raise ValueError(f"take 0 to {BLOCK_BYTES} bytes at a time")
    return _SOURCE.take(count)
