"""The erasure of a worker's texts from the outbox, when the topic `profiles` has their tombstone.

The index stage reads the same tombstone in another consumer group, so the deliver stage may
see it first. Therefore:

1. wait until the view `profiles` has the tombstone's version. From then on a lane that looks at
   the profile sends nothing (`Lane` looks at it again after it has claimed its rows)
2. wait until no delivery to the worker is in flight: a lane that claimed its rows before the
   worker was erased in the view may still write a line. Its lease bounds the wait
3. take the texts out of the outbox

A lane claims, then looks at the profile, then sends; the erasure erases the profile, then looks
for claims. So of the two at least one sees the other, and no line is written after 3.

A repeat does the same again: when the texts are gone it changes nothing. A worker who registered
again keeps the texts that were sent since the tombstone.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime
from typing import Any, Protocol

import structlog

from roost.kafka.incoming import Fact
from roost.topics import PROFILES
from roost.views.elastic import Elastic
from streams.deliver.ledger import Ledger
from streams.kernel.retry import FIRST_WAIT_S, LONGEST_WAIT_S, retry_transient

_log = structlog.get_logger(__name__)


class MessageTexts(Protocol):
    """A store of sent messages, such as the outbox."""

    async def erase_texts(self, until_by_recipient: Mapping[str, datetime | None]) -> int:
        """Erase the texts to these recipients up to a time, or all; return how many."""
        ...


class TextErasure:
    """Erases the texts of workers whose tombstone has been read."""

    def __init__(self, elastic: Elastic, ledger: Ledger, outbox: MessageTexts) -> None:
        self._elastic = elastic
        self._ledger = ledger
        self._outbox = outbox

    async def erase(self, tombstones: Sequence[Fact[Any]]) -> None:
        """Return when the texts are gone and no delivery in flight can add to them."""
        newest = {fact.key: fact for fact in tombstones}
        if not newest:
            return
        await _wait_until("view_behind_tombstone", lambda: self._applied(newest))
        await _wait_until("delivery_in_flight", lambda: self._settled(newest))
        limits = await self._limits(newest)
        erased = await self._outbox.erase_texts(limits)
        if erased:
            _log.info("outbox_texts_erased", lines=erased)

    async def _applied(self, tombstones: Mapping[str, Fact[Any]]) -> bool:
        """Return whether the view has reached the version of every tombstone."""
        keys = {id: (PROFILES.name, id) for id in tombstones}
        versions = await retry_transient(
            "deliver.erased", lambda: self._elastic.versions(list(keys.values()))
        )
        return all(versions.get(keys[id], 0) >= fact.version for id, fact in tombstones.items())

    async def _settled(self, workers: Mapping[str, Fact[Any]]) -> bool:
        return not await self._ledger.in_flight(workers)

    async def _limits(self, tombstones: Mapping[str, Fact[Any]]) -> dict[str, datetime | None]:
        """Return until when the texts of each worker are erased: None for those still erased."""
        keys = {id: (PROFILES.name, id) for id in tombstones}
        found = await retry_transient(
            "deliver.erased", lambda: self._elastic.mget(list(keys.values()), ("erased",))
        )
        return {
            id: None if found.get(keys[id], {}).get("erased") else fact.origin.at
            for id, fact in tombstones.items()
        }


async def _wait_until(reason: str, holds: Callable[[], Awaitable[bool]]) -> None:
    """Wait, with back-off, until a condition holds; log it once the wait is no longer short."""
    wait = FIRST_WAIT_S
    while not await holds():
        if wait >= LONGEST_WAIT_S:
            _log.warning("erasure_waiting", reason=reason)
        await asyncio.sleep(wait)
        wait = min(wait * 2, LONGEST_WAIT_S)
