"""The erasure of texts from the outbox, once `profiles` or `employers` has a tombstone.

An employer that has withdrawn its contact, one without a channel, counts as erased in the sweep.
The steps for workers and `profiles` below hold for employers' contacts and `employers` too.

The index stage reads the same tombstone in another consumer group, so the deliver stage may
see it first. The consumer loop only queues the tombstone; a task alongside it

1. waits until the view `profiles` has the tombstone's version. From then on a lane that looks at
   the profile sends nothing (`Lane` looks at it again after it has claimed its rows)
2. waits until no delivery to the worker is in flight: a lane that claimed its rows before the
   worker was erased in the view may still write a line. Its lease bounds the wait
3. takes the texts out of the outbox

A lane claims, then looks at the profile, then sends; the erasure erases the profile, then looks
for claims. So of the two at least one sees the other, and no line is written after 3.

The tombstone is committed before these steps, so that a lagging index stage delays no planning. A
process that ends in between loses its queue, not the erasure: at its start and every hour a sweep
looks up every recipient of the outbox and erases the texts of workers erased in the view.

A repeat does the same again: when the texts are gone it changes nothing. A worker who registered
again keeps the texts that were sent since the tombstone.
"""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Protocol

import structlog

from roost.kafka.incoming import Fact
from roost.topics import EMPLOYERS, PROFILES
from roost.views.elastic import Elastic, Json
from streams.deliver.ledger import Ledger
from streams.kernel.retry import FIRST_WAIT_S, LONGEST_WAIT_S, retry_transient

_log = structlog.get_logger(__name__)
SWEEP_EVERY_S = 3_600.0
LOOK_UP = 500
"""Recipients that the sweep looks up in one request."""
NEVER = datetime.min.replace(tzinfo=UTC)


class MessageTexts(Protocol):
    """A store of sent messages, such as the outbox."""

    async def recipients(self) -> Collection[str]:
        """Return the recipients of messages whose texts are kept."""
        ...

    async def erase_texts(self, until_by_recipient: Mapping[str, datetime | None]) -> int:
        """Erase the texts to these recipients up to a time, or all; return how many."""
        ...


@dataclass(frozen=True, slots=True)
class PendingErasure:
    """The version that the view has to reach, and the time of the tombstone."""

    version: int
    at: datetime


class TextErasure:
    """Erases the texts of workers and employers whose tombstone has been read."""

    def __init__(self, elastic: Elastic, ledger: Ledger, outbox: MessageTexts) -> None:
        self._elastic = elastic
        self._ledger = ledger
        self._outbox = outbox
        self._pending: dict[str, PendingErasure] = {}
        self._queued = asyncio.Event()
        self._drained = asyncio.Event()
        self._drained.set()

    def add(self, tombstones: Sequence[Fact[Any]]) -> None:
        """Queue the erasures of these tombstones."""
        for fact in tombstones:
            self._queue(fact.key, PendingErasure(fact.version, fact.origin.at))

    async def drained(self) -> None:
        """Return once no erasure is pending."""
        await self._drained.wait()

    async def run(self) -> None:
        """Erase the queued texts as soon as each worker's conditions hold; never returns."""
        wait = FIRST_WAIT_S
        while True:
            await self._queued.wait()
            if await self._erase_ready():
                wait = FIRST_WAIT_S
                continue
            if wait >= LONGEST_WAIT_S:
                _log.warning("erasure_waiting", workers=len(self._pending))
            await asyncio.sleep(wait)
            wait = min(wait * 2, LONGEST_WAIT_S)

    async def sweep_repeatedly(self) -> None:
        """Sweep at the start and every hour; never returns."""
        while True:
            await self.sweep()
            await asyncio.sleep(SWEEP_EVERY_S)

    async def sweep(self) -> None:
        """Queue the erasure of texts whose recipients are erased in the view."""
        recipients = sorted(await self._outbox.recipients())
        for start in range(0, len(recipients), LOOK_UP):
            ids = recipients[start : start + LOOK_UP]
            for id in await self._erased_in_view(ids):
                self._queue(id, PendingErasure(0, NEVER))

    def _queue(self, id: str, erasure: PendingErasure) -> None:
        known = self._pending.get(id)
        if known is None or known.version < erasure.version:
            self._pending[id] = erasure
        self._queued.set()
        self._drained.clear()

    async def _erase_ready(self) -> bool:
        """Erase the texts of the workers whose conditions hold; return whether there were any."""
        ready = await self._settled(await self._applied())
        if not ready:
            return False
        erased = await self._outbox.erase_texts(await self._limits(ready))
        if erased:
            _log.info("outbox_texts_erased", lines=erased)
        for id, erasure in ready.items():
            if self._pending.get(id) == erasure:
                del self._pending[id]
        if not self._pending:
            self._queued.clear()
            self._drained.set()
        return True

    async def _applied(self) -> dict[str, PendingErasure]:
        """Return the pending erasures whose version the view has reached."""
        pending = dict(self._pending)
        keys = [(_view_of(id), id) for id in pending]
        versions = await retry_transient("deliver.erased", lambda: self._elastic.versions(keys))
        return {
            id: erasure
            for id, erasure in pending.items()
            if versions.get((_view_of(id), id), 0) >= erasure.version
        }

    async def _settled(self, applied: dict[str, PendingErasure]) -> dict[str, PendingErasure]:
        """Return those of them without a delivery in flight."""
        if not applied or not await self._ledger.in_flight(applied):
            return applied
        if len(applied) == 1:
            return {}
        return {id: each for id, each in applied.items() if not await self._ledger.in_flight([id])}

    async def _limits(self, ready: Mapping[str, PendingErasure]) -> dict[str, datetime | None]:
        """Return until when the texts of each worker are erased: None for those still erased."""
        erased = await self._erased_in_view(ready)
        return {id: None if id in erased else each.at for id, each in ready.items()}

    async def _erased_in_view(self, ids: Collection[str]) -> set[str]:
        keys = {(_view_of(id), id): id for id in ids}
        found = await retry_transient(
            "deliver.erased", lambda: self._elastic.mget(list(keys), ("erased", "fact.channels"))
        )
        return {id for key, id in keys.items() if key in found and _is_erased(id, found[key])}


def _view_of(recipient_id: str) -> str:
    return EMPLOYERS.name if recipient_id.startswith("e-") else PROFILES.name


def _is_erased(recipient_id: str, document: Json) -> bool:
    """Return whether a recipient is erased, or an employer without a channel."""
    withdrawn = recipient_id.startswith("e-") and not document.get("fact", {}).get("channels")
    return bool(document.get("erased")) or withdrawn
