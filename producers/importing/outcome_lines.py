"""Outcomes of rows as JSON lines: `roost import … --json`, and the preview of the API."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Any

from producers.importing.reject_lines import reasons_on_wire
from producers.importing.verdicts import RowOutcome
from producers.people_search import KnownPerson


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
    if outcome.people:
        found["people"] = [person_on_wire(each) for each in outcome.people]
    if outcome.employers:
        found["employer"] = outcome.employer
        found["employers"] = [asdict(each) for each in outcome.employers]
    return found


def person_on_wire(person: KnownPerson) -> dict[str, Any]:
    """Return a person who may be the one of a row; `row` is the place of an earlier row."""
    found = {
        "id": person.id,
        "signs": [each.value for each in person.signs],
        "name": person.name,
        "number": person.number,
        "source": person.source,
        "home": person.home,
        "row": person.place,
    }
    return {name: value for name, value in found.items() if value}


def outcome_line(outcome: RowOutcome) -> str:
    """Return an outcome as one line of JSON."""
    return json.dumps(outcome_on_wire(outcome), ensure_ascii=False, default=str)
