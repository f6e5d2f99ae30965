"""Passages of an opening's text that a person must review, with the words marked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from roost.law.findings import CRITERIA

AROUND = 60
"""Characters shown before and after the words."""


@dataclass(frozen=True, slots=True)
class Passage:
    """Words of a field that make an unlawful demand, with the text around them."""

    field: str
    """Name of the field without its position in a list."""
    before: str
    words: str
    after: str
    demand: str
    """The criterion, in the language of the page."""
    remedy: str


def passages_to_review(opening: Mapping[str, Any], language: str) -> list[Passage]:
    """Return the passages of an opening's answer that nobody has approved yet."""
    marks = [each for each in opening.get("review") or () if not each.get("approved")]
    return [_passage(opening, mark, language) for mark in marks]


def _passage(opening: Mapping[str, Any], mark: Mapping[str, Any], language: str) -> Passage:
    text, start, end = _text_of(opening, mark["field"]), mark["start"], mark["end"]
    criterion = next(each for each in CRITERIA if each.name == mark["criterion"])
    chinese = language == "zh"
    return Passage(
        field=mark["field"].partition(".")[0],
        before=("…" if start > AROUND else "") + text[max(0, start - AROUND) : start],
        words=text[start:end] or mark["words"],
        after=text[end : end + AROUND] + ("…" if len(text) > end + AROUND else ""),
        demand=criterion.name_zh if chinese else criterion.name,
        remedy=criterion.remedy_zh if chinese else criterion.remedy,
    )


def _text_of(opening: Mapping[str, Any], field: str) -> str:
    name, _, position = field.partition(".")
    value = opening.get(name) or ""
    if not position:
        return str(value)
    lines = list(value)
    return str(lines[int(position)]) if int(position) < len(lines) else ""
