"""Parsers of common wording, in one place: education, yes and no, board, shifts, experience."""

from __future__ import annotations

from producers.values.education import parse_education
from producers.values.experience import Experience, parse_experience
from producers.values.lodging_and_meals import (
    Board,
    parse_board,
    parse_lodging,
    parse_meals,
    parse_yes_no,
)
from producers.values.working_time import parse_shifts

__all__ = [
    "Board",
    "Experience",
    "parse_board",
    "parse_education",
    "parse_experience",
    "parse_lodging",
    "parse_meals",
    "parse_shifts",
    "parse_yes_no",
]
