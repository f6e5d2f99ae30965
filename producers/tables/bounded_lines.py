"""Lines of a text file, each bounded: a line of 50 MB is skipped in pieces, never held."""

from __future__ import annotations

from typing import IO

LONGEST_ROW = 1_000_000
"""Characters of a row, which may span several lines; about the largest record of Kafka."""


class LongRow(Exception):
    """Raised in place of a row that is too long; the rest of its line has been skipped."""


class BoundedLines:
    """Iterator over the lines of a file, for `csv.reader` and for JSON lines.

    `number` is the number of the last line, from 1. A caller calls `begin_row` before each row.
    """

    def __init__(self, text: IO[str], most: int = LONGEST_ROW) -> None:
        self.number = 0
        self._text = text
        self._most = most
        self._left = most

    def begin_row(self) -> None:
        """Allow a whole row again."""
        self._left = self._most

    def __iter__(self) -> BoundedLines:
        return self

    def __next__(self) -> str:
        """Return the next line with its end. Raises LongRow beyond the row's limit."""
        line = self._text.readline(self._left + 1)
        if not line:
            raise StopIteration
        self.number += 1
        self._left -= len(line)
        if self._left < 0:
            while line and not line.endswith(("\n", "\r")):
                line = self._text.readline(self._most)
            raise LongRow
        return line
