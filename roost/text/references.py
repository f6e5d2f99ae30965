"""Spellings of one reference: a roster number is the same one however a form or a sheet writes it.

`a-1`, `Ａ-1`, `'A-1`, `="A-1"` and `A-1` with a zero-width space behind it are one number. An id
derives from the common spelling, so nobody returns, and no record is replaced, under another one.
Leading zeros count: `007` and `7` are two numbers. All functions are pure and take linear time.

Source: Unicode Standard Annex 15 (NFKC).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable

from roost.text.invisible import IGNORABLE
from roost.text.normalising import nfkc

_HIDDEN = {"Cc", "Cf", "Cs"}
"""Categories of characters that no page shows: controls, formats, halves of characters."""
_IGNORABLE = re.compile(f"[{IGNORABLE}]")
_QUOTES, _EQUALS, _APOSTROPHES = '"＂“”', "=＝", "'＇‘’"
_DASHES = str.maketrans(dict.fromkeys("‐‑‒–—―⸺⸻−", "-"))
"""Hyphens and dashes that NFKC does not make one; word processors replace `-` by them."""
_PLAIN = re.compile(r"[0-9A-Za-z]+(?:-[0-9A-Za-z]+)*")
"""Reference with one spelling."""
_IDENTITY_NUMBER = re.compile(r"[0-9]{17}[0-9X]")
_LIKE_AN_X = re.compile(
    r"(?:(?:居民)?身份证(?:件)?(?:号码?)?\s*:\s*)?([0-9]{17})[\u03a7\u0425\u00d7\u2715\u2716\u2a2f]"
)
"""Identity number whose last letter is one that looks like X: Greek, Cyrillic, a sign of times."""
_LABELLED = re.compile(r"(?:居民)?身份证(?:件)?(?:号码?)?\s*:\s*([0-9]{17}[0-9X])")
_PAIRED_QUOTES = {'"': '"', "“": "”", "＂": "＂"}


def shown_reference(text: str) -> str:
    """Return a reference as written, without invisible characters and a spreadsheet's wrapping."""
    return _unwrapped(visible_text(text))


def common_reference(text: str) -> str:
    """Return the common spelling of an opening's reference; capital letters count."""
    if _PLAIN.fullmatch(text):
        return text
    return _settled(_common, text)


def common_number(text: str) -> str:
    """Return the common spelling of a worker's number: as a reference, in capital letters."""
    if _PLAIN.fullmatch(text):
        return text.upper()
    return _settled(_numbered, text)


def common_employer_id(text: str) -> str:
    """Return the form that the spellings of one employer's id share: half width, small letters."""
    return settled_employer_id(text).casefold()


def settled_employer_id(text: str) -> str:
    """Return an employer's id as it is stored: half width, without blanks at its ends."""
    return nfkc(text).strip()


def same_number(one: object, other: object) -> bool:
    """Return whether two values are spellings of one worker's number; None equals None alone."""
    if not isinstance(one, str) or not isinstance(other, str):
        return one == other
    return one == other or common_number(one) == common_number(other)


def _common(text: str) -> str:
    return " ".join(shown_reference(nfkc(text)).split())


def _numbered(text: str) -> str:
    common = _common(text).casefold().upper().translate(_DASHES)
    unspaced = _LIKE_AN_X.sub(r"\1X", common.replace(" ", ""))
    unspaced = _LABELLED.sub(r"\1", unspaced)
    return unspaced if _IDENTITY_NUMBER.fullmatch(unspaced) else common


def _settled(step: Callable[[str], str], text: str) -> str:
    """Repeat a step until it changes nothing: a removed character can join its neighbours."""
    while (after := step(text)) != text:
        text = after
    return text


def visible_text(text: str) -> str:
    """Return a text without controls, formats and other characters that no page shows."""
    if text.isprintable() and (text.isascii() or not _IGNORABLE.search(text)):
        return text
    return "".join(
        each
        for each in _IGNORABLE.sub("", text)
        if each.isspace() or unicodedata.category(each) not in _HIDDEN
    )


def _unwrapped(text: str) -> str:
    """Remove `="…"`, quotes around all of it and leading apostrophes, which sheets add."""
    start, end = _trimmed(text, 0, len(text))
    while start < end:
        if text[start] in _APOSTROPHES:
            start, end = _trimmed(text, start + 1, end)
            continue
        if end - start > 2 and _PAIRED_QUOTES.get(text[start]) == text[end - 1]:
            start, end = _trimmed(text, start + 1, end - 1)
            continue
        opening, _ = _trimmed(text, start + 1, end)
        is_formula = text[start] in _EQUALS and opening + 1 < end and text[opening] in _QUOTES
        if not is_formula or text[end - 1] not in _QUOTES:
            break
        start, end = _trimmed(text, opening + 1, end - 1)
    return text[start:end]


def _trimmed(text: str, start: int, end: int) -> tuple[int, int]:
    """Return the bounds of a part of a text without the white space around it."""
    while start < end and text[start].isspace():
        start += 1
    while end > start and text[end - 1].isspace():
        end -= 1
    return start, end
