"""Circles as sets of cells, so that a search for terms finds workers willing to travel to a point.

Elasticsearch can compare a distance only with one number for all documents, but each worker has
a different radius. So the globe is divided into squares of degrees, each divided into four at the
next level. A worker's circle is the set of cells that cover it, coarse inside and fine at the
rim. An opening lies in one cell of each level. A point inside the circle always shares a cell with
it. A point outside by less than half the radius may share one; `eligibility` then rejects it.

Source: Samet, The Design and Analysis of Spatial Data Structures, 1990 (quadtrees).
"""

from __future__ import annotations

import math

from roost.places.gazetteer import EARTH_RADIUS_KM, distance_km

Point = tuple[float, float]
FINEST = 15
"""Finest level: cells of 0.6 km; a circle with a radius below 2 km has a rim of that size."""
_ROOT_KM = math.pi * EARTH_RADIUS_KM
"""Side in kilometres of a cell of level 0, which is 180 by 180 degrees."""


def cells_at(point: Point) -> list[str]:
    """Return the cell of each level that contains a point (latitude, longitude in degrees)."""
    north, east = (point[0] + 90) / 180, (point[1] + 180) / 180
    return [
        _name(level, _index(north, level, 1), _index(east, level, 2)) for level in range(FINEST + 1)
    ]


def cells_around(centre: Point, radius_km: float) -> list[str]:
    """Return the cells that cover a circle, in a fixed order."""
    finest = min(FINEST, max(0, math.ceil(math.log2(_ROOT_KM / (radius_km / 3)))))
    covering, pending = [], [(0, 0, 1), (0, 0, 0)]
    while pending:
        level, row, column = pending.pop()
        side = 180 / 2**level
        middle = ((row + 0.5) * side - 90, (column + 0.5) * side - 180)
        away = distance_km(*centre, *middle)
        # No point of a cell is farther from its middle than a flat square of that side allows.
        reaches = math.sqrt(0.5) * _ROOT_KM / 2**level + 0.001
        if away - reaches > radius_km:
            continue
        if level == finest or away + reaches <= radius_km:
            covering.append(_name(level, row, column))
            continue
        pending += [
            (level + 1, 2 * row + south, 2 * column + west) for south in (1, 0) for west in (1, 0)
        ]
    return covering


def _index(share: float, level: int, roots: int) -> int:
    """Return the index of a cell on its level; the last cell includes the far edge."""
    return min(int(share * 2**level), roots * 2**level - 1)


def _name(level: int, row: int, column: int) -> str:
    return f"{level}/{row}/{column}"
