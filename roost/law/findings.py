"""Finding in a text what the law forbids to ask for: `forbidden` says how it is worded.

Who refuses an opening for it is `producers/lawful.py`; that none of it is scored, `attributes`.
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
"""Characters of a text whose findings are remembered."""

__all__ = ["CRITERIA", "Criterion", "all_demanded", "demanded", "demands", "exempt"]


def all_demanded(text: str) -> Sequence[tuple[Criterion, str]]:
    """Every criterion that a text asks for, with the words that do."""
    return _remembered(text) if len(text) <= SHORT else _found(text)


def _found(text: str) -> Sequence[tuple[Criterion, str]]:
    plain = _plain(text)
    return [(each, words) for each in CRITERIA if (words := _words(each, plain))]


@lru_cache(maxsize=20_000)
def _remembered(text: str) -> Sequence[tuple[Criterion, str]]:
    """Of titles, skills and licences, which are the same in opening after opening."""
    return _found(text)


def demanded(criterion: Criterion, text: str) -> str:
    """The words of a text that make the demand; empty when it makes none."""
    return _words(criterion, _plain(text))


def _words(criterion: Criterion, plain: str) -> str:
    found = next(demands(criterion, plain), None)
    return found.group().strip(" \t\n，,。.;；(（") if found else ""


def demands(criterion: Criterion, text: str) -> Iterator[re.Match[str]]:
    """Every place in a text that makes the demand and is not taken back."""
    for pattern in criterion.patterns:
        for found in pattern.finditer(text):
            if not exempt(criterion, text, found):
                yield found


def exempt(criterion: Criterion, text: str, found: re.Match[str]) -> bool:
    """Whether the rest of the sentence takes the demand back, or makes it of somebody else."""
    before = _SENTENCE_ENDS.split(text[: found.start()])[-1]
    after = _SENTENCE_ENDS.split(text[found.end() :], maxsplit=1)[0]
    return bool(criterion.exempt_before.search(before) or criterion.exempt_after.search(after))


def _plain(text: str) -> str:
    """Full-width digits as digits; no invisible characters, no spaces put between characters."""
    folded = unicodedata.normalize("NFKC", text)
    visible = "".join(each for each in folded if unicodedata.category(each) != "Cf")
    return _BETWEEN_HAN.sub("", visible)
