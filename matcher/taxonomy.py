"""The occupations that Roost knows by name: the national classification, ESCO, and the words of
the building site and the workshop that neither of them has (`zh_synonyms.csv`).

An occupation's key is `<scheme>:<code>`: `zh:6-29-01-01`, `esco:<uuid>`.
"""

from __future__ import annotations

import csv
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib.resources import files


@dataclass(frozen=True, slots=True)
class Occupation:
    key: str
    label: str
    names: tuple[str, ...]
    """The label first, then every other name."""
    group: str
    """The group that holds it: a code of the classification, or of ISCO-08."""


@dataclass(frozen=True, slots=True)
class Taxonomy:
    occupations: tuple[Occupation, ...]

    def names(self) -> list[tuple[int, str]]:
        """(position of the occupation, name), in a fixed order."""
        return [
            (at, name)
            for at, occupation in enumerate(self.occupations)
            for name in occupation.names
        ]

    def of_scheme(self, scheme: str) -> list[int]:
        """Positions of the occupations of one scheme."""
        return [at for at, each in enumerate(self.occupations) if each.key.startswith(f"{scheme}:")]


@cache
def taxonomy() -> Taxonomy:
    """What ships with Roost; read once."""
    return Taxonomy((*_chinese(), *_esco()))


@cache
def labels() -> dict[str, str]:
    """The label of every occupation, by key."""
    return {each.key: each.label for each in taxonomy().occupations}


def _rows(name: str) -> Iterator[dict[str, str]]:
    path = files("roost") / "data" / "taxonomy" / name
    with path.open(encoding="utf-8") as rows:
        yield from csv.DictReader(rows)


def _chinese() -> Iterator[Occupation]:
    """The leaves of the classification; groups that only hold others have no entry."""
    rows = list(_rows("zh_occupations.csv"))
    inner = {row["parent"] for row in rows}
    others: dict[str, list[str]] = defaultdict(list)
    for row in _rows("zh_synonyms.csv"):
        others[row["occupation"]].append(row["name"])
    for row in rows:
        if row["code"] not in inner:
            names = tuple(dict.fromkeys((row["name"], *others[row["name"]])))
            yield Occupation(f"zh:{row['code']}", row["name"], names, row["parent"])


def _esco() -> Iterator[Occupation]:
    for row in _rows("esco_occupations_en.csv"):
        names = dict.fromkeys((row["label"], *filter(None, row["alternatives"].split("|"))))
        yield Occupation(f"esco:{row['id']}", row["label"], tuple(names), row["isco"])
