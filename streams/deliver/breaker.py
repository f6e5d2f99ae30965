"""A circuit breaker: a channel that keeps failing is not tried for a while.

closed ─ several failures in a row ─► open ─ the pause is over ─► one probe ─► closed, or open for
twice as long. Time is passed in; no clock is read. Source: Nygard, Release It! (2007).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

FAILURES = 5
"""Failures in a row that open the breaker."""
FIRST_PAUSE, LONGEST_PAUSE = timedelta(seconds=5), timedelta(minutes=5)


@dataclass(slots=True)
class Breaker:
    """The state of one channel's breaker."""

    failures: int = 0
    pause: timedelta = FIRST_PAUSE
    open_until: datetime | None = None
    probing: bool = False

    def closed_from(self, now: datetime) -> datetime | None:
        """Return None if an attempt may be made now, else the time to ask again."""
        if self.open_until is None:
            return None
        if now >= self.open_until and not self.probing:
            return None
        return max(self.open_until, now + FIRST_PAUSE)

    def trying(self) -> None:
        """Note that an attempt begins; if the breaker is open, it is the one probe."""
        self.probing = self.open_until is not None

    def succeeded(self) -> None:
        """Close the breaker."""
        self.failures, self.pause = 0, FIRST_PAUSE
        self.open_until, self.probing = None, False

    def failed(self, now: datetime) -> None:
        """Count a failure; open the breaker after `FAILURES`, for twice as long after a probe."""
        self.failures += 1
        if self.probing:
            self.pause = min(self.pause * 2, LONGEST_PAUSE)
        if self.probing or (self.failures >= FAILURES and self.open_until is None):
            self.open_until = now + self.pause
        self.probing = False
