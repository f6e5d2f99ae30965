"""Accuracy and speed of resolving addresses, compared with two rivals.

`python -m bench.place_resolving`. The addresses are the 100 labelled ones of
`tests/fixtures/addresses`, each with another number at its end so that no cache answers. Rivals:
an expert's regular expression of all names down to counties, which takes the longest names from the
left and keeps those that lie in each other; and cpca 0.5.5, if it can be imported. A place counts
as right if it is the labelled division or, for a rival that knows no townships, its county.
"""

from __future__ import annotations

import csv
import importlib
import re
import time
from collections import defaultdict
from collections.abc import Callable, Sequence
from pathlib import Path

from bench.measuring import write_results
from roost.places.gazetteer import gazetteer
from roost.places.name_forms import NAMELESS, division_forms
from roost.places.resolutions import Resolved
from roost.places.resolving import resolver

ADDRESSES = Path(__file__).parents[1] / "tests" / "fixtures" / "addresses" / "cn_work_addresses.csv"
ROUNDS = 200
COUNTY_DIGITS = 6
Resolve = Callable[[Sequence[str]], list[str]]
"""Returns the code of each address; empty where it finds none or asks."""


def roost(addresses: Sequence[str]) -> list[str]:
    """Return Roost's codes."""
    found = map(resolver().resolve, addresses)
    return [each.place.code if isinstance(each, Resolved) else "" for each in found]


def longest_names() -> Resolve:
    """Return the expert's rival: one regular expression, longest names first."""
    codes: dict[str, list[str]] = defaultdict(list)
    for division in gazetteer().coarse():
        if division.scheme == "cn" and division.name not in NAMELESS:
            for form, _ in division_forms(division.name):
                codes[form].append(division.code)
    names = sorted(map(re.escape, codes), key=len, reverse=True)
    pattern = re.compile("|".join(names))

    def resolve(address: str) -> str:
        found: list[str] = []
        for name in pattern.findall(address):
            inner = [each for each in codes[name] if not found or any(map(each.startswith, found))]
            found = inner or found
        return min(found, key=len) if found else ""

    return lambda addresses: [resolve(each) for each in addresses]


def cpca() -> Resolve | None:
    """Return cpca's codes of an administrative division; None if it cannot be imported."""
    try:
        library = importlib.import_module("cpca")
    except ImportError:
        return None

    def resolve(addresses: Sequence[str]) -> list[str]:
        codes = library.transform(list(addresses))["adcode"]
        return [
            re.sub(r"(?:00){1,2}$", "", code) if isinstance(code, str) else "" for code in codes
        ]

    return resolve


def labelled() -> list[tuple[str, str]]:
    """Return the labelled addresses; an empty code for a text that names no division."""
    with ADDRESSES.open(encoding="utf-8") as rows:
        return [(row["address"], row["code"]) for row in csv.DictReader(rows)]


def measured(resolve: Resolve) -> dict[str, float]:
    """Return how many addresses are right and wrong, and the addresses a second."""
    rows = labelled()
    found = resolve([address for address, _ in rows])
    named = [(code, each) for (_, code), each in zip(rows, found, strict=True) if code]
    right = sum(each in (code, code[:COUNTY_DIGITS]) for code, each in named)
    unasked = sum(
        bool(each) and not code.startswith(each)
        for (_, code), each in zip(rows, found, strict=True)
    )
    texts = [f"{address}{turn}" for turn in range(ROUNDS) for address, _ in rows]
    start = time.process_time()
    resolve(texts)
    taken_s = time.process_time() - start
    return {
        "named": len(named),
        "right": right,
        "wrong": unasked,
        "per_second": round(len(texts) / taken_s),
    }


def main() -> None:
    """Measure Roost and its rivals, and write the results."""
    results = {"roost": measured(roost), "longest names": measured(longest_names())}
    if (rival := cpca()) is not None:
        results["cpca 0.5.5"] = measured(rival)
    ours = results["roost"]["per_second"]
    for each in results.values():
        each["ratio"] = round(ours / each["per_second"], 2)
    write_results("place_resolving", results)


if __name__ == "__main__":
    main()
