"""Lines of the file of rejected rows: JSON, with the reasons in both languages."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import IO

from producers.importing.importer import Report
from producers.importing.verdicts import RowOutcome, Verdict
from producers.mappings.cell_values import clean_text, value_at
from producers.mappings.mapping_model import Mapping, alternatives
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
    names = [name for column in (rule.columns if rule else ()) for name in alternatives(column)]
    folded = set(map(folded_heading, names))

    def worker(row: ImportRow) -> str | None:
        column = next((each for each in row.values if folded_heading(each) in folded), None)
        found = value_at(row.values, names[0]) if column is None and names else None
        value = row.values[column] if column is not None else found
        try:
            return worker_of(mapping.source, clean_text(value))
        except NotUnderstood:
            return None

    return worker


def write_rejects(rejects: IO[str], worker: WorkerOf = names_no_worker) -> Report:
    """Return a function that writes rejected rows to a file, as JSON lines with the reasons.

    A row that names a worker carries the worker's id, so that an erasure finds it.
    """

    def write(outcome: RowOutcome) -> None:
        if outcome.verdict is Verdict.REJECTED:
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
