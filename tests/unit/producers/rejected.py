"""Rejected rows written to any file at once, for tests of their content."""

from __future__ import annotations

from typing import IO

from producers.importing.importer import Report
from producers.importing.reject_lines import reject_line
from producers.importing.row_workers import WorkerOf, names_no_worker
from producers.importing.verdicts import RowOutcome


def write_rejects(rejects: IO[str], worker: WorkerOf = names_no_worker) -> Report:
    """Return a receiver that writes each row left out."""

    def write(outcome: RowOutcome) -> None:
        if outcome.is_left_out:
            print(reject_line(outcome, worker(outcome.row)), file=rejects)

    return write
