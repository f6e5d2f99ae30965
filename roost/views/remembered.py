"""Documents kept by version, so that what has not changed is read and parsed once.

A document of an index at a version never changes. So only the versions are asked for, which costs
Elasticsearch no reading, and what is remembered at that version is as good as what it holds. An
index that is made anew with another model holds other vectors at the same versions: so whoever
cares names the index, and what is remembered of one is never taken for another's.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from roost.views.elastic import Elastic, Json

T = TypeVar("T")
CAPACITY = 20_000
"""Documents remembered of one view; those unused for longest go first."""


@dataclass(frozen=True, slots=True)
class Versioned(Generic[T]):
    """A document at a version; `value` is None when what it stood for is erased."""

    version: int
    value: T | None


class Remembered(Generic[T]):
    """The documents of one view, as `parse` makes them of the `fields` asked for."""

    def __init__(
        self,
        elastic: Elastic,
        view: str,
        fields: Sequence[str],
        parse: Callable[[Json], T],
        *,
        capacity: int = CAPACITY,
    ) -> None:
        self._elastic = elastic
        self._view = view
        self._fields = ("version", "erased", *fields)
        self._parse = parse
        self._capacity = capacity
        self._kept: dict[tuple[str, str], Versioned[T]] = {}

    async def newest(self, ids: Iterable[str], index: str | None = None) -> dict[str, Versioned[T]]:
        """Documents as they are now, searchable or not; absent ones left out.

        Of `index`, else of whichever stands behind the view.
        """
        keys = [(index or self._view, id) for id in dict.fromkeys(ids)]
        versions = await self._elastic.versions(keys)
        return await self.at_least({id: version for (_, id), version in versions.items()}, index)

    async def at_least(
        self, versions: Mapping[str, int], index: str | None = None
    ) -> dict[str, Versioned[T]]:
        """Documents at the versions that a search has told, or at newer ones."""
        found, unknown = self._known(versions, index)
        asked = [(index or self._view, id) for id in unknown]
        for key, document in (await self._elastic.mget(asked, self._fields)).items():
            found[key[1]] = self._kept[key] = self._read(document)
        self._forget()
        return found

    def brought(
        self, documents: Mapping[str, Json], index: str | None = None
    ) -> dict[str, Versioned[T]]:
        """Documents that came with a search, by id, with their version and the fields asked for:
        as they are remembered, or as they came; none has to be asked for.
        """
        found, unknown = self._known(
            {id: document["version"] for id, document in documents.items()}, index
        )
        for id in unknown:
            found[id] = self._kept[index or self._view, id] = self._read(documents[id])
        self._forget()
        return found

    def _known(
        self, versions: Mapping[str, int], index: str | None
    ) -> tuple[dict[str, Versioned[T]], list[str]]:
        """(what is remembered at these versions or newer ones, the ids of the others)."""
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

    def _read(self, document: Json) -> Versioned[T]:
        value = None if document.get("erased") else self._parse(document)
        return Versioned(document["version"], value)

    def _forget(self) -> None:
        while len(self._kept) > self._capacity:
            del self._kept[next(iter(self._kept))]
