"""Receivers that answer slowly: they get their messages one at a time.

A slow receiver answers, so its breaker stays closed. With many messages in flight to it, a few such
receivers would hold every connection of the process, and the messages to all others would time out.
Time is passed in; no clock is read.
"""

from __future__ import annotations

from collections import Counter
from datetime import datetime, timedelta

SLOW = timedelta(seconds=2)
"""Duration of a message from which its receiver counts as slow."""
SLOW_FOR = timedelta(minutes=5)
"""Time after a slow message for which the receiver counts as slow, whatever it does meanwhile."""
MOST_RECEIVERS = 10_000


class SlowReceivers:
    """Messages in flight by receiver, and the receivers that were slow lately."""

    def __init__(self) -> None:
        self._until: dict[str, datetime] = {}
        self._flying: Counter[str] = Counter()

    def begun(self, receiver: str) -> None:
        """Note that a message to a receiver begins."""
        self._flying[receiver] += 1

    def ended(self, receiver: str, took: timedelta, now: datetime) -> None:
        """Note that a message has ended."""
        self._flying[receiver] -= 1
        if self._flying[receiver] <= 0:
            del self._flying[receiver]
        if took >= SLOW:
            self._until.pop(receiver, None)  # the dict keeps the order of the newest slow message
            self._until[receiver] = now + SLOW_FOR
            while len(self._until) > MOST_RECEIVERS:
                del self._until[next(iter(self._until))]

    def is_slow(self, receiver: str, now: datetime) -> bool:
        """Return whether a receiver was slow lately."""
        until = self._until.get(receiver)
        return until is not None and now < until

    def is_busy(self, receiver: str, now: datetime) -> bool:
        """Return whether a slow receiver has a message in flight."""
        return self._flying[receiver] > 0 and self.is_slow(receiver, now)
