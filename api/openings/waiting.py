"""Why an opening with free places gets no further matches today: pure.

The limits of a day (`roost.rules.capacity`) hold pairs back; they are matched when the reserve of
the workers' day opens, or when the next day begins.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date

from roost.rules.capacity import Capacity, HeldBackBy
from roost.rules.daily_counts import DailyCounts


@dataclass(frozen=True, slots=True)
class Waiting:
    """The limits that hold pairs of an opening back, and the time at which they are matched."""

    by: tuple[HeldBackBy, ...]
    again_on: date
    """Day on which the pairs are matched again."""
    reserve_opens: str = ""
    """Time of today at which some are matched already; empty if none are."""


@dataclass(frozen=True, slots=True)
class DayOfOpening:
    """The new matches of today around an opening."""

    counts: DailyCounts
    """Of its budgets, and of the workers within reach without a match with it."""
    budgets: Sequence[str]
    """Its employer, and the keys of its content."""


def waiting_for(
    day: DayOfOpening,
    reached: Collection[str],
    capacity: Capacity,
    *,
    late: bool,
    least: int,
    tomorrow: date,
    reserve_opens: str,
) -> Waiting | None:
    """Return the explanation, or None if no limit of the day holds a pair back.

    A limit of workers is named only if it holds at least `least` of them back, so that an employer
    cannot single one out.
    """
    if not day.counts.room(day.budgets, capacity):
        return Waiting((HeldBackBy.BUDGET,), tomorrow)
    held: dict[HeldBackBy, int] = {}
    for worker in reached:
        spent = day.counts.spent(day.budgets, worker, capacity)
        by = capacity.held_back_by(spent, employed=True, near_home=False, late=late)
        if by is not None:
            held[by] = held.get(by, 0) + 1
    named = tuple(by for by in HeldBackBy if held.get(by, 0) >= least)
    if not named:
        return None
    return Waiting(named, tomorrow, reserve_opens if HeldBackBy.RESERVE in named else "")
