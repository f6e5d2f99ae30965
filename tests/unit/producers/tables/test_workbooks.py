"""Workbooks as counties keep them: several sheets, titles, merged cells, filters, formulas."""

from __future__ import annotations

import zipfile
from datetime import date, datetime
from pathlib import Path

import openpyxl
import pytest

from producers.tables import workbook_archive
from producers.tables.passed_rows import PassedRow
from producers.tables.sheets import LAST_COLUMN, Merge, MergedValues, SheetRow, merges_across
from roost.errors import Invalid
from tests.unit.producers.tables.table_files import (
    WORKSHOP_ROW,
    WORKSHOPS,
    W,
    fill,
    opened,
    rows_of,
    text_file,
    workbook_file,
)

TWO_ROWS = [[*W[:6], "工资", None, *W[8:]], [*[None] * 6, "下限", "上限"]]


def numbered(number: str) -> list[object]:
    return [number, *WORKSHOP_ROW[1:]]


def test_all_visible_sheets_with_the_headings_are_read(tmp_path: Path) -> None:
    path = workbook_file(
        tmp_path / "a.xlsx",
        ("数据字典", [["代码", "名称"], ["1", "某"]]),
        ("岭泉镇", [W, numbered("A1")]),
        ("凤台镇", [W, numbered("B1"), numbered("B2")]),
        ("填写说明", [["请如实填写"]]),
    )
    book = openpyxl.load_workbook(path)
    book["数据字典"].sheet_state = "hidden"
    book.save(path)
    file = opened(path)
    assert [row.position for row in file.rows()] == ["岭泉镇!2", "凤台镇!2", "凤台镇!3"]
    notices = "\n".join(each.zh for each in file.notices)
    assert "隐藏的工作表未读取：数据字典" in notices
    assert "未读取：填写说明" in notices


def test_rows_hidden_by_a_filter_are_read_and_named(tmp_path: Path) -> None:
    path = workbook_file(tmp_path / "a.xlsx", ("S", [W, numbered("A1"), numbered("A2")]))
    book = openpyxl.load_workbook(path)
    book["S"].row_dimensions[3].hidden = True
    book.save(path)
    file = opened(path)
    assert len(list(file.rows())) == 2
    assert "rows 3" in file.notices[0].en
    assert "第 3 行" in file.notices[0].zh


@pytest.mark.parametrize("at", [(1, 1), (3, 2), (20, 5)])
def test_a_table_begins_anywhere_below_a_title(tmp_path: Path, at: tuple[int, int]) -> None:
    book = openpyxl.Workbook()
    sheet = book.worksheets[0]
    fill(sheet, [["某县2026年秋季招聘会岗位表"], W, WORKSHOP_ROW], *at)
    sheet.merge_cells(start_row=at[0], start_column=at[1], end_row=at[0], end_column=at[1] + 13)
    book.save(tmp_path / "a.xlsx")
    [row] = rows_of(tmp_path / "a.xlsx")
    assert row.line == at[0] + 2
    assert row.values["岗位"] == "装配工"


@pytest.mark.parametrize("merged", [True, False])
def test_two_heading_rows_are_joined(tmp_path: Path, merged: bool) -> None:
    book = openpyxl.Workbook()
    sheet = book.worksheets[0]
    fill(sheet, [["标题"], *TWO_ROWS, WORKSHOP_ROW])
    if merged:
        sheet.merge_cells("G2:H2")
        for letter in "ABCDEFIJKLMN":
            sheet.merge_cells(f"{letter}2:{letter}3")
    book.save(tmp_path / "a.xlsx")
    file = opened(tmp_path / "a.xlsx")
    assert file.tables[0].columns == tuple(W)
    [row] = file.rows()
    assert (row.values["工资下限"], row.values["工资上限"]) == ("120", "150")


def test_line_breaks_blanks_and_width_in_headings_do_not_matter(tmp_path: Path) -> None:
    headings = [
        "编 号",
        "车间\n名称",
        "*岗位",
        "岗位说明（必填）",
        "技能要求：",
        "地\u200b点",
        *W[6:],
    ]
    path = workbook_file(tmp_path / "a.xlsx", ("S", [headings, WORKSHOP_ROW]))
    assert opened(path).tables[0].heading is not None
    assert opened(path).tables[0].heading.known == 14  # type: ignore[union-attr]


def test_of_merges_that_overlap_one_a_column_counts() -> None:
    merges = [Merge(1, 1 + number % 2, 9, 1 << 40) for number in range(10_000)]
    assert merges_across(merges, 1) == [Merge(1, 1, 9, LAST_COLUMN)]
    filled = MergedValues(merges)
    rows = filled.filled(SheetRow(line, ["x", "y"] if line == 1 else ["", "", "z"])
                         for line in range(1, 11))  # fmt: skip
    assert [row.cells[:2] for row in rows][7:] == [["x", "y"], ["x", "y"], ["", ""]]
    assert len(filled._active) <= 2


def test_a_merged_value_counts_for_all_its_rows(tmp_path: Path) -> None:
    path = workbook_file(tmp_path / "a.xlsx", ("S", [W, *([WORKSHOP_ROW] * 4)]))
    book = openpyxl.load_workbook(path)
    book["S"].merge_cells("B2:B4")
    book["S"]["B5"] = "别厂"
    book.save(path)
    assert [row.values["车间名称"] for row in rows_of(path)] == ["某厂"] * 3 + ["别厂"]


@pytest.mark.parametrize("word", ["合计", "总 计", "小计：", "Total", "Grand total", "合计：37人"])
def test_totals_blanks_notes_and_repeated_headings_are_passed_over(
    tmp_path: Path, word: str
) -> None:
    total = [word, *[None] * 9, 37, *[None] * 3]
    rows = [W, WORKSHOP_ROW, [None] * 14, W, WORKSHOP_ROW, total, ["注：以上岗位均缴纳五险"]]
    file = opened(workbook_file(tmp_path / "a.xlsx", ("S", rows)))
    assert [row.line for row in file.rows()] == [2, 5]
    assert file.tables[0].passed == {
        PassedRow.BLANK: 1, PassedRow.HEADING: 1, PassedRow.TOTAL: 1, PassedRow.NOTE: 1
    }  # fmt: skip


def test_an_opening_called_total_is_an_entry(tmp_path: Path) -> None:
    rows = [W, ["Total", "Total 公司", "加油员", "", "", "太原市"]]
    assert len(rows_of(workbook_file(tmp_path / "a.xlsx", ("S", rows)))) == 1


def test_the_titles_of_sections_are_passed_over(tmp_path: Path) -> None:
    path = workbook_file(tmp_path / "a.xlsx", ("S", [W, ["岭泉镇"], WORKSHOP_ROW]))
    assert [row.line for row in rows_of(path)] == [2, 3]
    book = openpyxl.load_workbook(path)
    book["S"].merge_cells("A2:N2")
    book.save(path)
    assert [row.line for row in rows_of(path)] == [3]


def test_numbers_days_and_truths_are_text_as_a_sheet_shows_them(tmp_path: Path) -> None:
    cells = [13800138000, 0.1 + 0.2, 7.0, date(2026, 12, 1), datetime(2026, 12, 1, 8, 30), True]
    cells.append(110105194912310021)
    path = workbook_file(tmp_path / "a.xlsx", ("S", [W, [*cells, *["x"] * 7]]))
    [row] = rows_of(path)
    assert list(row.values.values())[:7] == [
        "13800138000", "0.3", "7", "2026-12-01", "2026-12-01 08:30:00", "true",
        "1.10105194912310E+17",
    ]  # fmt: skip


def test_formulas_are_never_evaluated(tmp_path: Path) -> None:
    path = workbook_file(tmp_path / "a.xlsx", ("S", [W, [*WORKSHOP_ROW[:6], "=100+20", "x"]]))
    [row] = rows_of(path)
    fault = row.values["工资下限"].fault
    assert "never calculated" in fault.en
    assert "公式" in fault.zh


def test_errors_of_formulas_are_no_values(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    workbook_file(path, ("S", [W, [*WORKSHOP_ROW[:6], "#REF!"]]))
    fault = rows_of(path)[0].values["工资下限"].fault
    assert "#REF!" in fault.en


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("岗位", "岗位"),
        ("岗位", "岗 位"),
        ("岗位", "岗\u200b位"),
        ("岗位", "*岗位"),
        ("岗位", "崗位"),
    ],
)
def test_two_columns_of_one_name_are_refused_once(tmp_path: Path, first: str, second: str) -> None:
    headings = [*W[:2], first, *W[3:], second]
    text = text_file(tmp_path / "a.csv", ",".join(headings) + "\n")
    with pytest.raises(Invalid, match=r"2 columns are called '岗位' \(columns 3 and 15, row 1\)"):
        opened(text)
    with pytest.raises(Invalid, match=r"columns 3 \(C\) and 15 \(O\), sheet S, row 1"):
        opened(workbook_file(tmp_path / "a.xlsx", ("S", [headings])))


def test_a_file_without_headings_is_refused_once(tmp_path: Path) -> None:
    path = text_file(tmp_path / "a.tsv", "A1\t某厂\t装配工\nA2\t某厂\t焊工\n" * 15)
    with pytest.raises(Invalid, match="no headings were found; row 1 reads") as caught:
        opened(path)
    assert "编号" in caught.value.message_zh


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("a.xlsx", b"PK\x03\x04 not a workbook", "cannot be read"),
        ("a.csv", b"%PDF-1.7", "PDF"),
        ("a.xls", b"<html><table><tr><td>1</td></tr></table></html>", "web page"),
        ("a.csv", b"  \r\n", "empty"),
        ("a.csv", b"\x00\x01\x02\x00\xff", "not a text"),
    ],
)
def test_other_files_are_named(tmp_path: Path, name: str, content: bytes, words: str) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(Invalid, match=words):
        opened(path)


def test_the_content_decides_and_not_the_ending(tmp_path: Path) -> None:
    book = workbook_file(tmp_path / "a.xlsx", ("S", [W, WORKSHOP_ROW]))
    for name in ("b.csv", "b.xls", "b"):
        assert len(rows_of(book.rename(tmp_path / name))) == 1
        book = tmp_path / name
    text = text_file(tmp_path / "c.xlsx", ",".join(W) + "\nA1\n")
    assert len(rows_of(text)) == 1


def with_part(path: Path, name: str, change: bytes, to: bytes) -> Path:
    """Replace a text within a part of a workbook."""
    with zipfile.ZipFile(path) as book:
        parts = {each: book.read(each) for each in book.namelist()}
    parts[name] = parts[name].replace(change, to)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as book:
        for each, data in parts.items():
            book.writestr(each, data)
    return path


SHEET = "xl/worksheets/sheet1.xml"


@pytest.mark.parametrize(
    "row",
    [
        b'<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>',
        b'<row r="9"><c r="ZZZZZ9"><v>1</v></c></row>',
        b"<row r='9'><c r='XFD1048570'><v>1</v></c></row>",
        b'<x:row r="9"><x:c r="XFC999999"/></x:row>',
    ],
)
def test_a_sheet_of_a_million_columns_is_refused_unread(tmp_path: Path, row: bytes) -> None:
    path = workbook_file(tmp_path / "a.xlsx", ("S", [W, WORKSHOP_ROW]))
    with pytest.raises(Invalid, match="too large; delete the rows and columns"):
        opened(with_part(path, SHEET, b"</sheetData>", row + b"</sheetData>"))


def test_a_row_of_many_megabytes_is_refused_unread(tmp_path: Path) -> None:
    path = workbook_file(tmp_path / "a.xlsx", ("S", [W, WORKSHOP_ROW]))
    cell = (
        b'<row r="9"><c r="A9" t="inlineStr"><is><t>' + b"x" * 50_000_000 + b"</t></is></c></row>"
    )
    with pytest.raises(Invalid, match="a row of the sheet S has over 8 MB"):
        opened(with_part(path, SHEET, b"</sheetData>", cell + b"</sheetData>"))


def test_a_workbook_that_unpacks_to_too_much_is_never_unpacked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = workbook_file(tmp_path / "a.xlsx", ("S", [W, WORKSHOP_ROW]))
    with_part(path, "xl/styles.xml", b"</styleSheet>", b" " * 2_000_000 + b"</styleSheet>")
    assert path.stat().st_size < 20_000
    data = bytearray(path.read_bytes())
    monkeypatch.setattr(workbook_archive, "LARGEST_WORKBOOK", 1_000_000)
    with pytest.raises(Invalid, match="unpacks to over 1 MB"):
        opened(path)
    directory = data.rindex(b"xl/styles.xml") - 46  # a false size in the archive's directory
    data[directory + 24 : directory + 28] = (1_000).to_bytes(4, "little")
    path.write_bytes(bytes(data))
    with pytest.raises(Invalid, match="unpacks to over 1 MB"):
        opened(path)


def test_a_workbook_with_entities_is_refused(tmp_path: Path) -> None:
    path = workbook_file(tmp_path / "a.xlsx", ("S", [W, WORKSHOP_ROW]))
    bomb = b'<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><workbook'
    with pytest.raises(Invalid, match="entities"):
        opened(with_part(path, "xl/workbook.xml", b"<workbook", bomb))


def test_a_damaged_workbook_is_named(tmp_path: Path) -> None:
    path = workbook_file(tmp_path / "a.xlsx", ("S", [W, WORKSHOP_ROW]))
    packed = path.read_bytes()
    path.write_bytes(packed[:400] + packed[-400:])
    with pytest.raises(Invalid, match="cannot be read"):
        opened(path)


def test_unused_columns_may_share_a_name_and_lack_one(tmp_path: Path) -> None:
    rows = [[*W, "备注", "备注", None], [*WORKSHOP_ROW, "一", "二", "三"]]
    file = opened(workbook_file(tmp_path / "a.xlsx", ("S", rows)), WORKSHOPS)
    [row] = file.rows()
    assert (row.values["备注"], row.values["备注 (P)"]) == ("一", "二")
    assert file.tables[0].unnamed == {"Q"}


def test_a_csv_row_with_too_many_cells_is_refused(tmp_path: Path) -> None:
    text = ",".join(W) + "\n" + ",".join(["x"] * 15) + "\n" + ",".join(["x"] * 14) + ",,\n"
    first, second = rows_of(text_file(tmp_path / "a.csv", text))
    assert first.fault is not None
    assert "15 values for 14 columns" in first.fault.en
    assert second.fault is None
