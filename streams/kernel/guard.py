"""The guard around every stage: no event is lost silently, and one bad event stops no other.

    decode ── Invalid ──► bad
     │
    handle ── Transient ──► retry with back-off for as long as it takes (the partition waits)
     │    └── any other error ──► halve the batch until the bad event is alone: bad
     ▼
    too many bad events (`dead_letter_limit`) ──► the stage stops, and commits nothing
     ▼
    a dead letter for each bad event
     ▼
    return: only now may the offsets be committed

Writing dead letters is retried like any effect, so a partition waits for that as well. An error
that escapes ends the process, so that unacknowledged events are delivered again.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection, Sequence
from datetime import datetime
from typing import Any, TypeAlias

import structlog

from roost.errors import Fatal, Invalid, RoostError
from roost.events.dead_letter import DeadLetter, dead_letter_id
from roost.events.envelope import Record, record
from roost.events.stage_stop import StageStop
from roost.kafka.incoming import Fact, Incoming, decode_fact
from roost.kafka.ports import Partition, Producer
from roost.logs import place_of
from roost.metrics import DEAD_LETTERED, HANDLED, NO_RECIPIENT, OLDEST_PENDING
from roost.time.clock import Clock
from streams.kernel.dead_letter_limit import (
    NO_LIMIT,
    DeadLetterLimit,
    Excess,
    StageStopped,
    remedy,
)
from streams.kernel.letter_history import LetterHistory
from streams.kernel.outcome_window import Place
from streams.kernel.retry import retry_transient
from streams.kernel.stage_protocols import Stage, TombstoneConsumer
from streams.kernel.stage_stops import stop_ended

_log = structlog.get_logger(__name__)
AfterStop: TypeAlias = Callable[[StageStopped], Awaitable[DeadLetterLimit]]
"""Return the limit to go on with after a stop, or raise the stop."""


async def end_at_stop(stop: StageStopped) -> DeadLetterLimit:
    """End the process."""
    raise stop


class Guard:
    """The decoding, retries and dead letters around a stage's `handle`."""

    def __init__(
        self,
        stage: Stage,
        sender: Producer,
        clock: Clock,
        limit: DeadLetterLimit | None = None,
        after_stop: AfterStop = end_at_stop,
        history: LetterHistory | None = None,
    ) -> None:
        self._stage = stage
        self._limit = limit or DeadLetterLimit(NO_LIMIT)
        self._after_stop = after_stop
        self._history = history
        self._owned: set[Partition] = set()
        """Partitions whose former dead letters are in the limit's window."""
        self._failed: dict[Place, Exception] = {}
        """Bad events of the batch being processed."""
        self._sender = sender
        self._clock = clock
        self._oldest: datetime | None = None
        OLDEST_PENDING.labels(stage.name, NO_RECIPIENT).set_function(self._oldest_age_s)
        self._tombstones_only = (
            stage.tombstones_only if isinstance(stage, TombstoneConsumer) else frozenset()
        )

    async def take_over(self, assigned: Collection[Partition]) -> None:
        """Continue the limit's window with the dead letters of partitions assigned since then."""
        if self._history is None or self._owned.issuperset(assigned):
            return
        letters = await retry_transient("dead-letters.read", self._history.read_new)
        self._limit.restore(letters)
        self._owned.update(assigned)

    def forget(self, partitions: Collection[Partition]) -> None:
        """Note that another worker may own partitions from now on."""
        self._owned.difference_update(partitions)

    async def process(self, batch: Sequence[Incoming]) -> None:
        """Handle or park every event of the batch; return when all may be acknowledged.

        When too many events are bad, `after_stop` decides: it raises StageStopped, and nothing may
        be acknowledged, or it returns the limit with which the batch is processed again.
        """
        while True:
            try:
                return await self._process(batch)
            except StageStopped as stop:
                self._limit = await self._after_stop(stop)
                await self._restore()

    async def _restore(self) -> None:
        """Restore the window of a new limit."""
        if self._history is not None:
            self._history.restart()
            owned, self._owned = self._owned, set()
            await self.take_over(owned)

    async def _process(self, batch: Sequence[Incoming]) -> None:
        self._failed = {}
        wanted = [each for each in batch if self._matters(each)]
        # The first read of a topic for its tombstones meets events of years: none of them waits.
        timed = (each.at for each in wanted if each.topic not in self._tombstones_only)
        self._oldest = min(timed, default=None)
        facts = []
        for incoming in wanted:
            try:
                facts.append(decode_fact(incoming))
            except Invalid as error:
                self._failed[incoming.place] = error
        if facts:
            await self._handle(facts)
        await self._judge(wanted)
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
                self._failed[facts[0].origin.place] = error
                return
            _log.warning("batch_halved", stage=self._stage.name, events=len(facts))
            half = len(facts) // 2
            await self._handle(facts[:half])
            await self._handle(facts[half:])

    async def _judge(self, events: Sequence[Incoming]) -> None:
        """Stop the stage, or park the bad events and go on."""
        resuming = self._limit.resuming
        outcomes = [(each, each.place in self._failed) for each in events]
        excess = self._limit.add(outcomes)
        if excess is not None:
            await self._stop(excess)
        await self._park([incoming for incoming, failed in outcomes if failed])
        if resuming and not self._limit.resuming:
            await self._publish("stage-stops", [stop_ended(self._stage.name, self._clock.now())])
            _log.info("stage_resumed", stage=self._stage.name)

    async def _stop(self, excess: Excess) -> None:
        """Record the stop, so that a restart begins on probation, and end the process."""
        incoming, error = excess.incoming, self._failed[excess.incoming.place]
        reason, detail = _described(error)
        stop = StageStop(
            id=self._stage.name,
            topic=incoming.topic.name,
            partition=incoming.partition,
            offset=incoming.offset,
            reason=reason,
            detail=detail,
            failed=excess.failed,
            events=excess.events,
            at=self._clock.now(),
        )
        out = record(stop, stop.id, source=f"/streams/{self._stage.name}", at=stop.at)
        await self._publish("stage-stops", [out])
        message, message_zh = remedy(stop)
        _log.error("stage_stopped", stage=stop.id, at=place_of(error), message=message)
        raise StageStopped(message, message_zh)

    async def _park(self, events: Sequence[Incoming]) -> None:
        """Write the dead letters: the records' positions and the reasons, never their content."""
        letters = [self._letter(each, self._failed[each.place]) for each in events]
        source = f"/streams/{self._stage.name}"
        await self._publish(
            "dead-letters",
            [record(each, each.id, source=source, at=each.at) for each in letters],
        )
        for letter, incoming in zip(letters, events, strict=True):
            error = self._failed[incoming.place]
            DEAD_LETTERED.labels(self._stage.name, letter.reason).inc()
            if isinstance(error, RoostError):
                _log.warning(
                    "event_parked", id=letter.id, reason=letter.reason, detail=letter.detail
                )
            else:
                _log.error("event_parked", id=letter.id, reason=letter.reason, at=place_of(error))

    def _letter(self, incoming: Incoming, error: Exception) -> DeadLetter:
        reason, detail = _described(error)
        return DeadLetter(
            id=dead_letter_id(*incoming.place, self._stage.name),
            topic=incoming.topic.name,
            partition=incoming.partition,
            offset=incoming.offset,
            stage=self._stage.name,
            reason=reason,
            detail=detail,
            size=len(incoming.value or b""),
            at=self._clock.now(),
            handled_before=self._limit.handled_before(incoming),
        )

    async def _publish(self, step: str, records: Sequence[Record]) -> None:
        if records:
            await retry_transient(step, lambda: self._sender.publish(records))


def _described(error: Exception) -> tuple[str, str]:
    """Return the kind of error, and a sentence without personal data."""
    if isinstance(error, RoostError):
        return error.slug, str(error)[:500]
    return type(error).__name__, "a fault of the stage"
