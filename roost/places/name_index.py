"""Index of the names of divisions down to counties, with former names and their successors."""

from __future__ import annotations

import csv
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from importlib.resources.abc import Traversable

from roost.places.gazetteer import Division, Gazetteer
from roost.places.name_forms import (
    NAMELESS,
    ZONE_FORMS,
    division_forms,
    full_township_forms,
    is_zone,
    township_stem,
    zone_kinds,
)
from roost.places.place_folding import fold_place

REMOTE = {"71", "81", "82"}
"""Provinces whose districts share many names with the mainland's (中山区, 东区)."""
CITY_DIGITS = 4
RECENT = 2010
"""Year since which a former name is still in use where another division bears the name today."""


@dataclass(frozen=True, slots=True)
class Former:
    """Name that a division had until a year, with the divisions that succeeded it."""

    name: str
    within: str
    """Key of the division that contained it."""
    year: int | None
    """Year of the change; None for a name with another kind than today's."""
    successors: tuple[str, ...]
    """Keys; several if the area was divided between them."""
    also: tuple[str, ...] = ()
    """Keys of divisions that received a smaller part: searched for townships, never offered."""


@dataclass(frozen=True, slots=True)
class Sense:
    """Meaning of a name: a division, or several for a former one that was divided."""

    keys: tuple[str, ...]
    full: bool
    """True if the name states the kind of division (大同市, not 大同)."""
    former: Former | None = None
    inner_only: bool = False
    """True if the name is understood only after a containing division's (高新区)."""
    city: bool = False
    """True for a province or a city of China, known by its bare name."""
    remote: bool = False
    """True for a part of Hong Kong, Macau or Taiwan, which yields to any other place."""


Senses = tuple[Sense, ...]


class NameIndex:
    """Senses of every name and the length of the longest name that begins with each character."""

    def __init__(self, known: Gazetteer, former: Iterable[Former] = ()) -> None:
        found: dict[str, list[Sense]] = defaultdict(list)
        for division in known.coarse():
            for form, sense in _senses(division, known):
                if all(sense.keys != each.keys for each in found[form]):
                    found[form].append(sense)
        for form, key in _zone_abbreviations(known):
            found[form].append(Sense((key,), True, inner_only=True))
        for each in former:
            found[each.name].append(Sense(each.successors, True, each))
            stem = each.name[:-1]
            if len(stem) > 1 and stem not in found:
                found[stem].append(Sense(each.successors, False, each))
        self._known = known
        self.senses: dict[str, Senses] = {form: tuple(senses) for form, senses in found.items()}
        self.longest: dict[str, int] = {}
        for form in self.senses:
            self.longest[form[0]] = max(len(form), self.longest.get(form[0], 0))

    def parts_of(self, key: str) -> Iterable[str]:
        """Yield the divisions directly within a place, through those that only group others."""
        for part in self._known.parts(key):
            if self._known[part].name in NAMELESS:
                yield from self.parts_of(part)
            else:
                yield part


def is_city(division: Division) -> bool:
    """Return whether a division is a province or a city of China, known by its bare name."""
    return (
        division.scheme == "cn"
        and len(division.code) <= CITY_DIGITS
        and division.name.endswith(("市", "省", "区"))
    )


def load_former(path: Traversable, scheme: str) -> list[Former]:
    """Load the table of former names of a scheme."""
    with path.open(encoding="utf-8") as rows:
        return [
            Former(
                name=row["name"],
                within=f"{scheme}:{row['within']}",
                year=int(row["year"]),
                successors=_keys(scheme, row["successors"]),
                also=_keys(scheme, row["also"]),
            )
            for row in csv.DictReader(rows)
        ]


def _keys(scheme: str, codes: str) -> tuple[str, ...]:
    return tuple(f"{scheme}:{code}" for code in codes.split("|") if code)


def _senses(division: Division, known: Gazetteer) -> Iterable[tuple[str, Sense]]:
    if division.name in NAMELESS or division.scheme == "nyc":
        return
    parent = known[division.parent] if division.parent else None
    if parent is not None and parent.name == division.name:
        return  # 东莞市 has no counties: its county-level code repeats the city's name
    keys = (division.key,)
    chinese = division.scheme == "cn"
    city = is_city(division)
    if chinese and is_zone(division.code):
        yield division.name, Sense(keys, True)
    elif chinese or known.level(division.key) == "county":
        remote = chinese and division.code[:2] in REMOTE and len(division.code) > 4
        for form, full in division_forms(division.name):
            yield fold_place(form), Sense(keys, full, city=city, remote=remote)
    else:
        for form in full_township_forms(division.name):
            yield fold_place(form), Sense(keys, True)
        if stem := township_stem(division.name):
            yield fold_place(stem), Sense(keys, False)
    for alias in division.aliases:
        full = not alias.isascii() and alias[-1] in "州旗区盟市省县"
        yield fold_place(alias), Sense(keys, full, city=city)


def _zone_abbreviations(known: Gazetteer) -> Iterable[tuple[str, str]]:
    """Yield (高新区, key) and the like: bare for the only zone of its kind in a city."""
    by_kind: dict[tuple[str, str], list[tuple[str, str]]] = defaultdict(list)
    for division in known.coarse():
        if division.scheme != "cn" or not is_zone(division.code) or division.parent is None:
            continue
        outer = [known[key].name for key in known.ancestors(division.key)[1:] if key in known]
        for letter, own_name in zone_kinds(division.name, outer):
            by_kind[division.parent, letter].append((own_name, division.key))
    for (_, letter), zones in by_kind.items():
        for own_name, key in zones:
            bare = len(zones) == 1 or not own_name
            for form in ZONE_FORMS[letter]:
                yield from [(form, key)] if bare else []
                yield from [(own_name + form, key)] if own_name else []
