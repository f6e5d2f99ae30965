"""The guard around every stage: no event is lost silently, and one bad event stops no other.

    decode ── Invalid ──► dead letter
     │
    handle ── Transient ──► retry with back-off for as long as it takes (the partition waits)
     │    └── any other error ──► halve the batch until the bad event is alone: dead letter
     ▼
    return: only now may the offsets be committed

Writing a dead letter is retried like any effect, so a partition waits for that as well. An error
that escapes ends the process, so that unacknowledged events are delivered again.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import structlog

from roost.errors import Fatal, Invalid, RoostError
from roost.events.dead_letter import DeadLetter, dead_letter_id
from roost.events.envelope import record
from roost.kafka.incoming import Fact, Incoming, decode_fact
from roost.kafka.ports import Producer
from roost.logs import place_of
from roost.metrics import DEAD_LETTERED, HANDLED, NO_RECIPIENT, OLDEST_PENDING
from roost.time.clock import Clock
from streams.kernel.retry import retry_transient
from streams.kernel.stage_protocols import Stage, TombstoneConsumer

_log = structlog.get_logger(__name__)


class Guard:
    """The decoding, retries and dead letters around a stage's `handle`."""

    def __init__(self, stage: Stage, sender: Producer, clock: Clock) -> None:
        self._stage = stage
        self._sender = sender
        self._clock = clock
        self._oldest: datetime | None = None
        OLDEST_PENDING.labels(stage.name, NO_RECIPIENT).set_function(self._oldest_age_s)
        self._tombstones_only = (
            stage.tombstones_only if isinstance(stage, TombstoneConsumer) else frozenset()
        )

    async def process(self, batch: Sequence[Incoming]) -> None:
        """Handle or park every event of the batch; return when all may be acknowledged."""
        wanted = [each for each in batch if self._matters(each)]
        # The first read of a topic for its tombstones meets events of years: none of them waits.
        timed = (each.at for each in wanted if each.topic not in self._tombstones_only)
        self._oldest = min(timed, default=None)
        facts = []
        for incoming in wanted:
            try:
                facts.append(decode_fact(incoming))
            except Invalid as error:
                await self._park(incoming, error)
        if facts:
            await self._handle(facts)
        self._oldest = None
        HANDLED.labels(self._stage.name).inc(len(batch))

    def _matters(self, incoming: Incoming) -> bool:
        return incoming.value is None or incoming.topic not in self._tombstones_only

    def _oldest_age_s(self) -> float:
        """Return the age of the oldest event in the batch being processed, when it is scraped."""
        oldest = self._oldest
        return 0.0 if oldest is None else max(0.0, (self._clock.now() - oldest).total_seconds())

    async def _handle(self, facts: Sequence[Fact[Any]]) -> None:
        try:
            await retry_transient(self._stage.name, lambda: self._stage.handle(facts))
        except Fatal:
            raise
        except Exception as error:  # noqa: BLE001  any error is parked with its reason
            if len(facts) == 1:
                await self._park(facts[0].origin, error)
                return
            _log.warning("batch_halved", stage=self._stage.name, events=len(facts))
            half = len(facts) // 2
            await self._handle(facts[:half])
            await self._handle(facts[half:])

    async def _park(self, incoming: Incoming, error: Exception) -> None:
        """Write the dead letter: the record's position and the reason, never its content."""
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
        await retry_transient("dead-letters", lambda: self._sender.publish([out]))
        DEAD_LETTERED.labels(self._stage.name, letter.reason).inc()
        if isinstance(error, RoostError):
            _log.warning("event_parked", id=letter.id, reason=letter.reason, detail=letter.detail)
        else:
            _log.error("event_parked", id=letter.id, reason=letter.reason, at=place_of(error))
