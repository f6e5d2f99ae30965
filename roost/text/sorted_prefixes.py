"""Rows of a sorted list whose first column begins with a text."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Any, TypeVar

Row = TypeVar("Row", bound=tuple[Any, ...])


def rows_beginning_with(rows: Sequence[Row], begun: str) -> Iterator[Row]:
    """Yield the rows in their order; `rows` are sorted, and a text comes first in each."""
    for row in islice(rows, bisect_left(rows, (begun,)), None):
        if not row[0].startswith(begun):
            return
        yield row
