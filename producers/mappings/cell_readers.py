"""Readers of the cells of one column: from the cell to its field's value, each short text once."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from producers.mappings.cell_values import clean_text
from producers.mappings.mapping_model import Rule
from producers.mappings.rule_kinds import CHANGED_LATER, READERS, SELDOM_REPEATED
from producers.values.remembering import LONGEST_REMEMBERED, REMEMBERED

CellReader = Callable[[Any], Any]
"""From a cell to the value of a field; None if it states none. Raises NotUnderstood."""


def reader_of(rule: Rule) -> CellReader | None:
    """Return the reader of a rule that reads one cell; None for a kind that reads several."""
    if rule.kind not in READERS:
        return None
    read = READERS[rule.kind]

    def read_cell(cell: Any) -> Any:
        return read(clean_text(cell), rule)

    return read_cell if rule.kind in SELDOM_REPEATED else _remembering(read_cell, rule)


def _remembering(read: CellReader, rule: Rule) -> CellReader:
    """Return a reader that keeps the values of short texts; errors are not kept."""
    known: dict[str, Any] = {}
    is_changed = rule.kind in CHANGED_LATER

    def read_once(cell: Any) -> Any:
        if type(cell) is not str or len(cell) > LONGEST_REMEMBERED:
            return read(cell)
        if cell in known:
            found = known[cell]
        else:
            if len(known) >= REMEMBERED:
                known.clear()
            found = known[cell] = read(cell)
        return found.copy() if is_changed and found is not None else found

    return read_once
