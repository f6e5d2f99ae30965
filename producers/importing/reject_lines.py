"""Lines of the file of rejected rows: JSON, with the reasons in both languages."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from typing import IO

from producers.importing.importer import Report
from producers.importing.verdicts import RowOutcome
from producers.mappings.cell_values import clean_text, value_at
from producers.mappings.mapping_model import Mapping, alternatives
from producers.mappings.rule_reading import identity_reference
from producers.rejected_rows import worker_of
from producers.tables.headings import folded_heading
from producers.tables.table_model import ImportRow
from producers.values import NotUnderstood

WorkerOf = Callable[[ImportRow], str | None]
"""Returns the id of the worker whom a row names, whatever else is wrong with the row."""


def names_no_worker(row: ImportRow) -> None:
    """Return None: the rows are no people."""


def workers_of(mapping: Mapping) -> WorkerOf:
    """Return the function that finds the worker of a roster's row."""
    rule = mapping.fields.get("identifier")
    numbers = [name for each in (rule.columns if rule else ()) for name in alternatives(each)]
    identities = alternatives(rule.identity) if rule and rule.identity else []

    def worker(row: ImportRow) -> str | None:
        if number := _first_text(row, numbers):
            return worker_of(mapping.source, number)
        identity = _first_text(row, identities)
        return worker_of(mapping.source, identity_reference(identity)) if identity else None

    return worker


def _first_text(row: ImportRow, names: Sequence[str]) -> str:
    """Return the first text in some columns of a row, or at some paths of a JSON object."""
    by_heading = {folded_heading(each): each for each in row.values}
    for name in names:
        column = by_heading.get(folded_heading(name), name)
        try:
            if text := clean_text(value_at(row.values, column)):
                return text
        except NotUnderstood:
            continue
    return ""


def write_rejects(rejects: IO[str], worker: WorkerOf = names_no_worker) -> Report:
    """Return a function that writes rows left out to a file, as JSON lines with the reasons.

    A row that names a worker carries the worker's id, so that an erasure finds it.
    """

    def write(outcome: RowOutcome) -> None:
        if outcome.is_left_out:
            print(reject_line(outcome, worker(outcome.row)), file=rejects)

    return write


def reject_line(outcome: RowOutcome, worker: str | None) -> str:
    """Return the line of a rejected row: its place, the reasons, and its cells as read."""
    row = outcome.row
    line = {"line": row.line, "reasons": reasons_on_wire(outcome), "row": row.values}
    if row.sheet:
        line["sheet"] = row.sheet
    if worker is not None:
        line["worker"] = worker
    return json.dumps(line, ensure_ascii=False, default=str)


def reasons_on_wire(outcome: RowOutcome) -> list[dict[str, str]]:
    """Return the reasons of an outcome: the file's column, and the fault in both languages."""
    return [
        {"field": each.field, "message": each.message, "messageZh": each.message_zh or each.message}
        for each in outcome.reasons
    ]
