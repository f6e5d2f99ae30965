"""Sheets: rows of cells as a file holds them, before headings are found."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

MOST_COLUMNS = 500
LAST_COLUMN = 16_384
"""Number of the last column of a spreadsheet (XFD)."""
LONGEST_NAME = 200
"""Characters of a column's name."""
LONGEST_CELL = 100_000
"""Characters of a cell; the longest text of an opening has 20,000, the longest list 30,000."""


@dataclass(frozen=True, slots=True)
class Fault:
    """Fault of a row or a cell, in both languages."""

    en: str
    zh: str


@dataclass(frozen=True, slots=True)
class FaultyCell:
    """Cell without a usable value: an error, or a formula whose result the file does not hold."""

    text: str
    fault: Fault

    def __str__(self) -> str:
        return self.text


@dataclass(frozen=True, slots=True)
class SheetRow:
    """Row of a sheet with its line number, from 1; `fault` is the reason if it cannot be read."""

    line: int
    cells: list[Any]
    fault: Fault | None = None


@dataclass(frozen=True, slots=True)
class Merge:
    """Merged cells: first and last row and column, from 1; the first cell holds the value."""

    top: int
    left: int
    bottom: int
    right: int


def merges_across(merges: Iterable[Merge], line: int) -> list[Merge]:
    """Return the merges over a line, from left to right and within the columns of a spreadsheet.

    Of merges that overlap, which no spreadsheet writes, the first one counts.
    """
    found: list[Merge] = []
    last = 0
    for each in sorted(merges, key=lambda each: each.left):
        if each.top <= line <= each.bottom and last < each.left <= LAST_COLUMN:
            last = min(each.right, LAST_COLUMN)
            found.append(replace(each, right=last))
    return found


@dataclass(frozen=True, slots=True)
class Sheet:
    """One sheet of a file; a text has a single sheet without a name."""

    rows: Iterable[SheetRow]
    name: str = ""
    merges: tuple[Merge, ...] = ()
    notices: tuple[Fault, ...] = ()
    """Facts that the reader of the file should know: hidden rows, skipped sheets."""
    is_spreadsheet: bool = False
    again: Callable[[], Iterable[SheetRow]] | None = None
    """Reads the rows again; None if the whole file has to be read for that."""


def is_blank(cell: Any) -> bool:
    """Return whether a cell holds nothing."""
    return cell is None or (isinstance(cell, str) and not cell.strip())


def filled_cells(cells: Iterable[Any]) -> list[Any]:
    """Return the cells that hold something."""
    return [cell for cell in cells if (cell.strip() if type(cell) is str else not is_blank(cell))]


def column_letters(number: int) -> str:
    """Return the letters of a column, from 1: A, B, …, Z, AA."""
    letters = ""
    while number > 0:
        number, rest = divmod(number - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


@dataclass(slots=True)
class MergedValues:
    """Values of merged cells, carried into the rows that the merges cover."""

    merges: Iterable[Merge]
    _pending: list[Merge] = field(init=False)
    _active: dict[int, tuple[Merge, Any]] = field(init=False, default_factory=dict)
    """Merges that reach the current row, by first column: of several, the last one counts."""

    def __post_init__(self) -> None:
        tall = (each for each in self.merges if each.bottom > each.top)
        self._pending = sorted(tall, key=lambda each: each.top, reverse=True)

    def filled(self, rows: Iterable[SheetRow]) -> Iterator[SheetRow]:
        """Yield the rows; a merged value counts for each row of its merge that holds anything."""
        if not self._pending:
            yield from rows
            return
        for row in rows:
            self._advance(row)
            if self._active and not all(map(is_blank, row.cells)):
                for merge, value in self._active.values():
                    if merge.left <= len(row.cells) and is_blank(row.cells[merge.left - 1]):
                        row.cells[merge.left - 1] = value
            yield row

    def _advance(self, row: SheetRow) -> None:
        ended = [left for left, (merge, _) in self._active.items() if merge.bottom < row.line]
        for left in ended:
            del self._active[left]
        while self._pending and self._pending[-1].top <= row.line:
            merge = self._pending.pop()
            if merge.top == row.line and merge.left <= len(row.cells):
                self._active[merge.left] = merge, row.cells[merge.left - 1]


ERRORS: Mapping[str, str] = {
    "#REF!": "引用无效",
    "#N/A": "无可用数值",
    "#VALUE!": "数值类型错误",
    "#DIV/0!": "除数为零",
    "#NAME?": "名称未知",
    "#NUM!": "数字无效",
    "#NULL!": "区域为空",
    "#SPILL!": "溢出",
    "#CALC!": "计算错误",
    "#GETTING_DATA": "数据未加载",
}
"""Errors that a spreadsheet shows in place of a value."""


def error_cell(text: str) -> FaultyCell:
    """Return the cell of a spreadsheet's error."""
    zh = ERRORS.get(text, "错误")
    return FaultyCell(
        text,
        Fault(
            f"holds the error {text}; correct the formula, or write the value",
            f"单元格为错误值 {text}（{zh}），请更正公式或直接填写",
        ),
    )


def uncalculated_cell() -> FaultyCell:
    """Return the cell of a formula whose result the file does not hold."""
    return FaultyCell(
        "",
        Fault(
            "holds a formula without a result, and formulas are never calculated here; open the "
            "file in a spreadsheet and save it, or write the value",
            "单元格为公式且未保存计算结果，系统不计算公式；请用电子表格软件打开并保存，或直接填写",
        ),
    )
