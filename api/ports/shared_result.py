"""Result of a costly computation, computed once for all callers at a time and kept for a while."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import Generic, TypeVar

Value = TypeVar("Value")
FRESH_S = 1.0
"""Age in seconds up to which a result is given to later callers."""
WITHIN_S = 3.0
"""Longest wait in seconds of a caller for a running computation."""


class SharedResult(Generic[Value]):
    """Result of one computation for all callers: one runs at a time, and its result is kept.

    A failure is kept as well, for `failed_s` seconds after its end, by default as long as a result:
    callers during that time get it without another computation.
    """

    def __init__(
        self,
        compute: Callable[[], Awaitable[Value]],
        fresh_s: float = FRESH_S,
        within_s: float = WITHIN_S,
        now: Callable[[], float] = time.monotonic,
        failed_s: float | None = None,
    ) -> None:
        self._compute = compute
        self._fresh_s = fresh_s
        self._within_s = within_s
        self._now = now
        self._failed_s = fresh_s if failed_s is None else failed_s
        self._task: asyncio.Task[Value] | None = None
        self._begun_at = 0.0
        self._ended_at = 0.0

    async def get(self, fresh_s: float | None = None) -> Value:
        """Return a result of at most `fresh_s` seconds, by default those of the constructor.

        Raises TimeoutError if the running computation takes too long; it runs on, and callers after
        that are refused at once. Raises what the computation raised.
        """
        fresh_s = self._fresh_s if fresh_s is None else fresh_s
        if self._task is None or (self._task.done() and self._is_stale(self._task, fresh_s)):
            self._begun_at = self._now()
            self._task = asyncio.create_task(self._run())
        left = self._begun_at + self._within_s - self._now()
        async with asyncio.timeout(0 if left <= 0 and not self._task.done() else max(left, 0.1)):
            return await asyncio.shield(self._task)

    async def close(self) -> None:
        """Cancel a running computation."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.wait([self._task])

    async def _run(self) -> Value:
        try:
            return await self._compute()
        finally:
            self._ended_at = self._now()

    def _is_stale(self, task: asyncio.Task[Value], fresh_s: float) -> bool:
        if task.cancelled() or task.exception() is not None:
            return self._now() >= self._ended_at + self._failed_s
        return self._now() >= self._begun_at + fresh_s
