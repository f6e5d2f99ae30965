"""Rows of a table that are no entries: blank ones, totals, notes, and repeated headings."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from enum import StrEnum
from typing import Any

from producers.tables.headings import Heading, folded_heading
from producers.tables.sheets import Merge, filled_cells
from roost.text.normalising import nfkc

_TOTAL = re.compile(
    r"(?:合计|总计|小计|共计|总数|总和|累计|汇总|本页小计|本页合计"
    r"|(?:grand|sub)[- ]?total|totals?|sum)(?:[:：]?\s*[\d,.]+\s*[人个名家条]?)?[:：]?",
    re.IGNORECASE,
)
_NOTE = re.compile(
    r"(?:备注|说明|注|填表说明|填表人|制表人|填报人|审核人|联系人|填报单位|制表单位|填表日期|制表日期"
    r"|填报时间|notes?|remarks?|source|prepared by)\d*[:：]",
    re.IGNORECASE,
)
_FIGURE = re.compile(r"[-+￥¥$]?[\d,.]+\s*%?\s*[人个名元家条]?")


class PassedRow(StrEnum):
    """Reason to pass over a row."""

    BLANK = "blank"
    TOTAL = "total"
    NOTE = "note"
    HEADING = "heading"


def passed_row(cells: Sequence[Any], heading: Heading) -> PassedRow | None:
    """Return the reason to pass over a row of a table; None for an entry."""
    filled = filled_cells(cells)
    if not filled:
        return PassedRow.BLANK
    first = _text(filled[0])
    if _TOTAL.fullmatch(first.replace(" ", "")) and all(map(_is_figure, filled[1:])):
        return PassedRow.TOTAL
    if len(filled) <= 2 < len(heading.columns) and _NOTE.match(first):
        return PassedRow.NOTE
    if len(filled) > 1 and _begins_alike(cells, heading) and _repeats(cells, heading):
        return PassedRow.HEADING
    return None


def section_lines(merges: Collection[Merge], heading: Heading) -> frozenset[int]:
    """Return the lines with a text merged across most columns: titles of sections."""
    least = max(2, len(heading.columns) // 2)
    return frozenset(
        each.top
        for each in merges
        if each.top == each.bottom and each.right - each.left + 1 >= least
    )


def _begins_alike(cells: Sequence[Any], heading: Heading) -> bool:
    """Return whether the first cell may be the first heading: a quick check of every row."""
    first = heading.columns[0]
    cell = cells[first.number - 1] if first.number <= len(cells) else ""
    return type(cell) is str and cell.strip()[:1] == first.name[:1]


def _repeats(cells: Sequence[Any], heading: Heading) -> bool:
    """Return whether a row has the headings again, as printed pages do."""
    same = [
        column
        for column in heading.columns
        if column.number <= len(cells)
        and folded_heading(_text(cells[column.number - 1]))
        in (folded_heading(column.name), folded_heading(column.inner or column.name))
    ]
    return len(same) == len(heading.columns) > 1


def _text(cell: Any) -> str:
    return nfkc(str(cell)).strip()


def _is_figure(cell: Any) -> bool:
    return bool(_FIGURE.fullmatch(_text(cell)))
