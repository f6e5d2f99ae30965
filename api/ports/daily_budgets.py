"""Budgets of different queries by owner and day, in memory.

A repeated query costs nothing, since its answer reveals nothing new. The number of owners is
bounded: the least recently used are dropped. N API processes allow N times as many queries.
"""

from __future__ import annotations

import hashlib
from collections import OrderedDict
from collections.abc import Mapping
from datetime import date

MOST_OWNERS = 20_000
DIGEST_BYTES = 8


class DailyBudgets:
    """The different queries of the current day, by owner."""

    def __init__(self, most_owners: int = MOST_OWNERS) -> None:
        self._most_owners = most_owners
        self._day: date | None = None
        self._queries: OrderedDict[str, set[bytes]] = OrderedDict()

    def __len__(self) -> int:
        return len(self._queries)

    def take(self, query: str, limits: Mapping[str, int], day: date) -> str | None:
        """Count a query against every owner in `limits`.

        Returns None, or the first owner whose budget is spent; then nothing is counted.
        """
        if day != self._day:
            self._day = day
            self._queries.clear()
        digest = hashlib.blake2b(query.encode(), digest_size=DIGEST_BYTES).digest()
        for owner, most in limits.items():
            known = self._queries.get(owner, set())
            if digest not in known and len(known) >= most:
                return owner
        for owner in limits:
            self._queries.setdefault(owner, set()).add(digest)
            self._queries.move_to_end(owner)
        while len(self._queries) > self._most_owners:
            self._queries.popitem(last=False)
        return None
