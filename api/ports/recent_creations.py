"""Ids that this process created lately, by view and owner: the views may not show them yet.

A quota counts the view and these ids together, so that requests in quick succession cannot exceed
it, nor can a day's requests while the views stand still. N API processes can exceed a quota by what
the others create within a view's lag.
"""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass

PENDING_S = 30.0
"""Age in seconds after which a reserved place is free again, unless the entity was published."""
REMEMBERED_S = 86_400.0
"""Age in seconds after which an id is forgotten; far more than the views lag behind."""
MOST_OF_OWNER = 2_000
MOST_IDS = 100_000
"""Ids that are kept in all, some 20 MB; then the owner that created nothing for longest goes."""


@dataclass(frozen=True, slots=True)
class Reservation:
    """Place of an id in a quota: its time, and the entity's version before the write."""

    at: float
    version: int


class RecentCreations:
    """The newest ids of each owner with their reservations."""

    def __init__(self, now: Callable[[], float] = time.monotonic, most_ids: int = MOST_IDS) -> None:
        self._now = now
        self._most_ids = most_ids
        self._ids = 0
        self._created: OrderedDict[tuple[str, str], OrderedDict[str, Reservation]] = OrderedDict()

    def __len__(self) -> int:
        return self._ids

    def note(self, view: str, owner: str, id: str, version: int = 0) -> None:
        """Remember an id that is about to be created, or opened again, after a version."""
        key = (view, owner)
        created = self._created.setdefault(key, OrderedDict())
        self._created.move_to_end(key)
        self._ids -= len(created)
        created[id] = Reservation(self._now(), version)
        created.move_to_end(id)
        since = self._now() - REMEMBERED_S
        while len(created) > MOST_OF_OWNER or next(iter(created.values())).at < since:
            created.popitem(last=False)
        self._ids += len(created)
        while self._ids > self._most_ids:
            _, dropped = self._created.popitem(last=False)
            self._ids -= len(dropped)

    def of(self, view: str, owner: str) -> dict[str, Reservation]:
        """Return the reservations of the ids that an owner created lately."""
        since = self._now() - REMEMBERED_S
        created = self._created.get((view, owner), OrderedDict())
        return {id: each for id, each in created.items() if each.at >= since}

    def is_pending(self, reservation: Reservation) -> bool:
        """Return whether the write that a place was reserved for may still come."""
        return self._now() - reservation.at <= PENDING_S
