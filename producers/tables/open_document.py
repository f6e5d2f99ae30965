"""Facts of the sheets of an OpenDocument spreadsheet: hidden rows, merged cells, errors, extent.

Source: OASIS OpenDocument 1.3, part 3, section 9 (tables).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from xml.parsers import expat

from producers.tables.sheet_survey import MOST_FAULTS, SheetFacts, check_area
from producers.tables.sheets import ERRORS, Merge, error_cell, uncalculated_cell
from producers.tables.workbook_archive import refuse_entity, unreadable

MOST_REPEATS = 1_048_576
MOST_DIGITS = 10
"""Digits of a count that are read; with more it is above the limit anyway."""


@dataclass(slots=True)
class OpenDocumentFacts:
    """Facts of each sheet by its name, and its merged cells."""

    sheets: dict[str, SheetFacts] = field(default_factory=dict)
    merges: dict[str, list[Merge]] = field(default_factory=dict)


def survey_open_document(path: Path, pieces: Iterable[bytes]) -> OpenDocumentFacts:
    """Return the facts of `content.xml`. Raises Invalid if it is damaged or too large."""
    survey = _Survey(path)
    parser = expat.ParserCreate()
    parser.buffer_text = True
    parser.StartElementHandler = survey.start
    parser.EndElementHandler = survey.end
    parser.CharacterDataHandler = survey.text
    parser.EntityDeclHandler = refuse_entity
    try:
        for piece in pieces:
            parser.Parse(piece, False)
        parser.Parse(b"", True)
    except expat.ExpatError as error:
        raise unreadable(path) from error
    return survey.found


class _Survey:
    """Handler of the XML's elements: positions count from 1."""

    def __init__(self, path: Path) -> None:
        self.found = OpenDocumentFacts()
        self._path = path
        self._name = ""
        self._facts = SheetFacts()
        self._line = 0
        self._repeats = 1
        self._hidden = False
        self._column = 0
        self._last_filled = 0
        self._cell: dict[str, str] | None = None
        self._text = ""

    def start(self, name: str, attributes: dict[str, str]) -> None:
        if name == "table:table":
            self._name = attributes.get("table:name", "")
            self._facts = self.found.sheets.setdefault(self._name, SheetFacts())
            self.found.merges.setdefault(self._name, [])
            self._line, self._repeats = 0, 1  # before the first row
        elif name == "table:table-row":
            self._line += self._repeats
            self._begin_row(attributes)
        elif name in ("table:table-cell", "table:covered-table-cell"):
            self._cell, self._text = attributes, ""

    def _begin_row(self, attributes: dict[str, str]) -> None:
        self._repeats = _repeats(attributes, "table:number-rows-repeated")
        self._hidden = attributes.get("table:visibility", "visible") != "visible"
        self._column = self._last_filled = 0

    def text(self, data: str) -> None:
        if self._cell is not None and len(self._text) < 100:
            self._text += data

    def end(self, name: str) -> None:
        if name in ("table:table-cell", "table:covered-table-cell") and self._cell is not None:
            self._end_cell(self._cell)
            self._cell = None
        elif name == "table:table-row":
            self._end_row()

    def _end_cell(self, attributes: dict[str, str]) -> None:
        first = self._column + 1
        self._column += _repeats(attributes, "table:number-columns-repeated")
        if self._text or "office:value-type" in attributes:
            self._last_filled = self._column
        rows = _repeats(attributes, "table:number-rows-spanned")
        columns = _repeats(attributes, "table:number-columns-spanned")
        if (rows > 1 or columns > 1) and len(self.found.merges[self._name]) < MOST_FAULTS:
            merge = Merge(self._line, first, self._line + rows - 1, first + columns - 1)
            self.found.merges[self._name].append(merge)
        faults = self._facts.faults
        if len(faults) >= MOST_FAULTS:
            return
        if self._text.strip() in ERRORS and "table:formula" in attributes:
            faults[self._line, first] = error_cell(self._text.strip())
        elif "table:formula" in attributes and "office:value-type" not in attributes:
            faults[self._line, first] = uncalculated_cell()

    def _end_row(self) -> None:
        if not self._last_filled:
            return
        last = self._line + self._repeats - 1
        self._facts.rows = max(self._facts.rows, last)
        self._facts.columns = max(self._facts.columns, self._last_filled)
        check_area(self._path, self._name, self._facts)
        if self._hidden and len(self._facts.hidden) < MOST_FAULTS:
            self._facts.hidden += range(self._line, min(last, self._line + 1_000) + 1)


def _repeats(attributes: dict[str, str], name: str) -> int:
    """Return a count of repeats or spans, at least 1."""
    text = attributes.get(name, "1")[:MOST_DIGITS]
    return min(max(1, int(text)), MOST_REPEATS) if text.isdecimal() else 1
