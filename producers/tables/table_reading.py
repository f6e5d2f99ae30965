"""Reading of a file's tables: each visible sheet with known headings, whatever its format.

A file whose headings are not found, or are ambiguous, is refused once, before its first row.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from itertools import chain, islice
from pathlib import Path
from typing import Any

from producers.tables.column_order import ColumnOrder, side_by_side, side_by_side_notice
from producers.tables.delimited_text import LONG_CELL, text_sheet
from producers.tables.file_kinds import FileKind, file_kind
from producers.tables.heading_faults import (
    check_columns,
    headings_missing,
    sheets_without_headings,
    titles_passed,
)
from producers.tables.headings import (
    SEARCHED_ROWS,
    Heading,
    find_heading,
    folded_heading,
    known_name,
    likely_heading,
)
from producers.tables.json_documents import json_records
from producers.tables.passed_rows import PassedRow, passed_row, section_lines
from producers.tables.sheets import (
    LONGEST_CELL,
    Fault,
    MergedValues,
    Sheet,
    SheetRow,
    column_letters,
    is_blank,
)
from producers.tables.table_model import ImportRow, KnownHeadings, Table, TableFile
from producers.tables.workbooks import workbook_sheets

LENGTH_LIMIT = LONGEST_CELL
REMEMBERED_CELLS = 2_000
"""Different cells of a column that are yielded once."""


def open_tables(
    path: Path, known: KnownHeadings, *, encoding: str | None = None, guess: bool = False
) -> TableFile:
    """Open a file and find its tables; rows are read as they are asked for.

    With `guess`, a sheet without known headings has those that look like headings. Raises Invalid
    for a file that cannot be read, in which no headings are found, or with two columns of one name.
    """
    kind, found = file_kind(path, encoding)
    if kind is FileKind.JSON:
        rows = (ImportRow(line, *rest) for line, *rest in json_records(path, found))
        return TableFile(kind, found, [Table("", (), rows)], [])
    if kind is FileKind.TEXT:
        sheets: Iterable[Sheet] = [text_sheet(path, found, known.__contains__)]
    else:
        sheets = workbook_sheets(path, kind.value)
    return _with_headings(path, TableFile(kind, found, [], []), sheets, known, guess=guess)


def _with_headings(
    path: Path, file: TableFile, sheets: Iterable[Sheet], known: KnownHeadings, *, guess: bool
) -> TableFile:
    """Add the tables of the sheets to a file. Raises Invalid if none has headings."""
    skipped: list[str] = []
    first_line: SheetRow | None = None
    for sheet in sheets:
        file.notices.extend(sheet.notices)
        rows = iter(sheet.rows)
        top = _top(rows)
        filled = [row for row in top if not all(map(is_blank, row.cells))]
        heading = find_heading(top, known.__contains__, sheet.merges)
        if heading is None and guess:
            heading = likely_heading(top)
        if heading is not None:
            heading, positions = side_by_side(heading, known.__contains__)
            if len(positions) > 1:
                file.notices.append(side_by_side_notice(sheet.name, len(positions)))
            check_columns(path, sheet, heading, known)
            table = _table(sheet, heading, chain(top, rows), known, positions)
            file.tables.append(table)
            file.notices.extend(titles_passed(sheet, heading, filled))
        elif filled:
            skipped.append(sheet.name)
            first_line = first_line or filled[0]
    if not file.tables:
        raise headings_missing(path, known, first_line)
    if skipped:
        file.notices.append(sheets_without_headings(skipped))
    return file


def _top(rows: Iterator[SheetRow]) -> list[SheetRow]:
    """Take rows until enough of them hold something."""
    top: list[SheetRow] = []
    filled = 0
    for row in islice(rows, 50 * SEARCHED_ROWS):
        top.append(row)
        filled += not all(map(is_blank, row.cells))
        if filled >= SEARCHED_ROWS:
            break
    return top


def _table(
    sheet: Sheet,
    heading: Heading,
    rows: Iterable[SheetRow],
    known: KnownHeadings,
    positions: list[list[int]],
) -> Table:
    names = list(column_names(heading, known.__contains__).values())
    table = Table(sheet.name, tuple(names), iter(()), heading)
    table.rows = _entries(sheet, table, heading, ColumnOrder(names, positions), rows)
    if sheet.again is not None:
        order = partial(ColumnOrder, names, positions)
        table.different = partial(_different_cells, sheet, heading, order, sheet.again)
    return table


def _different_cells(
    sheet: Sheet,
    heading: Heading,
    new_order: Callable[[], ColumnOrder],
    again: Callable[[], Iterable[SheetRow]],
    columns: Sequence[str],
) -> Iterator[tuple[str, Any]]:
    """Yield the different cells of some columns below the headings, of entries only."""
    order = new_order()
    seen: dict[str, set[Any]] = {name: set() for name in columns}
    wanted = _wanted(order, columns)
    last = max(heading.lines)
    for row in MergedValues(sheet.merges).filled(again()):
        if row.line <= last or row.fault is not None:
            continue
        if order.follow(row.cells):
            wanted = _wanted(order, columns)
            continue
        for number, name in wanted:
            cell = row.cells[number] if number < len(row.cells) else ""
            if not cell or cell in seen[name] or passed_row(row.cells, heading) is not None:
                continue
            if len(seen[name]) < REMEMBERED_CELLS:
                seen[name].add(cell)
            yield name, cell


def _wanted(order: ColumnOrder, columns: Sequence[str]) -> list[tuple[int, str]]:
    return [
        (number, key)
        for numbers in order.tables
        for number, key in zip(numbers, order.keys, strict=True)
        if key in columns
    ]


def column_names(heading: Heading, is_known: Callable[[str], bool]) -> dict[int, str]:
    """Return the name of each column by its number: different ones, the known spelling of two."""
    names: dict[int, str] = {}
    taken: Counter[str] = Counter()
    for column in heading.columns:
        name = known_name(column, is_known) or column.name
        taken[folded_heading(name)] += 1
        if taken[folded_heading(name)] > 1:
            name = f"{name} ({column_letters(column.number)})"
        names[column.number] = name
    return names


def _entries(
    sheet: Sheet, table: Table, heading: Heading, order: ColumnOrder, rows: Iterable[SheetRow]
) -> Iterator[ImportRow]:
    """Yield the entries below the headings; count the rows that are passed over."""
    sections = section_lines(sheet.merges, heading)
    last = max(heading.lines)
    for row in MergedValues(sheet.merges).filled(rows):
        if row.line <= last:
            continue
        if row.fault is not None:
            values = dict(zip(order.keys, row.cells, strict=False)) if order.in_order else {}
            yield ImportRow(row.line, values, row.fault, sheet.name)
            continue
        reason = passed_row(row.cells, heading)
        if reason is None and row.line in sections and _is_single(row.cells):
            reason = PassedRow.NOTE
        if reason in (None, PassedRow.HEADING) and order.follow(row.cells):
            reason = PassedRow.HEADING
            table.unnamed.update(column_letters(number + 1) for number in order.unread)
        if reason is not None:
            table.passed[reason] += 1
            continue
        yield from _entries_of(sheet, table, row, order)


def _entries_of(
    sheet: Sheet, table: Table, row: SheetRow, order: ColumnOrder
) -> Iterator[ImportRow]:
    """Yield the entry of a row, or those of tables side by side that are not blank in it."""
    cells = row.cells
    if [cell for cell in cells if type(cell) is str and len(cell) > LENGTH_LIMIT]:
        yield ImportRow(row.line, {}, LONG_CELL, sheet.name)
        return
    fault = None
    width = sum(map(len, order.tables))
    if len(cells) > width:
        extra = _unnamed(cells, order)
        if extra and not sheet.is_spreadsheet:
            fault = _too_many(len(cells), width)
        table.unnamed.update(map(column_letters, extra))
    if order.in_order:
        yield ImportRow(row.line, dict(zip(order.keys, cells, strict=False)), fault, sheet.name)
        return
    for numbers in order.tables:
        values = {
            key: cells[number] if number < len(cells) else ""
            for key, number in zip(order.keys, numbers, strict=True)
        }
        if len(order.tables) == 1 or not all(map(is_blank, values.values())):
            yield ImportRow(row.line, values, fault, sheet.name)


def _unnamed(cells: list[Any], order: ColumnOrder) -> list[int]:
    """Return the numbers, from 1, of columns that hold values and have no heading."""
    named = {number for numbers in order.tables for number in numbers}
    return [
        number + 1
        for number, cell in enumerate(cells)
        if number not in named and not is_blank(cell)
    ]


def _is_single(cells: list[Any]) -> bool:
    return sum(not is_blank(cell) for cell in cells) == 1


def _too_many(values: int, columns: int) -> Fault:
    return Fault(
        f"{values} values for {columns} columns; put a cell that holds the separator in quotation "
        "marks",
        f"该行有 {values} 个值，而表头只有 {columns} 列；含分隔符的单元格请加引号",
    )
