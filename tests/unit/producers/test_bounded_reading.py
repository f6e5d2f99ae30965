"""Files of any shape are read row by row in bounded memory, with an error for each bad row."""

from __future__ import annotations

import io
import json
from pathlib import Path

import pytest

from producers.reading import LONG_CELL, LONG_ROW, LONGEST_CELL, MOST_COLUMNS, read_rows
from producers.rosters import map_direct_row
from producers.tables.bounded_lines import LONGEST_ROW, BoundedLines, LongRow
from roost.errors import Invalid


class CountingText(io.StringIO):
    """A text that remembers the longest piece that was read from it."""

    longest = 0

    def readline(self, size: int = -1, /) -> str:  # type: ignore[override]
        piece = super().readline(size)
        self.longest = max(self.longest, len(piece))
        return piece


def rows_of(path: Path, text: str) -> list[tuple[int, str, dict[str, object]]]:
    path.write_text(text, encoding="utf-8")
    return [(each.line, each.problem, each.values) for each in read_rows(path)]


def test_a_line_of_many_megabytes_is_never_held() -> None:
    text = CountingText("a\n" + "x" * (5 * LONGEST_ROW) + "\nb\n")
    lines = BoundedLines(text)
    assert next(lines) == "a\n"
    lines.begin_row()
    with pytest.raises(LongRow):
        next(lines)
    lines.begin_row()
    assert (next(lines), lines.number) == ("b\n", 3)
    assert text.longest <= LONGEST_ROW + 1


@pytest.mark.parametrize("ending", ["\n", "\r\n", ""])
def test_a_long_json_line_is_rejected_and_the_next_one_read(tmp_path: Path, ending: str) -> None:
    long = json.dumps({"title": "x" * LONGEST_ROW})
    found = rows_of(
        tmp_path / "a.jsonl", f'{{"a": 1}}{ending or chr(10)}{long}\n{{"a": 2}}{ending}'
    )
    assert found == [(1, "", {"a": 1}), (2, LONG_ROW, {}), (3, "", {"a": 2})]


def test_a_long_row_of_a_csv_is_rejected_and_the_next_one_read(tmp_path: Path) -> None:
    found = rows_of(tmp_path / "a.csv", "a,b\n1,2\n" + "x," * LONGEST_ROW + "\n3,4\n")
    assert found == [
        (2, "", {"a": "1", "b": "2"}),
        (3, LONG_ROW, {}),
        (4, "", {"a": "3", "b": "4"}),
    ]


def test_a_cell_that_is_too_long_is_a_row_error(tmp_path: Path) -> None:
    found = rows_of(tmp_path / "a.csv", f"a,b\n{'x' * (LONGEST_CELL + 1)},2\n3,4\n")
    assert found == [(2, LONG_CELL, {}), (3, "", {"a": "3", "b": "4"})]


def test_an_open_quotation_mark_ends_at_the_limit_of_a_cell(tmp_path: Path) -> None:
    found = rows_of(tmp_path / "a.csv", 'a,b\n"open,2\n' + "3,4\n" * 60_000)
    assert found[0][1] == LONG_CELL
    assert found[-1] == (60_002, "", {"a": "3", "b": "4"})


@pytest.mark.parametrize(
    "heading", ["x," * (MOST_COLUMNS + 1), "x" * 1_000, "x" * (2 * LONGEST_ROW)]
)
def test_a_heading_has_a_bounded_number_of_columns(tmp_path: Path, heading: str) -> None:
    with pytest.raises(Invalid, match="first line"):
        rows_of(tmp_path / "a.csv", f"{heading}\n1,2\n")


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        ("[" * 100_000, "nests too deeply"),
        ('{"a":' * 100_000, "nests too deeply"),
        (json.dumps(dict.fromkeys(map(str, range(MOST_COLUMNS + 1)), 1)), "fields"),
        ("[1]", "not a JSON object"),
        ("{", "not JSON"),
    ],
)
def test_a_hostile_json_line_is_a_row_error(tmp_path: Path, line: str, problem: str) -> None:
    found = rows_of(tmp_path / "a.jsonl", f'{line}\n{{"a": 1}}\n')
    assert problem in found[0][1]
    assert found[1] == (2, "", {"a": 1})


@pytest.mark.parametrize("columns", [("home", "home.name"), ("home", "home.a.b"), ("a.b", "a.b.c")])
def test_columns_that_contradict_each_other_are_a_row_error(columns: tuple[str, str]) -> None:
    with pytest.raises(Invalid, match="another column"):
        map_direct_row(dict.fromkeys(columns, "x"), frozenset())


def test_a_column_nests_only_so_deep() -> None:
    content = map_direct_row({".".join("a" * 50_000): "x"}, frozenset())
    depth = 0
    while isinstance(content, dict):
        [content] = content.values()
        depth += 1
    assert depth <= 5
