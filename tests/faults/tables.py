"""The results as people read them: a table between two marks of `docs/delivery.md`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

BEGINS, ENDS = "<!-- faults: begins -->", "<!-- faults: ends -->"
HEADINGS = ("row", "fault", "seed", "injections", "lost", "repeats", "parked", "seconds to recover")


def table_of(results: Sequence[Mapping[str, Any]]) -> str:
    """One line a row and seed; a row that did not pass says so."""
    lines = [" | ".join(HEADINGS), "|".join("---" for _ in HEADINGS)]
    for each in results:
        fault = each["fault"] if each["passed"] else f"{each['fault']} (**not passed**)"
        recovered = "–" if each["recover_s"] is None else f"{each['recover_s']:g}"
        numbers = (each[name] for name in ("seed", "injections", "lost", "repeats", "parked"))
        lines.append(" | ".join(map(str, (each["row"], fault, *numbers, recovered))))
    return "\n".join(f"| {line} |" for line in lines)


def between_marks(page: str, table: str) -> str:
    """The page with its table. Raises ValueError when a mark is missing."""
    before, rest = page.split(BEGINS)
    _, after = rest.split(ENDS)
    return f"{before}{BEGINS}\n{table}\n{ENDS}{after}"
