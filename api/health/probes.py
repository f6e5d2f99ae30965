"""Readiness and metrics: computed once for all callers at a time, in dedicated threads.

The threads are no part of the event loop's default pool, which other requests wait for.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Protocol

from prometheus_client import generate_latest

from api.ports.shared_result import WITHIN_S, SharedResult
from roost.errors import Transient


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
