"""Exported tables: typed cells, widths, names, and no formula."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl.worksheet.worksheet import Worksheet

from api.lists.exports import BEGINS_A_FORMULA, Cell, Share, Table, csv_of, inert, xlsx_of
from roost.text.column_width import NARROWEST, WIDEST, column_width

HARMFUL = ["=1+1", "+1", "-1", "@x", "\t=1", "\r=1", "  =HYPERLINK()", "＝1", "\n=1"]
ZONE = ZoneInfo("Asia/Shanghai")
EVENING = datetime(2026, 11, 30, 23, 15, 42, tzinfo=UTC)


def table(header: Sequence[str], *rows: Sequence[Cell], name: str = "匹配队列") -> Table:
    return Table(name, header, rows, ZONE)


def sheet_of(made: Table) -> Worksheet:
    [sheet] = openpyxl.load_workbook(io.BytesIO(xlsx_of(made))).worksheets
    return sheet


@pytest.mark.parametrize("text", HARMFUL)
def test_what_begins_as_a_formula_is_a_text_in_csv_and_in_xlsx(text: str) -> None:
    made = table([text], [text])
    (head,), (cell,) = csv.reader(io.StringIO(csv_of(made).decode("utf-8-sig"), newline=""))
    assert head.startswith("'")
    assert cell.startswith("'")
    sheet = sheet_of(made)
    for at in ("A1", "A2"):
        assert sheet[at].data_type == "s"
        assert sheet[at].quotePrefix


@given(st.text(max_size=20))
def test_no_text_at_all_begins_as_a_formula(text: str) -> None:
    made = inert(text)
    assert isinstance(made, str)
    assert not made.lstrip().startswith(BEGINS_A_FORMULA)
    assert made.removeprefix("'") == text.removeprefix("'")
    sheet_of(table([text], [text], name=text))


def test_chinese_and_numbers_come_as_they_are() -> None:
    made = csv_of(table(["姓名", "数"], ["李娟", -3], [None, 0.5]))
    assert made.startswith(b"\xef\xbb\xbf")
    assert made.decode("utf-8-sig").splitlines() == ["姓名,数", "李娟,-3", ",0.5"]


def test_every_cell_of_a_workbook_has_its_type() -> None:
    values: list[Cell] = ["007", 3, 0.5, date(2026, 12, 1), EVENING, Share(0.915), None]
    sheet = sheet_of(table([str(at) for at in range(7)], values))
    found = [(each.value, each.number_format) for each in sheet[2]]
    assert found == [
        ("007", "@"),
        (3, "General"),
        (0.5, "General"),
        (datetime(2026, 12, 1), "yyyy-mm-dd"),
        (datetime(2026, 12, 1, 7, 15), "yyyy-mm-dd hh:mm"),
        (0.915, "0.0%"),
        (None, "General"),
    ]


def test_times_are_the_countys_in_csv_too() -> None:
    made = csv_of(table(["a", "b", "c"], [EVENING, date(2026, 12, 1), Share(0.915)]))
    assert made.decode("utf-8-sig").splitlines()[1] == "2026-12-01 07:15,2026-12-01,0.915"


def test_a_sheet_has_a_name_a_header_that_stays_and_columns_wide_enough() -> None:
    sheet = sheet_of(table(["编号", "岗位名称"], ["m-1", "电焊工（夜班）"], ["m-2", "x" * 500]))
    assert sheet.title == "匹配队列"
    assert sheet.freeze_panes == "A2"
    assert sheet.auto_filter.ref == "A1:B3"
    assert sheet["A1"].font.bold
    assert sheet.column_dimensions["A"].width == NARROWEST
    assert sheet.column_dimensions["B"].width == WIDEST


@pytest.mark.parametrize(
    ("name", "shown"), [("a/b:c*d?[e]", "a_b_c_d__e_"), ("", "1"), ("x" * 40, "x" * 31)]
)
def test_any_name_becomes_the_name_of_a_sheet(name: str, shown: str) -> None:
    assert sheet_of(table(["a"], ["b"], name=name)).title == shown


@pytest.mark.parametrize(
    ("texts", "width"),
    [
        ([], NARROWEST),
        (["a" * 20], 22),
        (["电焊工工作证书"], 16),
        (["ab\n" + "c" * 12], 14),
        (["x" * 99], WIDEST),
    ],
)
def test_a_column_shows_its_longest_line(texts: list[str], width: int) -> None:
    assert column_width(texts) == width
