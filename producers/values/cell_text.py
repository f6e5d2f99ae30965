"""Foldings of a cell's text for lookup; the text itself is shown as written."""

from __future__ import annotations

import re
import unicodedata
from functools import cache

from roost.text.lookup_form import lookup_form, unified_radicals
from roost.text.references import visible_text
from roost.text.simplified import simplified

_BETWEEN_HAN = re.compile(r"(?<=[\u3400-\u9fff]) (?=[\u3400-\u9fff])")


def folded_value(text: str) -> str:
    """Return a text for lookup: NFKC, simplified, lower case, single spaces.

    Invisible characters and spaces between Chinese characters are left out.
    """
    plain = lookup_form(visible_text(text))
    return _BETWEEN_HAN.sub("", " ".join(plain.casefold().split()))


def folded_in_place(text: str) -> str:
    """Return a text for lookup, in lower case, in which positions are those of the text."""
    if text.isascii():
        return text.lower()
    return simplified(unified_radicals(text.translate(_single_forms())))


class _SingleForms(dict[int, int]):
    """Compatibility form of each character that has one of length 1; bounded by Unicode."""

    def __missing__(self, code: int) -> int:
        form = unicodedata.normalize("NFKC", chr(code)).lower()
        return self.setdefault(code, ord(form) if len(form) == 1 else code)


@cache
def _single_forms() -> _SingleForms:
    return _SingleForms()
