"""Gazetteer: administrative divisions by key, and distances between points.

The gazetteer is data: one CSV file for each scheme, so another country is another file. A place's
key is `<scheme>:<code>`, e.g. `cn:110105` (GB/T 2260 codes) or `nyc:brooklyn`. China's townships
and the points of a quarter of them are read from compact files on first use.
`roost.places.resolving` finds places by their names.
"""

from __future__ import annotations

import csv
import json
import math
from collections import defaultdict
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable

from roost.places.name_forms import NAMELESS
from roost.places.township_points import Point, TownshipPoints
from roost.places.townships import Townships

EARTH_RADIUS_KM = 6371.0088
"""Mean radius of the Earth. Source: IUGG."""


@dataclass(frozen=True, slots=True)
class Division:
    """Place of a scheme; coordinates in degrees, None where the source has none."""

    scheme: str
    code: str
    name: str
    parent: str | None
    """Key of the division that contains it."""
    latitude: float | None
    longitude: float | None
    aliases: tuple[str, ...] = ()
    pinyin: str = ""
    """Syllables of the name separated by blanks; empty where the source has none."""

    @property
    def key(self) -> str:
        """Key in the gazetteer: `<scheme>:<code>`."""
        return f"{self.scheme}:{self.code}"


def distance_km(
    latitude: float, longitude: float, other_latitude: float, other_longitude: float
) -> float:
    """Return the great-circle distance in kilometres of two points in degrees (haversine)."""
    phi, other_phi = math.radians(latitude), math.radians(other_latitude)
    half = math.sin((other_phi - phi) / 2) ** 2
    turn = math.sin(math.radians(other_longitude - longitude) / 2) ** 2
    half += math.cos(phi) * math.cos(other_phi) * turn
    return 2 * EARTH_RADIUS_KM * math.asin(min(1.0, math.sqrt(half)))


class Gazetteer:
    """All divisions of all schemes, by key and by name."""

    def __init__(
        self,
        divisions: list[Division],
        countries: dict[str, str],
        levels: dict[str, list[str]] | None = None,
        townships: dict[str, Townships] | None = None,
        township_points: dict[str, TownshipPoints] | None = None,
    ) -> None:
        self._divisions = {division.key: division for division in divisions}
        self._countries = countries
        self._levels = levels or {}
        self._townships = townships or {}
        self._township_points = township_points or {}
        self._children: dict[str, list[str]] = defaultdict(list)
        for division in divisions:
            if division.parent:
                self._children[division.parent].append(division.key)
        self._ancestors: dict[str, tuple[str, ...]] = {}

    @classmethod
    def load(cls, folder: Traversable) -> Gazetteer:
        """Load each `<scheme>.csv` of a folder that also has a `<scheme>.json`.

        `<scheme>_townships.txt` and `<scheme>_township_points.txt` are opened on first use.
        """
        divisions: list[Division] = []
        townships: dict[str, Townships] = {}
        points: dict[str, TownshipPoints] = {}
        countries: dict[str, str] = {}
        levels: dict[str, list[str]] = {}
        for file in sorted(folder.iterdir(), key=lambda each: each.name):
            if not file.name.endswith(".json"):
                continue
            scheme = file.name.removesuffix(".json")
            scheme_info = json.loads(file.read_text(encoding="utf-8"))
            countries[scheme], levels[scheme] = (
                scheme_info["country"],
                scheme_info.get("levels", []),
            )
            with (folder / f"{scheme}.csv").open(encoding="utf-8") as rows:
                divisions += [_division(scheme, row) for row in csv.DictReader(rows)]
            if (finest := folder / f"{scheme}_townships.txt").is_file():
                townships[scheme] = Townships(finest)
            if (located := folder / f"{scheme}_township_points.txt").is_file():
                points[scheme] = TownshipPoints(located)
        return cls(divisions, countries, levels, townships, points)

    @property
    def countries(self) -> frozenset[str]:
        """Keys of countries, in lower case: `cn`, `us`."""
        return frozenset(country.lower() for country in self._countries.values())

    def __contains__(self, key: object) -> bool:
        return isinstance(key, str) and self.get(key) is not None

    def __getitem__(self, key: str) -> Division:
        found = self.get(key)
        if found is None:
            raise KeyError(key)
        return found

    def get(self, key: str) -> Division | None:
        """Return the division of a key; None for an unknown key."""
        found = self._divisions.get(key)
        if found is not None:
            return found
        scheme, _, code = key.partition(":")
        if scheme not in self._townships:
            return None
        name = self._townships[scheme].name(code)
        return None if name is None else self._township(scheme, code, name)

    def coarse(self) -> Iterator[Division]:
        """Yield the divisions of all schemes without China's townships."""
        return iter(self._divisions.values())

    def townships(self, scheme: str) -> Townships | None:
        """Return the townships of a scheme; None if it has no file of them."""
        return self._townships.get(scheme)

    def of_scheme(self, scheme: str) -> Iterator[Division]:
        """Yield the divisions of a scheme, townships last."""
        yield from (each for each in self._divisions.values() if each.scheme == scheme)
        if finest := self._townships.get(scheme):
            yield from (self._township(scheme, code, name) for code, name in finest.within(""))

    def ancestors(self, key: str) -> tuple[str, ...]:
        """Return the key and those of the places that contain it, innermost first, country last."""
        if key not in self._ancestors:
            line: list[str] = []
            at = self.get(key)
            while at is not None:
                line.append(at.key)
                at = self.get(at.parent) if at.parent else None
            country = self.country(key)
            found = (*line, country) if line and country else tuple(line)
            if key not in self._divisions:
                return found  # only the coarse divisions are remembered: the memory has a bound
            self._ancestors[key] = found
        return self._ancestors[key]

    def level(self, key: str) -> str:
        """Return the level of a place: `country`, or a name such as `province` or `township`.

        The scheme's JSON file lists its levels, outermost first; empty if it lists none.
        """
        division = self.get(key)
        if division is None:
            return "country" if key in self.countries else ""
        scheme = division.scheme
        depth = sum(each.startswith(f"{scheme}:") for each in self.ancestors(key)) - 1
        names = self._levels.get(scheme, [])
        return names[min(depth, len(names) - 1)] if names else ""

    def within(self, outer: Collection[str]) -> frozenset[str]:
        """Return these keys and those of all divisions that they contain, without townships.

        China's townships are 41,352: `roost.places.place_clauses` searches for them by prefix.
        """
        asked = frozenset(outer)
        held = (key for key in self._divisions if not asked.isdisjoint(self.ancestors(key)))
        return asked.union(held)

    def contains(self, outer: str, inner: str) -> bool:
        """Return whether a place contains another, or is the same place."""
        return outer in self.ancestors(inner)

    def parts(self, key: str) -> list[str]:
        """Return the keys of the divisions directly within a place, without China's townships."""
        return self._children.get(key, [])

    def country(self, key: str) -> str | None:
        """Return the ISO 3166 code of the country in lower case: `cn`, `us`."""
        country = self._countries.get(key.split(":")[0])
        return country.lower() if country else None

    def coordinates(self, key: str) -> Point | None:
        """Return (latitude, longitude) in degrees: its own, its parts' mean, or its parent's."""
        found = self._point_of(key)
        return None if found is None else found[0]

    def point_holder(self, key: str) -> str | None:
        """Return the place whose point `coordinates` returns: itself, or one that contains it."""
        found = self._point_of(key)
        return None if found is None else found[1]

    def measured(self, key: str) -> bool:
        """Return whether its point is its own or its parts', rather than its parent's."""
        return self.point_holder(key) == key

    def best_point(self, key: str, stored: Point | None) -> tuple[Point | None, bool]:
        """Return the point of a stored place, and whether it belongs to the place itself.

        A stored point that is that of a containing division was borrowed by an earlier release,
        and gives way to the gazetteer's.
        """
        known = self.coordinates(key)
        if stored is None or stored == known or self._is_borrowed(key, stored):
            return known, self.measured(key)
        return stored, True

    def _is_borrowed(self, key: str, point: Point) -> bool:
        outer = (each for each in self.ancestors(key)[1:] if ":" in each)
        return any(self.coordinates(each) == point for each in outer)

    def _point_of(self, key: str) -> tuple[Point, str] | None:
        """Return the point of a place, and the place that it belongs to."""
        division = self.get(key)
        while division is not None:
            if division.latitude is not None and division.longitude is not None:
                return (division.latitude, division.longitude), division.key
            parts = [
                (part.latitude, part.longitude)
                for part in (
                    self._divisions[child] for child in self._children.get(division.key, ())
                )
                if part.latitude is not None and part.longitude is not None
            ]
            if parts:
                count = len(parts)
                middle = sum(p[0] for p in parts) / count, sum(p[1] for p in parts) / count
                return middle, division.key
            division = self.get(division.parent) if division.parent else None
        return None

    def _township(self, scheme: str, code: str, name: str) -> Division:
        """Return a township with its point, if the source has one (see docs/places.md)."""
        points = self._township_points.get(scheme)
        point = points.get(code) if points is not None else None
        latitude, longitude = point or (None, None)
        return Division(scheme, code, name, f"{scheme}:{code[:6]}", latitude, longitude)

    def full_name(self, key: str) -> str:
        """Return the full name: 山西省大同市, or for Latin names `Brooklyn, New York`."""
        names = [self[each].name for each in self.ancestors(key) if ":" in each]
        path: list[str] = []
        for name in reversed(names):
            if name not in NAMELESS and name not in path[-1:]:
                path.append(name)
        chinese = any("\u4e00" <= letter <= "\u9fff" for letter in "".join(path))
        return "".join(path) if chinese else ", ".join(reversed(path))


def _division(scheme: str, row: dict[str, str]) -> Division:
    parent = row["parent"]
    if parent and ":" not in parent:
        parent = f"{scheme}:{parent}"
    return Division(
        scheme=scheme,
        code=row["code"],
        name=row["name"],
        parent=parent or None,
        latitude=float(row["latitude"]) if row["latitude"] else None,
        longitude=float(row["longitude"]) if row["longitude"] else None,
        aliases=tuple(alias for alias in row["aliases"].split("|") if alias),
        pinyin=row.get("pinyin") or "",
    )


@cache
def gazetteer() -> Gazetteer:
    """Return the gazetteer of the divisions that ship with Roost."""
    return Gazetteer.load(files("roost") / "data" / "places")
