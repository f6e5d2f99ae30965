"""A bounded cache for pure parsers: the columns of a file repeat few values."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache, wraps
from typing import ParamSpec, TypeVar

P = ParamSpec("P")
T = TypeVar("T")
REMEMBERED = 4_096
"""Values that each parser remembers."""
LONGEST_REMEMBERED = 60
"""Most characters of a remembered text."""


def remembered(parser: Callable[P, T]) -> Callable[P, T]:
    """Return a parser that remembers its readings of short texts; errors are not remembered."""
    cached = lru_cache(maxsize=REMEMBERED)(parser)

    @wraps(parser)
    def read_once(*given: P.args, **named: P.kwargs) -> T:
        for each in (*given, *named.values()):
            if isinstance(each, str) and len(each) > LONGEST_REMEMBERED:
                return parser(*given, **named)
        return cached(*given, **named)  # type: ignore[arg-type]

    return read_once
