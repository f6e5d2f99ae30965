"""Contexts that rows were planned with, for the lane that judges them a moment later."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from roost.events.notification import Delivery
from roost.time.clock import Clock
from streams.deliver.contexts import Context
from streams.deliver.planning import awaited

FRESH = timedelta(seconds=1)
"""Greatest age of a context that is used instead of a new read."""


class PlannedContexts:
    """Contexts by row, each used once and soon.

    The lane compares the versions of their documents after its claim, so a change since they were
    read is never overlooked.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._kept: dict[str, tuple[datetime, Context]] = {}

    def add(self, row: Delivery, context: Context) -> None:
        """Keep the context of a row, unless the view lags behind what the row is about."""
        now = self._clock.now()
        for id, (read_at, _) in list(self._kept.items()):
            if now - read_at <= FRESH:
                break
            del self._kept[id]
        if not awaited(row.notification, context):
            self._kept[row.id] = (now, replace(context, planned=True))

    def take(self, rows: Sequence[Delivery]) -> Mapping[str, Context]:
        """Return the fresh contexts of these rows by id, and keep none of them."""
        now = self._clock.now()
        taken = {row.id: self._kept.pop(row.id) for row in rows if row.id in self._kept}
        return {id: context for id, (at, context) in taken.items() if now - at <= FRESH}
