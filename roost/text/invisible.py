"""Invisible characters in names and titles: removed, except where a script is written with them.

Direction controls let a name or title read as another one, and change the text around it. Zero
width characters and fillers make two names look alike, or a name look empty. Persian, Indic,
Mongolian and emoji need joiners or variation selectors, and some Han characters in names too; each
is kept at such a place alone. All functions are pure and take linear time.

Sources: Unicode 15.0, properties Default_Ignorable_Code_Point (DerivedCoreProperties.txt) and
Joining controls (core specification, 23.2); Unicode Technical Report 36, section 2.5.
"""

from __future__ import annotations

import re
import unicodedata

IGNORABLE = (
    "\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e"
    "\u2060-\u206f\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufff8"
    "\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff"
)
"""Characters that no page shows, as ranges of a pattern."""
_HIDDEN = re.compile(f"[{IGNORABLE}\u2800\u2028\u2029\ufff9-\ufffb\U00013430-\U0001343f]")
_BREAKS = "\u2028\u2029"
_JOINERS = "\u200c\u200d"
_VOWEL_SEPARATOR = "\u180e"
_KILLER = 9
"""Combining class of a virama, after which a joiner may end a word (Malayalam)."""
_JOINING = re.compile(
    "[\u0600-\u08ff\ufb50-\ufdff\ufe70-\ufefc"  # Arabic, Syriac, Thaana, N'Ko
    "\u0900-\u0dff\u1000-\u109f\u1780-\u17ff\u1800-\u18af\U00011000-\U00011fff"  # Indic, Mongolian
    "\u2190-\u21ff\u2600-\u27bf\u2b00-\u2bff\U0001f000-\U0001faff\ufe0f]"  # symbols and emoji
)
_SELECTED = (
    (re.compile("[\u180b-\u180d\u180f]"), re.compile("[\u1820-\u18aa]")),
    (
        re.compile("[\ufe00-\ufe0f\U000e0100-\U000e01ef]"),
        re.compile(
            "[#*0-9\u00a9\u00ae\u203c-\u3299\u3400-\u9fff\uf900-\ufaff"
            "\U0001f000-\U0001faff\U00020000-\U0003ffff]"
        ),
    ),
)
"""Variation selectors, and the characters that they select a form of."""


def shown_line(text: str) -> str:
    """Return a name or title without invisible characters that its script does not need."""
    if text.isascii() or not _HIDDEN.search(text):
        return text
    kept: list[str] = []
    for position, each in enumerate(text):
        if not _HIDDEN.match(each):
            kept.append(each)
        elif each in _BREAKS:
            kept.append(" ")
        elif kept and _is_needed(each, kept[-1], text[position + 1 : position + 2]):
            kept.append(each)
    return "".join(kept)


def holds_invisible(text: str) -> bool:
    """Return whether a text holds a character that no page shows, whatever its script."""
    return not text.isascii() and _HIDDEN.search(text) is not None


def _is_needed(character: str, before: str, after: str) -> bool:
    """Return whether a script is written with an invisible character between these two."""
    if character in _JOINERS:
        if unicodedata.combining(before) == _KILLER:
            return True
        is_followed = bool(_JOINING.match(after)) and not _HIDDEN.match(after)
        return is_followed and bool(_JOINING.match(before))
    if character == _VOWEL_SEPARATOR:
        return "\u1820" <= before <= "\u18aa" and "\u1820" <= after <= "\u18aa"
    return any(
        selector.match(character) and selected.match(before) for selector, selected in _SELECTED
    )
