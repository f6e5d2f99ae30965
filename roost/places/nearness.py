"""Nearness of places to a station: divisions that both lie in, then kilometres. Pure."""

from __future__ import annotations

from dataclasses import dataclass, field

from roost.places.gazetteer import Gazetteer, distance_km

MOST_NEAR = 200
"""Places of a station that count."""


@dataclass(frozen=True)
class Nearness:
    """Rank of places by their nearness to some places, the most important first."""

    known: Gazetteer
    near: tuple[str, ...] = ()
    _depths: dict[str, int] = field(init=False, default_factory=dict)
    """Depth of each division around the near places; the country has depth 1."""

    def __post_init__(self) -> None:
        for key in self.near[:MOST_NEAR]:
            for depth, around in enumerate(reversed(self.known.ancestors(key)), 1):
                self._depths[around] = depth

    def rank(self, key: str) -> tuple[int, float]:
        """Return the rank of a place, the lowest first; all are equal without near places."""
        if not self._depths:
            return 0, 0.0
        line = self.known.ancestors(key)
        shared = next((self._depths[each] for each in line if each in self._depths), 0)
        return -shared, self._distance(key)

    def _distance(self, key: str) -> float:
        here, there = self.known.coordinates(self.near[0]), self.known.coordinates(key)
        return distance_km(*here, *there) if here and there else 0.0
