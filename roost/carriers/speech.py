"""Texts as they are read aloud: short, without brackets, with signs as words."""

from __future__ import annotations

import re

LONGEST = 30
"""Maximum length of a spoken value, in characters: some seven seconds."""
_ASIDE = re.compile(r"[（(][^（）()]*[）)]")
_RANGE = re.compile(r"(?<=\d)\s*[–—~-]\s*(?=\d)")
_PER = re.compile(r"(?<=[元\w])/(?=\w)")
_THOUSANDS = re.compile(r"(?<=\d),(?=\d{3})")
_CODE = re.compile(r"\d{4,8}")
_SILENT = re.compile(r"[…—|｜#*_<>《》“”\"'【】\[\]]+")
_ENDS = "，,、；;。.：: "


def speech(text: str) -> str:
    """Return a value as a voice reads it.

    A code of 4 to 8 digits alone is read digit by digit. Asides in brackets are left out, ranges
    and "per" are spoken, and a long value ends at its last whole clause.
    """
    if _CODE.fullmatch(text):
        return " ".join(text)
    spoken = _ASIDE.sub("", text)
    spoken = _THOUSANDS.sub("", spoken)
    spoken = _PER.sub("每", _RANGE.sub("至", spoken))
    spoken = " ".join(_SILENT.sub(" ", spoken).split()).strip(_ENDS)
    if len(spoken) > LONGEST:
        spoken = _whole_clause(spoken[:LONGEST])
    return spoken or text[:LONGEST]


def _whole_clause(text: str) -> str:
    """Return a cut text up to its last comma or stop, if more than half of it is left."""
    ends = max(text.rfind(mark) for mark in "，,、；;。 ")
    return (text[:ends] if ends > len(text) // 2 else text).strip(_ENDS)
