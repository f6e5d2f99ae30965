"""Boroughs in addresses of New York City."""

from __future__ import annotations

import csv
import re
from functools import cache
from importlib.resources import files


@cache
def _address_patterns() -> tuple[tuple[re.Pattern[str], str], ...]:
    path = files("roost") / "data" / "places" / "nyc_addresses.csv"
    with path.open(encoding="utf-8") as rows:
        return tuple(
            (re.compile(row["pattern"], re.IGNORECASE), row["borough"])
            for row in csv.DictReader(rows)
        )


def borough_of(address: str) -> str:
    """Return the key of the borough in a New York address; the city's key if it names none."""
    for pattern, borough in _address_patterns():
        if pattern.search(address):
            return f"nyc:{borough}"
    return "nyc:ny"
