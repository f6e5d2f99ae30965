"""Cells of one row as clean texts, and faults by the column of the file."""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from producers.mappings.cell_values import NOT_A_NUMBER, clean_text
from producers.mappings.resolved_mapping import Names, ResolvedMapping
from producers.values import NotUnderstood
from roost.errors import FieldError, invalid_field

DEEPEST = 4
"""Most dots of a column's name that nest a field."""


@dataclass(slots=True)
class MappedRow:
    """Content of a row in the fields of the API, and facts that a person should confirm."""

    content: dict[str, Any] = field(default_factory=dict)
    doubts: list[FieldError] = field(default_factory=list)
    faults: list[FieldError] = field(default_factory=list)
    """Columns that cannot be read; the content lacks their fields."""
    notes: list[str] = field(default_factory=list)
    """Words of cells that belong into the description."""


class ColumnFault(Exception):
    """Fault of one rule's column."""

    def __init__(self, column: str, error: NotUnderstood) -> None:
        super().__init__(column)
        self.fault = FieldError(column, error.message, error.message_zh)


@dataclass(frozen=True, slots=True)
class RowCells:
    """Texts of one row by column."""

    values: Mapping[str, Any]
    resolved: ResolvedMapping

    def raw(self, names: Names) -> tuple[str, Any]:
        """Return the first column with a value, and the value; the first column if none has."""
        for name in names:
            value = self.resolved.value_of(self.values, name)
            if value is not None and value not in ("", NOT_A_NUMBER):
                return name, value
        return (names[0] if names else ""), None

    def text(
        self, names: Names, states_none: Callable[[str], bool] = operator.not_
    ) -> tuple[str, str]:
        """Return the first column with a text, and the text. Raises ColumnFault.

        A text for which `states_none` is true is passed over, and so is an object of which another
        of the names is a field.
        """
        for name in names:
            value = self.resolved.value_of(self.values, name)
            if value is None or value == "" or _is_opened(value, name, names):
                continue
            try:
                text = clean_text(value)
            except NotUnderstood as error:
                raise ColumnFault(name, error) from None
            if not states_none(text):
                return name, text
        return (names[0] if names else ""), ""


def _is_opened(value: Any, name: str, names: Names) -> bool:
    """Return whether a value is an object, of which the names also name a field."""
    if not isinstance(value, Mapping):
        return False
    return any(other.startswith(f"{name}.") for other in names)


def set_field(content: dict[str, Any], name: str, value: Any) -> None:
    """Set a nested field. Raises Invalid if another column holds a plain value in its place."""
    *outer, last = name.split(".", DEEPEST)
    for step in outer:
        content = content.setdefault(step, {})
        if not isinstance(content, dict):
            raise invalid_field(
                name[:100],
                f"cannot be within {step!r}, which another column sets",
                f"与另一列“{step}”冲突",
            )
    if isinstance(value, dict) and isinstance(content.get(last), dict):
        content[last] |= value
    else:
        content[last] = value
