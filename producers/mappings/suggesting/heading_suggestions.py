"""Suggestion of a field for every column, with a confidence from 0 to 1. Pure.

The heading and the values count. An exact heading whose values fit is nearly certain; values alone
suggest a field only where their form is unmistakable.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from producers.mappings.mapping_model import RuleKind
from producers.mappings.suggesting.column_names import fields_of_heading, is_serial_number
from producers.mappings.suggesting.column_samples import SampledColumn
from producers.mappings.suggesting.column_values import share_of_kind
from producers.mappings.suggesting.importable_fields import IMPORTABLE, ImportableField
from producers.values import DayOrder, NotUnderstood, day_order, is_ambiguous_day

LEAST = 0.4
"""Least confidence of a suggestion."""
SURE, LIKELY = 0.85, 0.6
FITTING = 0.6
"""Share of fitting values from which they support a heading."""
OTHER_HEADING = 0.5
"""Factor for a field by its values under a heading that names another one."""
_BY_VALUES: Mapping[RuleKind, float] = {
    "phone": 0.9,
    "person-number": 0.9,
    "wage": 0.7,
    "day": 0.5,
    "place": 0.6,
    "education": 0.7,
    "employment": 0.6,
    "shift": 0.5,
    "experience": 0.5,
}
"""Confidence of the values alone, if all fit; other kinds are never suggested by values."""
_ANY_FORM = frozenset({"person-number", "place"})
"""Kinds of which a named column may hold values of any form: a station numbers as it likes."""


@dataclass(frozen=True, slots=True)
class Suggestion:
    """Field suggested for a column; an empty name for none."""

    column: str
    field: str = ""
    confidence: float = 0.0
    asks_order: bool = False
    """True if the column holds days that can be read in two ways."""

    @property
    def level(self) -> str:
        """Confidence in words: sure, likely, guess, none."""
        if not self.field:
            return "none"
        if self.confidence >= SURE:
            return "sure"
        return "likely" if self.confidence >= LIKELY else "guess"


def suggest_fields(columns: Sequence[SampledColumn], kind: str) -> list[Suggestion]:
    """Return a suggestion for each column; a field of one column is suggested once per sheet."""
    order = {name: number for number, name in enumerate(IMPORTABLE[kind])}
    scores = [
        (-score, index, order[name], name)
        for index, column in enumerate(columns)
        for name, score in scores_of(column, kind).items()
        if score >= LEAST
    ]
    chosen: dict[int, tuple[str, float]] = {}
    taken: dict[str, set[str]] = defaultdict(set)
    """Fields by sheet."""
    for minus, index, _, name in sorted(scores):
        sheets = columns[index].sheets or [""]
        field = IMPORTABLE[kind][name]
        if index in chosen or any(_is_taken(field, taken[sheet]) for sheet in sheets):
            continue
        chosen[index] = name, -minus
        for sheet in sheets:
            taken[sheet].add(name)
    return [
        Suggestion(column.name, *chosen.get(index, ("", 0.0)), asks_order(column.values))
        for index, column in enumerate(columns)
    ]


def scores_of(column: SampledColumn, kind: str) -> dict[str, float]:
    """Return the confidence of each field that a column may hold."""
    if is_serial_number(column.name):
        return {}
    by_heading = fields_of_heading(column.name, kind)
    found = {}
    for name, field in IMPORTABLE[kind].items():
        named = by_heading.get(name, 0.0)
        is_any_text = named and field.kind in _ANY_FORM
        share = None if is_any_text else share_of_kind(column.values, field.kind)
        score = _score(named, share, field)
        if by_heading and not named:
            score *= OTHER_HEADING
        if score > 0:
            found[name] = round(score, 2)
    return found


def _score(heading: float, share: float | None, field: ImportableField) -> float:
    if heading:
        if share is None:
            return 0.9 * heading
        return (0.97 if share >= FITTING else 0.6 + 0.3 * share) * heading
    if share is None or share < FITTING or field.part != "whole":
        return 0.0
    return _BY_VALUES.get(field.kind, 0.0) * share


def _is_taken(field: ImportableField, taken: Iterable[str]) -> bool:
    """Return whether other columns hold the field already, as a whole or in part."""
    names = set(taken)
    if field.is_joined:
        return False
    if field.name in names:
        return True
    ends = {"wageMin", "wageMax"}
    return (field.name == "wage" and bool(ends & names)) or (field.name in ends and "wage" in names)


def asks_order(values: Sequence[str]) -> bool:
    """Return whether a column's days have two readings, and no value of it tells the order."""
    if not any(map(is_ambiguous_day, values)):
        return False
    try:
        return day_order(values) is None
    except NotUnderstood:
        return True


def known_order(values: Sequence[str]) -> DayOrder | None:
    """Return the order of days and months that a column's values tell; None if they do not."""
    try:
        return day_order(values)
    except NotUnderstood:
        return None
