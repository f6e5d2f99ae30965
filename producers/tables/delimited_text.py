"""Rows of CSV and TSV: the delimiter, the line `sep=;`, and quotation marks that never close.

A quotation mark that opens a cell and is not closed takes in the rows after it. Such a row is
refused alone, and its text ends with its line.

Source: RFC 4180.
"""

from __future__ import annotations

import csv
import re
from collections import Counter, deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from producers.tables.bounded_lines import LONGEST_ROW, BoundedLines, LongRow
from producers.tables.sheets import LONGEST_CELL, Fault, Sheet, SheetRow
from producers.tables.text_encodings import MARK

DELIMITERS = ",\t;|，；"
SAMPLE_LINES = 40
MOST_LINES = 2_000
"""Lines of one row: a cell may hold line breaks."""
LONG_ROW = Fault(f"the row has over {LONGEST_ROW} characters", f"该行超过 {LONGEST_ROW} 个字符")
LONG_CELL = Fault(f"a cell has over {LONGEST_CELL} characters", f"单元格超过 {LONGEST_CELL} 个字符")
_SEPARATOR_LINE = re.compile(r'"?sep=(.)"?\s*', re.IGNORECASE)
csv.field_size_limit(LONGEST_CELL)


def text_sheet(path: Path, encoding: str, is_known: Callable[[str], bool]) -> Sheet:
    """Return the sheet of a delimited text; `is_known` tells a heading, which finds a delimiter."""
    return Sheet(_rows(path, encoding, is_known))


def _rows(path: Path, encoding: str, is_known: Callable[[str], bool]) -> Iterator[SheetRow]:
    with path.open(encoding=encoding, newline="") as text:
        sample = _sample(text)
        text.seek(0)
        lines = _RecordLines(BoundedLines(text))
        delimiter = _stated_delimiter(sample)
        if delimiter is not None:
            lines.skip_line()
        else:
            delimiter = _likely_delimiter(sample, is_known)
        yield from _records(lines, delimiter, _usual_width(sample, delimiter))


def _sample(text: IO[str]) -> list[str]:
    """Return the first lines, without byte order marks and without the rest of long ones."""
    lines = BoundedLines(text)
    found: list[str] = []
    while len(found) < SAMPLE_LINES:
        lines.begin_row()
        try:
            line = next(lines, None)
        except LongRow:
            continue
        if line is None:
            break
        found.append(line.lstrip(MARK) if not found else line)
    return found


def _stated_delimiter(sample: list[str]) -> str | None:
    """Return the delimiter that the line `sep=;` states, as spreadsheets write it."""
    found = _SEPARATOR_LINE.fullmatch(sample[0]) if sample else None
    return found[1] if found else None


def _likely_delimiter(sample: list[str], is_known: Callable[[str], bool]) -> str:
    """Return the delimiter that gives the most known headings, or else the most equal rows."""

    def merit(delimiter: str) -> tuple[int, int, int]:
        cells = [_cells_of(line, delimiter) for line in sample]
        known = max((sum(map(is_known, each)) for each in cells), default=0)
        width = _usual_width(sample, delimiter)
        equal = sum(len(each) == width for each in cells) if width > 1 else 0
        return known, equal, width

    return max(DELIMITERS, key=merit)


def _usual_width(sample: list[str], delimiter: str) -> int:
    """Return the most frequent number of cells of a line; 1 for an empty text."""
    widths = Counter(len(_cells_of(line, delimiter)) for line in sample if line.strip())
    return max(widths, key=lambda width: (widths[width], width), default=1)


def _cells_of(line: str, delimiter: str) -> list[str]:
    """Return the cells of a line by itself."""
    try:
        return next(csv.reader([line], delimiter=delimiter), [])
    except csv.Error:
        return []


class _RecordLines:
    """Iterator over lines for `csv.reader`: it keeps those of the current record.

    Lines can be given back, to be read again as separate rows.
    """

    def __init__(self, lines: BoundedLines) -> None:
        self.taken: list[tuple[int, str]] = []
        """Numbers and texts of the lines of the current record."""
        self.ended = False
        """True once the file ended within the current record."""
        self.is_row: Callable[[str, str], bool] = lambda first, line: False
        self._lines = lines
        self._returned: deque[tuple[int, str]] = deque()
        self._size = 0

    @property
    def number(self) -> int:
        """Number of the last line that was read from the file."""
        return self._lines.number

    def begin_record(self) -> None:
        self.taken, self.ended, self._size = [], False, 0

    def skip_line(self) -> None:
        self._lines.begin_row()
        next(self._lines)

    def give_back(self, after: int) -> None:
        """Give back the lines of the record after the one at index `after`."""
        self._returned.extendleft(reversed(self.taken[after + 1 :]))

    def __iter__(self) -> _RecordLines:
        return self

    def __next__(self) -> str:
        """Return the next line. Raises LongRow, and _Swallowed for a row inside a cell."""
        number, line = self._returned.popleft() if self._returned else self._read()
        self.taken.append((number, line))
        self._size += len(line)
        if len(self.taken) > 1:
            too_much = self._size > LONGEST_ROW or len(self.taken) > MOST_LINES
            if too_much or self.is_row(self.taken[0][1], line):
                raise _Swallowed
        return line

    def _read(self) -> tuple[int, str]:
        self._lines.begin_row()
        try:
            line = next(self._lines)
        except StopIteration:
            self.ended = True
            raise
        number = self._lines.number
        return number, line.lstrip(MARK) if number == 1 else line


class _Swallowed(Exception):
    """Raised when an open quotation mark takes in a line that is a row."""


def _records(lines: _RecordLines, delimiter: str, width: int) -> Iterator[SheetRow]:
    """Yield the records of the remaining lines; each line is part of one record."""
    lines.is_row = _RowShape(delimiter, width).is_row
    reader = csv.reader(lines, delimiter=delimiter, strict=True)
    while True:
        lines.begin_record()
        try:
            cells = next(reader)
        except StopIteration:
            return
        except LongRow:
            if lines.taken:
                lines.give_back(0)
                yield SheetRow(lines.taken[0][0], [], _unclosed(lines.taken[0][0]))
            yield SheetRow(lines.number, [], LONG_ROW)
        except (csv.Error, _Swallowed):
            yield _broken_record(lines, delimiter)
        else:
            yield SheetRow(lines.taken[0][0], cells)


def _broken_record(lines: _RecordLines, delimiter: str) -> SheetRow:
    """Return the row of a record that is no CSV: its single line read leniently, or a refusal."""
    first = lines.taken[0][0]
    opened = _openings([line for _, line in lines.taken], delimiter)
    culprit = opened[-1] if lines.ended or len(opened) == 1 else opened[-2]
    if culprit is not None:
        lines.give_back(culprit)
        cells = lines.taken[culprit][1].rstrip("\r\n")[:LONGEST_CELL].split(delimiter)
        return SheetRow(first, [*cells], _unclosed(lines.taken[culprit][0]))
    try:
        return SheetRow(first, next(csv.reader([lines.taken[0][1]], delimiter=delimiter)))
    except csv.Error:
        return SheetRow(first, [], LONG_CELL)


def _openings(taken: list[str], delimiter: str) -> list[int | None]:
    """Return for the end of each line the index of the line that opened the open quotation mark.

    None where no quotation mark is open.
    """
    opened: int | None = None
    found: list[int | None] = []
    for index, line in enumerate(taken):
        at_start, skip = opened is None, False
        for position, mark in enumerate(line):
            if skip:
                skip = False
            elif opened is None:
                if mark == '"' and at_start:
                    opened = index
                at_start = mark == delimiter
            elif mark == '"':
                skip = line[position + 1 : position + 2] == '"'
                opened = opened if skip else None
        found.append(opened)
    return found


def _unclosed(line: int) -> Fault:
    return Fault(
        f"the quotation mark opened on line {line} is never closed; remove it, or close it at the "
        "end of the cell",
        f"第 {line} 行的引号未闭合，请删除该引号，或在单元格末尾补上",
    )


@dataclass(frozen=True, slots=True)
class _RowShape:
    """Look of a row: the usual number of cells, and a first cell like that of another row."""

    delimiter: str
    width: int

    def is_row(self, first: str, line: str) -> bool:
        """Return whether a line inside a cell looks like a separate row."""
        if self.width < 2 or line.count(self.delimiter) < self.width - 1:
            return False
        shape = _shape(line, self.delimiter)
        return _shape(first, self.delimiter) == shape and (self.width > 2 or "9" in shape)


def _shape(line: str, delimiter: str) -> str:
    """Return the kinds of the characters of the first cell: that of `A-102` is `a-9`."""
    cell = line.partition(delimiter)[0].strip()[:40]
    return re.sub(r"[^\W\d_]+", "a", re.sub(r"\d+", "9", cell))
