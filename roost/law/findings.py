"""Search for unlawful demands in a text, by the patterns of `forbidden`.

`producers/lawful.py` refuses openings that make such a demand; `attributes` keeps them out of
scores.
"""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from functools import lru_cache

from roost.law.forbidden import CRITERIA, REVOKED, Criterion
from roost.text.normalising import nfkc
from roost.text.scanning import matches, short_blanks

_BETWEEN_HAN = re.compile(r"(?<=[\u4e00-\u9fff])[ \t]++(?=[\u4e00-\u9fff])")
_SENTENCE_ENDS = re.compile(r"[。！？!?;；\n]|\.\s")

SHORT = 60
"""Maximum length in characters of a text whose findings are cached."""
NEAR = 80
"""Characters of a sentence before and after a demand in which `exempt_before` and `exempt_after`
are searched; the longest of them spans about 50."""

__all__ = ["CRITERIA", "Criterion", "Sentences", "all_demanded", "demanded", "demands"]


def all_demanded(text: str) -> Sequence[tuple[Criterion, str]]:
    """Return every criterion that a text demands, with the words of the demand."""
    return _remembered(text) if len(text) <= SHORT else _found(text)


def _found(text: str) -> Sequence[tuple[Criterion, str]]:
    plain = _plain(text)
    return [(each, words) for each in CRITERIA if (words := _words(each, plain))]


@lru_cache(maxsize=20_000)
def _remembered(text: str) -> Sequence[tuple[Criterion, str]]:
    """Return the findings of a short text; titles, skills and licences repeat in many openings."""
    return _found(text)


def demanded(criterion: Criterion, text: str) -> str:
    """Return the words of a text that make the demand; empty if it makes none."""
    return _words(criterion, _plain(text))


def _words(criterion: Criterion, plain: str) -> str:
    found = next(demands(criterion, plain), None)
    return found.group().strip(" \t\n，,。.;；(（") if found else ""


def demands(criterion: Criterion, text: str) -> Iterator[re.Match[str]]:
    """Yield each place in a text that makes the demand and is not exempt."""
    sentences = Sentences(text)
    for pattern in criterion.patterns:
        for found in matches(pattern, text):
            if not sentences.exempt(criterion, found):
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


def _plain(text: str) -> str:
    """Return the text in NFKC, without invisible characters or spaces between Han characters."""
    visible = "".join(each for each in nfkc(text) if unicodedata.category(each) != "Cf")
    return _BETWEEN_HAN.sub("", short_blanks(visible))
