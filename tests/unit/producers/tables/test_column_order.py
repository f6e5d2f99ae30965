"""Tables side by side, headings that come again in another order, and divided headings."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook
from openpyxl.worksheet.worksheet import Worksheet

from producers.mappings.suggesting.column_names import fields_of_heading, known_headings
from producers.tables.table_model import TableFile
from producers.tables.table_reading import open_tables
from roost.errors import Invalid

NAMES = ["企业名称", "岗位", "人数", "工作地点"]
FIRST, SECOND = ["甲厂", "焊工", "3", "大同市"], ["乙厂", "电工", "2", "太原市"]
Rows = Sequence[Sequence[Any]]


def read(folder: Path, rows: Rows, change: Callable[[Worksheet], None] = lambda sheet: None) -> Any:
    """Write rows as a workbook; return its file and the entries of its only table."""
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    for row in rows:
        sheet.append(list(row))
    change(sheet)
    path = folder / "fair.xlsx"
    book.save(path)
    return entries(open_tables(path, known_headings("openings"), guess=True))


def read_text(folder: Path, rows: Rows) -> Any:
    path = folder / "fair.csv"
    path.write_text("\n".join(",".join(map(str, row)) for row in rows) + "\n", "utf-8")
    return entries(open_tables(path, known_headings("openings"), guess=True))


def entries(file: TableFile) -> tuple[TableFile, list[tuple[int, list[str]]]]:
    [table] = file.tables
    rows = [(each.line, [each.values.get(name, "") for name in NAMES]) for each in table.rows]
    return file, rows


@pytest.mark.parametrize("write", [read, read_text])
def test_two_tables_side_by_side_are_read_from_left_to_right(write: Any, tmp_path: Path) -> None:
    rows = [[*NAMES, "", *NAMES], [*FIRST, "", *SECOND], [*SECOND, "", *[""] * 4]]
    file, found = write(tmp_path, rows)
    assert found == [(2, FIRST), (2, SECOND), (3, SECOND)]
    assert any("2 tables" in each.en for each in file.notices)


def test_titles_tell_tables_side_by_side_apart(tmp_path: Path) -> None:
    def merged(sheet: Worksheet) -> None:
        sheet.merge_cells("A1:D1")
        sheet.merge_cells("E1:H1")

    titles = ["A区", "", "", "", "B区", "", "", ""]
    _, found = read(tmp_path, [titles, [*NAMES, *NAMES], [*FIRST, *SECOND]], merged)
    assert found == [(3, FIRST), (3, SECOND)]


def test_two_columns_of_one_name_without_a_gap_are_refused(tmp_path: Path) -> None:
    with pytest.raises(Invalid, match="企业名称"):
        read(tmp_path, [[*NAMES, *NAMES], [*FIRST, *SECOND]])


@pytest.mark.parametrize("write", [read, read_text])
def test_headings_in_another_order_count_from_there_on(write: Any, tmp_path: Path) -> None:
    rows = [NAMES, FIRST, [""] * 4, NAMES[::-1], SECOND[::-1], NAMES, FIRST]
    file, found = write(tmp_path, rows)
    assert found == [(2, FIRST), (5, SECOND), (7, FIRST)]
    assert file.tables[0].passed["heading"] == 2


def test_a_later_heading_that_names_another_column_is_reported(tmp_path: Path) -> None:
    later = ["岗位", "企业名称", "食堂", "工作地点"]
    file, found = read(tmp_path, [NAMES, FIRST, later, ["电工", "乙厂", "有", "太原市"]])
    assert found[1:] == [(4, ["乙厂", "电工", "", "太原市"])]
    assert file.tables[0].unnamed == {"C"}


def test_an_entry_with_the_words_of_a_heading_stays_an_entry(tmp_path: Path) -> None:
    odd = ["企业名称", "岗位设计师", "1", "大同市"]
    assert read(tmp_path, [NAMES, odd, FIRST])[1] == [(2, odd), (3, FIRST)]


PARTED = ["企业名称", "岗位", "工资待遇", "", "工作地点"]
PARTS = ["", "", "最低", "最高", ""]
WAGES = ["甲厂", "焊工", "3500", "5000", "大同市"]


@pytest.mark.parametrize("write", [read, read_text])
def test_a_heading_is_divided_by_the_row_below_it(write: Any, tmp_path: Path) -> None:
    facts = ["填报单位：某县人社局", "", "", "", "填报时间：2026年10月8日"]
    file, _ = write(tmp_path, [["招聘会岗位表"], facts, PARTED, PARTS, WAGES])
    [table] = file.tables
    assert table.heading is not None
    assert table.heading.lines == (3, 4)
    assert table.columns == ("企业名称", "岗位", "工资待遇最低", "工资待遇最高", "工作地点")


def test_merged_headings_are_divided_under_them_alone(tmp_path: Path) -> None:
    def merged(sheet: Worksheet) -> None:
        for cells in ("A1:A2", "B1:B2", "C1:D1", "E1:E2"):
            sheet.merge_cells(cells)

    file, _ = read(tmp_path, [PARTED, PARTS, WAGES], merged)
    assert file.tables[0].columns[2:4] == ("工资待遇最低", "工资待遇最高")


def test_a_first_entry_with_few_cells_divides_no_heading(tmp_path: Path) -> None:
    file, _ = read(tmp_path, [NAMES, ["甲厂", "焊工", "", ""], SECOND])
    assert file.tables[0].heading is not None
    assert file.tables[0].heading.lines == (1,)


@pytest.mark.parametrize(
    ("heading", "field"),
    [
        ("工资待遇最低", "wageMin"),
        ("月薪（元）上限", "wageMax"),
        ("薪资待遇最高", "wageMax"),
        ("工资待遇最低最高", "wage"),
    ],
)
def test_the_ends_of_a_wage_are_told_by_the_part(heading: str, field: str) -> None:
    assert list(fields_of_heading(heading, "openings")) == [field]
