"""Order of a table's columns: in one table or several side by side, and below other headings. Pure.

A sheet may hold two tables of the same columns side by side, separated by an empty column or under
different titles. Further down, the headings may come again in another order.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from producers.tables.headings import Column, Heading, folded_heading, known_name
from producers.tables.sheets import Fault, is_blank

LEAST_COLUMNS = 2
_HEADING_SHARE = 0.6
"""Share of known names from which a row counts as headings."""


@dataclass(slots=True)
class ColumnOrder:
    """Names of a table's columns with their positions in a row, from 0, for each table."""

    keys: list[str]
    tables: list[list[int]]
    in_order: bool = field(init=False)
    """True if the cells of a row are the columns, one for one."""
    unread: set[int] = field(default_factory=set)
    """Positions whose later headings name no column of the table."""
    _names: dict[str, str] = field(init=False)
    _written: frozenset[str] = field(init=False)

    def __post_init__(self) -> None:
        self._names = {folded_heading(key): key for key in self.keys}
        self._written = frozenset(self.keys)
        self._check_order()

    def follow(self, cells: Sequence[Any]) -> bool:
        """Return whether a row has the headings in another order, which counts from there on."""
        first = next((each for each in cells if not is_blank(each)), "")
        if type(first) is not str or len(self.tables) > 1 or not self._may_be_heading(first):
            return False
        found = {
            number: self._names.get(folded_heading(str(cell)), "")
            for number, cell in enumerate(cells)
            if not is_blank(cell)
        }
        places = {key: number for number, key in found.items() if key}
        if len(places) < max(LEAST_COLUMNS, _HEADING_SHARE * len(found)):
            return False
        self.keys, self.tables = list(places), [list(places.values())]
        self.unread = {number for number, key in found.items() if not key}
        self._check_order()
        return True

    def _may_be_heading(self, first: str) -> bool:
        return first.strip() in self._written or folded_heading(first[:60]) in self._names

    def _check_order(self) -> None:
        self.in_order = self.tables == [list(range(len(self.keys)))]


def side_by_side(
    heading: Heading, is_known: Callable[[str], bool]
) -> tuple[Heading, list[list[int]]]:
    """Return the headings of the first of some like tables, and the positions of each table.

    Tables are like if they have the same names in the same order, and an empty column or another
    title tells them apart.
    """
    columns = heading.columns
    labels = [folded_heading(_label(each, is_known)) for each in columns]
    size = _period(labels)
    starts = range(size, len(columns), size)
    if size == len(columns) or not all(_are_apart(columns[at - 1], columns[at]) for at in starts):
        return heading, [[each.number - 1 for each in columns]]
    first = tuple(Column(each.number, _label(each, is_known)) for each in columns[:size])
    known = sum(is_known(each.name) for each in first)
    positions = [
        [each.number - 1 for each in columns[at : at + size]] for at in range(0, len(columns), size)
    ]
    return Heading(heading.lines, first, known), positions


def side_by_side_notice(sheet: str, tables: int) -> Fault:
    """Return the fact that several tables of a sheet are read, from left to right."""
    where, where_zh = (f"{sheet}: ", f"{sheet}：") if sheet else ("", "")
    return Fault(
        f"{where}{tables} tables with the same headings are read, from left to right",
        f"{where_zh}已读取左右并排的 {tables} 个表（表头相同）",
    )


def _label(column: Column, is_known: Callable[[str], bool]) -> str:
    return known_name(column, is_known) or column.inner or column.name


def _period(labels: Sequence[str]) -> int:
    """Return the number of labels after which they repeat, or the number of all."""
    for size in range(LEAST_COLUMNS, len(labels) // 2 + 1):
        if len(labels) % size == 0 and all(
            label == labels[number % size] for number, label in enumerate(labels)
        ):
            return size
    return len(labels)


def _are_apart(left: Column, right: Column) -> bool:
    """Return whether an empty column or another title separates two columns."""
    return right.number > left.number + 1 or _title(left) != _title(right)


def _title(column: Column) -> str:
    return column.name.removesuffix(column.inner) if column.inner else ""
