"""Votes of the places that a file names without doubt, on which place an ambiguous name means."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from roost.places.gazetteer import Gazetteer

DECISIVE = 0.8
"""Share of the votes for one of several places that decides; below it a person is asked."""
_INNERMOST_FIRST = ("township", "county", "city", "province")


class PlaceVotes:
    """Counts of named places by division; the order of the votes does not matter."""

    def __init__(self, known: Gazetteer) -> None:
        self._known = known
        self._counts: Counter[str] = Counter()

    def add(self, key: str) -> None:
        """Count a place for every division that contains it, without its country."""
        self._counts.update(each for each in self._known.ancestors(key) if ":" in each)

    def winner(self, keys: Sequence[str]) -> str | None:
        """Return the place whose surroundings are named decisively more often than the others'.

        The innermost level at which any of them has a vote decides: other rows in the same county
        count before rows in the same city. A province is too large to decide between townships.
        Returns None without a vote or a decisive majority.
        """
        finest = any(self._known.level(key) == "township" for key in keys)
        for level in _INNERMOST_FIRST[:-1] if finest else _INNERMOST_FIRST:
            around = {key: self._around(key, level) for key in keys}
            votes = {outer: self._counts[outer] for outer in around.values()}
            if total := sum(votes.values()):
                ahead = max(votes, key=lambda outer: votes[outer])
                inside = [key for key in keys if around[key] == ahead]
                decisive = votes[ahead] >= DECISIVE * total
                return inside[0] if decisive and len(inside) == 1 else None
        return None

    def home(self) -> str | None:
        """Return the innermost county or city in which the decisive share of all votes lies."""
        total = sum(count for key, count in self._counts.items() if self._known[key].parent is None)
        for level in ("county", "city"):
            at_level = [key for key in self._counts if self._known.level(key) == level]
            ahead = max(at_level, key=lambda key: (self._counts[key], key), default=None)
            if ahead is not None and self._counts[ahead] >= DECISIVE * total:
                return ahead
        return None

    def _around(self, key: str, level: str) -> str:
        """Return the division of a level that contains a place, or the place if it is larger."""
        for outer in self._known.ancestors(key):
            if self._known.level(outer) == level:
                return outer
        return key
