"""Search for unlawful demands in a text, by the patterns of `forbidden`.

`producers/lawful.py` refuses openings that make such a demand; `attributes` keeps them out of
scores.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from roost.law.criterion import REVOKED, Criterion
from roost.law.forbidden import CRITERIA
from roost.text import plain_text
from roost.text.scanning import matches

_SENTENCE_ENDS = re.compile(r"[。！？!?;；\n]|\.\s")
_MARKS = " \t\n，,。.;；、(（:："

SHORT = 60
"""Maximum length in characters of a text whose findings are cached."""
MOST = 20
"""Most findings of a criterion in one text."""
NEAR = 80
"""Characters of a sentence before and after a demand in which `exempt_before` and `exempt_after`
are searched; the longest of them spans about 50."""

__all__ = ["CRITERIA", "Criterion", "Finding", "Sentences", "all_demanded", "demanded", "demands"]


@dataclass(frozen=True, slots=True)
class Finding:
    """Unlawful demand: its criterion, and the words and their span in the text as written."""

    criterion: Criterion
    words: str
    start: int
    end: int


def all_demanded(text: str) -> tuple[Finding, ...]:
    """Return every unlawful demand of a text, by criterion and position; none overlap in one."""
    return _remembered(text) if len(text) <= SHORT else _found(text)


def _found(text: str) -> tuple[Finding, ...]:
    searched = plain_text.plain(text)
    spans = [(each, *span) for each in CRITERIA for span in _spans(each, searched)]
    if not spans:
        return ()
    at = plain_text.positions(text)
    return tuple(_finding(each, text, at[start], at[end - 1] + 1) for each, start, end in spans)


@lru_cache(maxsize=20_000)
def _remembered(text: str) -> tuple[Finding, ...]:
    """Return the findings of a short text; titles, skills and licences repeat in many openings."""
    return _found(text)


def demanded(criterion: Criterion, text: str) -> str:
    """Return the words of a text that make the demand; empty if it makes none."""
    return next((each.words for each in all_demanded(text) if each.criterion is criterion), "")


def _spans(criterion: Criterion, searched: str) -> list[tuple[int, int]]:
    """Return the spans of a criterion's demands in order; of overlapping ones the union."""
    merged: list[tuple[int, int]] = []
    for start, end in sorted(_stripped(found) for found in demands(criterion, searched)):
        if merged and start < merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return merged[:MOST]


def _stripped(found: re.Match[str]) -> tuple[int, int]:
    """Return the span of a match without punctuation marks and blanks at its ends."""
    words = found.group()
    start = found.start() + len(words) - len(words.lstrip(_MARKS))
    return start, max(start + 1, found.start() + len(words.rstrip(_MARKS)))


def _finding(criterion: Criterion, text: str, start: int, end: int) -> Finding:
    return Finding(criterion, text[start:end], start, end)


def demands(criterion: Criterion, text: str) -> Iterator[re.Match[str]]:
    """Yield each place in a text that makes the demand and is not exempt.

    The text is plain or at least in simplified characters.
    """
    if not criterion.trigger.search(text):
        return
    sentences = Sentences(text)
    for pattern in criterion.patterns_of_ascii if text.isascii() else criterion.patterns:
        for found in matches(pattern, text):
            if criterion.is_demand(found) and not sentences.exempt(criterion, found):
                yield found


class Sentences:
    """Sentences of a text, found once, in which other words can revoke a demand."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._starts: list[int] | None = None
        self._revoked: list[int] = []

    def exempt(self, criterion: Criterion, found: re.Match[str]) -> bool:
        """Return whether the rest of the sentence revokes a demand or applies it to other people.

        The work for one demand is bounded, so that the time is linear in the number of demands.
        """
        at, text = found.start(), self._text
        start = self._start(at)
        if bisect_right(self._revoked, at) > bisect_right(self._revoked, start):
            return True
        if criterion.exempt_before.search(text[max(start, at - NEAR) : at]):
            return True
        after = text[found.end() : found.end() + NEAR]
        return bool(criterion.exempt_after.search(_SENTENCE_ENDS.split(after, maxsplit=1)[0]))

    def _start(self, at: int) -> int:
        """Return the start of the sentence that contains a position."""
        if self._starts is None:
            self._starts = [0, *(each.end() for each in _SENTENCE_ENDS.finditer(self._text))]
            self._revoked = [each.end() for each in REVOKED.finditer(self._text)]
        return self._starts[bisect_right(self._starts, at) - 1]
