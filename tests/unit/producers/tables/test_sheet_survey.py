"""References of a sheet's rows and cells: the usual spelling, compared with all spellings."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from producers.tables import sheet_survey
from producers.tables.open_document import survey_open_document
from producers.tables.sheet_survey import (
    LARGEST_ROW,
    _references,
    _usual_references,
    survey_sheet,
)
from roost.errors import Invalid

TAGS = [
    '<row r="1">', '<row r="12" spans="1:3">', "<row>", "<row r='7'>", '<x:row r="9">',
    '<row  r="8">', "</row>", '<c r="A1">', '<c r="XFD1048576" t="s"/>', "<c>", "<c r='B2'>",
    '<x:c r="C3">', '<c t="s" r="D4">', '<c r = "E5">', '<c\nr="F6">', "</c>", "<v>1</v>",
    "<t>:c </t>", "<t>岗位:cnc</t>", '<cols><col min="1"/></cols>',
]  # fmt: skip


@given(st.lists(st.sampled_from(TAGS)))
def test_the_usual_spelling_gives_the_references_of_all_spellings(tags: list[str]) -> None:
    xml = "".join(tags).encode()
    assert _usual_references(xml) in (None, _references(xml))


def test_a_sheet_as_spreadsheets_write_it_has_the_usual_spelling() -> None:
    xml = b'<row r="1" spans="1:2"><c r="A1" t="s"><v>0</v></c><c r="AB1"/></row>'
    assert _usual_references(xml) == ({b"1"}, {b"A", b"AB"})


@pytest.mark.parametrize(
    "cell",
    [
        "<c r='XFD9'/>",
        '<x:c r="XFD9"/>',
        '<c t="s" r="XFD9"/>',
        '<c r = "XFD9"/>',
        '<c\tr="XFD9"/>',
        '<c r="xfd9"/>',
    ],
)
def test_a_far_cell_counts_in_every_spelling(cell: str, tmp_path: Path) -> None:
    usual = '<row r="1"><c r="A1"/></row>'
    xml = f'<sheetData>{usual}<row r="9">{cell}</row>{usual}</sheetData>'
    facts = survey_sheet(tmp_path, "S", [xml.encode()])
    assert (facts.rows, facts.columns) == (9, 16_384)


@pytest.mark.parametrize(
    "row",
    [
        '<row r="999999999999"><c r="A999999999999"/></row>',
        '<row r="9"><c r="A4294967295"/></row>',
        '<row r="9"><c r="AAAAAAAAAAAAAAAA9"/></row>',
    ],
)
def test_references_of_any_length_count(row: str, tmp_path: Path) -> None:
    xml = f'<sheetData><row r="1"><c r="A1"/></row>{row}</sheetData>'
    with pytest.raises(Invalid, match="too large; delete the rows and columns"):
        survey_sheet(tmp_path, "S", [xml.encode()])


@pytest.mark.parametrize(
    ("pattern", "xml"),
    [
        (sheet_survey._ROW, b'<row <row r="1">'),
        (sheet_survey._CELL, b'<c <c r="A1"/>'),
        (sheet_survey._VALUE, b"<v <v>1<"),
    ],
)
def test_a_tag_ends_before_the_next_one_begins(pattern: re.Pattern[bytes], xml: bytes) -> None:
    found = pattern.search(xml)
    assert found is not None
    assert found.start() > 0


@pytest.mark.parametrize(
    "xml",
    [
        b"<f>" + b"<c " * 1_000_000,
        b'<f hidden="1">' + b"<row " * 1_000_000,
        b'<row r="1"><c r="A1"><f/>' + b"<v " * 1_000_000 + b"</c></row>",
        b'<row r="1"><c r="A1"><f/>' + b"<v>" * 1_000_000 + b"</c></row>",
    ],
    ids=["cells", "rows", "values", "endless-values"],
)
def test_tags_without_an_end_are_scanned_once(xml: bytes, tmp_path: Path) -> None:
    """Before, each tag was sought an end up to the last byte: days, with the whole process held."""
    assert survey_sheet(tmp_path, "S", [xml]).hidden == []


@pytest.mark.parametrize("prefix", ["", "x:"])
def test_many_rows_without_cells_are_no_long_row(prefix: str, tmp_path: Path) -> None:
    row = '<{0}row r="{1}" spans="1:3" ht="15" customHeight="1" hidden="1"/>'
    xml = "".join(row.format(prefix, line) for line in range(1, 200_001)).encode()
    pieces = [xml[start : start + (1 << 18)] for start in range(0, len(xml), 1 << 18)]
    facts = survey_sheet(tmp_path, "S", pieces)
    assert (len(xml) > LARGEST_ROW, facts.rows) == (True, 200_000)
    assert facts.hidden == list(range(1, 100_001))


def test_a_count_of_repeats_of_any_length_is_a_large_one(tmp_path: Path) -> None:
    many = "9" * 5_000
    cell = f'<table:table-cell table:number-columns-repeated="{many}"><p>x</p></table:table-cell>'
    row = f'<table:table-row table:number-rows-repeated="{many}">{cell}</table:table-row>'
    xml = f'<x xmlns:table="t"><table:table table:name="S">{row}</table:table></x>'
    with pytest.raises(Invalid, match="too large; delete the rows and columns"):
        survey_open_document(tmp_path, [xml.encode()])
