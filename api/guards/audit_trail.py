"""The trail on its way to Kafka: what changes something is acknowledged before its answer goes out;
what was only read waits in a buffer for a moment.

    read, failure ──► buffer (bounded) ─┐
                                        ├─► one batch at a time ──► topic `audit`
    change ──► waits for it ────────────┘

Nothing is dropped: what Kafka does not take is tried again, and as long as it does not, personal
data can neither be read nor changed (503). What failed has shown and changed nothing, as far as
its answer knows, so that its answer does not wait. A process that is killed loses what it had read
within the last moment (`LINGER_S`), and nothing that was changed.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import replace

import structlog

from roost.errors import Transient
from roost.events.audit import AuditEntry
from roost.events.envelope import Record, record
from roost.metrics import AUDIT_RETRIED, AUDIT_WAITING
from roost.topics import AUDIT

_log = structlog.get_logger(__name__)
MOST = 10_000
"""Entries that may wait; about 10 MB."""
BATCH = 1_000
LINGER_S = 0.2
ROOM_WITHIN_S = 2.0
AGAIN_S = 0.5
KEPT_WITHIN_S = 25.0
Publish = Callable[[Sequence[Record]], object]
"""Blocks until all records are acknowledged. Raises Transient."""


class BufferedAuditTrail:
    """One that is not started hands on each entry at once, as nothing runs beside it."""

    def __init__(self, publish: Publish, *, most: int = MOST) -> None:
        self._publish = publish
        self._most = most
        self._waiting: list[tuple[Record, asyncio.Future[None] | None]] = []
        self._wake = asyncio.Event()
        self._moved = asyncio.Condition()
        self._hurry = asyncio.Event()
        self._away = False
        self._closing = False
        self._task: asyncio.Task[None] | None = None
        self._partition = 0

    def start(self) -> None:
        self._task = asyncio.create_task(self._run(), name="audit")

    async def close(self) -> None:
        """Returns when all is acknowledged, or Kafka does not take it any more."""
        self._closing = True
        self._wake.set()
        self._hurry.set()
        if self._task is not None:
            await self._task

    async def note(self, entry: AuditEntry) -> None:
        """For a read. Returns once there is room. Raises Transient: then it must not be shown."""
        if self._task is None:
            self._publish([self._record(entry)])
            return
        if self._away:
            raise _not_kept()
        if len(self._waiting) >= self._most:
            self._hurry.set()
            await self._room()
        self._waiting.append((self._record(entry), None))
        self._wake.set()

    async def keep(self, entry: AuditEntry) -> None:
        """For a change. Returns once it is acknowledged. Raises Transient; it is kept later."""
        if self._task is None:
            self._publish([self._record(entry)])
            return
        done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append((self._record(entry), done))
        self._wake.set()
        self._hurry.set()
        try:
            await asyncio.wait_for(asyncio.shield(done), KEPT_WITHIN_S)
        except TimeoutError:
            raise _not_kept() from None

    def note_failed(self, entry: AuditEntry) -> None:
        """For what failed, as everything does while Kafka is away: nobody waits for that twice.
        Without room it is in the log alone.
        """
        if self._task is None:
            self._publish([self._record(entry)])
        elif len(self._waiting) < self._most:
            self._waiting.append((self._record(entry), None))
            self._wake.set()
        else:
            _log.error("failure_not_audited", entry=entry.to_dict())

    def _record(self, entry: AuditEntry) -> Record:
        """To the partition whose turn it is: entries are in no order, and what goes out together
        is one batch to Kafka instead of one for every partition.
        """
        said = record(entry, entry.id, source="/api", at=entry.at)
        return replace(said, chosen_partition=self._partition)

    async def _room(self) -> None:
        try:
            async with asyncio.timeout(ROOM_WITHIN_S), self._moved:
                await self._moved.wait_for(lambda: len(self._waiting) < self._most)
        except TimeoutError:
            raise _not_kept() from None

    async def _run(self) -> None:
        while True:
            await self._wake.wait()
            if not self._hurry.is_set() and not self._closing:
                await self._linger()
            self._hurry.clear()
            if self._waiting and not await self._flush():
                if self._closing:
                    _log.error("audit_not_kept", entries=len(self._waiting))
                    return
                await asyncio.sleep(AGAIN_S)
            if not self._waiting:
                self._wake.clear()
                if self._closing:
                    return

    async def _linger(self) -> None:
        """For a moment, or until somebody waits for an answer."""
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
        except Transient as error:
            AUDIT_RETRIED.inc()
            self._away = True
            _log.warning("audit_waits", error=str(error), entries=len(self._waiting))
            return False
        self._away = False
        del self._waiting[: len(batch)]
        AUDIT_WAITING.set(len(self._waiting))
        for _, done in batch:
            if done is not None and not done.done():
                done.set_result(None)
        async with self._moved:
            self._moved.notify_all()
        return True


def _not_kept() -> Transient:
    return Transient(
        "What is seen and changed has to be written down, and cannot be now; try again.",
        "审计记录暂时无法写入，请稍后重试。",
    )
