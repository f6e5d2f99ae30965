"""Sources, their states, entries and saved mappings, as the topics hold them (pure)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import TypeVar

import structlog

from producers.sources.run_times import due_at
from roost.errors import Invalid, NotFound
from roost.events.common import Model
from roost.events.envelope import decode
from roost.events.import_mapping import SavedMapping
from roost.events.source import Source, SourceEntry, SourceState
from roost.kafka.incoming import Incoming
from roost.topics import IMPORT_MAPPINGS, SOURCE_ENTRIES, SOURCE_RUNS, SOURCES

_log = structlog.get_logger(__name__)
E = TypeVar("E", bound=Model)
TOPICS = (SOURCES, SOURCE_RUNS, SOURCE_ENTRIES, IMPORT_MAPPINGS)


@dataclass(slots=True)
class KnownSources:
    """The newest facts of every source by id; entries by source and opening."""

    sources: dict[str, Source] = field(default_factory=dict)
    states: dict[str, SourceState] = field(default_factory=dict)
    entries: dict[str, dict[str, SourceEntry]] = field(default_factory=dict)
    mappings: dict[str, SavedMapping] = field(default_factory=dict)
    """Mappings that were saved in the console."""

    def take(self, incoming: Incoming) -> None:
        """Apply a record; one that this release cannot read is logged and left out."""
        key = (incoming.key or b"").decode("utf-8", "replace")
        try:
            if incoming.topic == SOURCES:
                _put(self.sources, key, _decoded(Source, incoming))
            elif incoming.topic == SOURCE_RUNS:
                _put(self.states, key, _decoded(SourceState, incoming))
            elif incoming.topic == IMPORT_MAPPINGS:
                _put(self.mappings, key, _decoded(SavedMapping, incoming))
            else:
                source, _, opening = key.partition(".")
                of_source = self.entries.setdefault(source, {})
                _put(of_source, opening, _decoded(SourceEntry, incoming))
        except Invalid:
            _log.error(
                "source_record_unreadable", topic=incoming.topic.name, offset=incoming.offset
            )

    def clear(self) -> None:
        """Forget everything, before the topics are read from their beginning again."""
        self.sources.clear()
        self.states.clear()
        self.entries.clear()
        self.mappings.clear()

    def saved_mapping(self, source: Source) -> SavedMapping | None:
        """Return the saved mapping that a source names, if it names one."""
        return None if source.mapping is None else self.mappings.get(source.mapping)

    def due(self, now: datetime) -> list[Source]:
        """Return the sources to be read now, the longest due first."""
        found = [(at, each.id, each) for each in self.sources.values() if (at := self._due(each))]
        return [each for at, _, each in sorted(found, key=lambda one: one[:2]) if at <= now]

    def next_due(self) -> datetime | None:
        """Return the time of the next run of any source; None if none is scheduled."""
        found = [at for each in self.sources.values() if (at := self._due(each)) is not None]
        return min(found, default=None)

    def removed(self) -> set[str]:
        """Return the sources that were removed and still have a state or entries."""
        kept = {*self.states, *(id for id, entries in self.entries.items() if entries)}
        return kept - self.sources.keys()

    def running(self) -> list[Source]:
        """Return the sources whose last run has not ended."""
        return [
            source
            for id, source in self.sources.items()
            if id in self.states and self.states[id].running_since is not None
        ]

    def listed_elsewhere(self, source_id: str) -> frozenset[str]:
        """Return the openings that other sources than this one list."""
        return frozenset(
            entry.opening_id
            for id, entries in self.entries.items()
            if id != source_id
            for entry in entries.values()
            if entry.listed
        )

    def named(self, name: str) -> Source:
        """Return the source with a name or an id. Raises NotFound, also for several of a name."""
        if name in self.sources:
            return self.sources[name]
        found = [each for each in self.sources.values() if each.name == name]
        if len(found) != 1:
            known = ", ".join(sorted(each.name for each in self.sources.values())) or "none"
            raise NotFound(
                f"There is no single source named {name!r}; the sources are: {known}.",
                f"没有唯一名为“{name}”的来源；现有来源：{known}。",
            )
        return found[0]

    def _due(self, source: Source) -> datetime | None:
        return due_at(source, self.states.get(source.id))


def known_from(records: Iterable[Incoming]) -> KnownSources:
    """Return the sources that some records describe."""
    known = KnownSources()
    for each in records:
        known.take(each)
    return known


def _decoded(event: type[E], incoming: Incoming) -> E | None:
    return None if incoming.value is None else decode(event, incoming.value)


def _put(table: dict[str, E], key: str, value: E | None) -> None:
    if value is None:
        table.pop(key, None)
    else:
        table[key] = value
