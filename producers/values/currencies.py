"""Names of currencies, from `currencies.yaml`: RMB, 人民币, 元 and ￥ are CNY (ISO 4217)."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache

from producers.values.cell_text import folded_value
from producers.values.not_understood import NotUnderstood
from producers.values.vocabularies import vocabulary_file, words_in

ENGLISH_WORDS = frozenset({"all", "top", "try", "pen", "mop"})
"""Codes that are English words; within a text they name no currency."""


def parse_currency(text: str) -> str | None:
    """Return the ISO 4217 code of a currency; None for an empty text. Raises NotUnderstood."""
    plain = folded_value(text)
    return one_currency([plain] if plain else [])


def one_currency(words: Iterable[str]) -> str | None:
    """Return the code that all folded words share; None without words. Raises NotUnderstood."""
    readings = [_reading(word) for word in words]
    if not readings:
        return None
    shared = set.intersection(*map(set, readings)) - {"?"}
    usual = [each[0] for each in readings if each[0] in shared]
    if len(shared) != 1 and not usual:
        raise _unknown()
    return shared.pop() if len(shared) == 1 else usual[0]


@cache
def currency_words() -> frozenset[str]:
    """Return the words that name a currency within a text."""
    words = vocabulary_file("currencies")
    named = [word for line in words["words"].values() for word in words_in(line)]
    codes = {code.lower() for code in words_in(words["iso 4217"])} - ENGLISH_WORDS
    return frozenset((*named, *words["shared signs"], *codes))


def _reading(word: str) -> list[str]:
    """Return the currencies that a word may name, the usual one first. Raises NotUnderstood."""
    readings = _readings()
    if word not in readings:
        raise _unknown()
    return readings[word]


@cache
def _readings() -> dict[str, list[str]]:
    words = vocabulary_file("currencies")
    known = {code.lower(): [code] for code in words_in(words["iso 4217"])}
    for code, line in words["words"].items():
        known |= {word: [code] for word in words_in(line)}
    return known | {sign: words_in(line) for sign, line in words["shared signs"].items()}


def _unknown() -> NotUnderstood:
    return NotUnderstood(
        "is not one known currency; write its code of three letters, such as CNY or USD",
        "不是可识别的货币，请填写三位货币代码，如 CNY、USD",
    )
