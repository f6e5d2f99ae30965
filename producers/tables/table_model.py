"""Tables of a file, and their rows by column name."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import chain
from typing import Any

from producers.tables.file_kinds import FileKind
from producers.tables.headings import Heading, folded_heading
from producers.tables.passed_rows import PassedRow
from producers.tables.sheets import Fault


@dataclass(frozen=True, slots=True)
class ImportRow:
    """Row of a table: its line, from 1, its values by column, and the sheet's name, if any.

    `fault` is the reason if the row cannot be read. In a JSON array, `line` is the position.
    """

    line: int
    values: dict[str, Any]
    fault: Fault | None = None
    sheet: str = ""

    @property
    def position(self) -> str:
        """The row's place in the file: `sheet!line`, or the line alone."""
        return f"{self.sheet}!{self.line}" if self.sheet else str(self.line)


class KnownHeadings:
    """Headings that a mapping reads; `name in known` compares their common spellings."""

    def __init__(self, names: Iterable[str]) -> None:
        self.names = tuple(dict.fromkeys(names))
        self._folded = frozenset(map(folded_heading, self.names))

    def __contains__(self, name: object) -> bool:
        return folded_heading(str(name)) in self._folded


@dataclass(slots=True)
class Table:
    """Table of a file: a sheet with headings, or the records of a JSON file."""

    sheet: str
    columns: tuple[str, ...]
    """Names of the columns, as rows and messages name them; empty for JSON."""
    rows: Iterator[ImportRow]
    heading: Heading | None = None
    passed: Counter[PassedRow] = field(default_factory=Counter)
    """Rows that were passed over so far, by the reason."""
    unnamed: set[str] = field(default_factory=set)
    """Letters of columns that hold values and have no heading."""
    different: Callable[[Sequence[str]], Iterator[tuple[str, Any]]] | None = None
    """Yields different cells of some columns, each with its column, from all rows; cells may come
    again. It leaves `rows` as they are. None if the file has to be read again for that.
    """


@dataclass(frozen=True, slots=True)
class TableFile:
    """File that has been opened: its kind and encoding, its tables, and facts worth knowing."""

    kind: FileKind
    encoding: str
    tables: list[Table]
    notices: list[Fault]

    def rows(self) -> Iterator[ImportRow]:
        """Yield the rows of all tables, in the order of the file."""
        return chain.from_iterable(table.rows for table in self.tables)
