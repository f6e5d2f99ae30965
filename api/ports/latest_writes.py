"""Facts published by this process that the views may not show yet, and a lock per entity.

The values of the newest `REMEMBERED` facts are kept, and the versions of many more: a bulk import
publishes faster than the views follow. A write to an entity whose value is forgotten, and which no
view shows yet, is refused as transient, so that it never builds on an older fact.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import AsyncIterator, Iterable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from typing import Any
from weakref import WeakValueDictionary

import orjson

from roost.errors import Transient
from roost.events.envelope import Record
from roost.kafka.ports import Position
from roost.views.elastic import Json
from roost.views.stored_facts import fact_in

REMEMBERED = 5_000
"""Number of facts whose values are kept."""
VERSIONS = 100_000
"""Number of facts whose versions are kept, some 30 MB; more than a view lags behind."""


@dataclass(frozen=True, slots=True)
class CurrentFact:
    """Current fact and its version; `fact` is None if the entity is erased or never existed."""

    fact: dict[str, Any] | None
    version: int


class LatestWrites:
    """Newest facts published by this process, and locks for its writers."""

    def __init__(self) -> None:
        self._newest: OrderedDict[tuple[str, str], bytes | None] = OrderedDict()
        self._versions: OrderedDict[tuple[str, str], int] = OrderedDict()
        self._locks: WeakValueDictionary[tuple[str, str], asyncio.Lock] = WeakValueDictionary()

    def note(self, record: Record, position: Position) -> None:
        """Remember a record that this process has published."""
        key = (record.topic.name, record.key)
        if self._versions.get(key, 0) > position.version:
            return
        for table in (self._versions, self._newest):
            table.pop(key, None)
        self._versions[key], self._newest[key] = position.version, record.value
        while len(self._newest) > REMEMBERED:
            self._newest.popitem(last=False)
        while len(self._versions) > VERSIONS:
            self._versions.popitem(last=False)

    def version(self, view: str, id: str) -> int:
        """Return the newest version that this process has published; 0 if it knows none."""
        return self._versions.get((view, id), 0)

    def is_erased(self, view: str, id: str) -> bool:
        """Return whether the newest write of this process to an entity erased it."""
        key = (view, id)
        return key in self._newest and self._newest[key] is None

    def over(self, view: str, id: str, document: Json | None) -> CurrentFact:
        """Return the newer of the view's document and this process's own write.

        Raises Transient if the write is newer and its value is no longer kept.
        """
        key = (view, id)
        known = self._versions.get(key, 0)
        if known > (document["version"] if document is not None else 0):
            if key not in self._newest:
                raise _not_readable_yet()
            value = self._newest[key]
            return CurrentFact(orjson.loads(value) if value is not None else None, known)
        if document is None:
            return CurrentFact(None, 0)
        return CurrentFact(fact_in(document), document["version"])

    @asynccontextmanager
    async def alone(self, view: str, id: str) -> AsyncIterator[None]:
        """Hold the entity's lock: one writer at a time in this process."""
        key = (view, id)
        lock = self._locks.get(key)
        if lock is None:
            lock = self._locks[key] = asyncio.Lock()
        async with lock:
            yield

    @asynccontextmanager
    async def all_alone(self, view: str, ids: Iterable[str]) -> AsyncIterator[None]:
        """Hold the locks of several entities, taken in the order of their ids: no deadlock."""
        async with AsyncExitStack() as held:
            for id in sorted(set(ids)):
                await held.enter_async_context(self.alone(view, id))
            yield


def _not_readable_yet() -> Transient:
    return Transient(
        "This entry was written a moment ago and is not readable yet; try again.",
        "该条目刚刚写入，暂时无法读取，请稍后重试。",
    )
