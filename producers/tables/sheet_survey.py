"""Facts of a sheet that calamine does not give: hidden rows, errors, formulas without a result.

The XML of a sheet is scanned row by row, in bounded memory. A sheet whose cells lie so far apart
that a table of them does not fit into memory is refused.

Source: ECMA-376, part 1, section 18.3.1 (sheet data).
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from producers.tables.sheets import (
    MOST_COLUMNS,
    FaultyCell,
    column_letters,
    error_cell,
    uncalculated_cell,
)
from roost.errors import Invalid

LARGEST_ROW = 8_000_000
"""Bytes of the XML of one row, with its cells."""
MOST_CELLS = 30_000_000
"""Cells of the smallest rectangle around all cells, which calamine keeps in memory."""
MOST_FAULTS = 100_000
_ROW = re.compile(rb"<(?:\w+:)?row\b([^<>]*)>")
"""A tag ends before the next one begins, so that each byte is scanned once."""
_HIDDEN = re.compile(rb"""\bhidden\s*=\s*["'](?:1|true)["']""")
_NUMBER = re.compile(rb"""\br\s*=\s*["'](\d{1,9})["']""")
_COLUMNS = re.compile(rb"""\br\s*=\s*["']([A-Za-z]{1,9})[A-Za-z]*\d""")
_LINES = re.compile(rb"""\br\s*=\s*["'][A-Za-z]*(\d{1,9})""")
"""References of any length and case, as calamine reads them; their first nine characters count."""
_USUAL_ROW = re.compile(rb'<row r="(\d{1,9})"')
_USUAL_LINE = re.compile(rb'<c r="[A-Z]{1,9}(\d{1,9})"')
_USUAL_COLUMN = re.compile(rb'<c r="([A-Z]{1,9})\d{1,9}"')
"""References as spreadsheets write them: first of all attributes, without a prefix."""
_PREFIXED = re.compile(rb":(?:row|c)[\s/>]")
_CELL = re.compile(
    rb"<(?:\w+:)?c\b([^<>]*?)(/?)>(.*?)(?:</(?:\w+:)?c>|(?=<(?:\w+:)?c\b)|\Z)", re.DOTALL
)
_REFERENCE = re.compile(rb"""\br\s*=\s*["']([A-Z]{1,3})(\d{1,7})["']""")
_VALUE = re.compile(rb"<(?:\w+:)?(?:v|t)\b[^<>]*>([^<]*)<")
_TEXT = re.compile(rb"""\bt\s*=\s*["']str["']""")
_END = re.compile(rb"</(?:\w+:)?row\s*>")


@dataclass(slots=True)
class SheetFacts:
    """Facts of one sheet; lines and columns count from 1."""

    hidden: list[int] = field(default_factory=list)
    """Lines of hidden rows."""
    faults: dict[tuple[int, int], FaultyCell] = field(default_factory=dict)
    """Cells without a usable value, by line and column."""
    rows: int = 0
    columns: int = 0


def survey_sheet(path: Path, name: str, pieces: Iterable[bytes]) -> SheetFacts:
    """Return the facts of a sheet's XML. Raises Invalid for one that is too large."""
    facts = SheetFacts()
    rest = b""
    for piece in pieces:
        rest += piece
        end = 0
        for found in _END.finditer(rest):
            end = found.end()
        if end := end or _start_of_last_row(rest):
            _survey_rows(facts, rest[:end])
            rest = rest[end:]
        if len(rest) > LARGEST_ROW:
            raise row_too_large(path, name)
        check_area(path, name, facts)
    _survey_rows(facts, rest)
    check_area(path, name, facts)
    return facts


def _start_of_last_row(xml: bytes) -> int:
    """Return where the last row begins: spreadsheets write a row without cells as a single tag."""
    name = max(xml.rfind(b"<row"), xml.rfind(b":row"))
    return max(0, xml.rfind(b"<", 0, name + 1))


def _survey_rows(facts: SheetFacts, xml: bytes) -> None:
    """Add the facts of some whole rows."""
    lines, letters = _usual_references(xml) or _references(xml)
    facts.rows = max(facts.rows, max(map(int, lines), default=0))
    facts.columns = max(
        facts.columns, max((column_number(each.decode()) for each in letters), default=0)
    )
    if b"hidden" in xml and _HIDDEN.search(xml):
        for row in _ROW.finditer(xml):
            number = _NUMBER.search(row[1])
            if number and _HIDDEN.search(row[1]) and len(facts.hidden) < MOST_FAULTS:
                facts.hidden.append(int(number[1]))
    if b"<f" in xml or b":f" in xml or b't="e"' in xml or b"t='e'" in xml:
        _survey_cells(facts, xml)


def _references(xml: bytes) -> tuple[set[bytes], set[bytes]]:
    """Return the lines and the letters of the columns that rows and cells name."""
    return set(_LINES.findall(xml)), set(_COLUMNS.findall(xml))


def _usual_references(xml: bytes) -> tuple[set[bytes], set[bytes]] | None:
    """Return the same from rows and cells that are all written as usual; None for any other XML.

    It takes a third of the time. Every tag of a cell begins with `<c`, or has a prefix.
    """
    rows, lines = _USUAL_ROW.findall(xml), _USUAL_LINE.findall(xml)
    if len(rows) != xml.count(b"<row") or len(lines) != xml.count(b"<c") or _PREFIXED.search(xml):
        return None
    return {*rows, *lines}, set(_USUAL_COLUMN.findall(xml))


def _survey_cells(facts: SheetFacts, xml: bytes) -> None:
    """Find cells that hold an error, and formulas without a result."""
    for cell in _CELL.finditer(xml):
        reference = _REFERENCE.search(cell[1])
        if reference is None or len(facts.faults) >= MOST_FAULTS:
            continue
        at = int(reference[2]), column_number(reference[1].decode())
        value = _VALUE.search(cell[3])
        if re.search(rb"""\bt\s*=\s*["']e["']""", cell[1]):
            facts.faults[at] = error_cell(value[1].decode("ascii", "replace") if value else "#N/A")
        elif re.search(rb"<(?:\w+:)?f\b", cell[3]) and not _has_result(cell[1], value):
            facts.faults[at] = uncalculated_cell()


def _has_result(attributes: bytes, value: re.Match[bytes] | None) -> bool:
    """Return whether a formula's cell holds a result; that of type text may be empty."""
    return value is not None and (bool(value[1]) or bool(_TEXT.search(attributes)))


def column_number(letters: str) -> int:
    """Return the number of a column by its letters, from 1."""
    number = 0
    for letter in letters.upper():
        number = number * 26 + ord(letter) - 64
    return number


def check_area(path: Path, name: str, facts: SheetFacts) -> None:
    """Raise Invalid if the rectangle around all cells is too large to be held."""
    if facts.columns > 16_384 or facts.rows * facts.columns > MOST_CELLS:
        last = f"{column_letters(min(facts.columns, 18_278))}{facts.rows}"
        raise Invalid(
            f"{path.name}: the sheet {name} reaches to cell {last}, which is too large; delete the "
            f"rows and columns outside the table ({MOST_COLUMNS} columns are read at most).",
            f"{path.name}：工作表“{name}”延伸到单元格 {last}，过大；请删除表格以外的行和列"
            f"（最多读取 {MOST_COLUMNS} 列）。",
        )


def row_too_large(path: Path, name: str) -> Invalid:
    """Return the error for a row that is too long to be held."""
    return Invalid(
        f"{path.name}: a row of the sheet {name} has over {LARGEST_ROW // 1_000_000} MB; "
        "shorten its cells.",
        f"{path.name}：工作表“{name}”中有一行超过 {LARGEST_ROW // 1_000_000} MB，请缩短内容。",
    )
