"""index: profiles, openings, stations, what people chose and wrote ─► views ─► `searchable`

Commits after: the documents are written, findable by a search, and the broker has acknowledged
that they are. A repeat writes the same versions again and says the same again. Vectors are made
with the model that the index names which they go to (`editions`).
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from roost.events.envelope import Record, record
from roost.events.searchable import EntityKind, Searchable
from roost.kafka.incoming import Fact
from roost.kafka.sender import Sends
from roost.time.clock import Clock
from roost.topics import (
    AUDIT,
    NOTICES,
    OPENINGS,
    PREFERENCES,
    PROFILES,
    STATIONS,
    STOPS,
    WEBHOOKS,
    Topic,
)
from roost.views.elastic import Elastic, Refusal
from streams.deliver.outbox import forget
from streams.kernel.retry import retry_transient
from streams.views.editions import Edition, Editions, Projections
from streams.views.projections import result_writes

KIND = {OPENINGS: EntityKind.OPENING, PROFILES: EntityKind.PROFILE}


class IndexStage:
    name = "index"
    topics: tuple[Topic, ...] = (
        PROFILES,
        OPENINGS,
        STATIONS,
        PREFERENCES,
        STOPS,
        NOTICES,
        WEBHOOKS,
        AUDIT,
    )

    def __init__(
        self,
        elastic: Elastic,
        sender: Sends,
        clock: Clock,
        projections: Projections,
        outbox: Path | None = None,
    ) -> None:
        self._elastic = elastic
        self._sender = sender
        self._clock = clock
        self._projections = projections
        self._editions = Editions(elastic)
        self._outbox = outbox

    async def handle(self, facts: Sequence[Fact[Any]]) -> None:
        audited = [fact for fact in facts if fact.origin.topic is AUDIT]
        await self._audit(audited)
        entities = [fact for fact in facts if fact.origin.topic is not AUDIT]
        newest = list({(fact.origin.topic.name, fact.key): fact for fact in entities}.values())
        if not newest:
            return
        refusals = await self._editions.run_on_current(
            "index.write", lambda edition: self._write(edition, newest)
        )
        if refusals:
            raise ValueError(f"The view refuses {len(refusals)} documents: {refusals[0].reason}")
        await self._forget(newest)
        told = [self._searchable(fact) for fact in newest if fact.origin.topic in KIND]
        await retry_transient("index.send", lambda: self._sender.send(told))

    async def _forget(self, facts: Sequence[Fact[Any]]) -> None:
        """An erased worker's messages go from the outbox as well, once no stage tells them more."""
        erased = [
            fact.key for fact in facts if fact.origin.topic is PROFILES and fact.event is None
        ]
        if erased and self._outbox is not None:
            await asyncio.to_thread(forget, self._outbox, erased)

    async def _audit(self, facts: Sequence[Fact[Any]]) -> None:
        """Nobody waits to find these: they are searchable when the view is refreshed."""
        refusals = await retry_transient(
            "index.audit", lambda: self._elastic.write(result_writes(facts))
        )
        if refusals:
            raise ValueError(f"The view refuses {len(refusals)} documents: {refusals[0].reason}")

    async def _write(self, edition: Edition, facts: Sequence[Fact[Any]]) -> list[Refusal]:
        project = await self._projections.of(edition.model)
        writes = [replace(each, view=edition.index(each.view)) for each in project(facts)]
        return await self._elastic.write(writes, refresh=True)

    def _searchable(self, fact: Fact[Any]) -> Record:
        event = Searchable(
            kind=KIND[fact.origin.topic],
            id=fact.key,
            version=fact.version,
            posted_at=fact.origin.at,
        )
        return record(event, fact.key, source="/streams/index", at=self._clock.now())
