"""Unicode normalisation in linear time, whatever the text.

`unicodedata.normalize` orders a run of combining marks by insertion, which takes quadratic time:
20,000 marks took 0.9 s. So a long text is normalised in pieces, cut before a character that joins
with nothing before it.

Source: Unicode Standard Annex 15, section 13 (stream-safe text).
"""

from __future__ import annotations

import re
import unicodedata

LONGEST_PIECE = 500
"""Characters that are normalised together."""
_STANDS_ALONE = r"[\x00-\u02ff\u3400-\u9fff]"
"""Characters that never combine with the character before them: Latin and Han."""
_PIECE = re.compile(
    rf"(?s:.{{1,{LONGEST_PIECE}}})(?={_STANDS_ALONE}|\Z)|(?s:.{{1,{LONGEST_PIECE}}})"
)
_LIGATURES = {0xFDFA: " ", 0xFDFB: " "}
"""Two Arabic phrases that NFKC expands to 18 and 8 characters; all others expand to 6 at most."""


def nfkc(text: str) -> str:
    """Return the text in normal form NFKC."""
    if text.isascii():
        return text
    text = text.translate(_LIGATURES)
    if len(text) <= LONGEST_PIECE:
        return unicodedata.normalize("NFKC", text)
    return "".join(unicodedata.normalize("NFKC", piece) for piece in _PIECE.findall(text))
