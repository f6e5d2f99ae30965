"""Facts published by this process that the views may not show yet, and a lock per entity."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any
from weakref import WeakValueDictionary

import orjson

from roost.events.envelope import Record
from roost.kafka.ports import Position
from roost.views.elastic import Json

REMEMBERED = 5_000
"""Number of facts remembered; far more than this process publishes while a view lags."""


@dataclass(frozen=True, slots=True)
class CurrentFact:
    """Current fact and its version; `fact` is None if the entity is erased or never existed."""

    fact: dict[str, Any] | None
    version: int


class LatestWrites:
    """Newest facts published by this process, and locks for its writers."""

    def __init__(self) -> None:
        self._newest: OrderedDict[tuple[str, str], tuple[int, bytes | None]] = OrderedDict()
        self._locks: WeakValueDictionary[tuple[str, str], asyncio.Lock] = WeakValueDictionary()

    def note(self, record: Record, position: Position) -> None:
        """Remember a record that this process has published."""
        key = (record.topic.name, record.key)
        known = self._newest.pop(key, None)
        if known is not None and known[0] > position.version:
            self._newest[key] = known
            return
        self._newest[key] = (position.version, record.value)
        while len(self._newest) > REMEMBERED:
            self._newest.popitem(last=False)

    def over(self, view: str, id: str, document: Json | None) -> CurrentFact:
        """Return the newer of the view's document and this process's own write."""
        known = self._newest.get((view, id))
        if known is not None and (document is None or known[0] > document["version"]):
            return CurrentFact(orjson.loads(known[1]) if known[1] is not None else None, known[0])
        if document is None:
            return CurrentFact(None, 0)
        return CurrentFact(
            None if document.get("erased") else document["fact"], document["version"]
        )

    @asynccontextmanager
    async def alone(self, view: str, id: str) -> AsyncIterator[None]:
        """Hold the entity's lock: one writer at a time in this process."""
        key = (view, id)
        lock = self._locks.get(key)
        if lock is None:
            lock = self._locks[key] = asyncio.Lock()
        async with lock:
            yield
