"""Plain form of a text for searching, and the way back to the text as written.

Plain is the form for lookup by character (NFKC, simplified characters, no radicals), without
invisible characters, combining marks and spaces between Han characters. A position in it leads back
to the character it came from, so that findings mark the words that people see.
"""

from __future__ import annotations

import re
import unicodedata
from functools import cache

from roost.text.lookup_form import lookup_form

_DROPPED = {"Cf", "Mn", "Me"}
_BLANKS = re.compile(r"(?P<joint>(?<=[\u4e00-\u9fff])[ \t]++(?=[\u4e00-\u9fff]))|\s{9,}+")
"""Blanks between Han characters, and long blanks, which would hide what belongs together."""


def plain(text: str) -> str:
    """Return the plain form of a text."""
    return _BLANKS.sub(_blank, plain_characters(text))


def plain_characters(text: str) -> str:
    """Return the plain form of a text with all of its blanks."""
    return text if text.isascii() else text.translate(_table())


def positions(text: str) -> list[int]:
    """Return the position in the text of each character of its plain form, and the text's end."""
    if text.isascii():
        origins = list(range(len(text)))
    else:
        table = _table()
        origins = [at for at, each in enumerate(text) for _ in table[ord(each)]]
    characters, kept, at = plain_characters(text), list[int](), 0
    for found in _BLANKS.finditer(characters):
        kept += origins[at : found.start()]
        kept += [origins[found.start()]] * len(_blank(found))
        at = found.end()
    return [*kept, *origins[at:], len(text)]


def _blank(found: re.Match[str]) -> str:
    """Return the replacement of a run of blanks: nothing, a line break or a space."""
    if found["joint"]:
        return ""
    return "\n" if "\n" in found.group() else " "


class _Characters(dict[int, str]):
    """Plain form of each character read so far; bounded by the size of Unicode."""

    def __missing__(self, code: int) -> str:
        character = chr(code)
        dropped = unicodedata.category(character) in _DROPPED
        return self.setdefault(code, "" if dropped else lookup_form(character))


@cache
def _table() -> _Characters:
    return _Characters()
