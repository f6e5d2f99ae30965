"""Width of a spreadsheet's column, in characters of its usual font."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable

NARROWEST, WIDEST = 8, 60
"""Widest: longer texts continue on a second line, or in the cell's own field."""
_MARGIN = 2
_WIDE = frozenset("WF")


def column_width(texts: Iterable[str]) -> int:
    """Return the width that shows the longest line; a Chinese character takes two."""
    longest = max((_cells(line) for text in texts for line in text.splitlines()), default=0)
    return max(NARROWEST, min(longest + _MARGIN, WIDEST))


def _cells(line: str) -> int:
    if line.isascii():
        return len(line)
    return sum(2 if unicodedata.east_asian_width(each) in _WIDE else 1 for each in line)
