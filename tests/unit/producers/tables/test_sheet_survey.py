"""References of a sheet's rows and cells: the usual spelling, compared with all spellings."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from producers.tables.sheet_survey import _references, _usual_references, survey_sheet

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
    ],
)
def test_a_far_cell_counts_in_every_spelling(cell: str, tmp_path: Path) -> None:
    usual = '<row r="1"><c r="A1"/></row>'
    xml = f'<sheetData>{usual}<row r="9">{cell}</row>{usual}</sheetData>'
    facts = survey_sheet(tmp_path, "S", [xml.encode()])
    assert (facts.rows, facts.columns) == (9, 16_384)
