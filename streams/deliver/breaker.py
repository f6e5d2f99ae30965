"""A circuit breaker: a channel that keeps failing is not tried for a while.

`Breakers` keeps one for the channel, whose service may be away, and one for each receiver, so that
a receiver that does not answer delays no other.

closed ─ several failures in a row ─► open ─ the pause is over ─► one probe ─► closed, or open for
twice as long. Time is passed in; no clock is read. Source: Nygard, Release It! (2007).

A receiver that fails as a probe is no evidence that the channel's service is away: a hundred
addresses may be wrong. So after each round of probes that all failed the next round has four times
as many, up to `MOST_PROBES`, each of another receiver, and one that works is soon among them.

Attempts overlap with changes of a breaker's state. A failure counts only for the state in which its
attempt began: not for a round of probes that began later, nor after a probe has closed the breaker.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from roost.time.clock import Clock
from streams.deliver.slow_receivers import SlowReceivers

FAILURES = 5
"""Failures in a row that open the breaker."""
MOST_RECEIVERS = 10_000
"""Most receivers whose failures are remembered."""
MOST_PROBES, MORE_PROBES = 16, 4
"""Most probes in a round of a channel's breaker, and the factor by which rounds grow."""
FIRST_PAUSE, LONGEST_PAUSE = timedelta(seconds=5), timedelta(minutes=5)


@dataclass(slots=True)
class Breaker:
    """The state of one channel's breaker."""

    failures: int = 0
    pause: timedelta = FIRST_PAUSE
    open_until: datetime | None = None
    most_probes: int = 1
    width: int = 1
    """Probes that a round lets through."""
    begun: int = 0
    """Probes of this round that have begun."""
    probing: int = 0
    """Probes in flight."""
    stretch: int = field(default=0, compare=False)
    """Number of the present state, by which attempts of earlier ones are recognised."""

    def closed_from(self, now: datetime) -> datetime | None:
        """Return None if an attempt may be made now, else the time to ask again."""
        if self.open_until is None:
            return None
        if now >= self.open_until and self.begun < self.width:
            return None
        return max(self.open_until, now + FIRST_PAUSE)

    def trying(self) -> int:
        """Note that an attempt begins, a probe if the breaker is open; return the stretch."""
        if self.open_until is not None:
            self.begun += 1
            self.probing += 1
        return self.stretch

    def given_up(self, stretch: int) -> None:
        """Note that an attempt ended before it reached its receiver."""
        if stretch == self.stretch and self.open_until is not None:
            self.begun -= 1
            self.probing -= 1

    def succeeded(self) -> None:
        """Close the breaker, whenever the attempt began: the receiver answers."""
        if self.open_until is not None:
            self.stretch += 1
        self.failures, self.pause, self.open_until = 0, FIRST_PAUSE, None
        self.width, self.begun, self.probing = 1, 0, 0

    def failed(self, now: datetime, stretch: int) -> bool:
        """Count a failure of an attempt that began in this stretch; return whether it counts.

        Open the breaker after `FAILURES`, and for twice as long after a round of probes.
        """
        if stretch != self.stretch:
            return False
        self.failures += 1
        if self.open_until is not None:
            self.probing -= 1
            if not self.probing:
                self._end_round(now)
        elif self.failures >= FAILURES:
            self.open_until = now + self.pause
            self.stretch += 1
        return True

    def _end_round(self, now: datetime) -> None:
        self.stretch += 1
        self.pause = min(self.pause * 2, LONGEST_PAUSE)
        self.width, self.begun = min(self.width * MORE_PROBES, self.most_probes), 0
        self.open_until = now + self.pause


@dataclass(frozen=True, slots=True)
class Attempt:
    """An attempt in flight, with the breakers' stretches at its beginning."""

    receiver: str
    channel: int
    own: Breaker | None
    """Breaker of the receiver; None if it had none, as a receiver that does not fail."""
    stretch: int


class Breakers:
    """The breakers of a lane: one for each failing receiver and, if `shared`, one for the channel.

    Receivers that answer slowly are not paused, and get their messages one at a time.

    A channel to people is one service: it is away when several receivers fail in a row. Webhooks
    share nothing, so the failure of one is no evidence about another.
    """

    def __init__(self, clock: Clock, *, shared: bool, at_once: int) -> None:
        self._clock = clock
        self._channel = Breaker(most_probes=MOST_PROBES) if shared else None
        self._failing: set[str] = set()
        """Receivers that failed since the last success."""
        self._receivers: dict[str, Breaker] = {}
        self._at_once = at_once
        self._slow = SlowReceivers()

    def most_at_once(self, usual: int) -> int:
        """Return the most messages to take: the probes of a channel that is paused, or `usual`."""
        if self._channel is None or self._channel.open_until is None:
            return usual
        return max(1, self._channel.width - self._channel.begun)

    def closed_from(self, receiver: str) -> datetime | None:
        """Return None if an attempt may be made now, else the time to ask again."""
        now = self._clock.now()
        found = [each.closed_from(now) for each in self._of(receiver)]
        return max((each for each in found if each is not None), default=None)

    def at_once(self, receiver: str) -> int:
        """Return the most messages in flight to a receiver: one if it is slow, or a probe."""
        breaker = self._receivers.get(receiver)
        probing = breaker is not None and breaker.open_until is not None
        return 1 if probing or self._slow.is_slow(receiver, self._clock.now()) else self._at_once

    def is_busy(self, receiver: str) -> bool:
        """Return whether a slow receiver has a message in flight: the next one waits for it."""
        return self._slow.is_busy(receiver, self._clock.now())

    def trying(self, receiver: str) -> Attempt:
        """Note that an attempt begins; return it, for `given_up` or `failed`."""
        self._slow.begun(receiver)
        own = self._receivers.get(receiver)
        return Attempt(
            receiver,
            0 if self._channel is None else self._channel.trying(),
            own,
            0 if own is None else own.trying(),
        )

    def given_up(self, attempt: Attempt) -> None:
        """Note that an attempt ended before it reached the receiver: no evidence about it."""
        self._slow.ended(attempt.receiver, timedelta(), self._clock.now())
        if attempt.own is not None:
            attempt.own.given_up(attempt.stretch)
        if self._channel is not None:
            self._channel.given_up(attempt.channel)

    def succeeded(self, receiver: str, took: timedelta = timedelta()) -> None:
        """Close the breakers: the receiver, and so the channel, answers."""
        self._slow.ended(receiver, took, self._clock.now())
        self._receivers.pop(receiver, None)
        self._failing.clear()
        if self._channel is not None:
            self._channel.succeeded()

    def failed(self, attempt: Attempt, took: timedelta = timedelta()) -> None:
        """Count a failure; for the channel, only the first of a receiver since a success."""
        receiver, now = attempt.receiver, self._clock.now()
        self._slow.ended(receiver, took, now)
        if attempt.own is None or attempt.own is self._receivers.get(receiver):
            self._receivers.setdefault(receiver, Breaker()).failed(now, attempt.stretch)
        while len(self._receivers) > MOST_RECEIVERS:
            del self._receivers[next(iter(self._receivers))]
        if self._channel is None:
            return
        is_first = receiver not in self._failing
        if (is_first or self._channel.open_until is not None) and self._channel.failed(
            now, attempt.channel
        ):
            self._note_failing(receiver)

    def _note_failing(self, receiver: str) -> None:
        if len(self._failing) < FAILURES:
            self._failing.add(receiver)

    def _of(self, receiver: str) -> list[Breaker]:
        own = self._receivers.get(receiver)
        return [each for each in (self._channel, own) if each is not None]
