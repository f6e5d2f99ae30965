"""Gazetteer: administrative divisions by key and name, and distances between points.

The gazetteer is data: one CSV file for each scheme, so another country is another file. A place's
key is `<scheme>:<code>`, e.g. `cn:110105` (GB/T 2260 codes) or `nyc:brooklyn`.
"""

from __future__ import annotations

import csv
import json
import math
import re
from collections import defaultdict
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable

from rapidfuzz import fuzz, process

from roost.errors import FieldError, Invalid

EARTH_RADIUS_KM = 6371.0088
"""Mean radius of the Earth. Source: IUGG."""

SUFFIXES = re.compile(
    r"(特别行政区|维吾尔自治区|壮族自治区|回族自治区|自治区|省|市|地区|盟|区|县)$"
)
NAMELESS = {"市辖区", "县", "省直辖县级行政区划", "自治区直辖县级行政区划"}
"""Divisions that only group others; names leave them out."""


class UnknownPlace(Invalid):
    """No place has that name; the message offers the nearest names."""


class AmbiguousPlace(Invalid):
    """Several places have that name; the message lists their full names."""


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
    ) -> None:
        self._divisions = {division.key: division for division in divisions}
        self._countries = countries
        self._levels = levels or {}
        self._children: dict[str, list[str]] = defaultdict(list)
        self._named: dict[str, list[str]] = defaultdict(list)
        for division in divisions:
            if division.parent:
                self._children[division.parent].append(division.key)
        for division in divisions:
            for name in self._names(division):
                if division.key not in self._named[name]:
                    self._named[name].append(division.key)
        self._ancestors: dict[str, tuple[str, ...]] = {}

    @classmethod
    def load(cls, folder: Traversable) -> Gazetteer:
        """Load each `<scheme>.csv` of a folder that also has a `<scheme>.json`."""
        divisions: list[Division] = []
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
        return cls(divisions, countries, levels)

    @property
    def countries(self) -> frozenset[str]:
        """Keys of countries, in lower case: `cn`, `us`."""
        return frozenset(country.lower() for country in self._countries.values())

    def __contains__(self, key: object) -> bool:
        return key in self._divisions

    def __getitem__(self, key: str) -> Division:
        return self._divisions[key]

    def of_scheme(self, scheme: str) -> Iterator[Division]:
        """Yield the divisions of a scheme."""
        return (each for each in self._divisions.values() if each.scheme == scheme)

    def find(self, text: str) -> Division:
        """Return the place of a key, a bare code, a name or a full path (山西省大同市).

        If several places have the name, return the one that contains the others.
        Raises UnknownPlace or AmbiguousPlace, each with a suggestion.
        """
        asked = text.strip()
        if asked in self._divisions:
            return self._divisions[asked]
        found = self._named.get(_folded(asked), [])
        if not found:
            raise self._unknown(asked)
        if len(found) > 1:
            outer = [key for key in found if all(self.contains(key, each) for each in found)]
            if len(outer) != 1:
                raise self._ambiguous(asked, found)
            found = outer
        return self._divisions[found[0]]

    def ancestors(self, key: str) -> tuple[str, ...]:
        """Return the key and those of the places that contain it, innermost first, country last."""
        if key not in self._ancestors:
            line: list[str] = []
            at: str | None = key
            while at is not None and at in self._divisions:
                line.append(at)
                at = self._divisions[at].parent
            country = self.country(key)
            self._ancestors[key] = (*line, country) if line and country else tuple(line)
        return self._ancestors[key]

    def level(self, key: str) -> str:
        """Return the level of a place: `country`, or a name such as `province` or `township`.

        The scheme's JSON file lists its levels, outermost first; empty if it lists none.
        """
        if key not in self._divisions:
            return "country" if key in self.countries else ""
        scheme = self._divisions[key].scheme
        depth = sum(each.startswith(f"{scheme}:") for each in self.ancestors(key)) - 1
        names = self._levels.get(scheme, [])
        return names[min(depth, len(names) - 1)] if names else ""

    def within(self, outer: Collection[str]) -> frozenset[str]:
        """Return these keys and those of all divisions that they contain."""
        asked = frozenset(outer)
        held = (key for key in self._divisions if not asked.isdisjoint(self.ancestors(key)))
        return asked.union(held)

    def contains(self, outer: str, inner: str) -> bool:
        """Return whether a place contains another, or is the same place."""
        return outer in self.ancestors(inner)

    def country(self, key: str) -> str | None:
        """Return the ISO 3166 code of the country in lower case: `cn`, `us`."""
        country = self._countries.get(key.split(":")[0])
        return country.lower() if country else None

    def coordinates(self, key: str) -> tuple[float, float] | None:
        """Return (latitude, longitude) in degrees: its own, its parts' mean, or its parent's."""
        at: str | None = key
        while at is not None and at in self._divisions:
            division = self._divisions[at]
            if division.latitude is not None and division.longitude is not None:
                return division.latitude, division.longitude
            parts = [
                (part.latitude, part.longitude)
                for part in (self._divisions[child] for child in self._children[at])
                if part.latitude is not None and part.longitude is not None
            ]
            if parts:
                count = len(parts)
                return sum(p[0] for p in parts) / count, sum(p[1] for p in parts) / count
            at = division.parent
        return None

    def measured(self, key: str) -> bool:
        """Return whether its point is its own or its parts', rather than its parent's."""
        division = self._divisions[key]
        return division.latitude is not None or any(
            self._divisions[child].latitude is not None for child in self._children[key]
        )

    def full_name(self, key: str) -> str:
        """Return the full name: 山西省大同市, or for Latin names `Brooklyn, New York`."""
        names = [self._divisions[each].name for each in self.ancestors(key) if ":" in each]
        path = [name for name in reversed(names) if name not in NAMELESS]
        chinese = any("\u4e00" <= letter <= "\u9fff" for letter in "".join(path))
        return "".join(path) if chinese else ", ".join(reversed(path))

    def _names(self, division: Division) -> Iterator[str]:
        """Yield all names of a division: code, name, aliases, path with and without levels."""
        yield division.code
        if division.name in NAMELESS:
            return
        for alias in division.aliases:
            yield _folded(alias)
        path: list[str] = []
        at: str | None = division.key
        while at is not None and at in self._divisions:
            holder = self._divisions[at]
            if holder.name not in NAMELESS:
                path.insert(0, holder.name)
            at = holder.parent
        short = [SUFFIXES.sub("", name) if len(name) > 2 else name for name in path]
        for names in (path, short, [*short[:-1], path[-1]]):
            for start in range(len(names)):
                yield _folded("".join(names[start:]))
                yield _folded("".join(reversed(names[start:])))
            if len(names) > 2:
                yield _folded(names[0] + names[-1])

    def _unknown(self, text: str) -> UnknownPlace:
        near = [
            each[0]
            for each in process.extract(
                _folded(text[:60]), list(self._named), scorer=fuzz.ratio, limit=3
            )
        ]
        hint = f" Did you mean {', '.join(near)}?" if near else ""
        message = f"No place is called {text[:60]!r}.{hint}"
        message_zh = f"没有名为“{text[:60]}”的地点。" + (
            f"是否指：{'、'.join(near)}？" if near else ""
        )
        return UnknownPlace(message, message_zh, fields=(FieldError("", message, message_zh),))

    def _ambiguous(self, text: str, keys: list[str]) -> AmbiguousPlace:
        choices = ", ".join(self.full_name(key) for key in keys[:6])
        message = f"{text[:60]!r} names several places; write one in full: {choices}."
        message_zh = f"“{text[:60]}”对应多个地点，请写全称：{choices}。"
        return AmbiguousPlace(message, message_zh, fields=(FieldError("", message, message_zh),))


def _folded(text: str) -> str:
    return re.sub(r"[\s·,，]+", "", text).casefold()


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
    )


@cache
def gazetteer() -> Gazetteer:
    """Return the gazetteer of the divisions that ship with Roost."""
    return Gazetteer.load(files("roost") / "data" / "places")


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
