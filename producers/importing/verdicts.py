"""Verdicts on the rows of a file: what each row becomes, and why."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

import orjson

from producers.employers_search import KnownEmployer
from producers.people_search import KnownPerson
from producers.tables.sheets import Fault
from producers.tables.table_model import ImportRow
from roost.errors import FieldError, RoostError
from roost.events.envelope import Record
from roost.events.import_job import FieldProblem

MOST_PROBLEMS = 20
"""Most problems kept of a rejected row."""
LONGEST_FIELD = 100
"""Characters kept of a problem's field; a file can name a column of any length."""


@dataclass(frozen=True, slots=True)
class PlaceQuestion:
    """Name in a file that stays ambiguous: the number of its rows, and the keys of its places."""

    text: str
    rows: int
    candidates: tuple[str, ...]


class Verdict(StrEnum):
    """Outcome of a row."""

    NEW = "new"
    CHANGED = "changed"
    UNCHANGED = "unchanged"
    REPEATED = "repeated"
    """Another row of the file has the same reference and counts instead."""
    DOUBTFUL = "doubtful"
    """Valid, and something that a person should confirm; an undecided one is not imported."""
    REJECTED = "rejected"


@dataclass(frozen=True, slots=True)
class FieldChange:
    """Field of a stored fact that a row changes: its name on the wire, old and new value."""

    field: str
    column: str
    old: Any
    new: Any


@dataclass(frozen=True, slots=True)
class RowOutcome:
    """Row of a file with its verdict; reasons are in the terms of the file's columns."""

    row: ImportRow
    verdict: Verdict
    reasons: tuple[FieldError, ...] = ()
    id: str = ""
    record: Record | None = None
    stored: Mapping[str, Any] | None = None
    change: Verdict | None = None
    """Effect of a doubtful row on the record: new, changed or unchanged."""
    columns: Mapping[str, str] = field(default_factory=dict)
    """Columns of the file by field."""
    people: tuple[KnownPerson, ...] = ()
    """People who may be the one of the row: it is not imported before a decision."""
    employer: str = ""
    """Comparable name of the employer that a decision is needed on; the same for all its rows."""
    employers: tuple[KnownEmployer, ...] = ()
    """Stored employers who may be the one of the row: it is not imported before a decision."""

    @property
    def is_undecided(self) -> bool:
        """Whether the row waits for a decision on its person or its employer."""
        return bool(self.people or self.employers)

    @property
    def is_left_out(self) -> bool:
        """Whether the row is not imported as it is: rejected, or undecided."""
        return self.verdict is Verdict.REJECTED or self.is_undecided

    def event(self) -> dict[str, Any] | None:
        """Return the resulting fact on the wire; None for a rejected row."""
        if self.record is None or self.record.value is None:
            return None
        found: dict[str, Any] = orjson.loads(self.record.value)
        return found

    def changes(self) -> list[FieldChange]:
        """Return the fields of the stored fact that the row changes."""
        event = self.event()
        if event is None or self.stored is None:
            return []
        return [
            FieldChange(name, self._column(name), self.stored.get(name), event.get(name))
            for name in dict.fromkeys((*self.stored, *event))
            if self.stored.get(name) != event.get(name)
        ]

    def problems(self, longest_message: int) -> tuple[FieldProblem, ...]:
        """Return the faults of a rejected row, without its values."""
        return tuple(
            FieldProblem(
                field=each.field[:LONGEST_FIELD],
                en=each.message[:longest_message],
                zh=(each.message_zh or each.message)[:longest_message],
                candidates=each.candidates,
            )
            for each in self.reasons[:MOST_PROBLEMS]
        )

    def _column(self, name: str) -> str:
        inside = (each for each in self.columns if each == name or each.startswith(f"{name}."))
        return self.columns.get(next(inside, ""), name)


@dataclass(slots=True)
class Summary:
    """Counts of rows by outcome; `versions` are the newest published versions by id."""

    read: int = 0
    published: int = 0
    unchanged: int = 0
    repeated: int = 0
    rejected: int = 0
    doubtful: int = 0
    """Rows that a person should confirm: published, unchanged or undecided ones."""
    undecided: int = 0
    """Rows that wait for a decision on their person or employer; they count as doubtful too."""
    suppressed: int = 0
    """Rejected rows of people who have been erased."""
    versions: dict[str, int] = field(default_factory=dict)
    notices: list[Fault] = field(default_factory=list)
    """Facts on the whole file: sheets and columns that are not read, rows passed over."""
    questions: list[PlaceQuestion] = field(default_factory=list)
    """Names of places that stay ambiguous, for a person to answer."""


def reasons_of(error: RoostError) -> tuple[FieldError, ...]:
    """Return the field errors of an error, or one for the whole row."""
    return error.fields or (FieldError("(row)", error.message, error.message_zh),)
