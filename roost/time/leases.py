"""The bounded time within which a claimed message may be sent."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from roost.errors import RoostError
from roost.time.clock import Clock, SystemClock


class LeaseEnded(RoostError):
    """A send whose lease ended before it began: another sender may have the message by now."""

    def __init__(self) -> None:
        super().__init__(
            "The message waited beyond its lease; nothing was sent",
            "消息等待超过其有效时限，未发送",
        )


@dataclass(frozen=True, slots=True)
class Lease:
    """A sender's exclusive right to begin a send, until a moment of its clock.

    A sink checks it after its last wait, immediately before the send: for a thread, a connection, a
    lock. A check before such a wait is worthless.
    """

    clock: Clock
    until: datetime

    def left_s(self) -> float:
        """Return the seconds until the end, at least 0; a wait before the send ends with them."""
        return max(0.0, (self.until - self.clock.now()).total_seconds())

    def check(self) -> None:
        """Raise LeaseEnded once the lease has ended."""
        if self.clock.now() >= self.until:
            raise LeaseEnded


UNBOUNDED = Lease(SystemClock(), datetime.max.replace(tzinfo=UTC))
"""The lease of a message that has one sender only."""
