"""Parsers of the values that people write into cells: wages, days, numbers, words, lists.

Every parser is a pure function of text. It returns plain values, or None where the text says that
nothing is stated. It raises `NotUnderstood` for any other text and never guesses.
"""

from __future__ import annotations

from producers.values.currencies import parse_currency
from producers.values.days import AmbiguousDay, DayOrder, day_order, is_ambiguous_day, parse_day
from producers.values.lists import split_list
from producers.values.not_understood import NotUnderstood
from producers.values.person_numbers import (
    IdentityKind,
    identity_key,
    identity_kind,
    is_destroyed_number,
    masked,
    parse_person_number,
)
from producers.values.phones import parse_phones
from producers.values.stated_wages import Wage, parse_pay_period, parse_wage, with_unit
from producers.values.words import (
    Board,
    Experience,
    parse_board,
    parse_education,
    parse_experience,
    parse_lodging,
    parse_meals,
    parse_shifts,
    parse_yes_no,
)

__all__ = [
    "AmbiguousDay",
    "Board",
    "DayOrder",
    "Experience",
    "IdentityKind",
    "NotUnderstood",
    "Wage",
    "day_order",
    "identity_key",
    "identity_kind",
    "is_ambiguous_day",
    "is_destroyed_number",
    "masked",
    "parse_board",
    "parse_currency",
    "parse_day",
    "parse_education",
    "parse_experience",
    "parse_lodging",
    "parse_meals",
    "parse_pay_period",
    "parse_person_number",
    "parse_phones",
    "parse_shifts",
    "parse_wage",
    "parse_yes_no",
    "split_list",
    "with_unit",
]
