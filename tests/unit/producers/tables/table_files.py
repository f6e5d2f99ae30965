"""Files that tests write and open as tables."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import openpyxl
from openpyxl.worksheet.worksheet import Worksheet

from producers.tables.table_model import ImportRow, KnownHeadings, TableFile
from producers.tables.table_reading import open_tables

W = ["编号", "车间名称", "岗位", "岗位说明", "技能要求", "地点", "工资下限", "工资上限",
     "计薪方式", "日均件数", "招工人数", "住宿", "工作餐", "福利"]  # fmt: skip
D = "identifier,title,hiringOrganization.id,hiringOrganization.name,jobLocation,description"
WORKSHOPS = KnownHeadings(W)
DIRECT = KnownHeadings(D.split(","))
WORKSHOP_ROW = ["A1", "某厂", "装配工", "", "", "太原市", 120, 150, "天", None, 3, "是", "是", ""]


def opened(path: Path, known: KnownHeadings = WORKSHOPS, **options: Any) -> TableFile:
    return open_tables(path, known, **options)


def rows_of(path: Path, known: KnownHeadings = WORKSHOPS, **options: Any) -> list[ImportRow]:
    return list(opened(path, known, **options).rows())


def text_file(path: Path, text: str, encoding: str = "utf-8") -> Path:
    path.write_bytes(text.encode(encoding))
    return path


def workbook_file(path: Path, *sheets: tuple[str, Sequence[Sequence[Any]]]) -> Path:
    """Write a workbook with the given sheets; return its path."""
    book = openpyxl.Workbook()
    book.remove(book.worksheets[0])
    for name, rows in sheets:
        fill(book.create_sheet(name), rows)
    book.save(path)
    return path


def fill(sheet: Worksheet, rows: Sequence[Sequence[Any]], row: int = 1, column: int = 1) -> None:
    """Write rows into a sheet, beginning at a cell."""
    for below, values in enumerate(rows):
        for right, value in enumerate(values):
            sheet.cell(row + below, column + right, value)
