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
            if (chosen := self.named.chosen(row.employer)) is not None:
                self._give(row, chosen)
            else:
                id = row.content.hiring_organization.id if row.employer else ""
                row.employers = self.named.candidates(row.employer, id)

    def possible_ids(self, row: CheckedRow) -> list[str]:
        """Return the id of a row's entity, and those that it has under other employers."""
        return [row.id, *(self._id_under(row, each.id) for each in row.employers)]

    def meet(self, row: CheckedRow, stored: Mapping[str, Any]) -> None:
        """Follow a former decision: an opening that is stored keeps its employer."""
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
