"""The results for readers: a table between two marks of `docs/delivery.md`."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

BEGINS, ENDS = "<!-- faults: begins -->", "<!-- faults: ends -->"
HEADINGS = (
    "row",
    "fault",
    "length",
    "seeds",
    *(SUMS := ("injections", "lost", "repeats", "parked")),
)
LAST = "seconds to recover"
LENGTHS = ("short", "full")


def table_of(results: Sequence[Mapping[str, Any]]) -> str:
    """Format one line for each row and length: sums over its seeds, and the longest recovery.

    Seeds that did not pass are named.
    """
    by_row: dict[tuple[int, str], list[Mapping[str, Any]]] = defaultdict(list)
    for each in results:
        by_row[each["row"], length_of(each)].append(each)
    lines = [" | ".join((*HEADINGS, LAST)), "|".join("---" for _ in (*HEADINGS, LAST))]
    lines += [
        _line(*by, by_row[by])
        for by in sorted(by_row, key=lambda by: (by[0], LENGTHS.index(by[1])))
    ]
    return "\n".join(f"| {line} |" for line in lines)


def length_of(result: Mapping[str, Any]) -> str:
    """Return the length of a run, one of LENGTHS."""
    return str(result["notes"]["length"])


def _line(number: int, length: str, played: Sequence[Mapping[str, Any]]) -> str:
    failed = " ".join(str(each["seed"]) for each in played if not each["passed"])
    fault = played[-1]["fault"] + (f" (**not passed**: {failed})" if failed else "")
    seeds = " ".join(str(each["seed"]) for each in played)
    sums = (sum(each[name] for each in played) for name in SUMS)
    took = [each["recover_s"] for each in played]
    recovered = "–" if None in took else f"{max(took):g}"
    return " | ".join(map(str, (number, fault, length, seeds, *sums, recovered)))


def between_marks(page: str, table: str) -> str:
    """Return the page with its table replaced. Raises ValueError when a mark is missing."""
    before, rest = page.split(BEGINS)
    _, after = rest.split(ENDS)
    return f"{before}{BEGINS}\n{table}\n{ENDS}{after}"
