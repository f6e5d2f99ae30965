"""Ids that this process created lately, by view and owner: the views may not show them yet.

A quota counts the view and these ids together, so that requests in quick succession cannot exceed
it. N API processes can exceed a quota by what the others create within a view's lag.
"""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable

LAG_S = 30.0
"""Age in seconds after which an id is forgotten; the views are behind by far less."""
MOST_OWNERS = 20_000


class RecentCreations:
    """The newest ids of each owner, with the times of their creation."""

    def __init__(
        self, now: Callable[[], float] = time.monotonic, most_owners: int = MOST_OWNERS
    ) -> None:
        self._now = now
        self._most_owners = most_owners
        self._created: OrderedDict[tuple[str, str], dict[str, float]] = OrderedDict()

    def __len__(self) -> int:
        return len(self._created)

    def note(self, view: str, owner: str, id: str) -> None:
        """Remember an id that is about to be created."""
        key = (view, owner)
        self._created[key] = self._recent(key) | {id: self._now()}
        self._created.move_to_end(key)
        while len(self._created) > self._most_owners:
            self._created.popitem(last=False)

    def ids(self, view: str, owner: str) -> set[str]:
        """Return the ids that an owner created lately."""
        return set(self._recent((view, owner)))

    def _recent(self, key: tuple[str, str]) -> dict[str, float]:
        since = self._now() - LAG_S
        return {id: at for id, at in self._created.get(key, {}).items() if at > since}
