"""Question of a form whose write ends matches in progress: a tick confirms their number."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from api.console.shell.form_layout import Typed
from api.writes.ending import EndsProgress
from roost.errors import RoostError

CONFIRMED = "confirmEnds"
MOST_DIGITS = 6


def confirmed_number(sent: Mapping[str, Any]) -> int:
    """Return the number of matches in progress that a form confirms; 0 without one."""
    text = str(sent.get(CONFIRMED) or "")
    return int(text) if text.isascii() and text.isdigit() and len(text) <= MOST_DIGITS else 0


def with_question(typed: Typed, error: RoostError) -> Typed:
    """Return the values of a refused form, with the number to confirm if the refusal asks."""
    return typed | {CONFIRMED: str(error.number)} if isinstance(error, EndsProgress) else typed
