"""The occupations that Roost knows by name.

They are the national classification, ESCO, and words of building sites and workshops that neither
contains (`zh_synonyms.csv`). The key of an occupation is `<scheme>:<code>`: `zh:6-29-01-01`,
`esco:<uuid>`.

Source: 中华人民共和国职业分类大典 (2022); ESCO, the European classification of occupations;
ISCO-08 (ILO).
"""

from __future__ import annotations

import csv
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from roost.text.skill_names import spelling


@dataclass(frozen=True, slots=True)
class Occupation:
    """One occupation with all its names."""

    key: str
    label: str
    names: tuple[str, ...]
    """The label first, then every other name."""
    group: str
    """The group that contains it: a code of the classification, or of ISCO-08."""


@dataclass(frozen=True, slots=True)
class Taxonomy:
    """All occupations in a fixed order."""

    occupations: tuple[Occupation, ...]

    def names(self) -> list[tuple[int, str]]:
        """Return (position of the occupation, name) in a fixed order."""
        return [
            (at, name)
            for at, occupation in enumerate(self.occupations)
            for name in occupation.names
        ]

    def of_scheme(self, scheme: str) -> list[int]:
        """Return the positions of the occupations of one scheme."""
        return [at for at, each in enumerate(self.occupations) if each.key.startswith(f"{scheme}:")]


@dataclass(frozen=True, slots=True)
class Translation:
    """Titles of one occupation in another language."""

    english: tuple[str, ...]
    language: str
    titles: tuple[str, ...]


@cache
def taxonomy() -> Taxonomy:
    """Return the shipped taxonomy; it is read once."""
    return Taxonomy((*_chinese(), *_esco()))


@cache
def labels() -> dict[str, str]:
    """Return the label of every occupation by key."""
    return {each.key: each.label for each in taxonomy().occupations}


@cache
def groups() -> dict[str, str]:
    """Return the key of the group of every occupation, by key: `zh:6-29-01`, `isco:7112`."""
    schemes = {"zh": "zh", "esco": "isco"}
    return {
        each.key: f"{schemes[each.key.partition(':')[0]]}:{each.group}"
        for each in taxonomy().occupations
    }


def occupation_named(text: str) -> str | None:
    """Return the key of the occupation with this name or key; None if there is none."""
    return text if text in labels() else _keys_by_name().get(spelling(text))


@cache
def _keys_by_name() -> dict[str, str]:
    """Return the key of every name; a label counts before other occupations' further names."""
    others = {
        spelling(name): each.key for each in taxonomy().occupations for name in each.names[1:]
    }
    return others | {spelling(each.label): each.key for each in taxonomy().occupations}


def translations() -> list[Translation]:
    """Return the translated titles that the similarity model is trained on."""
    return [
        Translation(tuple(row["english"].split("|")), language, tuple(row[language].split("|")))
        for row in _rows("title_translations.csv")
        for language in ("zh", "ja", "ko")
        if row[language]
    ]


def _rows(name: str) -> Iterator[dict[str, str]]:
    path = files("roost") / "data" / "taxonomy" / name
    with path.open(encoding="utf-8") as rows:
        yield from csv.DictReader(rows)


def _chinese() -> Iterator[Occupation]:
    """Yield the leaves of the classification; groups of occupations are left out."""
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
