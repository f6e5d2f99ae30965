"""Addresses in one spelling for lookup, with the same length as the text as written.

Full-width letters become ASCII, radicals and traditional characters become the characters of the
gazetteer's names, separators a space. So a position in the folded text is a position in the text
as written.
"""

from __future__ import annotations

from functools import cache
from importlib.resources import files

SEPARATORS = (
    " \t\r\n\u00a0\u3000\u200b\u200c\u200d\u2060\ufeff·•・‧∙．.。-‐‑–—―－_/／\\＼|｜>＞→»›,，:：~～"
)
"""Marks between the parts of an address."""
BRACKETS = "()（）[]［］【】〔〕{}「」『』《》<＜〈〉\"'“”‘’"
LISTING = "、;；&＆"
"""Marks between several addresses; folded to `LIST_MARK`."""
LIST_MARK = "、"


def fold_place(text: str) -> str:
    """Return the text in the spelling of the gazetteer; its length stays the same."""
    return text.translate(_table())


@cache
def _table() -> dict[int, int]:
    table = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)}
    table |= {ord(letter): ord(letter.lower()) for letter in "ABCDEFGHIJKLMNOPQRSTUVWXYZ"}
    table |= {ord(letter) + 0xFEE0: ord(letter.lower()) for letter in "ABCDEFGHIJKLMNOPQRSTUVWXYZ"}
    table |= dict.fromkeys(map(ord, SEPARATORS + BRACKETS), ord(" "))
    table |= dict.fromkeys(map(ord, LISTING), ord(LIST_MARK))
    path = files("roost") / "data" / "places" / "characters.txt"
    variants, plain = path.read_text(encoding="utf-8").split()
    return table | dict(zip(map(ord, variants), map(ord, plain), strict=True))
