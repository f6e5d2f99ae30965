"""Receivers of the outcomes of an import's rows: the preview of a check, the files of an import."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any, Protocol

import orjson

from producers.draft_erasure import NamedWorkers
from producers.importing.outcome_lines import outcome_on_wire
from producers.importing.reject_lines import RejectedRows
from producers.importing.row_workers import WorkerOf
from producers.importing.verdicts import RowOutcome, Summary, Verdict
from producers.mappings.day_order_survey import OrderUnknown
from producers.rejected_rows import MOST_KEPT_BYTES, MOST_KEPT_ROWS, KeptLines, open_existing
from roost.errors import RoostError

MOST_OF_VERDICT = 50
"""Rows of each verdict that a preview lists."""
SAMPLE_ROWS = 5
"""First rows of the file that a preview shows whole."""
SHOWN_CELLS = 60
LONGEST_SHOWN = 120
"""Cells of a row, and characters of a cell, that a preview shows."""
ORDERS = "orders"
"""Name, in a preview, of the columns of days whose order is unknown: it holds nothing else then."""
_INTERNAL = frozenset({"id", "source", "createdAt"})
"""Fields of a stored fact that no file sets."""


class RowLog(Protocol):
    """Receiver of the outcomes of an import, in the import's thread."""

    def take(self, outcome: RowOutcome) -> None:
        """Take the outcome of a row."""
        ...

    def flush(self, summary: Summary) -> None:
        """Note that the rows so far are published, with their versions in the summary."""
        ...

    def finish(self, summary: Summary) -> None:
        """Note that the whole file has been read."""
        ...

    def refuse(self, error: RoostError) -> None:
        """Note that the file as a whole is refused."""
        ...

    def close(self) -> None:
        """Close files, whatever happened."""
        ...


class NoRowLog:
    """Receiver that ignores everything."""

    def take(self, outcome: RowOutcome) -> None:
        """Ignore a row."""

    def flush(self, summary: Summary) -> None:
        """Ignore the progress."""

    def finish(self, summary: Summary) -> None:
        """Ignore the end."""

    def refuse(self, error: RoostError) -> None:
        """Ignore the refusal."""

    def close(self) -> None:
        """Do nothing."""


class PreviewLog(NoRowLog):
    """Receiver that counts rows by verdict and lists the first ones, in a private file.

    It keeps the workers that the rows may be about next to it, so that an erasure finds the draft.
    The folder exists; once it is removed, nothing is written: FileNotFoundError.
    """

    def __init__(self, path: Path, worker_of: WorkerOf) -> None:
        self._path = path
        self._worker_of = worker_of
        self._named: NamedWorkers | None = None
        self._counts: Counter[str] = Counter()
        self._rows: dict[str, list[dict[str, Any]]] = {each.value: [] for each in Verdict}
        self._sample: list[dict[str, Any]] = []
        self._undecided: list[dict[str, Any]] = []
        self._employers: dict[str, dict[str, Any]] = {}
        """First row and number of rows by undecided employer; the row of the first ones only."""
        self._importable = 0

    def take(self, outcome: RowOutcome) -> None:
        """Count a row, and keep it if it is among the first ones."""
        people = (each.id for each in outcome.people)
        self._workers().add((self._worker_of(outcome.row), outcome.id, *people))
        self._counts[outcome.verdict.value] += 1
        self._importable += outcome.change in (Verdict.NEW, Verdict.CHANGED)
        listed = self._list_for(outcome)
        is_listed = listed is not None and len(listed) < MOST_OF_VERDICT
        if is_listed or len(self._sample) < SAMPLE_ROWS:
            row = shown_row(outcome)
            if listed is not None and is_listed:
                listed.append(row)
            if len(self._sample) < SAMPLE_ROWS:
                self._sample.append(row)

    def _list_for(self, outcome: RowOutcome) -> list[dict[str, Any]] | None:
        """Return the list that shows a row, if any; an undecided employer is shown once."""
        if outcome.people:
            return self._undecided
        if not outcome.employers:
            return self._rows[outcome.verdict.value]
        is_shown = len(self._employers) < MOST_OF_VERDICT
        known = self._employers.setdefault(outcome.employer, {"count": 0, "rows": []})
        known["count"] += 1
        rows: list[dict[str, Any]] = known["rows"]
        return rows if known["count"] == 1 and is_shown else None

    def _workers(self) -> NamedWorkers:
        if self._named is None:
            self._named = NamedWorkers(self._path.parent)
        return self._named

    def close(self) -> None:
        """Remove the workers of a check that did not end."""
        if self._named is not None:
            self._named.close()

    def finish(self, summary: Summary) -> None:
        """Write the preview, and the workers before it."""
        self._workers().keep()
        notices = [{"en": each.en, "zh": each.zh} for each in summary.notices]
        found = {
            "read": summary.read,
            "counts": {each.value: self._counts[each.value] for each in Verdict},
            "importable": self._importable,
            "notices": notices,
            "questions": [
                {"text": each.text, "rows": each.rows, "candidates": each.candidates}
                for each in summary.questions
            ],
            "sample": self._sample,
            "rows": self._rows,
            "undecided": {"count": summary.undecided, "rows": self._undecided},
            "employers": {
                "count": len(self._employers),
                "names": [each for each in self._employers.values() if each["rows"]],
            },
        }
        with open_existing(self._path) as file:
            file.write(orjson.dumps(found, default=str).decode())

    def refuse(self, error: RoostError) -> None:
        """Write a preview that only asks for the orders of days, if they are unknown."""
        if isinstance(error, OrderUnknown):
            with open_existing(self._path) as file:
                file.write(orjson.dumps({ORDERS: [each.field for each in error.fields]}).decode())


class ImportLog(NoRowLog):
    """Receiver that keeps rejected rows for their correction, and replaced facts for an undo."""

    def __init__(self, rejects: Path, undo: Path, worker_of: WorkerOf, *, people: bool) -> None:
        kept = KeptLines(rejects, MOST_KEPT_ROWS, MOST_KEPT_BYTES)
        self._rejected = RejectedRows(kept, worker_of)
        self._undo = KeptLines(undo)
        self._people = people
        self._unpublished: list[RowOutcome] = []

    def take(self, outcome: RowOutcome) -> None:
        """Keep a row left out, and one that is published until its version is known."""
        self._rejected.take(outcome)
        if outcome.change in (Verdict.NEW, Verdict.CHANGED):
            self._unpublished.append(outcome)

    def flush(self, summary: Summary) -> None:
        """Write the rejected rows, and the facts that the published rows have replaced."""
        self._undo.append([self._undo_line(each, summary) for each in self._unpublished])
        self._unpublished.clear()
        self._rejected.flush()

    def finish(self, summary: Summary) -> None:
        """Write what is left."""
        self.flush(summary)

    def close(self) -> None:
        """Write the rejected rows of a chunk that was interrupted."""
        self._rejected.flush()

    def _undo_line(self, outcome: RowOutcome, summary: Summary) -> str:
        line = {
            "id": outcome.id,
            "version": summary.versions.get(outcome.id, 0),
            "stored": outcome.stored,
        }
        if self._people:
            line["worker"] = outcome.id
        return orjson.dumps(line, default=str).decode()


def shown_row(outcome: RowOutcome) -> dict[str, Any]:
    """Return a row as a preview shows it: its cells, verdict, reasons, result and changes."""
    found = outcome_on_wire(outcome)
    event = found.pop("event") or {}
    cells = list(outcome.row.values.items())[:SHOWN_CELLS]
    return found | {
        "cells": {name: _shown(value) for name, value in cells},
        "result": {name: value for name, value in event.items() if name not in _INTERNAL},
        "changes": [each for each in found.get("changes", ()) if each["field"] not in _INTERNAL],
    }


def _shown(value: Any) -> str:
    text = "" if value is None else str(value)
    return text if len(text) <= LONGEST_SHOWN else f"{text[:LONGEST_SHOWN]}…"
