"""Plausibility of bytes as text of an encoding: nearly every byte is valid in several of them.

A double-byte encoding puts the common characters of its language into one block, so a text of
another encoding reads as rare characters. Windows-1252 text has single letters among ASCII letters
and typographic marks; Chinese bytes read as it give runs of accented letters.

Sources: GB 18030-2022 (the blocks of GB 2312); Big5 with the extensions of ETEN; WHATWG Encoding
Standard, windows-1252.
"""

from __future__ import annotations

import re
from collections.abc import Callable

HIGH_RUN = re.compile(rb"[\x80-\xff][\x40-\xff]*")
_GB = re.compile(
    rb"[\x81-\xfe][\x30-\x39][\x81-\xfe][\x30-\x39]|[\x81-\xfe][\x40-\xfe]|[\x80-\xff]"
)
_BIG5 = re.compile(rb"[\x81-\xfe][\x40-\x7e\xa1-\xfe]|[\x80-\xff]")
_LATIN_RUN = re.compile(rb"[\x80-\xff]+")
_MARKS = frozenset(
    b"\x80\x82\x84\x85\x8b\x91\x92\x93\x94\x95\x96\x97\x99\x9b\xa0\xa2\xa3\xa7\xa9\xab"
    b"\xae\xb0\xb1\xb2\xb3\xb5\xb7\xba\xbb\xbc\xbd\xbe"
)
"""Marks of Windows-1252 that texts hold singly: quotes, dashes, currencies, degrees, fractions."""
_LONELY = re.compile(rb"[A-Za-z][\x81-\xfe][\x40-\xfe](?![\x80-\xff])")
"""A double-byte character after a Latin letter: an accented letter of another encoding."""
_LATE_LEADS = 0xC9
"""First lead byte of the second half of GB 2312's common characters, which Korean text lacks."""
FEW = 12
"""Characters from which on the absence of that half counts as evidence."""


def plausibility(encoding: str, data: bytes) -> float:
    """Return how likely bytes are text of an encoding: 1 is certain, 0 undecided, -1 impossible.

    `encoding` is one of SCORES. Bytes of ASCII alone are plausible in each of them.
    """
    return SCORES[encoding](data)


def _gb18030(data: bytes) -> float:
    total = weight = common = late = 0.0
    for found in _GB.finditer(data):
        pair = found.group()
        if len(pair) == 2 and pair.isascii():
            continue
        points, size = _gb_points(pair)
        total, weight = total + points * size, weight + size
        if len(pair) == 2 and 0xB0 <= pair[0] <= 0xD7 and pair[1] >= 0xA1:
            common, late = common + 1, late + (pair[0] >= _LATE_LEADS)
    if weight == 0:
        return 1.0
    doubt = 1.0 if common >= FEW and late < 0.12 * common else 0.0
    return _unless_lonely(total / weight - doubt, data)


def _gb_points(pair: bytes) -> tuple[float, float]:
    """Return the points of one character, and its weight: the number of its high bytes."""
    lead, trail = pair[0], pair[1] if len(pair) > 1 else 0
    if len(pair) == 1:
        return -3.0, 1
    if len(pair) == 4:
        return -1.0, 2
    if trail < 0xA1:
        return -1.0, 1 + (trail >= 0x80)
    if 0xB0 <= lead <= 0xD7:
        return 1.0, 2
    if 0xD8 <= lead <= 0xF7:
        return -0.2, 2
    if lead in (0xA1, 0xA3) or (lead == 0xA2 and trail >= 0xB1):
        return 0.6, 2
    return -1.0, 2


def _big5(data: bytes) -> float:
    total = weight = 0.0
    for found in _BIG5.finditer(data):
        pair = found.group()
        size = 1 + (len(pair) > 1 and pair[1] >= 0x80)
        total, weight = total + _big5_points(pair) * size, weight + size
    return 1.0 if weight == 0 else _unless_lonely(total / weight, data)


def _unless_lonely(score: float, data: bytes) -> float:
    """Return the score, or -1 if each character is a letter within a Latin word."""
    runs = sum(1 for _ in HIGH_RUN.finditer(data))
    return -1.0 if runs == len(_LONELY.findall(data)) else score


def _big5_points(pair: bytes) -> float:
    if len(pair) == 1:
        return -3.0
    lead = pair[0]
    if 0xA4 <= lead <= 0xC6:
        return 1.0 if pair < b"\xc6\x7f" else -1.0
    if 0xA1 <= lead <= 0xA3:
        return 0.6
    return -0.5 if 0xC9 <= lead <= 0xF9 else -1.0


def _windows_1252(data: bytes) -> float:
    total = weight = 0.0
    for found in _LATIN_RUN.finditer(data):
        run = found.group()
        before = data[found.start() - 1 : found.start()]
        after = data[found.end() : found.end() + 1]
        total += _latin_points(run, before, after) * len(run)
        weight += len(run)
    return 1.0 if weight == 0 else total / weight


def _latin_points(run: bytes, before: bytes, after: bytes) -> float:
    """Return the points of a run of high bytes between two ASCII characters."""
    letters = [each for each in run if each >= 0xC0]
    if len(letters) > 2 or any(each < 0xC0 and each not in _MARKS for each in run):
        return -1.0
    if not letters:
        return 0.9 if len(run) <= 3 else -0.5
    in_word = before.isalpha() or after.isalpha()
    capital_inside = before.islower() and letters[0] < 0xDF
    if capital_inside:
        return -1.0
    if not in_word:
        return -0.3 if len(letters) > 1 else 0.2
    return 0.9 if len(letters) == 1 else 0.3


SCORES: dict[str, Callable[[bytes], float]] = {
    "gb18030": _gb18030,
    "big5hkscs": _big5,
    "cp1252": _windows_1252,
}
