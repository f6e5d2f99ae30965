"""Part of a found text that equals the typed one, as the search compares them. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from unicodedata import combining

from roost.text.search_terms import compact


def split_at(text: str, typed: str) -> tuple[str, str, str]:
    """Return a text in three parts: before, at and after the typed one; all before if not in it.

    The texts are compared in the form of search terms, without blanks, so 张三 is in 张 三. That
    form may be longer or shorter than the text: each of its characters has a place in the text.
    """
    sought = compact(typed)
    plain = list(_compact_characters(text))
    start = "".join(each for each, _, _ in plain).find(sought) if sought else -1
    if start < 0:
        return text, "", ""
    begin, end = plain[start][1], plain[start + len(sought) - 1][2]
    return text[:begin], text[begin:end], text[end:]


def _compact_characters(text: str) -> Iterator[tuple[str, int, int]]:
    """Yield each character of the compact form, with begin and end of its place in the text."""
    begin = 0
    while begin < len(text):
        end = begin + 1
        while end < len(text) and combining(text[end]):
            end += 1
        for each in compact(text[begin:end]):
            yield each, begin, end
        begin = end
