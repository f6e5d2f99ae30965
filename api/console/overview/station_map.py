"""Map of stations and their matches: schematic outlines, and a circle for each place. Pure.

No outlines of divisions ship with Roost: maps of China need an approved source. An outline here
is the convex hull of the points of a province's counties, and the page says that it is no border.
Circles grow with the square root of the matches, so their areas compare.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from api.overview.schemas import OverviewRow
from roost.places.gazetteer import Gazetteer

Point = tuple[float, float]
WIDTH, MARGIN = 640.0, 40.0
TALLEST, LOWEST = 560.0, 200.0
SMALLEST, LARGEST = 5.0, 20.0
"""Radii of circles."""
MOST_NAMED = 12
"""Circles with a written name, the largest; all others say theirs when pointed at."""
LEAST_DEGREES = 0.2
"""Least extent of a map: a single place is drawn with its surroundings."""


@dataclass(frozen=True, slots=True)
class Located:
    """A station, its place, and its figures of the period."""

    id: str
    name: str
    place: str
    """Key of its place in the gazetteer."""
    proposed: int
    waiting: int


@dataclass(frozen=True, slots=True)
class Circle:
    """The stations of one place."""

    x: float
    y: float
    radius: float
    place: str
    stations: tuple[Located, ...]
    named: bool

    @property
    def proposed(self) -> int:
        """Matches of the period."""
        return sum(each.proposed for each in self.stations)

    @property
    def waiting(self) -> int:
        """Unclaimed matches at the end of the period."""
        return sum(each.waiting for each in self.stations)


@dataclass(frozen=True, slots=True)
class Outline:
    """Schematic outline of a province."""

    name: str
    points: str
    """Value of the attribute `points` of an SVG polygon."""


@dataclass(frozen=True, slots=True)
class StationMap:
    """Map of the stations of one country."""

    width: float
    height: float
    outlines: tuple[Outline, ...]
    circles: tuple[Circle, ...]
    """The largest first, so that smaller ones lie above them."""


def located_stations(
    stations: Iterable[Mapping[str, Any]], rows: Iterable[OverviewRow]
) -> list[Located]:
    """Return the stations of the overview that have a place in the gazetteer."""
    places = {
        each["id"]: f"{each['place'].get('scheme')}:{each['place'].get('code')}"
        for each in stations
    }
    return [
        Located(row.station, row.station_name or "", places[row.station], row.proposed, row.waiting)
        for row in rows
        if row.station is not None and row.station in places
    ]


def station_maps(stations: Sequence[Located], known: Gazetteer) -> list[StationMap]:
    """Return a map for each country with stations, the one with most stations first."""
    by_country: dict[str, list[Located]] = defaultdict(list)
    for each in stations:
        if known.coordinates(each.place) is not None:
            by_country[known.country(each.place) or ""].append(each)
    ordered = sorted(by_country.items(), key=lambda each: (-len(each[1]), each[0]))
    return [_map_of(found, known) for _, found in ordered]


def hull(points: Iterable[Point]) -> list[Point]:
    """Return the convex hull, anticlockwise (Andrew's monotone chain, 1979)."""
    ordered = sorted(set(points))
    if len(ordered) < 3:
        return ordered
    return [*_half(ordered), *_half(ordered[::-1])]


def _half(ordered: Sequence[Point]) -> list[Point]:
    chain: list[Point] = []
    for point in ordered:
        while len(chain) > 1 and _turn(chain[-2], chain[-1], point) <= 0:
            chain.pop()
        chain.append(point)
    return chain[:-1]


def _turn(first: Point, second: Point, third: Point) -> float:
    return (second[0] - first[0]) * (third[1] - first[1]) - (second[1] - first[1]) * (
        third[0] - first[0]
    )


def _map_of(stations: Sequence[Located], known: Gazetteer) -> StationMap:
    shapes = {key: _shape(key, known) for key in sorted(_provinces(stations, known))}
    at = {each.place: _point(each.place, known) for each in stations}
    frame = _Frame([*at.values(), *(point for shape in shapes.values() for point in shape)])
    outlines = tuple(
        Outline(known[key].name, " ".join(f"{x},{y}" for x, y in map(frame.drawn, shape)))
        for key, shape in shapes.items()
        if len(shape) > 2
    )
    return StationMap(WIDTH, frame.height, outlines, _circles(stations, at, frame, known))


def _circles(
    stations: Sequence[Located], at: Mapping[str, Point], frame: _Frame, known: Gazetteer
) -> tuple[Circle, ...]:
    by_place: dict[str, list[Located]] = defaultdict(list)
    for each in sorted(stations, key=lambda each: (-each.proposed, each.name)):
        by_place[each.place].append(each)
    totals = {place: sum(each.proposed for each in found) for place, found in by_place.items()}
    most = max(totals.values())
    ordered = sorted(by_place, key=lambda place: (-totals[place], place))
    return tuple(
        Circle(
            *frame.drawn(at[place]),
            round(SMALLEST + (LARGEST - SMALLEST) * math.sqrt(totals[place] / max(most, 1)), 1),
            known[place].name if place in known else "",
            tuple(by_place[place]),
            rank < MOST_NAMED,
        )
        for rank, place in enumerate(ordered)
    )


def _provinces(stations: Iterable[Located], known: Gazetteer) -> set[str]:
    """Return the outermost divisions that contain stations."""
    found = set()
    for each in stations:
        divisions = [key for key in (each.place, *known.ancestors(each.place)) if key in known]
        if divisions:
            found.add(divisions[-1])
    return found


def _shape(key: str, known: Gazetteer) -> list[Point]:
    """Return the hull of the points of the innermost coarse divisions of a province."""
    inner = known.parts(key)
    points, pending = [], list(inner)
    while pending:
        part = pending.pop()
        parts = known.parts(part)
        pending.extend(parts)
        if not parts and known.coordinates(part) is not None:
            points.append(_point(part, known))
    return hull(points)


def _point(key: str, known: Gazetteer) -> Point:
    """Return (longitude, latitude) in degrees of a place that has coordinates."""
    latitude, longitude = known.coordinates(key) or (0.0, 0.0)
    return longitude, latitude


class _Frame:
    """Projection of some points into the drawing: equirectangular, true to scale in the middle."""

    def __init__(self, points: Sequence[Point]) -> None:
        west, east = _extent([x for x, _ in points])
        south, north = _extent([y for _, y in points])
        self._west, self._north = west, north
        self._narrow = max(math.cos(math.radians((south + north) / 2)), 0.1)
        wide, tall = (east - west) * self._narrow, north - south
        self._scale = min((WIDTH - 2 * MARGIN) / wide, (TALLEST - 2 * MARGIN) / tall)
        self._left = (WIDTH - wide * self._scale) / 2
        self.height = max(round(tall * self._scale + 2 * MARGIN, 1), LOWEST)
        self._top = (self.height - tall * self._scale) / 2

    def drawn(self, point: Point) -> Point:
        """Return a point's position in the drawing."""
        x = self._left + (point[0] - self._west) * self._narrow * self._scale
        y = self._top + (self._north - point[1]) * self._scale
        return round(x, 1), round(y, 1)


def _extent(values: Sequence[float]) -> tuple[float, float]:
    least, most = min(values), max(values)
    missing = max(0.0, LEAST_DEGREES - (most - least)) / 2
    return least - missing, most + missing
