"""Rejected rows as a workbook: the file's own columns, and one with the reasons.

A clerk corrects the rows in it and uploads it again; the column of reasons is ignored then. All
cells are text, so that a spreadsheet neither evaluates nor shortens them.
"""

from __future__ import annotations

import io
import json
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Font
from openpyxl.utils.exceptions import IllegalCharacterError

from producers.mappings.resolved_mapping import REASONS_HEADINGS
from roost.errors import Invalid

LONGEST_CELL = 32_767
"""Characters that a cell of a workbook holds."""
LONGEST_SHEET_NAME = 31
_FORBIDDEN = str.maketrans(dict.fromkeys("[]:*?/\\", "_"))
_FORMULA = ("=", "+", "-", "@", "＝", "＋", "－", "＠", "\t", "\r", "\n")


@dataclass(slots=True)
class _RejectedSheet:
    """Rejected rows of one sheet, and the union of their columns in the order of the file."""

    columns: dict[str, None] = field(default_factory=dict)
    rows: list[tuple[Mapping[str, Any], str]] = field(default_factory=list)


def rejects_workbook(lines: Iterable[str], *, chinese: bool) -> bytes:
    """Return the workbook of the lines of a file of rejected rows.

    Raises Invalid for rows of a JSON file, which no table holds.
    """
    sheets: dict[str, _RejectedSheet] = defaultdict(_RejectedSheet)
    for line in lines:
        rejected = json.loads(line)
        sheet = sheets[rejected.get("sheet") or ""]
        sheet.columns |= dict.fromkeys(rejected["row"])
        sheet.rows.append((rejected["row"], _reasons(rejected, chinese=chinese)))
    book = Workbook(write_only=True)
    for name, sheet in (sheets or {"": _RejectedSheet()}).items():
        _add_sheet(book, name, sheet, chinese=chinese)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def write_rejects_workbook(rejects: Path, out: Path, *, chinese: bool) -> None:
    """Write the workbook of a file of rejected rows; only its owner can read it."""
    with rejects.open(encoding="utf-8") as lines:
        data = rejects_workbook(lines, chinese=chinese)
    out.touch(mode=0o600)
    out.chmod(0o600)
    out.write_bytes(data)


def _reasons(rejected: Mapping[str, Any], *, chinese: bool) -> str:
    """Return the row's line and its reasons in one language."""
    if chinese:
        reasons = "；".join(
            f"{each['field']}：{each.get('messageZh') or each['message']}"
            for each in rejected["reasons"]
        )
        return f"第 {rejected['line']} 行：{reasons}"
    reasons = "; ".join(f"{each['field']} {each['message']}" for each in rejected["reasons"])
    return f"Row {rejected['line']}: {reasons}"


def _add_sheet(book: Workbook, name: str, sheet: _RejectedSheet, *, chinese: bool) -> None:
    written = book.create_sheet(name.translate(_FORBIDDEN)[:LONGEST_SHEET_NAME] or None)
    written.freeze_panes = "A2"
    heading = [*sheet.columns, REASONS_HEADINGS[0] if chinese else REASONS_HEADINGS[1]]
    written.append([_cell(written, each, bold=True) for each in heading])
    for row, reasons in sheet.rows:
        values = [row.get(column, "") for column in sheet.columns]
        written.append([_cell(written, each) for each in _texts(values, reasons)])


def _texts(values: Sequence[Any], reasons: str) -> list[str]:
    if any(isinstance(each, dict | list) for each in values):
        raise Invalid(
            "These rows come from a JSON file, which no spreadsheet holds; correct the JSON lines.",
            "这些行来自 JSON 文件，无法导出为表格，请直接更正 JSON。",
        )
    return ["" if each is None else str(each) for each in (*values, reasons)]


def _cell(sheet: Any, text: str, *, bold: bool = False) -> Any:
    """Return a cell of text, which a spreadsheet keeps as text also after an edit."""
    try:
        cell = WriteOnlyCell(sheet, text[:LONGEST_CELL])
    except IllegalCharacterError:
        cell = WriteOnlyCell(sheet, "".join(each for each in text if each.isprintable()))
    cell.data_type = "s"
    cell.number_format = "@"
    cell.quotePrefix = text.lstrip().startswith(_FORMULA)
    if bold:
        cell.font = Font(bold=True)
    return cell
