"""Buffered writing of the audit log to Kafka.

The entry of a change is acknowledged before its answer leaves. The entry of a read waits in a
buffer for a moment.

    read, failure ──► buffer (bounded) ─┐
                                        ├─► one batch at a time ──► topic `audit`
    change ──► waits for it ────────────┘

No entry is dropped: a batch that Kafka refuses is retried, and meanwhile personal data can neither
be read nor changed (503). A failed request has, as far as its answer knows, shown and changed
nothing, so its answer does not wait. A killed process loses the entries of reads within the last
`LINGER_S` seconds, and no entry of a change.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Sequence
from dataclasses import replace

import structlog

from roost.errors import Invalid, Transient
from roost.events.audit import AuditEntry
from roost.events.envelope import Record, record
from roost.metrics import AUDIT_RETRIED, AUDIT_WAITING
from roost.topics import AUDIT

_log = structlog.get_logger(__name__)
CAPACITY = 10_000
"""Capacity of the buffer in entries; about 10 MB."""
BATCH = 1_000
LINGER_S = 0.2
ROOM_WITHIN_S = 2.0
RETRY_AFTER_S = 0.5
ACKNOWLEDGED_WITHIN_S = 25.0
FLUSHED_WITHIN_S = 3.0
"""Time at a stop for which a refused batch is retried."""
Publish = Callable[[Sequence[Record]], object]
"""Publishes records and blocks until all are acknowledged.

Raises Transient, and Invalid for a record that Kafka can never take.
"""
Waiting = tuple[Record, asyncio.Future[None] | None]
"""An entry in the buffer, and the future of the request that waits for its acknowledgement."""


class BufferedAuditTrail:
    """Buffer between requests and the topic `audit`; before `start` it publishes synchronously."""

    def __init__(self, publish: Publish, *, most: int = CAPACITY) -> None:
        self._publish = publish
        self._most = most
        self._waiting: list[Waiting] = []
        self._wake = asyncio.Event()
        self._drained = asyncio.Condition()
        self._hurry = asyncio.Event()
        self.kafka_away = False
        self._closing = False
        self._close_by = 0.0
        self._task: asyncio.Task[None] | None = None
        self._partition = 0

    def start(self) -> None:
        self._task = asyncio.create_task(self._run(), name="audit")

    async def close(self) -> None:
        """Flush the buffer; return once it is empty, or after `FLUSHED_WITHIN_S` without Kafka."""
        self._closing = True
        self._close_by = time.monotonic() + FLUSHED_WITHIN_S
        self._wake.set()
        self._hurry.set()
        if self._task is not None:
            await self._task

    async def note(self, entry: AuditEntry) -> None:
        """Record a read; return once it is buffered. Raises Transient: then show nothing."""
        if self._task is None:
            self._publish([self._record(entry)])
            return
        if self.kafka_away:
            raise _not_written()
        if len(self._waiting) >= self._most:
            self._hurry.set()
            await self._wait_for_room()
        self._waiting.append((self._record(entry), None))
        self._wake.set()

    async def keep(self, entry: AuditEntry) -> None:
        """Record a change; return once it is acknowledged. Raises Transient after a timeout.

        The entry stays in the buffer and is written later.
        """
        if self._task is None:
            self._publish([self._record(entry)])
            return
        acknowledged: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append((self._record(entry), acknowledged))
        self._wake.set()
        self._hurry.set()
        try:
            await asyncio.wait_for(asyncio.shield(acknowledged), ACKNOWLEDGED_WITHIN_S)
        except TimeoutError:
            raise _not_written() from None

    def note_failed(self, entry: AuditEntry) -> None:
        """Record a failed request without waiting; if the buffer is full, in the process log only.

        Every request fails while Kafka is away, so a second wait would only add to the first.
        """
        if self._task is None:
            self._publish([self._record(entry)])
        elif len(self._waiting) < self._most:
            self._waiting.append((self._record(entry), None))
            self._wake.set()
        else:
            _log.error("audit_entry_dropped", entry=entry.to_dict())

    def _record(self, entry: AuditEntry) -> Record:
        """Return the record, addressed to the current partition.

        Entries have no order, so a flush goes to one partition: one batch instead of one for each.
        """
        keyed = record(entry, entry.id, source="/api", at=entry.at)
        return replace(keyed, chosen_partition=self._partition)

    async def _wait_for_room(self) -> None:
        try:
            async with asyncio.timeout(ROOM_WITHIN_S), self._drained:
                await self._drained.wait_for(lambda: len(self._waiting) < self._most)
        except TimeoutError:
            raise _not_written() from None

    async def _run(self) -> None:
        while True:
            await self._wake.wait()
            if not self._hurry.is_set() and not self._closing:
                await self._linger()
            self._hurry.clear()
            if self._waiting and not await self._flush():
                if self._closing and time.monotonic() > self._close_by:
                    _log.error("audit_entries_lost", entries=len(self._waiting))
                    return
                await asyncio.sleep(RETRY_AFTER_S)
            if not self._waiting:
                self._wake.clear()
                if self._closing:
                    return

    async def _linger(self) -> None:
        """Wait for more entries, until a caller waits for an acknowledgement."""
        try:
            await asyncio.wait_for(self._hurry.wait(), LINGER_S)
        except TimeoutError:
            return

    async def _flush(self) -> bool:
        batch = self._waiting[:BATCH]
        self._partition = (self._partition + 1) % AUDIT.partitions
        AUDIT_WAITING.set(len(self._waiting))
        try:
            await asyncio.to_thread(self._publish, [each for each, _ in batch])
        except Invalid as error:
            await self._flush_one_by_one(batch, error)
        except Exception as error:  # noqa: BLE001  the end of this task would block every write
            AUDIT_RETRIED.inc()
            self.kafka_away = True
            why = str(error) if isinstance(error, Transient) else type(error).__name__
            _log.warning("audit_write_failed", error=why, entries=len(self._waiting))
            return False
        else:
            await self._written(batch)
        self.kafka_away = False
        return True

    async def _flush_one_by_one(self, batch: Sequence[Waiting], why: Invalid) -> None:
        """Write each entry of a refused batch alone; one refused again goes to the process log.

        Its request is refused, and every other one is answered.
        """
        _log.warning("audit_batch_refused", error=type(why).__name__, entries=len(batch))
        for each in batch:
            try:
                await asyncio.to_thread(self._publish, [each[0]])
            except Invalid:
                value = (each[0].value or b"").decode("utf-8", "replace")
                _log.error("audit_entry_dropped", entry=value)
                await self._written([each], _not_written())
            else:
                await self._written([each])

    async def _written(self, batch: Sequence[Waiting], error: Transient | None = None) -> None:
        """Remove entries from the front of the buffer, and tell the requests that wait for them."""
        del self._waiting[: len(batch)]
        AUDIT_WAITING.set(len(self._waiting))
        for _, done in batch:
            if done is not None and not done.done():
                if error is None:
                    done.set_result(None)
                else:
                    done.set_exception(error)
        async with self._drained:
            self._drained.notify_all()


def _not_written() -> Transient:
    return Transient(
        "The audit log cannot be written now, so nothing may be read or changed; try again later.",
        "审计记录暂时无法写入，请稍后重试。",
    )
