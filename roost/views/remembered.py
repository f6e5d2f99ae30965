"""Cache of documents by version, so that an unchanged document is read and parsed once.

A document of an index never changes at a given version. So only versions are requested, which
Elasticsearch answers without opening documents, and a cached document of that version is current.
An index rebuilt with another model holds other vectors at the same versions. Callers that read
vectors therefore name the index, and the cache keeps documents of different indices apart.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Generic, TypeAlias, TypeVar

from roost.views.elastic import Elastic, Json

T = TypeVar("T")
CAPACITY = 20_000
"""Maximum number of cached documents of one view; the least recently used are evicted."""


@dataclass(frozen=True, slots=True)
class Versioned(Generic[T]):
    """Document at a version; `value` is None if the entity is erased."""

    version: int
    value: T | None


Kept: TypeAlias = dict[tuple[str, str], Versioned[T]]
"""Cached documents by index or view, and id; several caches with the same `parse` may share it."""


class Remembered(Generic[T]):
    """Cache of one view: documents parsed by `parse` from the requested `fields`."""

    def __init__(
        self,
        elastic: Elastic,
        view: str,
        fields: Sequence[str],
        parse: Callable[[Json], T],
        *,
        capacity: int = CAPACITY,
        kept: Kept[T] | None = None,
    ) -> None:
        self._elastic = elastic
        self._view = view
        self._fields = ("version", "erased", *fields)
        self._parse = parse
        self._capacity = capacity
        self._kept: Kept[T] = {} if kept is None else kept

    def fields_to_read(self, id: str) -> Sequence[str]:
        """Return the fields to read of a document of the view: none if it is cached."""
        return () if (self._view, id) in self._kept else self._fields

    def keep(self, id: str, document: Json) -> Versioned[T]:
        """Cache a document of the view, read with `fields_to_read`; return it, or a newer one."""
        kept = self._put((self._view, id), document)
        self._forget()
        return kept

    async def newest(self, ids: Iterable[str], index: str | None = None) -> dict[str, Versioned[T]]:
        """Return the current documents, searchable or not; absent ones left out.

        They come from `index`, or by default from the index behind the view. Of cached documents
        the versions are read, of others the documents, at the same time.
        """
        keys = [(index or self._view, id) for id in dict.fromkeys(ids)]
        cached = [key for key in keys if key in self._kept]
        versions, documents = await asyncio.gather(
            self._elastic.versions(cached),
            self._elastic.mget([key for key in keys if key not in self._kept], self._fields),
        )
        found = await self.at_least({id: version for (_, id), version in versions.items()}, index)
        for key, document in documents.items():
            found[key[1]] = self._put(key, document)
        self._forget()
        return found

    async def at_least(
        self, versions: Mapping[str, int], index: str | None = None
    ) -> dict[str, Versioned[T]]:
        """Return documents at the versions that a search returned, or at newer ones."""
        found, unknown = self._known(versions, index)
        asked = [(index or self._view, id) for id in unknown]
        for key, document in (await self._elastic.mget(asked, self._fields)).items():
            found[key[1]] = self._put(key, document)
        self._forget()
        return found

    def brought(
        self, documents: Mapping[str, Json], index: str | None = None
    ) -> dict[str, Versioned[T]]:
        """Return documents that a search has returned with `version` and the fields, parsed once.

        Cached documents are used where they are as new; no request is sent.
        """
        found, unknown = self._known(
            {id: document["version"] for id, document in documents.items()}, index
        )
        for id in unknown:
            found[id] = self._put((index or self._view, id), documents[id])
        self._forget()
        return found

    def _known(
        self, versions: Mapping[str, int], index: str | None
    ) -> tuple[dict[str, Versioned[T]], list[str]]:
        """Return the cached documents at these or newer versions, and the ids of the others."""
        found: dict[str, Versioned[T]] = {}
        unknown = []
        for id, version in versions.items():
            key = (index or self._view, id)
            known = self._kept.pop(key, None)
            if known is not None and known.version >= version:
                found[id] = self._kept[key] = known
            else:
                unknown.append(id)
        return found, unknown

    def _put(self, key: tuple[str, str], document: Json) -> Versioned[T]:
        """Cache a document and return it, or the cached one if that is newer.

        Reads overlap: one that began earlier may end later, with an older version.
        """
        read = self._read(document)
        known = self._kept.pop(key, None)
        kept = self._kept[key] = known if known and known.version > read.version else read
        return kept

    def _read(self, document: Json) -> Versioned[T]:
        value = None if document.get("erased") else self._parse(document)
        return Versioned(document["version"], value)

    def _forget(self) -> None:
        while len(self._kept) > self._capacity:
            del self._kept[next(iter(self._kept))]
