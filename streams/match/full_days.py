"""Workers whose day is known to be full, left out of the first search for an opening.

A page of a search that is full of such workers costs a further search. Within a day the number of a
worker's new matches never falls, so a worker who was counted as full stays full until midnight. The
memory is one process's own: without it a search is larger, and its result the same.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import TypeAlias

from matcher.features import OpeningFeatures

PER_KIND = 200
"""Most workers kept for a kind of opening, the last counted ones: a search lists them by id."""
KINDS = 2_000
"""Most kinds of openings kept, the last searched ones."""
Kind: TypeAlias = tuple[str, ...]


class FullDays:
    """Full workers by kind of opening: openings of a kind find the same workers."""

    def __init__(self) -> None:
        self._day: date | None = None
        self._full: dict[Kind, dict[str, None]] = {}

    def add(self, opening: OpeningFeatures, workers: Iterable[str], day: date) -> None:
        """Keep workers whom a search for this opening found, and whose day is full."""
        self._begin(day)
        kind = _kind_of(opening)
        kept = self._full.pop(kind, {})
        for worker in workers:
            kept.pop(worker, None)
            kept[worker] = None
        while len(kept) > PER_KIND:
            del kept[next(iter(kept))]
        self._full[kind] = kept
        while len(self._full) > KINDS:
            del self._full[next(iter(self._full))]

    def of(self, opening: OpeningFeatures, day: date) -> frozenset[str]:
        """Return workers with a full day whom a search for this opening would find."""
        self._begin(day)
        return frozenset(self._full.get(_kind_of(opening), ()))

    def _begin(self, day: date) -> None:
        if day != self._day:
            self._day = day
            self._full.clear()


def _kind_of(opening: OpeningFeatures) -> Kind:
    """Return the linked occupations, or the title of an opening that is linked to none."""
    return tuple(opening.occupations) or (opening.title_words,)
