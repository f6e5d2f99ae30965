"""Rejected rows as a workbook: corrected and uploaded again, they are imported."""

from __future__ import annotations

import io
import json
import stat
from pathlib import Path

import openpyxl
import pytest

from producers.importing.reject_lines import write_rejects
from producers.importing.rejects_workbook import rejects_workbook, write_rejects_workbook
from roost.errors import Invalid
from tests.unit.producers.import_runs import WORKER, P, imported_table, run_import

BAD = WORKER | {"姓名": "李四", "编号": "0012", "现居住地": "无此地方", "技能": "=1+1"}


def rejected_lines(folder: Path) -> list[str]:
    found = imported_table(folder, "profiles", P, WORKER, BAD, mapping="zh_profiles")
    out = io.StringIO()
    for outcome in found.outcomes:
        write_rejects(out)(outcome)
    return out.getvalue().splitlines()


@pytest.mark.parametrize(
    ("chinese", "heading", "words"),
    [
        (True, "未导入原因", "第 3 行：技能："),
        (False, "Reasons for rejection", "Row 3: 技能 "),
    ],
)
def test_the_reasons_are_in_one_more_column_in_the_clerks_language(
    tmp_path: Path, chinese: bool, heading: str, words: str
) -> None:
    data = rejects_workbook(rejected_lines(tmp_path), chinese=chinese)
    sheet = openpyxl.load_workbook(io.BytesIO(data)).worksheets[0]
    head, row = ([cell.value for cell in each] for each in sheet.iter_rows())
    assert head == [*P.split(","), heading]
    assert str(row[-1]).startswith(words)
    assert row[0] == "0012"


def test_no_cell_is_a_formula_and_all_stay_text(tmp_path: Path) -> None:
    data = rejects_workbook(rejected_lines(tmp_path), chinese=True)
    sheet = openpyxl.load_workbook(io.BytesIO(data)).worksheets[0]
    cells = [cell for row in sheet.iter_rows() for cell in row if cell.value is not None]
    assert {cell.data_type for cell in cells} == {"s"}
    assert {cell.number_format for cell in cells} == {"@"}
    assert next(cell for cell in cells if cell.value == "=1+1").quotePrefix


def test_a_corrected_workbook_is_imported_and_its_reasons_ignored(tmp_path: Path) -> None:
    path = tmp_path / "corrected.xlsx"
    path.write_bytes(rejects_workbook(rejected_lines(tmp_path), chinese=True))
    book = openpyxl.load_workbook(path)
    book.worksheets[0].cell(2, P.split(",").index("现居住地") + 1, "太原市")
    book.worksheets[0].cell(2, P.split(",").index("技能") + 1, "焊接")
    book.save(path)
    found = run_import(path, "profiles", "zh_profiles")
    assert (found.fact["identifier"], found.fact["name"]) == ("0012", "李四")
    assert found.summary.notices == []


def test_the_workbook_is_private(tmp_path: Path) -> None:
    lines = tmp_path / "a.rejects.jsonl"
    lines.write_text("\n".join(rejected_lines(tmp_path)), encoding="utf-8")
    out = tmp_path / "a.xlsx"
    write_rejects_workbook(lines, out, chinese=True)
    assert stat.S_IMODE(out.stat().st_mode) == 0o600


def test_sheets_stay_apart_and_json_is_refused() -> None:
    reasons = [{"field": "x", "message": "bad", "messageZh": "有误"}]
    lines = [
        json.dumps({"line": 2, "sheet": name, "reasons": reasons, "row": {"a": "1"}})
        for name in ("岭泉镇", "凤台/镇")
    ]
    book = openpyxl.load_workbook(io.BytesIO(rejects_workbook(lines, chinese=True)))
    assert book.sheetnames == ["岭泉镇", "凤台_镇"]
    nested = json.dumps({"line": 1, "reasons": reasons, "row": {"a": {"b": 1}}})
    with pytest.raises(Invalid, match="JSON"):
        rejects_workbook([nested], chinese=False)
