"""Tables of forms and their readings, one a line: `form => reading`."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from producers.values.not_understood import NotUnderstood


def table(name: str) -> list[tuple[str, str]]:
    """Return the rows of a table; `⏎` is a line break in a form, `#` begins a comment."""
    lines = (Path(__file__).parent / f"{name}.txt").read_text("utf-8").splitlines()
    rows = [line.split(" => ") for line in lines if line and not line.startswith("# ")]
    return [(form.replace("⏎", "\n"), reading) for form, reading in rows]


def outcome(
    parser: Callable[..., Any], *given: Any, **named: Any
) -> tuple[Any, NotUnderstood | None]:
    """Return a parser's reading, or None and its refusal."""
    try:
        return parser(*given, **named), None
    except NotUnderstood as refused:
        return None, refused
