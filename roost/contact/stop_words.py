"""Stop words: replies that consist of nothing but a usual word for stopping (单独成句).

A stop word within a sentence is not a stop: 取消明天的面试 cancels an interview, not the messages.
"""

from __future__ import annotations

import re
import unicodedata

from roost.text.normalising import nfkc

WORDS = frozenset(
    "退订 退 t td 停止 取消 不要了 stop unsubscribe cancel end quit stopall".split()  # noqa: SIM905
)
_PIECES = re.compile(r"[^\W_]+")


def is_stop(text: str) -> bool:
    """Return whether a reply is a stop; ignores case, width, spaces, punctuation and repeats."""
    folded = nfkc(text).casefold()
    visible = "".join(each for each in folded if unicodedata.category(each) != "Cf")
    pieces = _PIECES.findall(visible)
    return "".join(pieces) in WORDS or (bool(pieces) and WORDS.issuperset(pieces))
