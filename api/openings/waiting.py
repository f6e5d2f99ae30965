"""Why an opening with free places gets no further matches today: pure.

The limits of a day (`roost.rules.capacity`) hold pairs back; they are matched when the reserve of
the workers' day opens, or when the next day begins.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date

from roost.rules.capacity import Capacity, HeldBackBy, Spent


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

    employer: int
    """Of the openings that share its limits: the employer's, or those of the same content."""
    workers: Mapping[str, int]
    """Of the workers within reach without a match with the opening."""
    pairs: Mapping[str, int]
    """The same with this employer only."""


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
    if day.employer >= capacity.employer_day:
        return Waiting((HeldBackBy.BUDGET,), tomorrow)
    held: dict[HeldBackBy, int] = {}
    for worker in reached:
        spent = Spent(day.workers.get(worker, 0), day.employer, day.pairs.get(worker, 0))
        by = capacity.held_back_by(spent, employed=True, near_home=False, late=late)
        if by is not None:
            held[by] = held.get(by, 0) + 1
    named = tuple(by for by in HeldBackBy if held.get(by, 0) >= least)
    if not named:
        return None
    return Waiting(named, tomorrow, reserve_opens if HeldBackBy.RESERVE in named else "")
