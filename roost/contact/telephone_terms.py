"""Search terms of telephone numbers: keys of a number and of its parts.

Keys are made with the county key, as those of addresses are, so that no index holds a number in
clear text:

    13800138000    d^ and the key of all digits, d~ and the keys of 1380, 3800, …, 13800, …
"""

from __future__ import annotations

import re

from roost import ids
from roost.text.normalising import nfkc
from roost.text.search_terms import FoundBy, Sought

FEWEST_DIGITS = 4
"""Fewest digits of a part of a telephone number."""
MOST_DIGITS = 15
"""Most digits of a telephone number with its country code (E.164); further ones are ignored."""
_TELEPHONE = re.compile(r"[0-9+() .-]+")
_CHINA = re.compile(r"^\s*(?:\+|00)86|^86(?=1[0-9]{10}$)")


def terms_of_telephone(number: str) -> list[str]:
    """Return the terms of a telephone number, without China's country code, and of its parts."""
    digits = _digits(number)[:MOST_DIGITS]
    if len(digits) < FEWEST_DIGITS:
        return []
    ends = range(FEWEST_DIGITS, len(digits) + 1)
    parts = {digits[at:end] for end in ends for at in range(end - FEWEST_DIGITS + 1)}
    return [f"d^{_part_key(digits)}", *(f"d~{_part_key(each)}" for each in sorted(parts))]


def sought_telephone(typed: str) -> list[Sought]:
    """Return the terms of a typed telephone number or a part of one of at least four digits."""
    plain = nfkc(typed).strip()
    digits = _digits(plain) if _TELEPHONE.fullmatch(plain) else ""
    if not FEWEST_DIGITS <= len(digits) <= MOST_DIGITS:
        return []
    key = _part_key(digits)
    return [
        Sought(f"d^{key}", FoundBy.TELEPHONE, exact=True),
        Sought(f"d~{key}", FoundBy.TELEPHONE_PART, exact=True),
    ]


def _part_key(digits: str) -> str:
    return ids.derive("d", digits)[2:18]


def _digits(number: str) -> str:
    return re.sub(r"[^0-9]", "", _CHINA.sub("", nfkc(number), count=1))
