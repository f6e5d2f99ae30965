"""Import of a file: read, map, check, compare with the views, publish.

Every rejected row is reported with its line and the reasons. A row of a stored entity is an edit:
the entity keeps its status, its source and its time of creation. A row that changes nothing is not
published, so importing the same file twice changes nothing.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import date, datetime, tzinfo
from itertools import islice
from pathlib import Path
from typing import IO, Any

from pydantic import BaseModel, ValidationError

from producers import facts, rosters
from producers.reading import ImportRow, read_rows
from producers.rejected_rows import worker_of
from producers.suppressions import suppressed
from roost import ids
from roost.errors import FieldError, RoostError
from roost.events.envelope import Record, content_id, invalid, is_unchanged, keep_unknown_fields
from roost.events.opening import Opening, OpeningContent
from roost.events.profile import Profile, ProfileContent
from roost.events.station import Station, StationContent
from roost.kafka.ports import BlockingProducer
from roost.rules.profile_fields import Writer, decide_fields
from roost.time.clock import Clock, day_of

CHUNK = 500


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of entity that can be imported: its view, its content, and how it becomes a record."""

    view: str
    content: type[BaseModel]
    id_of: Callable[[Any, str], str]
    """From content and source to the id. Raises Invalid."""
    put: Callable[[Any, When, str, StoredFact], tuple[Any, Record]]
    """From content, time, source and the stored fact to the fact and its record."""


@dataclass(frozen=True, slots=True)
class When:
    """Time of an import, and its day in the county."""

    at: datetime
    today: date


StoredFact = Mapping[str, Any] | None
"""Fact of an entity as it is stored; None for a new entity."""


def _opening(
    content: OpeningContent, when: When, source: str, stored: StoredFact
) -> tuple[Opening, Record]:
    """Edit a stored opening, or post a new one.

    The checks that follow refuse an opening of a form that this release cannot read.
    """
    before = facts.readable_opening(stored)
    return facts.opening_posted(content, at=when.at, today=when.today, source=source, stored=before)


def _profile(
    content: ProfileContent, when: When, source: str, stored: StoredFact
) -> tuple[Profile, Record]:
    if stored is None:
        return facts.profile_put(content, at=when.at, source=source, writer=Writer.ROSTER)
    before = facts.readable_profile(stored)
    edited = decide_fields(Writer.ROSTER, content, before).content
    return facts.profile_put(edited, at=when.at, stored=before, writer=Writer.ROSTER)


def _station(
    content: StationContent, when: When, source: str, stored: StoredFact
) -> tuple[Station, Record]:
    return facts.station_put(content, at=when.at, source=source)


def _station_id(content: StationContent, source: str) -> str:
    return ids.station_id(content.identifier)


KINDS = {
    "openings": Kind("openings", OpeningContent, facts.opening_id_of, _opening),
    "profiles": Kind("profiles", ProfileContent, facts.worker_id_of, _profile),
    "stations": Kind("stations", StationContent, _station_id, _station),
}


Reject = Callable[[ImportRow, RoostError], None]
"""Called with every rejected row and the error."""


Stored = Mapping[str, Mapping[str, Any]]
"""Stored facts by id; an entity that does not exist or is erased is missing."""
HoldStored = Callable[[str, Sequence[str]], AbstractContextManager[Stored]]
"""Reads the stored facts of a view, by id; no other writer changes them until the context ends."""
Authorise = Callable[[StoredFact, Any], None]
"""Raises unless the importer may replace a stored fact (None: a new one) with this fact."""


FindSuppressed = Callable[[str, Sequence[str]], Collection[str]]
"""Returns those of the ids that belong to erased people, who return only with new consent."""


def nobody_suppressed(view: str, ids: Sequence[str]) -> Collection[str]:
    """Return no id: openings and stations are no people."""
    return ()


Complete = Callable[[StoredFact, Any, Record, datetime], Record]
"""Returns the record to publish for a row; raises if the importer has too many entities."""


def keep_record(stored: StoredFact, fact: Any, record: Record, at: datetime) -> Record:
    """Return the row's own record."""
    return record


def permit_everything(stored: StoredFact, fact: Any) -> None:
    """Permit every row: the command line has no accounts."""


@dataclass(slots=True)
class Summary:
    """Counts of rows by outcome; `versions` are the newest published versions by id."""

    read: int = 0
    published: int = 0
    unchanged: int = 0
    repeated: int = 0
    rejected: int = 0
    suppressed: int = 0
    """Rejected rows of people who have been erased."""
    versions: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Importer:
    kind: Kind
    mapping: rosters.Mapping | rosters.Direct
    clock: Clock
    zone: tzinfo
    publisher: BlockingProducer | None
    """None for a dry run, which only checks."""
    hold_stored: HoldStored
    authorise: Authorise = permit_everything
    complete: Complete = keep_record
    find_suppressed: FindSuppressed = nobody_suppressed

    def run(
        self,
        path: Path,
        reject: Reject,
        *,
        limit: int | None = None,
        progress: Callable[[Summary], None] = lambda summary: None,
    ) -> Summary:
        """Import a file. Raises Invalid if it cannot be read, and Transient if publishing fails."""
        summary = Summary()
        seen: dict[str, str] = {}
        reading = islice(read_rows(path), limit)
        while chunk := list(islice(reading, CHUNK)):
            summary.read += len(chunk)
            checked = self._welcome(self._checked(chunk, reject, summary), reject, summary)
            ids = list(dict.fromkeys(row.id for row in checked))
            with self.hold_stored(self.kind.view, ids) as stored:
                allowed = self._allowed(checked, stored, reject, summary)
                self._publish(self._wanted(allowed, seen, summary), stored, summary)
            progress(summary)
        return summary

    def _checked(
        self, chunk: Sequence[ImportRow], reject: Reject, summary: Summary
    ) -> list[_CheckedRow]:
        """Return each row with valid content."""
        checked = []
        for row in chunk:
            try:
                content = self._content(row)
                id = self.kind.id_of(content, self.mapping.source)
                checked.append(_CheckedRow(row, content, id))
            except RoostError as error:
                summary.rejected += 1
                reject(row, error)
        return checked

    def _welcome(
        self, rows: Sequence[_CheckedRow], reject: Reject, summary: Summary
    ) -> list[_CheckedRow]:
        """Reject the rows of erased people; return the others."""
        erased = self.find_suppressed(self.kind.view, [row.id for row in rows])
        for row in rows:
            if row.id in erased:
                summary.rejected += 1
                summary.suppressed += 1
                reject(row.row, suppressed(row.id))
        return [row for row in rows if row.id not in erased]

    def _allowed(
        self, rows: Sequence[_CheckedRow], stored: Stored, reject: Reject, summary: Summary
    ) -> Iterator[tuple[_CheckedRow, Record]]:
        """Yield the rows that the importer may publish, with their records."""
        now = self.clock.now()
        when = When(now, day_of(now, self.zone))
        for row in rows:
            before = stored.get(row.id)
            try:
                fact, record = self.kind.put(row.content, when, self.mapping.source, before)
                self.authorise(before, fact)
                record = self.complete(before, fact, record, now)
                if not is_unchanged(record, before):
                    record = keep_unknown_fields(record, before)
                yield row, record
            except RoostError as error:
                summary.rejected += 1
                reject(row.row, error)

    def _content(self, row: ImportRow) -> Any:
        """Return a row's content. Raises Invalid."""
        if row.problem:
            raise facts.invalid_row(row.problem)
        if isinstance(self.mapping, rosters.Mapping):
            content = rosters.map_row(row.values, self.mapping)
        else:
            content = rosters.map_direct_row(row.values, self.mapping.lists)
        for name in ("jobLocation", "place", "home", "location"):
            if isinstance(content.get(name), str):
                content[name] = {"name": content[name]}
        try:
            return self.kind.content.model_validate(content)
        except ValidationError as error:
            raise invalid(error) from None

    def _wanted(
        self,
        rows: Iterator[tuple[_CheckedRow, Record]],
        seen: dict[str, str],
        summary: Summary,
    ) -> dict[str, Record]:
        """Keep one record per id; the mapping decides whether the first or the last one."""
        wanted: dict[str, Record] = {}
        for row, record in rows:
            digest = content_id("", row.id, row.content.to_json())
            if row.id in seen and (self.mapping.repeats == "first" or seen[row.id] == digest):
                summary.repeated += 1
                continue
            if row.id in wanted:
                summary.repeated += 1
            seen[row.id] = digest
            wanted[row.id] = record
        return wanted

    def _publish(self, wanted: dict[str, Record], stored: Stored, summary: Summary) -> None:
        changed = [
            record for id, record in wanted.items() if not is_unchanged(record, stored.get(id))
        ]
        summary.unchanged += len(wanted) - len(changed)
        if self.publisher is not None:
            positions = self.publisher.publish(changed)
            for record, position in zip(changed, positions, strict=True):
                summary.versions[record.key] = position.version
        summary.published += len(changed)


@dataclass(frozen=True, slots=True)
class _CheckedRow:
    """A row with valid content, and the id of its entity."""

    row: ImportRow
    content: Any
    id: str


def lists_of(kind: Kind) -> frozenset[str]:
    """Return the names of fields with several values, which a column separates by `;`."""
    fields = kind.content.model_fields
    names = {info.alias or name for name, info in fields.items() if "tuple" in str(info.annotation)}
    return frozenset(names | {"willing.places"})


def reasons_of(error: RoostError) -> tuple[FieldError, ...]:
    """Return the field errors of an error, or one for the whole row."""
    return error.fields or (FieldError("(row)", error.message, error.message_zh),)


WorkerOf = Callable[[ImportRow], str | None]
"""Returns the id of the worker whom a row names, whatever else is wrong with the row."""


def names_no_worker(row: ImportRow) -> None:
    """Return None: the rows are no people."""


def workers_of(mapping: rosters.Mapping | rosters.Direct) -> WorkerOf:
    """Return the function that finds the worker of a roster's row."""
    return lambda row: worker_of(mapping.source, rosters.identifier_of(row.values, mapping))


def write_rejects(rejects: IO[str], worker: WorkerOf = names_no_worker) -> Reject:
    """Return a function that writes rejected rows to a file, as JSON lines with the reasons.

    A row that names a worker carries the worker's id, so that an erasure finds it.
    """
    return lambda row, error: print(_reject_line(row, error, worker(row)), file=rejects)


def _reject_line(row: ImportRow, error: RoostError, worker: str | None) -> str:
    reasons = [{"field": each.field, "message": each.message} for each in reasons_of(error)]
    line = {"line": row.line, "reasons": reasons, "row": row.values}
    if worker is not None:
        line["worker"] = worker
    return json.dumps(line, ensure_ascii=False, default=str)
