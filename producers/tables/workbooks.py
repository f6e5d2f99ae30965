"""Sheets of a workbook (XLSX, XLS, ODS): the visible ones, with their cells as text.

Formulas are never evaluated: a cell holds the result that the file stores, or is reported.
"""

from __future__ import annotations

import posixpath
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

from producers.tables.open_document import survey_open_document
from producers.tables.sheet_survey import SheetFacts, survey_sheet
from producers.tables.sheets import Fault, FaultyCell, Merge, Sheet, SheetRow
from producers.tables.workbook_archive import WorkbookArchive, elements
from producers.tables.workbook_process import WorkbookProcess

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
    book = WorkbookProcess(path)
    for name, visible, has_cells in book.sheets:
        if visible and has_cells:
            yield _sheet(book, name, survey)
    if hidden := [name for name, visible, _ in book.sheets if not visible]:
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


def _sheet(book: WorkbookProcess, name: str, survey: _Survey) -> Sheet:
    facts = survey.facts.get(name, SheetFacts())
    merges = survey.merges.get(name) or book.merges(name)
    notices = [_hidden_rows(name, facts.hidden)] if facts.hidden else []
    if not survey.knows_rows:
        notices.append(_unknown_rows(name))
    again = partial(_rows, book, name, facts)
    return Sheet(again(), name, tuple(merges), tuple(notices), is_spreadsheet=True, again=again)


def _rows(book: WorkbookProcess, name: str, facts: SheetFacts) -> Iterator[SheetRow]:
    """Yield the rows from the first column on; a cell without a usable value is a FaultyCell."""
    by_line: dict[int, list[tuple[int, FaultyCell]]] = {}
    for (line, column), cell in facts.faults.items():
        by_line.setdefault(line, []).append((column, cell))
    for line, row in enumerate(book.rows(name), start=1):
        cells: list[Any] = row
        for column, cell in by_line.get(line, ()):
            cells += [""] * (column - len(cells))
            cells[column - 1] = cell
        yield SheetRow(line, cells)


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
