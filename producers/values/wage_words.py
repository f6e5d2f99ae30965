"""Words of wages: pay periods, currencies, bounds and notes, from `wages.yaml`."""

from __future__ import annotations

import re
from enum import Enum
from functools import cache
from typing import Any

from producers.values.currencies import currency_words
from producers.values.lexicon import Lexicon
from producers.values.vocabularies import vocabulary_file, words_in
from roost.events.common import WageUnit


class Kind(Enum):
    """Role of a word within a wage."""

    AMOUNT = "amount"
    RANGE = "range"
    ABOVE = "above"
    BELOW = "below"
    PER = "per"
    UNIT = "unit"
    LETTER = "letter of a unit, after a stroke"
    COUNTED = "thing paid by the piece, after 每 or a stroke"
    WEAK = "unit, unless another one is stated"
    UNKNOWN_PERIOD = "pay period that Roost does not have"
    CURRENCY = "currency"
    NOTE = "note"
    EXTRA = "note on other money"
    NOT_STATED = "no wage is stated"
    FILLER = "filler"
    BREAK = "separator"
    SPACE = "space"
    WORD = "unknown word"


PER = ("/", "每", "per", "a", "an", "一", "每一", "each", "every", "÷")
BREAKS = "•●,，、;；。|｜()（）[]【】{}「」〔〕"
NOTE_PATTERN = re.compile(
    # Number of monthly wages a year: 14薪.
    r"[*x×·•]?\s?\d{1,2}(?:\.\d)?(?:\s?[-~至到]\s?\d{1,2})?\s?"
    r"(?:薪|个月(?:工资|薪资|薪)|months?['’]? (?:pay|salary)(?![a-z]))|[*x×]\s?1[2-9](?=$|[\s,;)])"
    r"|早[\d七八九十]{1,2}晚[\d四五六七八九十]{1,2}"
    r"|\d{1,2}(?:\.\d{1,2})?(?:\s?-\s?\d{1,2})?\s?h(?:ou)?rs?\s?(?:per|a|/|each)\s?(?:week|day|wk)"
    r"|[一二三四五六\d]险(?:[一二两\d]金)?|[上做]\s?\w{1,2}休\s?\w|月休\s?\w{1,2}天?"
    r"|每?月\d{1,2}[号日](?:左右|前)?(?:准时|按时)?发?(?:放|工资|薪资|薪)?"
    r"|(?:每[天日周月])?(?:工作|上班)?\d{1,2}(?:\.5)?个?小时(?:工作)?制"
    r"|每[天日周](?:工作|上班)\s?\d{1,2}(?:\.5)?个?(?:小时|钟头|天)",
    re.IGNORECASE,
)


_LISTED = (
    Kind.FILLER,
    Kind.NOTE,
    Kind.EXTRA,
    Kind.NOT_STATED,
    Kind.RANGE,
    Kind.ABOVE,
    Kind.BELOW,
)
"""Kinds of words that stand for themselves."""


def _periods(words: dict[str, Any]) -> dict[str, tuple[Kind, Any]]:
    """Return the units with the words before and after them: 每小时, 月工资."""
    known: dict[str, tuple[Kind, Any]] = {}
    before, after = words_in(words["before units"]), words_in(words["after units"])
    for unit, names in words["units"].items():
        for name in words_in(names):
            meaning = (Kind.UNIT, WageUnit(unit))
            known[name] = meaning
            if not name.isascii():
                known |= {each + name: meaning for each in before}
                known |= {name + each: meaning for each in after}
    return known


@cache
def wage_vocabulary() -> dict[str, tuple[Kind, Any]]:
    """Return the role of each word, and the unit or currency for which it stands."""
    words = vocabulary_file("wages")
    known: dict[str, tuple[Kind, Any]] = {}
    for kind in _LISTED:
        text = words[kind.name.lower().replace("_", " ")]
        known |= {word: (kind, word) for word in words_in(text)}
    known |= {word: (Kind.PER, word) for word in PER}
    known |= {word: (Kind.UNKNOWN_PERIOD, word) for word in words_in(words["unknown periods"])}
    known |= {mark: (Kind.BREAK, mark) for mark in BREAKS}
    known |= _periods(words)
    known |= {word: (Kind.LETTER, WageUnit(unit)) for word, unit in words["letters"].items()}
    known |= {word: (Kind.COUNTED, word) for word in words_in(words["counted"])}
    known |= {word: (Kind.WEAK, WageUnit(unit)) for word, unit in words["weak units"].items()}
    known |= {word: (Kind.CURRENCY, word) for word in currency_words()}
    return known


@cache
def wage_lexicon() -> Lexicon[tuple[Kind, Any]]:
    """Return the words of wages, to be found in a text."""
    return Lexicon(wage_vocabulary())
