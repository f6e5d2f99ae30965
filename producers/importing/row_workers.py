"""Worker whom a row names, whatever else is wrong with the row."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from producers.mappings.cell_values import clean_text, value_at
from producers.mappings.mapping_model import Mapping, alternatives
from producers.mappings.rule_reading import identity_reference
from producers.rejected_rows import worker_of
from producers.tables.headings import folded_heading
from producers.tables.table_model import ImportRow
from producers.values import NotUnderstood

WorkerOf = Callable[[ImportRow], str | None]
"""Returns the id of the worker whom a row names."""


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
