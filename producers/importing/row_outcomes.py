"""Rows of a chunk while they are checked, and their outcomes, which the summary counts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from producers.employers_search import KnownEmployer
from producers.importing.employer_recognition import employer_reason
from producers.importing.import_kinds import StoredFact
from producers.importing.recognition import undecided_reason
from producers.importing.verdicts import RowOutcome, Summary, Verdict, reasons_of
from producers.mappings.resolved_mapping import ResolvedMapping
from producers.people_search import KnownPerson
from producers.tables.table_model import ImportRow
from roost.errors import FieldError, RoostError, conflicting_field
from roost.events.envelope import Record, is_unchanged


@dataclass(slots=True)
class CheckedRow:
    """Row with valid content: its position in the chunk, and the id of its entity."""

    position: int
    row: ImportRow
    resolved: ResolvedMapping
    content: Any
    id: str
    doubts: list[FieldError]
    number: str
    """Id that the row's number has on its own; `id` is that of the person, once recognised."""
    twins: list[KnownPerson] = field(default_factory=list)
    """Earlier rows of the file with the same name and telephone."""
    alike: Sequence[KnownPerson] = ()
    """People whom a decision is needed on, if the number is not stored."""
    employer: str = ""
    """Comparable name of an employer without a code or an id."""
    employer_id: str | None = None
    """Employer that somebody chose for the name, in this import or a former one."""
    employers: Sequence[KnownEmployer] = ()
    """Employers that a decision is needed on, if the opening is not stored."""


def cells_hash(row: CheckedRow) -> int:
    """Return a hash of a row's cells, which tells rows of one file apart."""
    values = row.row.values
    return hash(tuple(values.values())) if not row.resolved.is_json else hash(repr(values))


def accepted_outcome(row: CheckedRow, record: Record, before: StoredFact) -> RowOutcome:
    """Return the outcome of a row that is published or unchanged."""
    if before is None:
        change = Verdict.NEW
    else:
        change = Verdict.UNCHANGED if is_unchanged(record, before) else Verdict.CHANGED
    return RowOutcome(
        row.row,
        Verdict.DOUBTFUL if row.doubts else change,
        tuple(row.doubts),
        row.id,
        record,
        before,
        change,
        row.resolved.columns_by_field,
    )


def undecided_outcome(
    row: CheckedRow, people: Sequence[KnownPerson], summary: Summary
) -> RowOutcome:
    """Count and return a row that waits for a decision on its person."""
    summary.doubtful += 1
    summary.undecided += 1
    reason = undecided_reason(people, row.resolved.column_of("identifier"))
    return RowOutcome(row.row, Verdict.DOUBTFUL, (reason,), row.number, people=tuple(people))


def undecided_employer_outcome(row: CheckedRow, summary: Summary) -> RowOutcome:
    """Count and return a row that waits for a decision on its employer."""
    summary.doubtful += 1
    summary.undecided += 1
    reason = employer_reason(row.resolved.column_of("hiringOrganization.name"))
    return RowOutcome(
        row.row,
        Verdict.DOUBTFUL,
        (reason,),
        row.number,
        employer=row.employer,
        employers=tuple(row.employers),
    )


def ends_doubt(number: int, column: str) -> FieldError:
    """Return the doubt about a row that ends matches in progress."""
    return FieldError(
        column,
        f"ends matches in progress: {number}; those involved will be informed. If that is not "
        "meant, correct or remove the row",
        f"将终止 {number} 项正在跟进的匹配，并通知有关人员；如有误，请更正或删除该行",
    )


def person_gone() -> RoostError:
    """Return the error for a person who was erased after the recognition."""
    return conflicting_field(
        "identifier",
        "was assigned to a person who has just been erased; import the row again",
        "该编号所关联的人员刚被删除，请重新导入该行",
    )


def number_taken() -> RoostError:
    """Return the error for a number that cannot be assigned: it is another stored person's."""
    return conflicting_field(
        "identifier",
        "belongs to another stored person; correct the number, or edit that person",
        "该编号属于其他已登记人员，请更正编号，或修改该人员档案",
    )


def rejected_outcome(
    row: ImportRow, error: RoostError, summary: Summary, id: str = ""
) -> RowOutcome:
    """Count and return a rejected row."""
    summary.rejected += 1
    return RowOutcome(row, Verdict.REJECTED, reasons_of(error), id)


def without_cells(row: ImportRow) -> ImportRow:
    """Return a row without its values."""
    return ImportRow(row.line, {}, sheet=row.sheet)


def repeated_outcome(row: CheckedRow, summary: Summary) -> RowOutcome:
    """Count and return a row that another row of the file replaces."""
    summary.repeated += 1
    return RowOutcome(row.row, Verdict.REPEATED, (), row.id)
