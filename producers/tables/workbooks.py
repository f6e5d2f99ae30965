"""Sheets of a workbook (XLSX, XLS, ODS): the visible ones, with their cells as text.

Formulas are never evaluated: a cell holds the result that the file stores, or is reported.
"""

from __future__ import annotations

import posixpath
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from functools import partial
from pathlib import Path
from typing import Any

from python_calamine import (
    CalamineError,
    CalamineSheet,
    CalamineWorkbook,
    PasswordError,
    SheetTypeEnum,
    SheetVisibleEnum,
)

from producers.tables.open_document import survey_open_document
from producers.tables.sheet_survey import SheetFacts, survey_sheet
from producers.tables.sheets import Fault, FaultyCell, Merge, Sheet, SheetRow
from producers.tables.workbook_archive import WorkbookArchive, elements, unreadable
from roost.errors import Invalid

EXACT_DIGITS = 15
"""Digits of a number that a spreadsheet keeps (IEEE 754 double precision)."""
SHOWN_LINES = 8
"""Line numbers that a notice lists."""


@dataclass(slots=True)
class _Survey:
    """Facts of a workbook's sheets, by name; `knows_rows` is whether hidden rows are known."""

    facts: dict[str, SheetFacts] = field(default_factory=dict)
    merges: dict[str, list[Merge]] = field(default_factory=dict)
    knows_rows: bool = True


def workbook_sheets(path: Path, kind: str) -> Iterator[Sheet]:
    """Yield the visible sheets of a workbook of the kind `xlsx`, `ods` or `xls`; each is read late.

    The last one may be a sheet without rows that carries notices on hidden sheets. Raises Invalid
    for a workbook that is damaged, protected or too large.
    """
    survey = _surveyed(path, kind)
    try:
        with path.open("rb") as file:  # a path's ending would decide the format
            book = CalamineWorkbook.from_filelike(file)
    except PasswordError as error:
        raise _protected(path) from error
    except Exception as error:  # calamine's errors have no common base
        raise unreadable(path) from error
    hidden = [
        each.name for each in book.sheets_metadata if each.visible != SheetVisibleEnum.Visible
    ]
    for each in book.sheets_metadata:
        if each.name not in hidden and each.typ == SheetTypeEnum.WorkSheet:
            yield _sheet(path, book, each.name, survey)
    if hidden:
        yield Sheet((), "", notices=(_hidden_sheets(hidden),), is_spreadsheet=True)


def _surveyed(path: Path, kind: str) -> _Survey:
    """Return the facts that calamine does not give, after checking the sizes of all parts."""
    if kind == "xls":
        return _Survey(knows_rows=False)
    archive = WorkbookArchive(path)
    survey = _Survey()
    try:
        names = _sheet_parts(archive) if kind == "xlsx" else {}
        for part in archive.names():
            if part in names:
                facts = survey_sheet(path, names[part], archive.pieces(part))
                survey.facts[names[part]] = facts
            elif kind == "ods" and part == "content.xml":
                document = survey_open_document(path, archive.pieces(part))
                survey.facts, survey.merges = document.sheets, document.merges
            else:
                for _ in archive.pieces(part):
                    pass  # the size of each part counts
    finally:
        archive.close()
    return survey


def _sheet_parts(archive: WorkbookArchive) -> dict[str, str]:
    """Return the names of an XLSX file's sheets by the part that holds each."""
    targets = {
        each["Id"]: posixpath.normpath(
            posixpath.join("xl", each["Target"].lstrip("/").removeprefix("xl/"))
        )
        for name, each in elements(archive.small_part("xl/_rels/workbook.xml.rels") or b"<x/>")
        if name == "Relationship" and "Id" in each and "Target" in each
    }
    found = {}
    for name, each in elements(archive.small_part("xl/workbook.xml") or b"<x/>"):
        if name == "sheet":
            relation = next((value for key, value in each.items() if key.endswith(":id")), "")
            found[targets.get(relation, "")] = each.get("name", "")
    return found


def _sheet(path: Path, book: CalamineWorkbook, name: str, survey: _Survey) -> Sheet:
    facts = survey.facts.get(name, SheetFacts())
    try:
        cells = book.get_sheet_by_name(name)
        merges = survey.merges.get(name) or _merges(cells)
    except (CalamineError, ValueError, OSError) as error:
        raise unreadable(path) from error
    notices = [_hidden_rows(name, facts.hidden)] if facts.hidden else []
    if not survey.knows_rows:
        notices.append(_unknown_rows(name))
    return Sheet(
        _rows(cells, facts),
        name,
        tuple(merges),
        tuple(notices),
        is_spreadsheet=True,
        again=partial(_rows, cells, facts),
    )


def _merges(cells: CalamineSheet) -> list[Merge]:
    return [
        Merge(top + 1, left + 1, bottom + 1, right + 1)
        for (top, left), (bottom, right) in cells.merged_cell_ranges or ()
    ]


def _rows(cells: CalamineSheet, facts: SheetFacts) -> Iterator[SheetRow]:
    """Yield the rows from the first column on; a cell without a usable value is a FaultyCell."""
    indent = [""] * (cells.start[1] if cells.start else 0)
    by_line: dict[int, list[tuple[int, FaultyCell]]] = {}
    for (line, column), cell in facts.faults.items():
        by_line.setdefault(line, []).append((column, cell))
    for line, values in enumerate(cells.iter_rows(), start=1):
        row: list[Any] = [each if type(each) is str else cell_text(each) for each in values]
        if indent:
            row = indent + row
        for column, cell in by_line.get(line, ()):
            row += [""] * (column - len(row))
            row[column - 1] = cell
        yield SheetRow(line, row)


def cell_text(value: Any) -> str:
    """Return the text of a cell as a spreadsheet shows it.

    A number of more than 15 digits is shown in exponential form: the others are lost.
    """
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        if abs(value) >= 10**EXACT_DIGITS:
            return f"{value:.14E}"
        return f"{value:.{EXACT_DIGITS}g}" if value != int(value) else str(int(value))
    if isinstance(value, datetime):
        if value.time() == time():
            return value.date().isoformat()
        return value.isoformat(sep=" ", timespec="seconds")
    if isinstance(value, date | time):
        return value.isoformat()
    if isinstance(value, timedelta):
        return str(value)
    return str(value)


def _listed(lines: list[int], comma: str) -> str:
    shown = comma.join(map(str, lines[:SHOWN_LINES]))
    return shown + (" …" if len(lines) > SHOWN_LINES else "")


def _hidden_rows(name: str, lines: list[int]) -> Fault:
    return Fault(
        f"{name}: {len(lines)} rows are hidden by a filter or by hand, and are read like the "
        f"others (rows {_listed(lines, ', ')})",
        f"{name}：有 {len(lines)} 行被筛选或隐藏，仍按普通行读取（第 {_listed(lines, '、')} 行）",
    )


def _unknown_rows(name: str) -> Fault:
    return Fault(
        f"{name}: in this old format (XLS) hidden rows cannot be told from others; all are read",
        f"{name}：旧格式（XLS）无法识别隐藏行，已全部读取",
    )


def _hidden_sheets(names: list[str]) -> Fault:
    return Fault(
        f"hidden sheets are not read: {', '.join(names)}; show them in the spreadsheet to import "
        "them",
        f"隐藏的工作表未读取：{'、'.join(names)}；如需导入，请先取消隐藏",
    )


def _protected(path: Path) -> Invalid:
    return Invalid(
        f"{path.name}: the workbook is protected by a password; save it without one.",
        f"{path.name}：工作簿设有密码，请取消密码后保存再上传。",
    )
