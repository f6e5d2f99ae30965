"""Search for unlawful demands in a text, by the patterns of `forbidden`.

`producers/lawful.py` refuses openings that make such a demand; `attributes` keeps them out of
scores.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from functools import lru_cache

from roost.law.forbidden import CRITERIA, Criterion

_BETWEEN_HAN = re.compile(r"(?<=[\u4e00-\u9fff])[ \t]+(?=[\u4e00-\u9fff])")
_SENTENCE_ENDS = re.compile(r"[。！？!?;；\n]|\.\s")

SHORT = 60
"""Maximum length in characters of a text whose findings are cached."""

__all__ = ["CRITERIA", "Criterion", "all_demanded", "demanded", "demands", "exempt"]


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
    for pattern in criterion.patterns:
        for found in pattern.finditer(text):
            if not exempt(criterion, text, found):
                yield found


def exempt(criterion: Criterion, text: str, found: re.Match[str]) -> bool:
    """Return whether the rest of the sentence revokes the demand or applies it to other people."""
    before = _SENTENCE_ENDS.split(text[: found.start()])[-1]
    after = _SENTENCE_ENDS.split(text[found.end() :], maxsplit=1)[0]
    return bool(criterion.exempt_before.search(before) or criterion.exempt_after.search(after))


def _plain(text: str) -> str:
    """Return the text in NFKC, without invisible characters or spaces between Han characters."""
    folded = unicodedata.normalize("NFKC", text)
    visible = "".join(each for each in folded if unicodedata.category(each) != "Cf")
    return _BETWEEN_HAN.sub("", visible)
