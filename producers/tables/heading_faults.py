"""Messages on the headings of a file: refusals of the whole file, and facts worth knowing."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path

from producers.tables.headings import Column, Heading, folded_heading, shown_heading
from producers.tables.sheets import (
    LONGEST_NAME,
    MOST_COLUMNS,
    Fault,
    Sheet,
    SheetRow,
    column_letters,
    is_blank,
)
from producers.tables.table_model import KnownHeadings
from roost.errors import Invalid

SHOWN_HEADINGS = 15
"""Headings that a message lists."""
LONGEST_LINE = 80
"""Characters of a file's line that a message repeats."""
_LONG_NUMBER = re.compile(r"\d{5,}")


def check_columns(path: Path, sheet: Sheet, heading: Heading, known: KnownHeadings) -> None:
    """Raise Invalid for too many columns, long names, and two known columns of one name."""
    count = len(heading.columns)
    if count > MOST_COLUMNS or any(len(each.name) > LONGEST_NAME for each in heading.columns):
        where, where_zh = _place(sheet, heading)
        raise Invalid(
            f"{path.name}: the headings ({where}) name {count} columns; at most {MOST_COLUMNS} of "
            f"at most {LONGEST_NAME} characters are read.",
            f"{path.name}：表头（{where_zh}）有 {count} 列；最多 {MOST_COLUMNS} 列，"
            f"列名最长 {LONGEST_NAME} 个字符。",
        )
    by_name: dict[str, list[Column]] = defaultdict(list)
    for column in heading.columns:
        name = next((each for each in (column.name, column.inner) if each and each in known), None)
        if name is not None:
            by_name[folded_heading(name)].append(column)
    for columns in by_name.values():
        if len(columns) > 1:
            raise _repeated(path, sheet, heading, columns)


def _repeated(path: Path, sheet: Sheet, heading: Heading, columns: Sequence[Column]) -> Invalid:
    where, where_zh = _place(sheet, heading)
    numbers = [_number(sheet, each.number) for each in columns]
    name = columns[0].name
    return Invalid(
        f"{path.name}: {len(columns)} columns are called {name!r} (columns "
        f"{' and '.join(numbers)}, {where}); rename or delete all but one.",
        f"{path.name}：有 {len(columns)} 列名为“{name}”（第 {'、'.join(numbers)} 列，"
        f"{where_zh}），请改名或只保留一列。",
    )


def _number(sheet: Sheet, number: int) -> str:
    return f"{number} ({column_letters(number)})" if sheet.is_spreadsheet else str(number)


def _place(sheet: Sheet, heading: Heading) -> tuple[str, str]:
    """Return the place of the headings in both languages."""
    row = heading.lines[0]
    if sheet.name:
        return f"sheet {sheet.name}, row {row}", f"工作表“{sheet.name}”第 {row} 行"
    return f"row {row}", f"第 {row} 行"


def headings_missing(path: Path, known: KnownHeadings, first: SheetRow | None) -> Invalid:
    """Return the error for a file in which no headings were found: its first line, and examples."""
    if first is None:
        return Invalid(f"{path.name}: the file holds no rows.", f"{path.name}：文件中没有数据行。")
    line = "，".join(filter(None, map(shown_heading, map(str, first.cells))))
    line = _LONG_NUMBER.sub("…", line)[:LONGEST_LINE]
    names = known.names[:SHOWN_HEADINGS]
    more = " …" if len(known.names) > SHOWN_HEADINGS else ""
    return Invalid(
        f"{path.name}: no headings were found; row {first.line} reads “{line}”. Put a row with the "
        f"names of the columns above the table, such as: {', '.join(names)}{more}.",
        f"{path.name}：未找到表头；第 {first.line} 行为“{line}”。请在数据上方加一行列名，例如："
        f"{'、'.join(names)}{more}。",
    )


def sheets_without_headings(names: Sequence[str]) -> Fault:
    """Return the fact that some sheets hold no table."""
    return Fault(
        f"sheets without known headings are not read: {', '.join(names)}",
        f"以下工作表没有可识别的表头，未读取：{'、'.join(names)}",
    )


def titles_passed(sheet: Sheet, heading: Heading, filled: Sequence[SheetRow]) -> list[Fault]:
    """Return the fact that lines above the headings are passed over, if there are any."""
    above = [
        row for row in filled if row.line < heading.lines[0] and not all(map(is_blank, row.cells))
    ]
    if not above:
        return []
    where, where_zh = _place(sheet, heading)
    return [
        Fault(
            f"the headings are in {where}; {len(above)} lines above them are passed over",
            f"表头位于{where_zh}，其上 {len(above)} 行已跳过",
        )
    ]
