"""Import of a source's pages: which advertisements they hold, and what becomes of them.

Rows go through the importer as those of a file do. An advertisement counts as present although its
row is rejected, as long as its reference can be read. One that the source withdrew, and lists
again, is reopened unless somebody has changed it in between.

An entry is acknowledged before its opening is published, closed or reopened: a run that is killed
in between leaves no opening that the source does not know as its own.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, field
from datetime import datetime, tzinfo
from pathlib import Path
from typing import Any

import orjson

from producers import source_facts
from producers.ends_search import FindEnds
from producers.facts import readable_opening
from producers.importing.file_places import PlaceEvidence
from producers.importing.import_kinds import KINDS, StoredFact
from producers.importing.importer import HoldStored, Importer, Stored
from producers.importing.verdicts import RowOutcome, Summary, Verdict
from producers.mappings.mapping_model import Mapping as MappingFile
from producers.mappings.resolved_mapping import ResolvedMapping
from producers.mappings.row_cells import ColumnFault, RowCells
from producers.sources.run_faults import RunFailed, too_many_listed
from producers.sources.withdrawals import Listing
from producers.tables.table_model import ImportRow
from roost.events.envelope import Record, content_id, keep_unknown_fields, record
from roost.events.opening import Opening, OpeningStatus
from roost.events.source import KEPT_PROBLEMS, RemovalRule, RowProblem, RunFault, SourceEntry
from roost.kafka.ports import BlockingProducer
from roost.text.references import common_reference
from roost.time.clock import Clock

OPENINGS = KINDS["openings"]
CHUNK = 500
MOST_LISTED = 50_000
"""Most advertisements of one source: a feed with new references at each run would have no end."""
LONGEST_FAULT = 300
Entries = Mapping[str, SourceEntry]
"""Entries of one source by opening."""


@dataclass(frozen=True, slots=True)
class ImportPorts:
    """Ports of an import: clock, time zone, Kafka, the stored facts and matches in progress."""

    clock: Clock
    zone: tzinfo
    publisher: BlockingProducer
    hold_stored: HoldStored
    find_ends: FindEnds


@dataclass(slots=True)
class FoundAdvertisements:
    """Advertisements that were found in the pages of a run so far."""

    accepted: set[str] = field(default_factory=set)
    """Openings of the accepted rows of the last page."""
    present: set[str] = field(default_factory=set)
    """Openings that are listed, whether their rows are accepted or not."""
    unidentified: int = 0
    removed: set[str] = field(default_factory=set)
    """References that the last page of a source of changes marks as withdrawn."""
    facts: dict[str, dict[str, Any]] = field(default_factory=dict)
    """Facts that the last page of a source of changes published, by opening: views lag behind."""
    reopened: set[str] = field(default_factory=set)
    ended_matches: int = 0
    """Matches in progress that ended with the closed openings."""
    problems: list[RowProblem] = field(default_factory=list)
    read: int = 0
    published: int = 0
    unchanged: int = 0
    rejected: int = 0

    @property
    def listing(self) -> Listing:
        """The advertisements as a listing."""
        return Listing(self.present, self.unidentified)


class ListingImport:
    """Import of the pages of one run."""

    def __init__(
        self,
        source_id: str,
        mapping: MappingFile,
        removal: RemovalRule | None,
        entries: Entries,
        ports: ImportPorts,
        elsewhere: Set[str] = frozenset(),
        near: str | None = None,
    ) -> None:
        self.found = FoundAdvertisements()
        self._source_id = source_id
        self._mapping = mapping
        self._removal = removal
        self.entries = dict(entries)
        self._ports = ports
        self._elsewhere = elsewhere
        """Openings that other sources list."""
        self._places = PlaceEvidence((near,) if near else ())
        """Evidence on ambiguous names of places, besides the rows of a page."""
        self._by_reference: dict[str, list[str]] = {}
        self._references: deque[str] = deque()
        """References of the rows whose outcome is not reported yet, in order."""
        for each in entries.values():
            self._refer(each)

    def take(self, path: Path) -> None:
        """Import a page, and enter its accepted advertisements.

        Raises Invalid if it cannot be read, and Transient.
        """
        self.found.accepted.clear()
        self.found.removed.clear()
        self.found.facts.clear()
        importer = Importer(
            OPENINGS,
            self._mapping,
            self._ports.clock,
            self._ports.zone,
            self._ports.publisher,
            self._ports.hold_stored,
            complete=self._completed,
            prepare=self._enter_accepted,
            keep_row=self._is_kept,
            places=self._places,
        )
        summary: Summary = importer.run(path, self._note)
        self.found.read += summary.read
        self.found.published += summary.published
        self.found.unchanged += summary.unchanged
        self.found.rejected += summary.rejected
        self._settle_accepted()

    def removed_openings(self) -> set[str]:
        """Return the openings that the last page marks as withdrawn."""
        return {id for each in self.found.removed for id in self._by_reference.get(each, ())}

    def check_readable(self) -> None:
        """Raise RunFailed if no row of the pages so far could be identified."""
        found = self.found
        if found.read and found.unidentified == found.read:
            raise RunFailed(
                RunFault.UNREADABLE,
                f"None of the {found.read} rows names a reference; check the mapping.",
                f"{found.read} 行中均没有可识别的编号，请检查映射。",
            )

    def _enter_accepted(self, outcomes: Sequence[RowOutcome]) -> None:
        """Enter the accepted advertisements of some rows that are not listed yet.

        Raises RunFailed before any of them is published if the source then lists too many.
        """
        now = self._ports.clock.now()
        fresh: dict[str, SourceEntry] = {}
        for reference, outcome in zip(self._references, outcomes, strict=True):
            entry = self.entries.get(outcome.id)
            if _is_accepted(outcome) and (entry is None or not entry.listed):
                listed = self._listed(outcome.id, reference, entry, now)
                fresh.setdefault(outcome.id, listed)
        known = sum(each.listed for each in self.entries.values()) if fresh else 0
        if known + len(fresh) > MOST_LISTED:
            raise too_many_listed(MOST_LISTED)
        self._enter(list(fresh.values()), now)

    def _listed(
        self, id: str, reference: str, entry: SourceEntry | None, at: datetime
    ) -> SourceEntry:
        """Return the entry of a listed opening; it keeps the hash until the opening is reopened."""
        return SourceEntry(
            source_id=self._source_id,
            opening_id=id,
            reference=reference[:300],
            listed=True,
            since=at,
            closed=entry.closed if entry is not None else None,
        )

    def _settle_accepted(self) -> None:
        """Enter that the accepted advertisements of a page are no longer closed by this source."""
        entries = [self.entries[id] for id in sorted(self.found.accepted)]
        settled = [
            each.model_copy(update={"closed": None}) for each in entries if each.closed is not None
        ]
        self._enter(settled, self._ports.clock.now())

    def _enter(self, entries: Sequence[SourceEntry], at: datetime) -> None:
        """Publish entries, which replace those of their openings."""
        records = [source_facts.entry_record(each, at=at) for each in entries]
        self._ports.publisher.publish(records)
        for each in entries:
            self.entries[each.opening_id] = each
            self._refer(each)

    def _refer(self, entry: SourceEntry) -> None:
        known = self._by_reference.setdefault(entry.reference, [])
        if entry.reference and entry.opening_id not in known:
            known.append(entry.opening_id)

    def close_withdrawn(self, openings: Sequence[str]) -> int:
        """Close the withdrawn openings that are open or paused; return their number.

        One that another source lists stays open. Each gets an entry that names the state in which
        it was closed. Raises Transient.
        """
        return sum(map(self._close, _chunks(openings)))

    def count_ends(self, openings: Sequence[str]) -> int:
        """Return the number of matches in progress that end if openings are closed.

        Raises Transient.
        """
        number, now = 0, self._ports.clock.now()
        for chunk in _chunks(openings):
            with self._ports.hold_stored(OPENINGS.view, chunk) as stored:
                newest = self._newest(chunk, stored)
            number += self._ends_of(newest, _closing_records(newest, now), now)
        return number

    def _newest(self, openings: Sequence[str], stored: Stored) -> dict[str, StoredFact]:
        """Return the newest facts of the openings that no other source lists."""
        return {
            id: self.found.facts.get(id) or stored.get(id)
            for id in openings
            if id not in self._elsewhere
        }

    def _ends_of(
        self, newest: Mapping[str, StoredFact], closing: Mapping[str, Record], at: datetime
    ) -> int:
        """Return the number of matches in progress that records end."""
        changes = {
            id: (dict(fact), orjson.loads(each.value))
            for id, each in closing.items()
            if (fact := newest[id]) is not None and each.value is not None
        }
        if not changes:
            return 0
        today = at.astimezone(self._ports.zone).date()
        return sum(self._ports.find_ends(OPENINGS.view, changes, today).values())

    def _close(self, openings: Sequence[str]) -> int:
        now = self._ports.clock.now()
        with self._ports.hold_stored(OPENINGS.view, openings) as stored:
            newest = self._newest(openings, stored)
            records = _closing_records(newest, now)
            ended = self._ends_of(newest, records, now)
            withdrawn = {
                id: self._withdrawn(id, newest.get(id), records.get(id), now) for id in openings
            }
            ahead = [withdrawn[id].model_copy(update={"listed": True}) for id in records]
            self._enter(ahead, now)
            self._ports.publisher.publish(list(records.values()))
            self._enter(list(withdrawn.values()), now)
        self.found.ended_matches += ended
        return len(records)

    def _withdrawn(
        self, id: str, stored: StoredFact, closing: Record | None, at: datetime
    ) -> SourceEntry:
        """Return the entry of a withdrawn opening, with the record that closes it, if any.

        The hash of one that a killed run has closed is kept.
        """
        entry = self.entries[id]
        closed = entry.closed if _is_as_closed(stored, entry) else None
        if closing is not None and closing.value is not None:
            closed = fact_digest(orjson.loads(closing.value))
        return entry.model_copy(update={"listed": False, "since": at, "closed": closed})

    def _is_kept(self, row: ImportRow, resolved: ResolvedMapping) -> bool:
        """Note the reference of a row; return whether it is an advertisement to import."""
        reference = stated_reference(row, resolved)
        if self._removal is not None and _is_removed(row, resolved, self._removal):
            self.found.removed.add(reference)
            return False
        self.found.removed.discard(reference)  # a later row says that it is listed
        self._references.append(reference)
        return True

    def _note(self, outcome: RowOutcome) -> None:
        reference = self._references.popleft()
        if outcome.id:
            self.found.present.add(outcome.id)
            if _is_accepted(outcome):
                self.found.accepted.add(outcome.id)
            if self._removal is not None and (fact := outcome.event()) is not None:
                self.found.facts[outcome.id] = fact
        elif reference:
            self.found.present.update(self._by_reference.get(reference, ()))
        else:
            self.found.unidentified += 1
        if outcome.verdict is Verdict.REJECTED and len(self.found.problems) < KEPT_PROBLEMS:
            self.found.problems.append(row_problem(outcome))

    def _completed(self, stored: StoredFact, fact: Any, made: Record, at: datetime) -> Record:
        """Return the record of a row; one that reopens an advertisement that has come back."""
        entry = self.entries.get(fact.id)
        if entry is None or not _is_as_closed(stored, entry):
            return made
        assert isinstance(fact, Opening)
        self.found.reopened.add(fact.id)
        opened = fact.model_copy(update={"status": OpeningStatus.OPEN})
        return record(opened, opened.id, source=source_facts.RUNNER, at=at)


def _chunks(openings: Sequence[str]) -> Iterator[Sequence[str]]:
    return (openings[at : at + CHUNK] for at in range(0, len(openings), CHUNK))


def _closing_records(newest: Mapping[str, StoredFact], at: datetime) -> dict[str, Record]:
    """Return the records that close openings, by id, for those that are open or paused."""
    closing = {id: closing_record(fact, at) for id, fact in newest.items()}
    return {id: each for id, each in closing.items() if each is not None}


def stated_reference(row: ImportRow, resolved: ResolvedMapping) -> str:
    """Return a row's reference in its common spelling, whatever else is wrong; empty without."""
    rule = next((each for each in resolved.rules if each.field == "identifier"), None)
    if rule is None or not rule.columns:
        return ""
    try:
        return common_reference(RowCells(row.values, resolved).text(rule.columns[0])[1])
    except ColumnFault:
        return ""


def _is_accepted(outcome: RowOutcome) -> bool:
    return bool(outcome.id) and outcome.verdict is not Verdict.REJECTED


def _is_as_closed(stored: StoredFact, entry: SourceEntry) -> bool:
    """Return whether an opening is as the source closed it."""
    if stored is None or entry.closed is None:
        return False
    return fact_digest(stored) == entry.closed


def _is_removed(row: ImportRow, resolved: ResolvedMapping, rule: RemovalRule) -> bool:
    value = resolved.value_of(row.values, rule.field)
    if isinstance(value, bool):
        value = str(value).lower()
    return value is not None and str(value).strip() in rule.values


def row_problem(outcome: RowOutcome) -> RowProblem:
    """Return the faults of a rejected row, without its values."""
    return RowProblem(row=outcome.row.line, problems=outcome.problems(LONGEST_FAULT))


def fact_digest(fact: Mapping[str, Any]) -> str:
    """Return the hash of a stored fact, whatever the order of its fields."""
    return content_id("", "", orjson.dumps(dict(fact), option=orjson.OPT_SORT_KEYS))


def closing_record(stored: StoredFact, at: datetime) -> Record | None:
    """Return the record that closes an opening; None if it is absent or takes nobody any more."""
    opening = readable_opening(stored)
    if opening is None or opening.status not in {OpeningStatus.OPEN, OpeningStatus.PAUSED}:
        return None
    closed = opening.model_copy(update={"status": OpeningStatus.CLOSED})
    made = record(closed, closed.id, source=source_facts.RUNNER, at=at)
    return keep_unknown_fields(made, stored)
