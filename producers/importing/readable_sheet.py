"""Form of a workbook's sheet that people read: wide enough columns, and a header that stays."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from openpyxl.utils import get_column_letter

from roost.text.column_width import column_width


def make_readable(sheet: Any, rows: Sequence[Sequence[str]]) -> None:
    """Form a write-only sheet before its rows are appended; `rows` are their texts, header first.

    All rows have as many cells as the header.
    """
    for at in range(len(rows[0])):
        width = column_width(row[at] for row in rows)
        sheet.column_dimensions[get_column_letter(at + 1)].width = width
    sheet.freeze_panes = "A2"
