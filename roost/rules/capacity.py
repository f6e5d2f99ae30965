"""Limits on the active matches of openings, and on new matches a day of workers and employers.

A worker's day has three limits. `worker_day` bounds all new matches. Of these, `reserved` ones are
kept for near-home work, and for any work later in the day, so that a morning's bulk postings do
not use the whole day up. `per_employer` bounds the matches of one employer, however many openings
it posts. An employer's openings share `employer_day` new matches a day. Openings of near-identical
content count as one employer's, whatever employers they name (`roost.likeness.alike_openings`).
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

UNLIMITED = 1_000_000


class HeldBackBy(StrEnum):
    """The limit that holds a pair back, in the order in which they are looked at."""

    OPENING = "opening"
    """All places of the opening have an active match."""
    BUDGET = "budget"
    """The employer's openings, or those of the same content, have had their matches of the day."""
    WORKER = "worker"
    """The worker has had all new matches of the day."""
    EMPLOYER = "employer"
    """The worker has had this employer's new matches of the day."""
    RESERVE = "reserve"
    """The rest of the worker's day is reserved for near-home work until later."""


class Spent(NamedTuple):
    """New matches of today that a pair is judged on."""

    worker: int
    """Of the worker."""
    employer: int
    """Of the employer's openings, or of those of the same content if these had more."""
    pair: int
    """Of the worker with them."""


@dataclass(frozen=True, slots=True)
class Capacity:
    """Limits on the active matches of an opening, and on new matches a day."""

    per_place: int = 3
    """Workers who receive an offer for one place at a time, since not everybody accepts."""
    least: int = 3
    """Minimum even for a single place: one refusal must not leave an employer waiting."""
    most: int = 20
    worker_day: int = 5
    reserved: int = 0
    per_employer: int = UNLIMITED
    employer_day: int = UNLIMITED

    def places(self, headcount: int, placed: int) -> int:
        """Return the most active matches of an opening; 0 once its headcount is reached."""
        left = headcount - placed
        return min(self.most, max(self.least, left * self.per_place)) if left > 0 else 0

    def ordinary_day(self, *, late: bool) -> int:
        """Return the most new matches of a worker's day that are not near home."""
        return self.worker_day if late else max(1, self.worker_day - self.reserved)

    def held_back_by(
        self, spent: Spent, *, employed: bool, near_home: bool, late: bool
    ) -> HeldBackBy | None:
        """Return the day's limit that forbids one more match of a pair, or None.

        `employed` is False for an opening without an employer, which has no limit by employer.
        """
        if employed and spent.employer >= self.employer_day:
            return HeldBackBy.BUDGET
        if spent.worker >= self.worker_day:
            return HeldBackBy.WORKER
        if employed and spent.pair >= self.per_employer:
            return HeldBackBy.EMPLOYER
        if not near_home and spent.worker >= self.ordinary_day(late=late):
            return HeldBackBy.RESERVE
        return None
