"""Readiness and metrics: computed once for all callers at a time, in dedicated threads.

The threads are no part of the event loop's default pool, which other requests wait for.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Generic, Protocol, TypeVar

from prometheus_client import generate_latest

from roost.errors import Transient

Value = TypeVar("Value")
FRESH_S = 1.0
"""Age in seconds up to which a result is given to later callers."""
WITHIN_S = 3.0
"""Longest wait in seconds of a caller for a running computation."""


class SharedResult(Generic[Value]):
    """Result of one computation for all callers: one runs at a time, and its result is kept."""

    def __init__(
        self,
        compute: Callable[[], Awaitable[Value]],
        fresh_s: float = FRESH_S,
        within_s: float = WITHIN_S,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        self._compute = compute
        self._fresh_s = fresh_s
        self._within_s = within_s
        self._now = now
        self._task: asyncio.Task[Value] | None = None
        self._begun_at = 0.0

    async def get(self) -> Value:
        """Return a fresh result.

        Raises TimeoutError if the running computation takes too long; it runs on, and callers after
        that are refused at once.
        """
        if self._task is None or (self._task.done() and self._is_stale()):
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
        return await self._compute()

    def _is_stale(self) -> bool:
        return self._now() >= self._begun_at + self._fresh_s


class Checked(Protocol):
    """A server that can be asked whether it is healthy."""

    async def healthy(self) -> bool:
        """Return whether it is."""
        ...


class HealthProbes:
    """Readiness of the servers that the API needs, and the metrics of this process."""

    def __init__(
        self,
        broker_answers: Callable[[], bool],
        elastic: Checked,
        *,
        within_s: float = WITHIN_S,
    ) -> None:
        self._broker_answers = broker_answers
        self._elastic = elastic
        self._threads = ThreadPoolExecutor(2, thread_name_prefix="health")
        self._servers = SharedResult(self._check, within_s=within_s)
        self._metrics = SharedResult(self._generate, within_s=within_s)

    async def servers(self) -> Mapping[str, bool]:
        """Return whether Kafka and Elasticsearch answer; one that takes too long does not."""
        try:
            return await self._servers.get()
        except TimeoutError:
            return {"kafka": False, "elasticsearch": False}

    async def metrics(self) -> bytes:
        """Return the metrics in Prometheus' text format. Raises Transient."""
        try:
            return await self._metrics.get()
        except TimeoutError:
            raise Transient(
                "The metrics are not ready in time; try again.", "指标未能及时生成，请稍后重试。"
            ) from None

    async def close(self) -> None:
        """End the computations and their threads."""
        await self._servers.close()
        await self._metrics.close()
        self._threads.shutdown(wait=False, cancel_futures=True)

    async def _check(self) -> Mapping[str, bool]:
        loop = asyncio.get_running_loop()
        kafka, elasticsearch = await asyncio.gather(
            loop.run_in_executor(self._threads, self._broker_answers), self._elastic.healthy()
        )
        return {"kafka": kafka, "elasticsearch": elasticsearch}

    async def _generate(self) -> bytes:
        return await asyncio.get_running_loop().run_in_executor(self._threads, generate_latest)
