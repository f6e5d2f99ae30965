"""Events of authentication in the audit trail: bounded, and never in the way of a sign-in.

The first of several equal events is recorded at once. The others within `WINDOW` are counted, and
one entry with their number follows. Events are equal if they agree in kind, cause, login, network
and caller. Beyond `MOST_KINDS` different ones, further events are only counted by their kind, so a
flood adds at most two entries for each counter and window to the trail.
"""

from __future__ import annotations

import asyncio
import re
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from api.guards.audit_middleware import new_id
from api.ports.services import AuditTrail, SecurityEvent
from roost.events.audit import AuditEntry, Touched
from roost.security.county_key import derived
from roost.time.clock import Clock

WINDOW = timedelta(minutes=5)
MOST_KINDS = 1_000
"""Number of different events that are counted separately in a window."""
MOST_OBJECTS = 20
SETTLED_EVERY = timedelta(seconds=1)
VARIOUS = "various"
"""Cause of an entry that sums up events of different logins and networks."""
_STEP = re.compile(r"^[a-z][a-z-]{0,29}$")


@dataclass(slots=True)
class _Counter:
    """Equal events since the last entry about them."""

    event: SecurityEvent
    until: datetime
    count: int = 0
    objects: tuple[Touched, ...] = ()
    """Different objects of the counted events, at most `MOST_OBJECTS`."""

    def add(self, event: SecurityEvent) -> None:
        self.count += 1
        new = tuple(each for each in event.objects if each not in self.objects)
        self.objects = (self.objects + new)[:MOST_OBJECTS]


class AggregatedSecurityLog:
    """Counts equal events, and writes entries to the trail without waiting for it."""

    def __init__(self, trail: AuditTrail, clock: Clock, key: bytes) -> None:
        self._trail = trail
        self._clock = clock
        self._key = key
        self._counters: dict[tuple[str | None, ...], _Counter] = {}
        self._settle_next = clock.now()
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        self._task = asyncio.create_task(self._run(), name="security-log")

    async def close(self) -> None:
        """Write every count; the trail must still be open."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
        self._settle(self._clock.now() + WINDOW)

    def login_hash(self, login: str) -> str:
        """Return the keyed hash of a login, 128 bits in hexadecimal."""
        return derived(self._key, "audit-login", login.strip().lower()).hex()[:32]

    def note(self, event: SecurityEvent) -> None:
        """Record an event, or count it if an equal one was recorded within the window."""
        now = self._clock.now()
        name: tuple[str | None, ...] = (
            event.kind,
            event.cause,
            event.login,
            event.network,
            event.who,
        )
        counter = self._counters.get(name)
        if counter is None and len(self._counters) >= MOST_KINDS:
            self._settle_in_time(now)
            if len(self._counters) >= MOST_KINDS:
                name = (event.kind,)
                event = SecurityEvent(kind=event.kind, cause=VARIOUS, network=VARIOUS)
                counter = self._counters.get(name)
        if counter is not None and now >= counter.until:
            self._write_count(counter, now)
            counter = None
        if counter is None:
            self._counters[name] = _Counter(event, now + WINDOW)
            self._write(event, now, None)
        else:
            counter.add(event)

    async def _run(self) -> None:
        while True:
            await asyncio.sleep(WINDOW.total_seconds() / 5)
            self._settle(self._clock.now())

    def _settle_in_time(self, now: datetime) -> None:
        """Settle at most once a second, so that an event of a flood costs next to nothing."""
        if now >= self._settle_next:
            self._settle_next = now + SETTLED_EVERY
            self._settle(now)

    def _settle(self, now: datetime) -> None:
        """Write the counts of windows that have ended."""
        for name, counter in list(self._counters.items()):
            if now >= counter.until:
                del self._counters[name]
                self._write_count(counter, min(now, self._clock.now()))

    def _write_count(self, counter: _Counter, now: datetime) -> None:
        if counter.count:
            self._write(replace(counter.event, objects=counter.objects), now, counter.count)

    def _write(self, event: SecurityEvent, now: datetime, count: int | None) -> None:
        entry = AuditEntry(
            id=new_id(),
            request_id="",
            who=event.who,
            role=event.role,
            method=event.method[:10],
            route=route_family(event.path),
            objects=event.objects[:MOST_OBJECTS],
            status=event.status,
            at=now,
            event=event.kind,
            cause=event.cause,
            login_hash=self.login_hash(event.login) if event.login is not None else None,
            network=event.network[:64],
            count=count,
        )
        self._trail.note_failed(entry)


def route_family(path: str) -> str:
    """Return the first two steps of a path; a step that no route of ours has becomes `…`."""
    steps = path.strip("/").split("/")[:2]
    return "/" + "/".join(step if _STEP.match(step) or step == "v1" else "…" for step in steps)
