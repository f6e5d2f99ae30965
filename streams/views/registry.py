"""Registries, such as that of the stations, read completely from their view for every batch.

A registry is small, and a new entry must take effect at once. Only entries with a new version are
parsed again.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Generic, TypeVar

from roost.events.common import Model
from roost.topics import topic_of
from roost.views.elastic import Elastic
from streams.kernel.retry import retry_transient

E = TypeVar("E", bound=Model)


class Registry(Generic[E]):
    """The current entries of one kind that have not been erased."""

    def __init__(self, elastic: Elastic, event: type[E]) -> None:
        self._elastic = elastic
        self._event = event
        self._view = topic_of(event).name
        self._parsed: dict[tuple[str, int], E] = {}

    async def all(self) -> Sequence[E]:
        """Return all current entries; retry while Elasticsearch is away."""
        return await retry_transient(f"{self._view}.read", self._read)

    async def _read(self) -> tuple[E, ...]:
        parsed = {}
        async for id, version, document in self._elastic.scan(self._view):
            if not document.get("erased"):
                known = self._parsed.get((id, version))
                parsed[id, version] = known or self._event.from_stored(document["fact"])
        self._parsed = parsed
        return tuple(parsed.values())
