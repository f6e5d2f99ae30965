"""JSON values of files: numbers that no number of a computer holds are read as their text."""

from __future__ import annotations

import json
import math

LONGEST_INTEGER = 30
"""Characters of a number that is read as one."""


def _integer(text: str) -> int | str:
    return int(text) if len(text) <= LONGEST_INTEGER else text


def _decimal(text: str) -> float | str:
    number = float(text)
    return number if math.isfinite(number) else text


def _constant(text: str) -> str | None:
    """Return no value for NaN, which tables of data write for an empty cell."""
    return None if text == "NaN" else text


JSON = json.JSONDecoder(parse_int=_integer, parse_float=_decimal, parse_constant=_constant)
"""Decoder of the JSON in a file."""
