"""Levels of education in common wording: 大专及以上, 初中及以下, Bachelor's degree. Pure."""

from __future__ import annotations

import re
from functools import cache
from itertools import pairwise

from producers.values.cell_text import folded_value
from producers.values.lexicon import Lexicon
from producers.values.not_understood import NotUnderstood
from producers.values.remembering import remembered
from producers.values.vocabularies import vocabulary_file, words_in
from roost.events.common import Education

_QUOTES = str.maketrans("’‘`´", "''''")
_CLAUSE = re.compile(r"[,;。]")
_CLASS_OF = re.compile(r"(?:20)?\d\d届")
"""Year of graduation: 2026届本科."""


@remembered
def parse_education(text: str) -> Education | None:
    """Return the level that a text names; None if it states none.

    学历不限 is the level NONE. Of adjacent levels (高中/中专) and of a range, the lowest counts,
    since the others are above it. Raises NotUnderstood.
    """
    plain = folded_value(text).translate(_QUOTES)
    if not plain or plain in _unstated():
        return None
    if plain in _any_level():
        return Education.NONE
    clauses = [each for each in _CLAUSE.split(_CLASS_OF.sub("", plain)) if each.strip()]
    stated = [each for each in clauses if not any(wish in each for wish in _wishes())]
    if clauses and not stated:
        return Education.NONE
    words = _lexicon().meanings_in(" , ".join(stated))
    if not words:
        raise _unknown()
    if "unfinished" in words:
        raise NotUnderstood(
            "is not completed; write the highest completed level, such as 高中 or 大专",
            "学业尚未完成，请填写已取得的最高学历，例如“高中”“大专”",
        )
    return _one_level(words)


def _one_level(words: list[Education | str]) -> Education:
    levels = sorted({each for each in words if isinstance(each, Education)}, key=_order)
    if not levels or "ambiguous" in words:
        raise _unknown()
    close = all(high.order - low.order == 1 for low, high in pairwise(levels))
    if not (close or "range" in words):
        raise _unknown()
    return levels[0]


def _order(level: Education) -> int:
    return level.order


@cache
def _lexicon() -> Lexicon[Education | str]:
    words = vocabulary_file("education")
    known: dict[str, Education | str] = {}
    for level, names in words["levels"].items():
        known |= dict.fromkeys(words_in(names), Education(level))
    for kind in ("filler", "above", "below", "either", "range", "unfinished", "ambiguous"):
        known |= dict.fromkeys(words_in(words[kind]), kind)
    return Lexicon(known)


@cache
def _any_level() -> frozenset[str]:
    """Return the texts that ask for no level as a whole; 小学以上均可 asks for one."""
    return frozenset(words_in(vocabulary_file("education")["levels"]["none"]))


@cache
def _unstated() -> frozenset[str]:
    return frozenset(words_in(vocabulary_file("education")["unstated"]))


@cache
def _wishes() -> list[str]:
    return words_in(vocabulary_file("education")["wish"])


def _unknown() -> NotUnderstood:
    return NotUnderstood(
        "is not one known level of education; write 小学, 初中, 高中, 中专, 大专, 本科, 硕士, 博士 "
        "or 不限",
        "不是可识别的学历，请填写 小学、初中、高中、中专、大专、本科、硕士、博士 或 不限",
    )
