"""Documents kept by version, so that what has not changed is read and parsed once.

A document at a version never changes. So only the versions are asked for, which costs
Elasticsearch no reading, and what is remembered at that version is as good as what it holds.
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
        self._kept: dict[str, Versioned[T]] = {}

    async def newest(self, ids: Iterable[str]) -> dict[str, Versioned[T]]:
        """Documents as they are now, searchable or not; absent ones left out."""
        keys = [(self._view, id) for id in dict.fromkeys(ids)]
        versions = await self._elastic.versions(keys)
        return await self.at_least({id: version for (_, id), version in versions.items()})

    async def at_least(self, versions: Mapping[str, int]) -> dict[str, Versioned[T]]:
        """Documents at the versions that a search has told, or at newer ones."""
        found: dict[str, Versioned[T]] = {}
        unknown = []
        for id, version in versions.items():
            known = self._kept.pop(id, None)
            if known is not None and known.version >= version:
                found[id] = self._kept[id] = known
            else:
                unknown.append((self._view, id))
        for (_, id), document in (await self._elastic.mget(unknown, self._fields)).items():
            value = None if document.get("erased") else self._parse(document)
            found[id] = self._kept[id] = Versioned(document["version"], value)
        while len(self._kept) > self._capacity:
            del self._kept[next(iter(self._kept))]
        return found
