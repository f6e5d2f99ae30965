"""Kinds of a column by its values: telephone, identity number, wage, day, place. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from producers.mappings.mapping_model import Rule, RuleKind
from producers.mappings.rule_kinds import read_value
from producers.values import (
    NotUnderstood,
    identity_kind,
    is_ambiguous_day,
    parse_day,
    parse_phones,
    parse_wage,
)
from producers.values.cell_text import folded_value
from roost.places.resolutions import Candidates, Resolved
from roost.places.resolving import resolve

LOOKED_AT = 40
"""Values of a column that are read to find its kind."""
_EMPTY_WORDS = frozenset(("无", "没有", "暂无", "不限", "/", "-", "—", "none", "n/a", "na", "null"))
"""Words that tell nothing about the kind of their column."""
_DIGITS = re.compile(r"[\d.,\s]*")
_DATED = re.compile(r"\d{1,4}\s*[-/.年月]\s*\d{1,2}|\d{8}|[A-Za-z]{3,9}\.?\s+\d{1,2}")
_UNIT = re.compile(r"元|￥|¥|k|K|千|万|薪|/|月|天|小时|-|~|以上|以下")
_PLACE_LENGTH = 60


def share_of_kind(values: Sequence[str], kind: RuleKind) -> float | None:
    """Return the share of values that are of a kind; None for a kind that any text is of."""
    test = _TESTS.get(kind)
    if test is None or not values:
        return None
    telling = [each for each in values if folded_value(each) not in _EMPTY_WORDS][:LOOKED_AT]
    return sum(map(test, telling)) / len(telling) if telling else 0.0


def _is_phone(text: str) -> bool:
    try:
        return bool(parse_phones(text))
    except NotUnderstood:
        return False


def _is_person_number(text: str) -> bool:
    return identity_kind(text.strip().upper()) is not None


def _is_wage(text: str) -> bool:
    """Return whether a text states a wage; digits alone may be anything."""
    if "面议" not in text and not any(map(_has_amount, text.split("\n"))):
        return False
    try:
        parse_wage(text)
    except NotUnderstood:
        return False
    return True


def _has_amount(line: str) -> bool:
    """Return whether a digit of a line is followed by a unit."""
    digit = re.search(r"\d", line)
    return digit is not None and _UNIT.search(line, digit.end()) is not None


def _is_day(text: str) -> bool:
    if _DIGITS.fullmatch(text) and len(text.strip()) != 8:
        return False
    if not _DATED.search(text):
        return False
    try:
        return parse_day(text) is not None
    except NotUnderstood:
        return is_ambiguous_day(text)


def _is_place(text: str) -> bool:
    if len(text) > _PLACE_LENGTH or _DIGITS.fullmatch(text):
        return False
    return isinstance(resolve(text), Resolved | Candidates)


def _reads_as(kind: RuleKind) -> Callable[[str], bool]:
    """Return the test whether the parser of a closed vocabulary understands a text."""
    rule = Rule(kind=kind)

    def is_understood(text: str) -> bool:
        if _DIGITS.fullmatch(text):
            return False
        try:
            return read_value(text, rule) is not None
        except NotUnderstood:
            return False

    return is_understood


def _is_number(text: str) -> bool:
    return bool(re.fullmatch(r"\d{1,6}\s*[人名个]?", text.strip()))


_TESTS: dict[RuleKind, Callable[[str], bool]] = {
    "phone": _is_phone,
    "person-number": _is_person_number,
    "wage": _is_wage,
    "day": _is_day,
    "place": _is_place,
    "education": _reads_as("education"),
    "employment": _reads_as("employment"),
    "shift": _reads_as("shift"),
    "experience": _reads_as("experience"),
    "yes": _reads_as("yes"),
    "lodging": _reads_as("lodging"),
    "meals": _reads_as("meals"),
    "integer": _is_number,
}
