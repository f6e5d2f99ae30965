"""Rejected rows as a workbook: the file's own columns and the reasons, to correct and send again.

All cells are texts: a spreadsheet neither runs them as formulas nor shortens a corrected number.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from io import BytesIO
from pathlib import Path
from typing import Any

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Font
from openpyxl.utils.exceptions import IllegalCharacterError

from producers.importing.readable_sheet import make_readable
from producers.mappings.resolved_mapping import PLACE, REASONS
from producers.rejected_rows import open_private

LONGEST_CELL = 32_000
"""Characters of a cell; a spreadsheet takes 32,767."""
LONGEST_SHEET_NAME = 31
FORMULA = ("=", "+", "-", "@", "＝", "＋", "－", "＠", "\t", "\r", "\n")
"""Beginnings of a formula, also in spreadsheets of East Asian locales."""


def rejects_in(path: Path) -> Iterator[dict[str, Any]]:
    """Yield the rejected rows of a file of them; a line that is not complete ends it."""
    with path.open(encoding="utf-8") as lines:
        for line in lines:
            try:
                yield json.loads(line)
            except ValueError:
                return


def reject_workbook(rows: Iterable[dict[str, Any]], language: str) -> bytes:
    """Return the workbook of some rejected rows: one sheet for each sheet of the file."""
    book = Workbook(write_only=True)
    sheets: dict[str, tuple[Any, dict[str, None]]] = {}
    by_sheet: dict[str, list[dict[str, Any]]] = {}
    for row in rows:
        by_sheet.setdefault(str(row.get("sheet") or ""), []).append(row)
    if not by_sheet:  # a workbook has at least one sheet
        by_sheet[""] = []
    for name, rejected in by_sheet.items():
        columns = dict.fromkeys(column for row in rejected for column in row["row"])
        sheet = book.create_sheet(_sheet_name(name, len(sheets)))
        sheets[name] = sheet, columns
        header = (*columns, REASONS[language], PLACE[language])
        cells = [_cells(row, columns, language) for row in rejected]
        make_readable(sheet, [[_as_text(each) for each in row] for row in (header, *cells)])
        sheet.append([_bold(sheet, each) for each in header])
        for values in cells:
            sheet.append([_cell(sheet, each) for each in values])
    if not sheets:
        book.create_sheet("1")
    written = BytesIO()
    book.save(written)
    return written.getvalue()


def write_reject_workbook(rejects: Path, out: Path, language: str) -> None:
    """Write the workbook of a file of rejected rows, which only its owner can read."""
    data = reject_workbook(rejects_in(rejects), language)
    open_private(out).close()
    out.write_bytes(data)


def _sheet_name(name: str, number: int) -> str:
    plain = "".join("_" if each in "[]:*?/\\'" else each for each in name)[: LONGEST_SHEET_NAME - 3]
    return plain.strip() or str(number + 1)


def _reasons(row: dict[str, Any], language: str) -> str:
    """Return the reasons, each with its column."""
    message, colon, comma = (
        ("messageZh", "：", "；") if language == "zh" else ("message", ": ", "; ")
    )
    return comma.join(
        each[message] if each["field"].startswith("(") else f"{each['field']}{colon}{each[message]}"
        for each in row["reasons"]
    )


def _place(row: dict[str, Any]) -> str:
    return f"{row['sheet']}!{row['line']}" if row.get("sheet") else str(row["line"])


def _cells(row: dict[str, Any], columns: Iterable[str], language: str) -> list[Any]:
    values = [row["row"].get(column, "") for column in columns]
    return [*values, _reasons(row, language), _place(row)]


def _bold(sheet: Any, value: Any) -> Any:
    cell = _cell(sheet, value)
    cell.font = Font(bold=True)
    return cell


def _cell(sheet: Any, value: Any) -> Any:
    """Return a cell of text, never a formula."""
    text = _as_text(value)
    try:
        cell = WriteOnlyCell(sheet, text)
    except IllegalCharacterError:
        cell = WriteOnlyCell(sheet, "".join(each for each in text if each.isprintable()))
    if cell.value:
        cell.data_type = "s"
        cell.quotePrefix = text.lstrip(" ").startswith(FORMULA)
    cell.number_format = "@"
    return cell


def _as_text(value: Any) -> str:
    if isinstance(value, list | dict):
        value = json.dumps(value, ensure_ascii=False)
    return "" if value is None else str(value)[:LONGEST_CELL]
