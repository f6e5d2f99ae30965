"""Search of long texts with backtracking patterns, in time linear in the length of the text.

Many patterns take quadratic time on some text: `[0-9]+年内` reads a run of digits again from each
of its digits. A search in windows bounds that by the size of a window. A match must therefore be
shorter than `MARGIN`, which every demand and attribute is by far.

No pattern may take exponential time; `tests/unit/roost/test_pattern_shapes.py` proves it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

WINDOW = 256
"""Characters in which a match of one window begins."""
MARGIN = 128
"""Characters after a window that its matches may reach."""
_LONG_BLANK = re.compile(r"\s{9,}+")


def matches(pattern: re.Pattern[str], text: str) -> Iterator[re.Match[str]]:
    """Yield the matches of a pattern, as `finditer` does."""
    if len(text) <= WINDOW + MARGIN:
        yield from pattern.finditer(text)
        return
    at = 0
    while at < len(text):
        end = min(at + WINDOW, len(text))
        for found in pattern.finditer(text, at, end + MARGIN):
            if found.start() >= end:
                break
            yield found
            at = found.end()
        at = max(at, end)


def short_blanks(text: str) -> str:
    """Replace each run of more than 8 blanks by one, a line break if it contains one."""
    return _LONG_BLANK.sub(lambda found: "\n" if "\n" in found.group() else " ", text)


def without_spans(text: str, spans: Iterable[tuple[int, int]], mark: str) -> str:
    """Replace each span of a text by a mark; overlapping spans count as one."""
    kept: list[str] = []
    at = 0
    for start, end in sorted(spans):
        if start >= at:
            kept += (text[at:start], mark)
        at = max(at, end)
    return "".join((*kept, text[at:]))
