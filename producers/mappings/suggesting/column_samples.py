"""Columns of a file with the first values of each, and how the file's sheets were read."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any

from producers.mappings.cell_values import clean_text
from producers.mappings.suggesting.column_names import known_headings
from producers.tables.headings import folded_heading
from producers.tables.sheets import Fault
from producers.tables.table_model import Table
from producers.tables.table_reading import open_tables
from producers.values import NotUnderstood

SAMPLED_ROWS = 200
"""Rows of each sheet that are looked at."""
SAMPLED_VALUES = 100
"""Different values that are kept of a column."""
LONGEST_SAMPLE = 120
"""Characters kept of a value."""
DEEPEST_PATH = 3
MOST_PATHS = 200
"""Paths into JSON records that count as columns."""


@dataclass(slots=True)
class SampledColumn:
    """Column by its name, the sheets that have it, and its first different values."""

    name: str
    sheets: list[str] = field(default_factory=list)
    values: list[str] = field(default_factory=list)
    blank: int = 0
    """Number of sampled rows without a value."""

    def take(self, value: Any) -> None:
        """Keep a value, unless it is blank or known."""
        text = _shown(value)
        if not text:
            self.blank += 1
        elif text not in self.values and len(self.values) < SAMPLED_VALUES:
            self.values.append(text)


@dataclass(frozen=True, slots=True)
class SampledSheet:
    """Table of a file: its sheet, the rows of its headings, and its first rows."""

    name: str
    heading_rows: tuple[int, ...]
    columns: tuple[str, ...]
    sampled_rows: int


@dataclass(frozen=True, slots=True)
class FileSample:
    """Sheets and columns of a file, and facts on the whole file."""

    sheets: list[SampledSheet]
    columns: list[SampledColumn]
    notices: list[Fault]


def sample_file(path: Path, kind: str) -> FileSample:
    """Return the columns of a file with samples. Raises Invalid for a file that cannot be read."""
    file = open_tables(path, known_headings(kind), guess=True)
    columns: dict[str, SampledColumn] = {}
    sheets = []
    for table in file.tables:
        for name in table.columns:
            found = columns.setdefault(folded_heading(name), SampledColumn(name))
            if table.sheet not in found.sheets:
                found.sheets.append(table.sheet)
        count = 0
        for row in islice(table.rows, SAMPLED_ROWS):
            count += 1
            if row.fault is None:
                _take_row(columns, table, row.values)
        lines = table.heading.lines if table.heading is not None else ()
        sheets.append(SampledSheet(table.sheet, lines, table.columns, count))
    return FileSample(sheets, list(columns.values()), file.notices)


def _take_row(columns: dict[str, SampledColumn], table: Table, values: Mapping[str, Any]) -> None:
    if table.heading is not None:
        for name, value in values.items():
            columns[folded_heading(name)].take(value)
        return
    for path, value in _leaves(values, "", DEEPEST_PATH):
        if path not in columns and len(columns) < MOST_PATHS:
            columns[path] = SampledColumn(path, [table.sheet])
        if path in columns:
            columns[path].take(value)


def _leaves(record: Mapping[str, Any], prefix: str, depth: int) -> Iterator[tuple[str, Any]]:
    """Yield the values of a JSON record by their paths; lists of texts are one value."""
    for name, value in record.items():
        path = f"{prefix}{name}"
        if isinstance(value, Mapping):
            if depth > 1:
                yield from _leaves(value, f"{path}.", depth - 1)
        elif isinstance(value, list):
            yield path, "；".join(str(each) for each in value if isinstance(each, str | int))
        else:
            yield path, value


def _shown(value: Any) -> str:
    """Return a value as one short line; a formula or an error as the file writes it."""
    try:
        text = clean_text(value)
    except NotUnderstood:
        text = str(value)
    return " ".join(text.split())[:LONGEST_SAMPLE]
