"""Finding in a text what the law forbids to ask for: `forbidden` says how it is worded.

Who refuses an opening for it is `producers/lawful.py`; that none of it is scored, `attributes`.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator

from roost.forbidden import CRITERIA, Criterion

_BETWEEN_HAN = re.compile(r"(?<=[\u4e00-\u9fff])[ \t]+(?=[\u4e00-\u9fff])")
_SENTENCE_ENDS = re.compile(r"[。！？!?;；\n]|\.\s")

__all__ = ["CRITERIA", "Criterion", "demanded", "demands", "exempt"]


def demanded(criterion: Criterion, text: str) -> str:
    """The words of a text that make the demand; empty when it makes none."""
    found = next(demands(criterion, _plain(text)), None)
    return found.group().strip(" \t\n，,。.;；(（") if found else ""


def demands(criterion: Criterion, text: str) -> Iterator[re.Match[str]]:
    """Every place in a text that makes the demand and is not taken back."""
    for pattern in criterion.patterns:
        for found in pattern.finditer(text):
            if not exempt(criterion, text, found):
                yield found


def exempt(criterion: Criterion, text: str, found: re.Match[str]) -> bool:
    """Whether the rest of the sentence takes the demand back, or makes it of somebody else."""
    before = _SENTENCE_ENDS.split(text[: found.start()])[-1]
    after = _SENTENCE_ENDS.split(text[found.end() :], maxsplit=1)[0]
    return bool(criterion.exempt_before.search(before) or criterion.exempt_after.search(after))


def _plain(text: str) -> str:
    """Full-width digits as digits; no invisible characters, no spaces put between characters."""
    folded = unicodedata.normalize("NFKC", text)
    visible = "".join(each for each in folded if unicodedata.category(each) != "Cf")
    return _BETWEEN_HAN.sub("", visible)
