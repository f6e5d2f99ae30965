"""Employers of a chunk's rows: the stored ones that a decision is needed on, or the chosen one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from producers.importing.employer_recognition import NamedEmployers, name_alone, with_employer
from producers.importing.import_kinds import Kind
from producers.importing.row_outcomes import CheckedRow


@dataclass(frozen=True, slots=True)
class RowEmployers:
    """Recognition of the employers of rows whose file states neither a code nor an id."""

    kind: Kind
    source: str
    named: NamedEmployers

    def recognise(self, rows: Sequence[CheckedRow]) -> None:
        """Give each row the employer that was chosen, or note those that somebody decides on."""
        if self.named.find is None:
            return
        for row in rows:
            row.employer = name_alone(row.content, row.resolved)
        self.named.search({row.employer for row in rows})
        for row in rows:
            row.employer_id = self.named.chosen(row.employer) if row.employer else None
            if row.employer_id is None:
                id = row.content.hiring_organization.id if row.employer else ""
                row.employers = self.named.candidates(row.employer, id)

    def possible_ids(self, row: CheckedRow) -> list[str]:
        """Return the id of a row's entity, and those that it has under other employers."""
        others = [each.id for each in row.employers]
        others += [row.employer_id] if row.employer_id is not None else []
        return [row.id, *(self._id_under(row, each) for each in others)]

    def meet(self, row: CheckedRow, stored: Mapping[str, Any]) -> None:
        """Follow the decision on a row's employer; an opening that is stored keeps its own."""
        if row.employer_id is not None:
            if row.id not in stored or self._id_under(row, row.employer_id) in stored:
                self.named.note_followed(row.employer, row.employer_id)
                self._give(row, row.employer_id)
            return
        if row.id in stored:
            row.employers = ()
        for each in row.employers:
            if self._id_under(row, each.id) in stored:
                self._give(row, each.id)
                return

    def _id_under(self, row: CheckedRow, employer: str) -> str:
        return self.kind.id_of(with_employer(row.content, employer), self.source)

    def _give(self, row: CheckedRow, employer: str) -> None:
        row.content = with_employer(row.content, employer)
        row.id = row.number = self.kind.id_of(row.content, self.source)
        row.employers = ()
