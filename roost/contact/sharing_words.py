"""Answers by reply to a question about sharing: the words that the message names. Pure.

Only these words answer. Anything else is an ordinary message, since a worker may reply "yes" to
another message of the station.
"""

from __future__ import annotations

import unicodedata

from roost.text.simplified import simplified

AGREES = frozenset({"同意", "同意分享", "agree", "i agree"})
REFUSES = frozenset({"不同意", "不同意分享", "refuse", "i refuse"})
MARKS = " \t\r\n.!。！,，;；:：“”\"'「」『』()（）"


def sharing_answer(text: str) -> bool | None:
    """Return True for a yes, False for a no, None for any other text."""
    words = simplified(unicodedata.normalize("NFKC", text[:100])).casefold().strip(MARKS)
    words = " ".join(words.split())
    if words in AGREES:
        return True
    return False if words in REFUSES else None
