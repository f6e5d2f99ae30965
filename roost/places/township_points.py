"""Points of townships, for those that a source has, parsed county by county on first use.

The file has a line for each county: its code, a space, and `<three digits><latitude>,<longitude>`
for each township, separated by `|`, in thousandths of a degree.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from functools import cached_property
from importlib.resources.abc import Traversable

Point = tuple[float, float]
COUNTY_DIGITS = 6
_LAST_DIGITS = 3
_PER_DEGREE = 1_000
"""A thousandth of a degree is 0.1 km, a tenth of the error of the source."""


class TownshipPoints:
    """Points (latitude, longitude in degrees) of the townships of one scheme, by code."""

    def __init__(self, path: Traversable) -> None:
        self._path = path
        self._counties: dict[str, dict[str, Point]] = {}

    @cached_property
    def _lines(self) -> dict[str, str]:
        lines = self._path.read_text(encoding="utf-8").splitlines()
        return dict(line.split(" ", 1) for line in lines)

    def get(self, code: str) -> Point | None:
        """Return the point of a township by its nine digits; None if the source has none."""
        county = code[:COUNTY_DIGITS]
        points = self._counties.get(county)
        if points is None:
            points = self._counties[county] = _parsed(self._lines.get(county, ""))
        return points.get(code[COUNTY_DIGITS:])


def _parsed(line: str) -> dict[str, Point]:
    points = {}
    for part in filter(None, line.split("|")):
        latitude, longitude = part[_LAST_DIGITS:].split(",")
        points[part[:_LAST_DIGITS]] = int(latitude) / _PER_DEGREE, int(longitude) / _PER_DEGREE
    return points


def written_points(points: Mapping[str, Point]) -> str:
    """Return the text of a file of points by the townships' codes."""
    counties: dict[str, list[str]] = defaultdict(list)
    for code, point in sorted(points.items()):
        latitude, longitude = (round(each * _PER_DEGREE) for each in point)
        last = code[COUNTY_DIGITS:]
        counties[code[:COUNTY_DIGITS]].append(f"{last}{latitude},{longitude}")
    return "".join(f"{county} {'|'.join(parts)}\n" for county, parts in counties.items())
