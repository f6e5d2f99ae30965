"""Mapping of a row to the fields of the API; every fault is named by the file's column."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from producers.mappings.cell_readers import CellReader
from producers.mappings.cell_values import repair_text
from producers.mappings.resolved_mapping import ResolvedMapping, ResolvedRule
from producers.mappings.row_cells import ColumnFault, MappedRow, RowCells, set_field
from producers.mappings.rule_reading import read_rule
from producers.values import NotUnderstood
from roost.errors import FieldError, Invalid

MOST_FAULTS = 20
"""Most faults that are named of one row."""


def map_row(values: Mapping[str, Any], resolved: ResolvedMapping) -> MappedRow:
    """Map a row; each column that cannot be read is a fault. Raises Invalid for nested columns."""
    row = MappedRow()
    if resolved.shifted:
        values = _without_strays(values, resolved, row)
    cells = RowCells(values, resolved)
    for rule in resolved.rules:
        try:
            if rule.read is None:
                read_rule(rule, cells, row)
            elif value := values.get(rule.columns[0][0]):
                _read_single(rule, rule.read, value, row)
        except ColumnFault as error:
            row.faults.append(error.fault)
    _drop_empty_wages(row.content)
    return row


def _read_single(rule: ResolvedRule, read: CellReader, value: Any, row: MappedRow) -> None:
    """Read a rule of one column, which most are."""
    try:
        found = read(value)
    except NotUnderstood as error:
        raise ColumnFault(rule.columns[0][0], error) from None
    if found is None:
        return
    if "." in rule.field:
        set_field(row.content, rule.field, found)
    else:
        row.content[rule.field] = found


def add_notes(content: dict[str, Any], notes: list[str], name: str) -> None:
    """Append words to a text of the content, such as its description."""
    if notes:
        content[name] = "\n".join(filter(None, [content.get(name, ""), *notes]))


def invalid_columns(faults: list[FieldError]) -> Invalid:
    """Return the error for some columns of a row."""
    first, others = faults[0], len(faults) - 1
    return Invalid(
        f"{first.field}: {first.message}" + (f" (and {others} more)" if others else ""),
        f"{first.field}：{first.message_zh}" + (f"（另有 {others} 处）" if others else ""),
        fields=tuple(faults[:MOST_FAULTS]),
    )


def _without_strays(
    values: Mapping[str, Any], resolved: ResolvedMapping, row: MappedRow
) -> Mapping[str, Any]:
    """Return the values without those in the wrong column, which become words of the text."""
    strays = {
        column: repair_text(str(value)).strip()
        for column, pattern in resolved.shifted
        if (value := values.get(column)) and not re.search(pattern, str(value))
    }
    if not strays:
        return values
    row.notes += strays.values()
    return {name: "" if name in strays else value for name, value in values.items()}


def _drop_empty_wages(content: dict[str, Any]) -> None:
    """Remove wages without an amount: a currency or a unit alone states none."""
    for name in ("baseSalary", "wageWanted"):
        wage = content.get(name)
        if isinstance(wage, dict) and not {"minValue", "maxValue"} & set(wage):
            del content[name]
