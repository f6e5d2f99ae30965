"""Sketch to scale of the worker's home, where they live, and the work. Pure.

It is drawn from coordinates alone, without a map.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from roost.constraints.needs import locate
from roost.events.common import Place
from roost.places.gazetteer import distance_km, gazetteer

WIDTH, HEIGHT, MARGIN = 360, 230, 46
NEAREST_KM = 1.0
"""Least distance from the middle to an edge: coordinates are no more exact than this."""
SCALES_KM = (0.5, 1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000, 2_000)
NAMES = ("home", "lives", "work")
Point = tuple[float, float]
"""Latitude and longitude."""


@dataclass(frozen=True, slots=True)
class Spot:
    """Point of the drawing with the names of all places at it."""

    names: tuple[str, ...]
    x: float
    y: float


@dataclass(frozen=True, slots=True)
class Sketch:
    """Spots, lines to the work, distances, and the length of the scale."""

    spots: Sequence[Spot]
    ways: Sequence[tuple[float, float, float, float]]
    lives_km: float | None
    """Kilometres from where the worker lives to the work."""
    home_km: float | None
    scale_km: float
    scale: float
    """Length of the scale's line in the drawing."""
    width: int = WIDTH
    height: int = HEIGHT


def points(home: Place, lives: Place, work: Place) -> dict[str, Point]:
    """Return the coordinates of the places that have any, by name."""
    places = dict(zip(NAMES, (home, lives, work), strict=True))
    return {name: at for name, place in places.items() if (at := _point(place)) is not None}


def sketch_of(known: Mapping[str, Point]) -> Sketch | None:
    """Return the sketch; None without the work's place or without any other."""
    if "work" not in known or len(known) < 2:
        return None
    middle = _middle(list(known.values()))
    flat = {name: _flat(at, middle) for name, at in known.items()}
    tall = (HEIGHT - 2 * MARGIN) / (WIDTH - 2 * MARGIN)
    span = max(NEAREST_KM, *(max(abs(x) * tall, abs(y)) for x, y in flat.values()))
    by_km = (HEIGHT / 2 - MARGIN) / span
    drawn = {
        name: (round(WIDTH / 2 + x * by_km, 1), round(HEIGHT / 2 - y * by_km, 1))
        for name, (x, y) in flat.items()
    }
    scale_km = max((step for step in SCALES_KM if step * by_km <= 100), default=SCALES_KM[0])
    return Sketch(
        list(_spots(drawn)),
        [(*drawn[name], *drawn["work"]) for name in ("home", "lives") if name in drawn],
        _km(known, "lives"),
        _km(known, "home"),
        scale_km,
        round(scale_km * by_km, 1),
    )


def _point(place: Place) -> Point | None:
    return locate(place, gazetteer())[1]


def _middle(all: Sequence[Point]) -> Point:
    latitudes, longitudes = zip(*all, strict=True)
    return (min(latitudes) + max(latitudes)) / 2, (min(longitudes) + max(longitudes)) / 2


def _flat(at: Point, middle: Point) -> tuple[float, float]:
    """Return the kilometres to the east and to the north of the middle."""
    east = (at[1] - middle[1]) * math.cos(math.radians(middle[0])) * 111.32
    return east, (at[0] - middle[0]) * 111.32


def _spots(drawn: Mapping[str, tuple[float, float]]) -> Iterator[Spot]:
    left = dict(drawn)
    while left:
        at = next(iter(left.values()))
        here = tuple(each for each, other in left.items() if math.dist(at, other) < 14)
        for each in here:
            del left[each]
        yield Spot(here, *at)


def _km(known: Mapping[str, Point], name: str) -> float | None:
    if name not in known:
        return None
    return distance_km(*known[name], *known["work"])
