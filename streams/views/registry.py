"""Registries, such as that of the stations, whose ids and versions are read for every batch.

A registry is small, and a new entry must take effect at once. Only entries with a new version are
read and parsed again.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Generic, TypeVar

from roost.events.common import Model
from roost.topics import topic_of
from roost.views.elastic import Elastic, Json
from roost.views.remembered import Remembered
from streams.kernel.retry import retry_transient
from streams.views.id_pages import id_pages

E = TypeVar("E", bound=Model)
_NOT_ERASED: Json = {"bool": {"must_not": [{"term": {"erased": True}}]}}


class Registry(Generic[E]):
    """The current entries of one kind that have not been erased."""

    def __init__(self, elastic: Elastic, event: type[E]) -> None:
        self._elastic = elastic
        self._view = topic_of(event).name
        self._known = Remembered[E](
            elastic, self._view, ("fact",), lambda document: event.from_stored(document["fact"])
        )

    async def all(self) -> Sequence[E]:
        """Return all current entries; retry while Elasticsearch is away."""
        return await retry_transient(f"{self._view}.read", self._read)

    async def _read(self) -> tuple[E, ...]:
        versions = {
            hit.id: int(hit.source["version"])
            async for hits in id_pages(self._elastic, self._view, [_NOT_ERASED])
            for hit in hits
        }
        found = await self._known.at_least(versions)
        entries = (found[id].value for id in versions if id in found)
        return tuple(each for each in entries if each is not None)
