"""Stored facts of an import's rows, locked while the import writes them.

The import runs in a thread. Every lock and note runs on the event loop, in order, so that an import
and other writers of this process never write one entity at once, and each sees the other's record.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Coroutine, Iterator, Sequence
from contextlib import AsyncExitStack, contextmanager
from typing import Any, TypeVar

from api.ports.latest_writes import LatestWrites
from producers.importing.import_turn import POLL_S, READABLE_WITHIN_S
from producers.importing.importer import Stored
from roost.errors import Transient
from roost.events.envelope import Record
from roost.kafka.ports import BlockingProducer, Position
from roost.views.elastic import Elastic
from roost.views.stored_facts import STORED_FIELDS

T = TypeVar("T")


class ExclusiveWrites:
    """Reader and publisher of an import's thread; `loop` is the event loop of the API."""

    def __init__(
        self,
        loop: asyncio.AbstractEventLoop,
        elastic: Elastic,
        latest: LatestWrites,
        publisher: BlockingProducer,
        stopping: threading.Event,
    ) -> None:
        self._loop = loop
        self._elastic = elastic
        self._latest = latest
        self._publisher = publisher
        self._stopping = stopping

    def await_on_loop(self, coroutine: Coroutine[Any, Any, T]) -> T:
        """Run a coroutine on the event loop; return its result to this thread."""
        return asyncio.run_coroutine_threadsafe(coroutine, self._loop).result()

    @contextmanager
    def hold_stored(self, view: str, ids: Sequence[str]) -> Iterator[Stored]:
        """Lock the entities and read their newest facts. Raises Transient."""
        locks = AsyncExitStack()
        self.await_on_loop(self._lock(locks, view, ids))
        try:
            yield self.await_on_loop(self._stored(view, ids))
        finally:
            self.await_on_loop(locks.aclose())

    def publish(self, records: Sequence[Record]) -> list[Position]:
        """Publish records, and note them for the other writers before the locks are released."""
        positions = self._publisher.publish(records)
        self.await_on_loop(self._note(records, positions))
        return positions

    async def _lock(self, locks: AsyncExitStack, view: str, ids: Sequence[str]) -> None:
        await locks.enter_async_context(self._latest.all_alone(view, ids))

    async def _stored(self, view: str, ids: Sequence[str]) -> Stored:
        """Return the stored facts, or newer ones that this process has published.

        Facts that are newer than the views and no longer in memory are awaited.
        """
        deadline = self._loop.time() + READABLE_WITHIN_S
        while True:
            try:
                return await self._readable(view, ids)
            except Transient:
                if self._stopping.is_set() or self._loop.time() > deadline:
                    raise
                await asyncio.sleep(POLL_S)

    async def _readable(self, view: str, ids: Sequence[str]) -> Stored:
        """Return the stored facts. Raises Transient if one cannot be read yet."""
        found = await self._elastic.mget([(view, id) for id in ids], STORED_FIELDS)
        current = {id: self._latest.over(view, id, found.get((view, id))) for id in ids}
        return {id: each.fact for id, each in current.items() if each.fact is not None}

    async def _note(self, records: Sequence[Record], positions: Sequence[Position]) -> None:
        for record, position in zip(records, positions, strict=True):
            self._latest.note(record, position)
