"""Import of a file: read, map, check, compare with the views, publish.

Every row gets a verdict with its place in the file and the reasons. A row of a stored entity is an
edit: the entity keeps its status, its source and its time of creation. A row that changes nothing
is not published, so importing the same file twice changes nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import datetime, tzinfo
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any

import orjson

from producers.ends_search import FindEnds
from producers.importing.doubts import (
    SeenEmployers,
    SeenPeople,
    employer_doubts,
    own_doubts,
    place_doubts,
    review_doubts,
)
from producers.importing.employer_recognition import (
    FindEmployers,
    NamedEmployers,
)
from producers.importing.file_opening import open_import, open_unsettled, passed_notices
from producers.importing.file_places import FilePlaces, PlaceEvidence
from producers.importing.import_kinds import Kind, StoredFact, When
from producers.importing.recognition import (
    UNDECIDED,
    Decisions,
    FindPeople,
    recognise,
    reused,
)
from producers.importing.roster_channels import reads_telephones, with_stored_channels
from producers.importing.row_contents import content_of, in_file_terms
from producers.importing.row_employers import RowEmployers
from producers.importing.row_outcomes import (
    CheckedRow,
    accepted_outcome,
    cells_hash,
    ends_doubt,
    number_taken,
    person_gone,
    rejected_outcome,
    repeated_outcome,
    undecided_employer_outcome,
    undecided_outcome,
    without_cells,
)
from producers.importing.row_workers import workers_of
from producers.importing.verdicts import RowOutcome, Summary, Verdict, reasons_of
from producers.mappings.day_order_survey import AskOrder
from producers.mappings.mapping_model import Mapping as MappingFile
from producers.mappings.resolved_mapping import ResolvedMapping
from producers.people_search import NOBODY, FoundPeople, KnownPerson, WantedPerson
from producers.suppressions import suppressed
from producers.tables.table_model import ImportRow
from roost.errors import RoostError
from roost.events.envelope import Record, is_unchanged, keep_unknown_fields
from roost.events.opening import OpeningContent
from roost.events.profile import ProfileContent
from roost.kafka.ports import BlockingProducer
from roost.time.clock import Clock, day_of

CHUNK = 500

Report = Callable[[RowOutcome], None]
"""Called with the outcome of every row, in the order of the file."""
Stored = Mapping[str, Mapping[str, Any]]
"""Stored facts by id; an entity that does not exist or is erased is missing."""
HoldStored = Callable[[str, Sequence[str]], AbstractContextManager[Stored]]
"""Reads the stored facts of a view, by id; no other writer changes them until the context ends."""
Authorise = Callable[[StoredFact, Any], None]
"""Raises unless the importer may replace a stored fact (None: a new one) with this fact."""
FindSuppressed = Callable[[str, Sequence[str]], Collection[str]]
"""Returns those of the ids that belong to erased people, who return only with new consent."""
Prepare = Callable[[Sequence[RowOutcome]], None]
"""Called with the outcomes of some rows, in order, before their records are published."""
Complete = Callable[[StoredFact, Any, Record, datetime], Record]
"""Returns the record to publish for a row; raises if the importer has too many entities."""
KeepRow = Callable[[ImportRow, ResolvedMapping], bool]
"""Returns whether a row is imported; one that is not gets no outcome and is not counted."""


def keep_every_row(row: ImportRow, resolved: ResolvedMapping) -> bool:
    """Import every row."""
    return True


def nobody_suppressed(view: str, ids: Sequence[str]) -> Collection[str]:
    """Return no id: openings and stations are no people."""
    return ()


def keep_record(stored: StoredFact, fact: Any, record: Record, at: datetime) -> Record:
    """Return the row's own record."""
    return record


def prepare_nothing(outcomes: Sequence[RowOutcome]) -> None:
    """Publish the rows' records alone."""


def permit_everything(stored: StoredFact, fact: Any) -> None:
    """Permit every row: the command line has no accounts."""


@dataclass(slots=True)
class _Run:
    """State of one import."""

    report: Report
    places: FilePlaces
    row_employers: RowEmployers
    summary: Summary = field(default_factory=Summary)
    seen: dict[str, int] = field(default_factory=dict)
    """Digest of the row that was last wanted, by id."""
    people: SeenPeople = field(default_factory=SeenPeople)
    employers: SeenEmployers = field(default_factory=SeenEmployers)


Outcomes = dict[int, RowOutcome]
"""Outcomes of a chunk's rows by their position."""


@dataclass(frozen=True, slots=True)
class Importer:
    """Importer of one kind of records with one mapping."""

    kind: Kind
    mapping: MappingFile
    clock: Clock
    zone: tzinfo
    publisher: BlockingProducer | None
    """None for a dry run, which only checks."""
    hold_stored: HoldStored
    authorise: Authorise = permit_everything
    complete: Complete = keep_record
    find_suppressed: FindSuppressed = nobody_suppressed
    find_people: FindPeople | None = None
    """None if no stored people are searched: for other kinds, and without the views."""
    find_employers: FindEmployers | None = None
    """None if no stored employers are searched."""
    decisions: Decisions = field(default_factory=dict)
    """Decisions on rows whose person or employer is known."""
    remembered: Decisions = field(default_factory=dict)
    """Decisions of former imports on names of employers."""
    find_ends: FindEnds | None = None
    """None if no matches are searched: without the views."""
    keep_row: KeepRow = keep_every_row
    places: PlaceEvidence = field(default_factory=PlaceEvidence)
    """Evidence on ambiguous names of places, besides the rows of the file."""
    ask_order: AskOrder | None = None
    """Way to state the order of a column of days; None to reject its ambiguous rows alone."""
    prepare: Prepare = prepare_nothing

    def run(
        self,
        path: Path,
        report: Report,
        *,
        limit: int | None = None,
        encoding: str | None = None,
        progress: Callable[[Summary], None] = lambda summary: None,
    ) -> Summary:
        """Import a file. Raises Invalid if it cannot be read, and Transient if publishing fails."""
        file = open_import(
            path, self.kind, self.mapping, encoding=encoding, ask_order=self.ask_order
        )
        run = _Run(
            report,
            FilePlaces(self.kind, self.places, partial(self._reread, path, encoding)),
            RowEmployers(self.kind, self.mapping.source, self._named_employers()),
        )
        run.summary.notices = file.notices
        kept = (pair for pair in file.rows() if self.keep_row(*pair))
        reading = islice(kept, limit)
        while chunk := list(islice(reading, CHUNK)):
            run.summary.read += len(chunk)
            outcomes = self._chunk(chunk, run)
            for position in range(len(chunk)):
                run.report(outcomes[position])
            progress(run.summary)
        run.summary.notices += passed_notices(table for table, _ in file.tables)
        run.summary.notices += run.places.notices()
        run.summary.notices += run.row_employers.named.notices()
        run.summary.questions = run.places.questions()
        return run.summary

    def _named_employers(self) -> NamedEmployers:
        return NamedEmployers(
            self.find_employers, self.decisions, self.clock.now(), self.remembered
        )

    def _reread(
        self, path: Path, encoding: str | None
    ) -> Iterator[tuple[ImportRow, ResolvedMapping]]:
        """Read the file again from its beginning."""
        return open_unsettled(path, self.kind, self.mapping, encoding=encoding).rows()

    def _chunk(self, chunk: Sequence[tuple[ImportRow, ResolvedMapping]], run: _Run) -> Outcomes:
        """Check and publish some rows; return the outcome of each."""
        outcomes: Outcomes = {}
        valid = self._checked(chunk, run, outcomes)
        self._forget_erased(run, outcomes)
        checked = self._welcome(valid, run, outcomes)
        self._recognise(checked, run)
        run.row_employers.recognise(checked)
        possible = (id for row in checked for id in run.row_employers.possible_ids(row))
        numbers = (row.number for row in checked if row.id != row.number)
        ids = list(dict.fromkeys((*possible, *numbers)))
        with self.hold_stored(self.kind.view, ids) as stored:
            # An erasure may have ended since; none can now, for it takes the same locks.
            self._welcome([row for row in checked if row.number not in stored], run, outcomes)
            checked = [row for row in checked if row.position not in outcomes]
            allowed = self._allowed(checked, stored, run, outcomes)
            wanted = self._wanted(allowed, run, outcomes)
            self._note_ends(wanted, stored)
            self._publish(wanted, stored, run, outcomes)
        return outcomes

    def _checked(
        self,
        chunk: Sequence[tuple[ImportRow, ResolvedMapping]],
        run: _Run,
        outcomes: Outcomes,
    ) -> list[CheckedRow]:
        """Return each row with valid content."""
        checked = []
        for position, (row, resolved) in enumerate(chunk):
            try:
                checked.append(self._check(position, row, resolved, run))
            except RoostError as error:
                outcomes[position] = rejected_outcome(row, error, run.summary)
        return checked

    def _recognise(self, rows: Sequence[CheckedRow], run: _Run) -> None:
        """Give each row the id of its person, and note people whom a decision is needed on."""
        if self.kind.content is not ProfileContent:
            return
        found: Mapping[str, FoundPeople] = {}
        if self.find_people is not None:
            found = self.find_people([WantedPerson(row.number, row.content) for row in rows])
        for row in rows:
            decision = self.decisions.get(row.number, UNDECIDED)
            alike = run.people.without_rows(found.get(row.number, NOBODY))
            recognised = recognise(row.number, alike, row.twins, decision)
            row.id, row.alike = recognised.id, recognised.undecided

    def _check(
        self, position: int, row: ImportRow, resolved: ResolvedMapping, run: _Run
    ) -> CheckedRow:
        """Return a row with valid content. Raises Invalid."""
        found = content_of(row, resolved, self.kind, run.places.settle)
        content = found.content
        try:
            id = self.kind.id_of(content, self.mapping.source)
        except RoostError as error:
            raise in_file_terms(error, resolved) from None
        doubts = [*found.doubts, *place_doubts(content, self.kind, resolved)]
        if isinstance(content, ProfileContent):
            run.people.check(id, content, resolved)
            doubts += run.people.doubts(content, resolved)
            twins = run.people.twins(id, content, row.position)
            return CheckedRow(position, row, resolved, content, id, doubts, id, twins)
        return CheckedRow(position, row, resolved, content, id, doubts, id)

    def _welcome(
        self, rows: Sequence[CheckedRow], run: _Run, outcomes: Outcomes
    ) -> list[CheckedRow]:
        """Reject the rows of erased people; return the others.

        The outcome holds no cells: nothing of an erased person is written to disk again.
        """
        erased = self.find_suppressed(self.kind.view, [row.number for row in rows])
        for row in rows:
            if row.number in erased:
                run.summary.suppressed += 1
                error = in_file_terms(suppressed(row.number), row.resolved)
                outcomes[row.position] = rejected_outcome(
                    without_cells(row.row), error, run.summary, row.number
                )
        return [row for row in rows if row.number not in erased]

    def _forget_erased(self, run: _Run, outcomes: Outcomes) -> None:
        """Leave the cells of erased people out of invalid rows too; the number alone names them."""
        worker_of = workers_of(self.mapping)
        numbers = {at: worker_of(each.row) for at, each in outcomes.items()}
        asked = list(dict.fromkeys(each for each in numbers.values() if each))
        erased = self.find_suppressed(self.kind.view, asked) if asked else ()
        for position, number in numbers.items():
            if number and number in erased:
                row = without_cells(outcomes[position].row)
                run.summary.suppressed += 1
                outcomes[position] = RowOutcome(
                    row, Verdict.REJECTED, reasons_of(suppressed(number)), number
                )

    def _allowed(
        self, rows: Sequence[CheckedRow], stored: Stored, run: _Run, outcomes: Outcomes
    ) -> Iterator[tuple[CheckedRow, Record]]:
        """Yield the rows that the importer may publish, with their records."""
        now = self.clock.now()
        when = When(now, day_of(now, self.zone))
        for row in rows:
            run.row_employers.meet(row, stored)
            before = stored.get(row.id)
            try:
                if before is None and row.id != row.number:
                    raise person_gone()
                if row.id != row.number and row.number in stored:
                    raise number_taken()
                self._meet_stored(row, before, run)
                fact, record = self.kind.put(row.content, row.id, when, self.mapping.source, before)
                row.doubts += review_doubts(fact, row.resolved)
                self.authorise(before, fact)
                if people := self._undecided_people(row, before):
                    outcomes[row.position] = undecided_outcome(row, people, run.summary)
                    continue
                if row.employers:
                    outcomes[row.position] = undecided_employer_outcome(row, run.summary)
                    continue
                record = self.complete(before, fact, record, now)
                if not is_unchanged(record, before):
                    record = keep_unknown_fields(record, before)
                yield row, record
            except RoostError as error:
                refusal = in_file_terms(error, row.resolved)
                outcomes[row.position] = rejected_outcome(row.row, refusal, run.summary, row.id)

    def _meet_stored(self, row: CheckedRow, before: StoredFact, run: _Run) -> None:
        """Complete a row's content and doubts by the stored fact and the rows before."""
        if isinstance(row.content, OpeningContent) and not row.employers:
            run.employers.check(row.content, row.resolved)
            row.doubts += run.employers.doubts(row.content, row.resolved)
        if isinstance(row.content, ProfileContent) and reads_telephones(row.resolved):
            row.content, doubts = with_stored_channels(row.content, before, row.resolved)
            row.doubts += doubts
        row.doubts += employer_doubts(row.content, before, row.resolved)
        row.doubts += own_doubts(row.content, before, row.resolved, self.clock.now())

    def _undecided_people(self, row: CheckedRow, before: StoredFact) -> Sequence[KnownPerson]:
        """Return the people whom somebody has to decide on before the row is imported."""
        if row.id != row.number:
            return ()  # the number was assigned to this person
        if before is None:
            return row.alike
        decision = self.decisions.get(row.number, UNDECIDED)
        return reused(row.id, row.content, before, decision)

    def _wanted(
        self,
        rows: Iterator[tuple[CheckedRow, Record]],
        run: _Run,
        outcomes: Outcomes,
    ) -> dict[str, tuple[CheckedRow, Record]]:
        """Keep one record per id; the mapping decides whether the first or the last one."""
        wanted: dict[str, tuple[CheckedRow, Record]] = {}
        for row, record in rows:
            digest = cells_hash(row)
            known = run.seen.get(row.id)
            if known is not None and (self.mapping.repeats == "first" or known == digest):
                outcomes[row.position] = repeated_outcome(row, run.summary)
                continue
            if row.id in wanted:
                former = wanted[row.id][0]
                outcomes[former.position] = repeated_outcome(former, run.summary)
            run.seen[row.id] = digest
            wanted[row.id] = row, record
        return wanted

    def _note_ends(self, wanted: Mapping[str, tuple[CheckedRow, Record]], stored: Stored) -> None:
        """Add a doubt to each row that ends matches in progress, so that a check shows it first."""
        if self.find_ends is None:
            return
        changes = {
            id: (dict(stored[id]), orjson.loads(record.value or b"null"))
            for id, (_, record) in wanted.items()
            if id in stored and not is_unchanged(record, stored[id])
        }
        today = day_of(self.clock.now(), self.zone)
        for id, number in self.find_ends(self.kind.view, changes, today).items():
            if number:
                row = wanted[id][0]
                row.doubts.append(ends_doubt(number, row.resolved.column_of("identifier")))

    def _publish(
        self,
        wanted: Mapping[str, tuple[CheckedRow, Record]],
        stored: Stored,
        run: _Run,
        outcomes: Outcomes,
    ) -> None:
        """Publish the records that change anything; note the outcome of each row."""
        changed = []
        for id, (row, record) in wanted.items():
            outcome = accepted_outcome(row, record, stored.get(id))
            outcomes[row.position] = outcome
            run.summary.doubtful += outcome.verdict is Verdict.DOUBTFUL
            if outcome.change is Verdict.UNCHANGED:
                run.summary.unchanged += 1
            else:
                changed.append(record)
        if self.publisher is not None:
            self.prepare([outcomes[position] for position in range(len(outcomes))])
            positions = self.publisher.publish(changed)
            for record, position in zip(changed, positions, strict=True):
                run.summary.versions[record.key] = position.version
        run.summary.published += len(changed)
