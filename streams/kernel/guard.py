"""The edge of every stage: nothing is lost in silence, and one bad event stops nothing.

    read ── cannot be read ──► dead letter
     │
    handle ── Transient ──► again, with back-off, for as long as it takes (the partition waits)
     │    └── anything else ──► halves, until the culprit is alone: a dead letter; the others pass
     ▼
    acknowledged: only now may the offset be committed

A dead letter that cannot be written stops the partition too: it is retried like any effect.
What escapes from here ends the process, so that unacknowledged events are delivered again.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable, Sequence
from contextlib import AbstractAsyncContextManager
from typing import Any, Protocol, TypeVar, runtime_checkable

import structlog

from roost.errors import Fatal, Invalid, RoostError, Transient
from roost.events.dead_letter import DeadLetter, dead_letter_id
from roost.events.envelope import record
from roost.kafka.incoming import Fact, Incoming, read
from roost.kafka.sender import Sends
from roost.logs import place_of
from roost.metrics import DEAD_LETTERED, HANDLED, RETRIED
from roost.time.clock import Clock
from roost.topics import Topic

_log = structlog.get_logger(__name__)
T = TypeVar("T")

FIRST_WAIT_S, LONGEST_WAIT_S = 0.05, 5.0


class Stage(Protocol):
    """What a stage is: a name, what it reads, and one step that may be repeated without harm."""

    name: str
    topics: tuple[Topic, ...]

    async def handle(self, facts: Sequence[Fact[Any]]) -> None: ...


@runtime_checkable
class KeepsHouse(Protocol):
    """What a stage may be as well: something to be done from time to time, beside its stream."""

    housekeeping_s: float

    async def housekeeping(self) -> None: ...


@runtime_checkable
class RunsBeside(Protocol):
    """What a stage may be as well: work of its own that goes on beside its stream."""

    def running(self) -> AbstractAsyncContextManager[None]: ...


async def patiently(what: str, step: Callable[[], Awaitable[T]]) -> T:
    """Repeats an effect while servers are away or busy: exponential back-off with full jitter."""
    wait = FIRST_WAIT_S
    while True:
        try:
            return await step()
        except Transient as error:
            RETRIED.labels(what).inc()
            _log.warning("retrying", what=what, error=str(error), wait_s=round(wait, 2))
            await asyncio.sleep(random.uniform(wait / 2, wait))
            wait = min(wait * 2, LONGEST_WAIT_S)


class Guard:
    def __init__(self, stage: Stage, sender: Sends, clock: Clock) -> None:
        self._stage = stage
        self._sender = sender
        self._clock = clock

    async def process(self, batch: Sequence[Incoming]) -> None:
        """Brings every event of the batch to an end; returns when all may be acknowledged."""
        facts = []
        for incoming in batch:
            try:
                facts.append(read(incoming))
            except Invalid as error:
                await self._park(incoming, error)
        if facts:
            await self._handle(facts)
        HANDLED.labels(self._stage.name).inc(len(batch))

    async def _handle(self, facts: Sequence[Fact[Any]]) -> None:
        try:
            await patiently(self._stage.name, lambda: self._stage.handle(facts))
        except Fatal:
            raise
        except Exception as error:  # noqa: BLE001  whatever it is, it is parked with its reason
            if len(facts) == 1:
                await self._park(facts[0].origin, error)
                return
            _log.warning("batch_halved", stage=self._stage.name, events=len(facts))
            half = len(facts) // 2
            await self._handle(facts[:half])
            await self._handle(facts[half:])

    async def _park(self, incoming: Incoming, error: Exception) -> None:
        """Writes the dead letter: where the record stands and why, never what it says."""
        origin = (incoming.topic.name, incoming.partition, incoming.offset)
        letter = DeadLetter(
            id=dead_letter_id(*origin, self._stage.name),
            topic=incoming.topic.name,
            partition=incoming.partition,
            offset=incoming.offset,
            stage=self._stage.name,
            reason=error.slug if isinstance(error, RoostError) else type(error).__name__,
            detail=str(error)[:500] if isinstance(error, RoostError) else "a fault of the stage",
            size=len(incoming.value or b""),
            at=self._clock.now(),
        )
        out = record(letter, letter.id, source=f"/streams/{self._stage.name}", at=letter.at)
        await patiently("dead-letters", lambda: self._sender.send([out]))
        DEAD_LETTERED.labels(self._stage.name, letter.reason).inc()
        if isinstance(error, RoostError):
            _log.warning("dead_letter", id=letter.id, reason=letter.reason, detail=letter.detail)
        else:
            _log.error("dead_letter", id=letter.id, reason=letter.reason, at=place_of(error))
