"""Headings of a table: their rows among the first ones of a sheet, and their names in one spelling.

Title lines above are passed over, a second heading row is joined with the first one, and a merged
heading counts for all its columns.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from itertools import pairwise

from producers.tables.sheets import LONGEST_NAME, Merge, SheetRow, is_blank, merges_across
from producers.values.remembering import remembered
from roost.text.normalising import nfkc
from roost.text.simplified import simplified

SEARCHED_ROWS = 30
"""Rows with content at the top of a sheet among which the headings are."""
_REQUIRED = re.compile(r"[(\[【]?(?:必填|必选|required)[项*]?[)\]】]?$")
_CJK_GAP = re.compile(r"(?<=[\u3000-\u9fff\uff00-\uffef])\s+|\s+(?=[\u3000-\u9fff\uff00-\uffef])")
_FACT = re.compile(r"[^:：]{1,20}[:：]\s*\S.*", re.DOTALL)
_LONGEST_PART = 12
"""Characters of a part of a divided heading."""
_TITLE_SHARE = 0.5


@remembered
def folded_heading(text: str) -> str:
    """Return the common spelling of a heading: blanks, width and invisible characters do not count.

    Nor do case, traditional characters, and the marks of a required column.
    """
    plain = "".join(
        each
        for each in simplified(nfkc(text))
        if not each.isspace() and unicodedata.category(each) not in ("Cc", "Cf", "Mn")
    )
    return _REQUIRED.sub("", plain.casefold().strip("*:： ")).strip("*:")


def shown_heading(text: str) -> str:
    """Return a heading as messages show it: on one line, without invisible characters."""
    visible = "".join(
        each
        for each in str(text)
        if each.isspace() or unicodedata.category(each) not in ("Cc", "Cf")
    )
    return _CJK_GAP.sub("", " ".join(visible.split()))


@dataclass(frozen=True, slots=True)
class Column:
    """Column of a table: its number in the sheet, from 1, and its heading."""

    number: int
    name: str
    inner: str = ""
    """Heading in the second row alone, if there are two."""


@dataclass(frozen=True, slots=True)
class Heading:
    """Headings of a table: the lines of their rows, and the columns that have a name."""

    lines: tuple[int, ...]
    columns: tuple[Column, ...]
    known: int = 0
    """Number of columns whose name is known."""


def find_heading(
    rows: Sequence[SheetRow], is_known: Callable[[str], bool], merges: Collection[Merge] = ()
) -> Heading | None:
    """Return the headings with the most known names, the first such; None if no name is known.

    `is_known` tells a known heading by its common spelling.
    """
    usable = _without_notes(
        [row for row in rows if row.fault is None and not all(map(is_blank, row.cells))]
    )
    found = [_single(row, is_known) for row in usable]
    found += [
        _double(upper, lower, is_known, merges)
        for upper, lower in pairwise(usable)
        if lower.line == upper.line + 1
    ]
    best = max(found, key=lambda each: (each.known, -each.lines[0], -len(each.lines)), default=None)
    if best is None or not _is_enough(best):
        return None
    return _with_second_row(best, usable, is_known, merges)


def _without_notes(rows: list[SheetRow]) -> list[SheetRow]:
    """Return the rows without those that only state facts, such as `填报单位：某局`."""
    width = max((_filled(row) for row in rows), default=0)
    kept = [row for row in rows if 2 * _filled(row) > width or not _states_facts(row)]
    return kept or rows


def _filled(row: SheetRow) -> int:
    return sum(not is_blank(cell) for cell in row.cells)


def _states_facts(row: SheetRow) -> bool:
    return all(is_blank(cell) or _FACT.fullmatch(str(cell).strip()) for cell in row.cells)


def _with_second_row(
    found: Heading,
    rows: Sequence[SheetRow],
    is_known: Callable[[str], bool],
    merges: Collection[Merge],
) -> Heading:
    """Return one heading row along with the row below it that divides some of its headings."""
    if len(found.lines) > 1:
        return found
    for upper, lower in pairwise(rows):
        is_next = upper.line == found.lines[0] and lower.line == upper.line + 1
        if is_next and _divides(upper, lower, merges):
            return _double(upper, lower, is_known, merges)
    return found


def _divides(upper: SheetRow, lower: SheetRow, merges: Collection[Merge]) -> bool:
    """Return whether a row holds parts of the headings above it, and nothing else.

    A divided heading is merged across its parts or, in a text, followed by empty cells.
    """
    parts = {
        number: shown_heading(cell)
        for number, cell in enumerate(lower.cells, 1)
        if not is_blank(cell)
    }
    if len(parts) < 2 or not all(map(_may_be_part, parts.values())):
        return False
    return parts.keys() <= _divided(upper, parts, merges)


def _may_be_part(text: str) -> bool:
    return len(text) <= _LONGEST_PART and not _is_number(text)


def _divided(upper: SheetRow, parts: Collection[int], merges: Collection[Merge]) -> set[int]:
    """Return the numbers of the columns under headings that cover several columns."""
    across = merges_across(merges, upper.line)
    if across:
        wide = (each for each in across if each.right > each.left)
        return {number for each in wide for number in range(each.left, each.right + 1)}
    filled = {number for number, cell in enumerate(upper.cells, 1) if not is_blank(cell)}
    divided: set[int] = set()
    for number in sorted(set(parts) - filled):
        if number - 1 in filled | divided and number - 1 in parts:
            divided |= {number - 1, number}
    return divided


def likely_heading(rows: Sequence[SheetRow]) -> Heading | None:
    """Return the first row that looks like headings whatever their names: short, distinct texts."""
    usable = [row for row in rows if row.fault is None and not all(map(is_blank, row.cells))]
    width = max((sum(not is_blank(cell) for cell in row.cells) for row in usable), default=0)
    for row in usable:
        texts = [shown_heading(cell) for cell in row.cells if not is_blank(cell)]
        if (
            len(texts) > _TITLE_SHARE * width
            and len(set(texts)) == len(texts)
            and all(len(each) <= LONGEST_NAME and not _is_number(each) for each in texts)
        ):
            return _single(row, lambda name: False)
    return None


def _is_enough(heading: Heading) -> bool:
    return heading.known >= 2 or 0 < len(heading.columns) <= 2 * heading.known


def _is_number(text: str) -> bool:
    return bool(re.fullmatch(r"[\d.,:/-]+", nfkc(text)))


def _single(row: SheetRow, is_known: Callable[[str], bool]) -> Heading:
    columns = tuple(
        Column(number, name)
        for number, cell in enumerate(row.cells, start=1)
        if (name := shown_heading(cell))
    )
    return Heading((row.line,), columns, _count(columns, is_known))


def _double(
    upper: SheetRow, lower: SheetRow, is_known: Callable[[str], bool], merges: Collection[Merge]
) -> Heading:
    """Return the headings of two rows: `工资` over `下限` is `工资下限`."""
    parents = _spread(upper, lower, merges)
    columns = []
    for number in range(1, max(len(upper.cells), len(lower.cells)) + 1):
        parent = parents[number - 1] if number <= len(parents) else ""
        child = shown_heading(lower.cells[number - 1]) if number <= len(lower.cells) else ""
        if child and child != parent and parent:
            columns.append(Column(number, f"{parent}{child}", child))
        elif parent or child:
            columns.append(Column(number, parent or child))
    found = tuple(columns)
    return Heading((upper.line, lower.line), found, _count(found, is_known))


def _spread(upper: SheetRow, lower: SheetRow, merges: Collection[Merge]) -> list[str]:
    """Return the names of the upper row, each also for the other columns that it covers."""
    names = [shown_heading(cell) for cell in upper.cells]
    names += [""] * (len(lower.cells) - len(names))
    across = merges_across(merges, upper.line)
    for merge in across:
        for number in range(merge.left, min(merge.right, len(names)) + 1):
            names[number - 1] = names[merge.left - 1]
    if not across:
        for number in range(1, len(names)):
            below = lower.cells[number] if number < len(lower.cells) else ""
            if not names[number] and not is_blank(below):
                names[number] = names[number - 1]
    return names


def _count(columns: Sequence[Column], is_known: Callable[[str], bool]) -> int:
    """Return the number of different columns with a known name."""
    known = set()
    for column in columns:
        name = next(filter(is_known, map(folded_heading, (column.name, column.inner))), None)
        if name:
            known.add(name)
    return len(known)


def known_name(column: Column, is_known: Callable[[str], bool]) -> str | None:
    """Return the name by which a column is known: that of both heading rows or of the second."""
    return next((each for each in (column.name, column.inner) if each and is_known(each)), None)
