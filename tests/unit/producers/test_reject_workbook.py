"""Rejected rows as a workbook: corrected and uploaded again, they are imported."""

from __future__ import annotations

import io
import json
import stat
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from producers.importing.reject_workbook import reject_workbook, write_reject_workbook
from tests.unit.producers.import_runs import WORKER, P, imported_table, run_import
from tests.unit.producers.rejected import write_rejects

BAD = WORKER | {"姓名": "李四", "编号": "0012", "现居住地": "无此地方", "技能": "=1+1"}


def rejected_lines(folder: Path) -> list[str]:
    found = imported_table(folder, "profiles", P, WORKER, BAD, mapping="zh_profiles")
    out = io.StringIO()
    for outcome in found.outcomes:
        write_rejects(out)(outcome)
    return out.getvalue().splitlines()


def sheet_of(lines: list[str], language: str) -> Any:
    data = reject_workbook(map(json.loads, lines), language)
    return openpyxl.load_workbook(io.BytesIO(data)).worksheets[0]


@pytest.mark.parametrize(
    ("language", "heading", "words"),
    [
        ("zh", "未导入原因", "技能：单元格为公式"),
        ("en", "Reason for rejection", "技能: holds a formula"),
    ],
)
def test_the_reasons_are_in_one_more_column_in_the_clerks_language(
    tmp_path: Path, language: str, heading: str, words: str
) -> None:
    sheet = sheet_of(rejected_lines(tmp_path), language)
    head, row = ([cell.value for cell in each] for each in sheet.iter_rows())
    assert head[:-1] == [*P.split(","), heading]
    assert str(row[-2]).startswith(words)
    assert (row[0], row[-1]) == ("0012", "3")


def test_an_import_without_rejected_rows_has_a_workbook_of_headings() -> None:
    sheet = sheet_of([], "en")
    assert next(cell.value for cell in sheet[1]) == "Reason for rejection"


def test_no_cell_is_a_formula_and_all_stay_text(tmp_path: Path) -> None:
    sheet = sheet_of(rejected_lines(tmp_path), "zh")
    cells = [cell for row in sheet.iter_rows() for cell in row if cell.value is not None]
    assert {cell.data_type for cell in cells} == {"s"}
    assert {cell.number_format for cell in cells} == {"@"}
    assert next(cell for cell in cells if cell.value == "=1+1").quotePrefix


@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_corrected_workbook_is_imported_and_its_reasons_ignored(
    tmp_path: Path, language: str
) -> None:
    lines, path = tmp_path / "a.rejects.jsonl", tmp_path / "corrected.xlsx"
    lines.write_text("\n".join(rejected_lines(tmp_path)), encoding="utf-8")
    write_reject_workbook(lines, path, language)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    book = openpyxl.load_workbook(path)
    for heading, value in (("现居住地", "太原市"), ("技能", "焊接")):
        book.worksheets[0].cell(2, P.split(",").index(heading) + 1, value)
    book.save(path)
    found = run_import(path, "profiles", "zh_profiles")
    assert (found.fact["identifier"], found.fact["name"]) == ("0012", "李四")
    assert found.summary.notices == []
