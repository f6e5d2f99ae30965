"""Lines of the file of rejected rows: JSON, with the reasons in both languages."""

from __future__ import annotations

import json

from producers.importing.row_workers import WorkerOf, names_no_worker
from producers.importing.verdicts import RowOutcome
from producers.rejected_rows import KeptLines


class RejectedRows:
    """Receiver of the rows left out; a flush writes those so far.

    A row that names a worker carries the worker's id, so that an erasure finds it.
    """

    def __init__(self, kept: KeptLines, worker_of: WorkerOf = names_no_worker) -> None:
        self._kept = kept
        self._worker_of = worker_of
        self._lines: list[str] = []

    def take(self, outcome: RowOutcome) -> None:
        """Take the outcome of a row."""
        if outcome.is_left_out:
            self._lines.append(reject_line(outcome, self._worker_of(outcome.row)))

    def flush(self) -> None:
        """Write the rows so far."""
        self._kept.append(self._lines)
        self._lines.clear()


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
