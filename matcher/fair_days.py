"""Assignment within the limits of a day: budgets and caps of employers, and the reserve.

`assignment.assign` knows places and shares only. Here its result is taken pair by pair, best first,
as far as the day's other limits allow; the pairs that still fit are then assigned again, until none
is left. Every round takes at least its best pair, and every pair that is turned down is so by a
limit that is exhausted, so the rounds end, and no pair is left out while all its limits have room.
Without such limits the result is that of `assign`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from matcher.assignment import TOLERANCE, Pair, assign
from matcher.features import OpeningFeatures
from roost.rules.capacity import Capacity
from roost.rules.daily_counts import DailyCounts

CROWD = 0.2
"""Largest share of a full page of search results that one employer's openings may take."""


class FairPair(NamedTuple):
    """An eligible pair with the budgets that its opening draws on."""

    pair: Pair
    budgets: Sequence[str] = ()
    """Keys of the opening's employer and content; empty for an opening without an employer."""
    near_home: bool = False


@dataclass(slots=True)
class Day:
    """The new matches of a day so far; it grows as pairs are taken."""

    capacity: Capacity
    late: bool = False
    """True from the time of day at which the reserve is open to all."""
    counts: DailyCounts = field(default_factory=DailyCounts)

    def fits(self, one: FairPair) -> bool:
        """Return whether the day's limits allow one more match of the pair."""
        return self.allows(one.budgets, one.pair.worker_id, near_home=one.near_home)

    def allows(self, budgets: Sequence[str], worker_id: str, *, near_home: bool) -> bool:
        """Return whether the limits allow one more match of a worker with such an opening."""
        spent = self.counts.spent(budgets, worker_id, self.capacity)
        by = self.capacity.held_back_by(
            spent, employed=bool(budgets), near_home=near_home, late=self.late
        )
        return by is None

    def take(self, one: FairPair) -> None:
        """Count a new match of the pair."""
        self.counts.count(one.budgets, one.pair.worker_id)


def assign_fairly(
    pairs: Sequence[FairPair], places: Mapping[str, int], day: Day, tolerance: float = TOLERANCE
) -> list[Pair]:
    """Assign pairs within the openings' places and the limits of the day.

    Returns the pairs in the order of their ids; `day` counts them afterwards.
    """
    left = dict(places)
    waiting = {(one.pair.opening_id, one.pair.worker_id): one for one in pairs}
    taken: list[Pair] = []
    while True:
        waiting = {
            key: one for key, one in waiting.items() if left.get(key[0], 0) > 0 and day.fits(one)
        }
        shares = {
            worker: day.capacity.worker_day - day.counts.workers[worker] for _, worker in waiting
        }
        chosen = assign([one.pair for one in waiting.values()], left, shares, tolerance)
        if not chosen:
            return sorted(taken, key=lambda pair: (pair.opening_id, pair.worker_id))
        for pair in sorted(chosen, key=lambda each: (-each.score, each.opening_id, each.worker_id)):
            one = waiting.pop((pair.opening_id, pair.worker_id))
            if day.fits(one):
                day.take(one)
                left[pair.opening_id] -= 1
                taken.append(pair)


def crowding_employers(openings: Iterable[OpeningFeatures]) -> frozenset[str]:
    """Return the employers with more than a fair share of a worker's full page of openings.

    Openings of near-identical content count together, whatever employers they name. A page
    holds the nearest openings only: a flood of like ones would leave no other employer's in it. The
    search is repeated without these employers. One with a single opening of a crowded content stays
    in it: others may have copied that opening, and its other openings are to be found.
    """
    page = list(openings)
    counts = Counter(key for each in page for key in each.budgets)
    own = Counter((each.employer_id, key) for each in page for key in each.budgets)
    most = CROWD * len(page)
    return frozenset(
        employer for (employer, key), number in own.items() if counts[key] > most and number > 1
    )
