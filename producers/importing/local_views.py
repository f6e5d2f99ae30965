"""Views that imports without accounts read: one connection and one event loop for a whole file."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection, Coroutine, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date, datetime
from types import TracebackType
from typing import Any, Self, TypeVar

from producers.employers_search import KnownEmployer, find_employers
from producers.ends_search import Changes, ends_of_rows, read_everybody
from producers.importing.importer import Stored
from producers.people_search import FoundPeople, WantedPerson, find_people
from producers.suppressions import SUPPRESSION_FIELDS, suppressed_among
from roost.errors import Transient
from roost.servers.connections import node_of
from roost.settings import Settings
from roost.topics import PROFILES, SUPPRESSIONS
from roost.views.elastic import Elastic, Json
from roost.views.stored_facts import STORED_FIELDS, fact_in

T = TypeVar("T")


class LocalViews:
    """Stored facts, suppressions and people; a dry run does without them once they are away.

    One thread reads at a time.
    """

    def __init__(self, settings: Settings, *, dry_run: bool) -> None:
        self._settings = settings
        self._dry_run = dry_run
        self._away = False
        self._runner = asyncio.Runner()
        self._elastic: Elastic | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Close the connection, unless a thread that was left behind still uses it."""
        if self._elastic is None or self._runner.get_loop().is_running():
            return
        self._runner.run(self._elastic.close())
        self._runner.close()

    @contextmanager
    def hold_stored(self, view: str, ids: Sequence[str]) -> Iterator[Stored]:
        """Read the stored facts; access to Kafka is trusted, so that nothing is locked."""
        yield self._read(lambda elastic: _facts(elastic, view, ids), {})

    def find_versions(self, keys: Sequence[tuple[str, str]]) -> Mapping[tuple[str, str], Json]:
        """Return the documents of some entities with nothing but their versions."""
        return self._read(lambda elastic: elastic.mget(keys, ("version",)), {})

    def find_suppressed(self, view: str, ids: Sequence[str]) -> Collection[str]:
        """Return those of the ids that belong to erased people."""
        return self._read(lambda elastic: _erased_people(elastic, ids), ())

    def find_people(self, wanted: Sequence[WantedPerson]) -> Mapping[str, FoundPeople]:
        """Return stored people who may be the wanted new ones; the command line sees everybody."""
        return self._read(lambda elastic: _people_like(elastic, wanted), {})

    def find_ends(self, view: str, changes: Changes, today: date) -> Mapping[str, int]:
        """Return the numbers of matches in progress that changes end, by id."""
        return self._read(
            lambda elastic: ends_of_rows(elastic, view, changes, today, read_everybody), {}
        )

    def find_employers(
        self, names: Collection[str], before: datetime
    ) -> Mapping[str, Sequence[KnownEmployer]]:
        """Return the employers of some names; the command line sees all."""
        return self._read(lambda elastic: find_employers(elastic, names, [], before=before), {})

    def _read(self, reading: Callable[[Elastic], Coroutine[Any, Any, T]], otherwise: T) -> T:
        """Read from Elasticsearch. Raises Transient if it is away, except in a dry run."""
        if self._away:
            return otherwise
        try:
            return self._runner.run(self._with_elastic(reading))
        except Transient:
            if not self._dry_run:
                raise
            self._away = True
            return otherwise

    async def _with_elastic(self, reading: Callable[[Elastic], Coroutine[Any, Any, T]]) -> T:
        if self._elastic is None:  # the client belongs to the running loop
            self._elastic = Elastic(node_of(self._settings))
        return await reading(self._elastic)


async def _people_like(
    elastic: Elastic, wanted: Sequence[WantedPerson]
) -> Mapping[str, FoundPeople]:
    found = await elastic.mget([(PROFILES.name, each.id) for each in wanted], ("erased",))
    stored = {id for (_, id), document in found.items() if not document.get("erased")}
    new = [each for each in wanted if each.id not in stored]
    return await find_people(elastic, new, []) if new else {}


async def _facts(elastic: Elastic, view: str, ids: Sequence[str]) -> Stored:
    found = await elastic.mget([(view, id) for id in ids], STORED_FIELDS)
    facts = {id: fact_in(document) for (_, id), document in found.items()}
    return {id: fact for id, fact in facts.items() if fact is not None}


async def _erased_people(elastic: Elastic, ids: Sequence[str]) -> Collection[str]:
    keys = [(topic.name, id) for id in ids for topic in (PROFILES, SUPPRESSIONS)]
    return suppressed_among(ids, await elastic.mget(keys, SUPPRESSION_FIELDS))
