"""Rows of CSV and TSV: no row is swallowed by another one."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from producers.tables.bounded_lines import LONGEST_ROW
from producers.tables.delimited_text import LONG_CELL, LONG_ROW, text_sheet
from producers.tables.sheets import LONGEST_CELL, SheetRow
from tests.unit.producers.tables.table_files import D, text_file


def sheet_rows(path: Path, text: str) -> list[SheetRow]:
    return list(text_sheet(text_file(path, text), "utf-8", lambda name: False).rows)


def lines_of(rows: list[SheetRow]) -> list[tuple[int, bool]]:
    return [(row.line, row.fault is None) for row in rows]


OPEN = """
1,焊工,x,某厂,太原市,好
2,钢管工,x,某厂,太原市,"DN50管道安装
3,木工,x,某厂,太原市,好
4,瓦工,x,某厂,太原市,好
5,电工,x,某厂,太原市,好
"""


def test_an_unclosed_quotation_mark_is_one_refused_row(tmp_path: Path) -> None:
    rows = sheet_rows(tmp_path / "a.csv", D + OPEN)
    assert lines_of(rows) == [(1, True), (2, True), (3, False), (4, True), (5, True), (6, True)]
    assert rows[2].fault is not None
    assert "opened on line 3 is never closed" in rows[2].fault.en
    assert "第 3 行的引号未闭合" in rows[2].fault.zh
    assert rows[3].cells == ["3", "木工", "x", "某厂", "太原市", "好"]


@pytest.mark.parametrize(
    "later",
    [
        '3,木工,x,某厂,太原市,"好,的"',
        '3,木工,x,某厂,太原市,管5"',
        '3,木工,x,某厂,太原市,""',
        '3,木工,x,某厂,太原市,"""好"""',
        '"3","木工","x","某厂","太原市","好"',
    ],
)
def test_a_later_quotation_mark_does_not_close_it(tmp_path: Path, later: str) -> None:
    text = f'{D}\n1,焊工,x,某厂,太原市,"DN50\n{later}\n4,瓦工,x,某厂,太原市,好\n'
    assert lines_of(sheet_rows(tmp_path / "a.csv", text)) == [
        (1, True), (2, False), (3, True), (4, True)
    ]  # fmt: skip


def test_every_unclosed_mark_is_refused_alone(tmp_path: Path) -> None:
    lines = [f"{n},工,x,厂,太原市,{chr(34) if n % 10 == 5 else ''}好" for n in range(2_000)]
    rows = sheet_rows(tmp_path / "a.csv", D + "\n" + "\n".join(lines) + "\n")
    assert len(rows) == 2_001
    assert [row.line for row in rows if row.fault] == list(range(7, 2_002, 10))


@pytest.mark.parametrize(
    ("cell", "value"),
    [
        ('"两行\n一格"', "两行\n一格"),
        ('"Duties: cook,\nclean, wash,\nand serve"', "Duties: cook,\nclean, wash,\nand serve"),
        ('"say ""hi"""', 'say "hi"'),
        ('5" pipe', '5" pipe'),
        ('"a" b', "a b"),
        ('""', ""),
    ],
)
def test_quotation_marks_that_close_are_read(tmp_path: Path, cell: str, value: str) -> None:
    text = f"{D}\n1,焊工,x,某厂,太原市,{cell}\n2,木工,x,某厂,太原市,好\n"
    rows = sheet_rows(tmp_path / "a.csv", text)
    assert rows[1].cells[5] == value
    assert rows[2].cells[0] == "2"
    assert rows[2].line == 3 + value.count("\n")


@pytest.mark.parametrize(
    ("text", "cells"),
    [
        ("sep=;\na;b\n1;2,5\n", [["a", "b"], ["1", "2,5"]]),
        ("\ufeff\ufeffsep=|\r\na|b\r\n", [["a", "b"]]),
        ("a\tb\n1,5\t2\n", [["a", "b"], ["1,5", "2"]]),
        ("a；b\n1；2\n", [["a", "b"], ["1", "2"]]),
        (
            "标题，很长，有逗号\na;b;c\n1;2;3\n",
            [["标题，很长，有逗号"], ["a", "b", "c"], ["1", "2", "3"]],
        ),
    ],
)
def test_the_delimiter_is_stated_or_found(
    tmp_path: Path, text: str, cells: list[list[str]]
) -> None:
    assert [row.cells for row in sheet_rows(tmp_path / "a.csv", text)] == cells


def test_a_long_row_is_refused_and_the_next_one_read(tmp_path: Path) -> None:
    rows = sheet_rows(tmp_path / "a.csv", "a,b\n1,2\n" + "x," * LONGEST_ROW + "\n3,4\n")
    assert [(row.line, row.fault) for row in rows] == [
        (1, None), (2, None), (3, LONG_ROW), (4, None)
    ]  # fmt: skip


def test_a_long_cell_is_refused_and_the_next_row_read(tmp_path: Path) -> None:
    rows = sheet_rows(tmp_path / "a.csv", f"a,b\n{'x' * (LONGEST_CELL + 1)},2\n3,4\n")
    assert [(row.line, row.fault) for row in rows] == [(1, None), (2, LONG_CELL), (3, None)]


def test_an_open_mark_takes_in_no_long_table(tmp_path: Path) -> None:
    rows = sheet_rows(tmp_path / "a.csv", 'a,b\n"open,2\n' + "3,4\n" * 60_000)
    assert [row.line for row in rows if row.fault] == [2]
    assert (len(rows), rows[-1].cells) == (60_002, ["3", "4"])


TEXTS = st.text(st.characters(codec="utf-8", exclude_characters="\x00\r\ufeff"), max_size=12)


@given(st.lists(st.lists(TEXTS, min_size=6, max_size=6), min_size=1, max_size=6))
def test_written_tables_are_read_back(
    tmp_path_factory: pytest.TempPathFactory, table: list[list[str]]
) -> None:
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\n", quoting=csv.QUOTE_ALL)
    writer.writerows([["a", "b", "c", "d", "e", "f"], *table])
    path = tmp_path_factory.mktemp("csv") / "a.csv"
    rows = sheet_rows(path, out.getvalue())
    if all(row.fault is None for row in rows):
        assert [row.cells for row in rows[1:]] == table
