"""Sound of Chinese names: the syllables of their characters, without tones. Pure.

Clerks type names by their sound, so that 张伟 becomes 章伟 or 张玮. Each character has its most
usual reading, whatever its neighbours are: two spellings are compared, not read aloud.

Source: pypinyin's table of single characters (MIT, https://github.com/mozillazg/python-pinyin).
"""

from __future__ import annotations

import os
import unicodedata
from collections.abc import Mapping
from functools import cache, lru_cache

from roost.text.lookup_form import lookup_form

LEAST, MOST = 2, 8
"""Fewest and most characters of a name that is compared by its sound."""


@lru_cache(maxsize=20_000)
def name_sound(name: str) -> str:
    """Return the syllables of a name; empty for one that is not written in Chinese characters."""
    plain = lookup_form(name)
    if plain.isascii() or not LEAST <= len(plain) <= MOST:
        return ""
    syllables = [_readings().get(ord(each)) for each in plain]
    return " ".join(_toneless(each) for each in syllables if each) if all(syllables) else ""


@lru_cache(maxsize=20_000)
def typed_readings(character: str) -> tuple[str, ...]:
    """Return the readings of a character as a keyboard types them, usual first; ü is `v`.

    Empty for a character without one.
    """
    readings = _readings().get(ord(character), "").split(",")
    typed = (_toneless(each).replace("u\u0308", "v") for each in readings if each)
    return tuple(each for each in dict.fromkeys(typed) if each.isascii() and each.isalpha())


def _toneless(readings: str) -> str:
    """Return the first of some readings without the mark of its tone; ü stays another vowel."""
    parts = unicodedata.normalize("NFD", readings.partition(",")[0])
    return "".join(each for each in parts if each.isascii() or each == "\u0308")


@cache
def _readings() -> Mapping[int, str]:
    """Return the readings of each character; its words, which take 44 MB, are not loaded."""
    os.environ.setdefault("PYPINYIN_NO_PHRASES", "1")
    os.environ.setdefault("PYPINYIN_NO_DICT_COPY", "1")
    from pypinyin.constants import PINYIN_DICT

    found: Mapping[int, str] = PINYIN_DICT
    return found
