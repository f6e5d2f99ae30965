"""Outcomes of rows as JSON lines: `roost import … --json`, and the preview of the API."""

from __future__ import annotations

import json
from typing import Any

from producers.importing.reject_lines import reasons_on_wire
from producers.importing.verdicts import RowOutcome


def outcome_on_wire(outcome: RowOutcome) -> dict[str, Any]:
    """Return an outcome: line, sheet, verdict, reasons, resulting event, and changed fields."""
    found: dict[str, Any] = {
        "line": outcome.row.line,
        "sheet": outcome.row.sheet or None,
        "verdict": outcome.verdict.value,
        "reasons": reasons_on_wire(outcome),
        "event": outcome.event(),
    }
    if outcome.id:
        found["id"] = outcome.id
    if outcome.change is not None and outcome.change is not outcome.verdict:
        found["change"] = outcome.change.value
    if changes := outcome.changes():
        found["changes"] = [
            {"field": each.field, "column": each.column, "old": each.old, "new": each.new}
            for each in changes
        ]
    return found


def outcome_line(outcome: RowOutcome) -> str:
    """Return an outcome as one line of JSON."""
    return json.dumps(outcome_on_wire(outcome), ensure_ascii=False, default=str)
