"""index: profiles, openings, stations, preferences and other facts ─► views ─► `searchable`.

Commits after the documents are written and searchable, the texts of erased workers are erased
(`text_erasure`), and the broker has acknowledged the events that say so. A repeat writes
the same versions and publishes the same events. Vectors are computed
with the model that their index names (`editions`).
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from roost.events.envelope import Record, record
from roost.events.searchable import EntityKind, Searchable
from roost.kafka.incoming import Fact
from roost.kafka.ports import Producer
from roost.time.clock import Clock
from roost.topics import (
    AUDIT,
    OPENINGS,
    PROFILES,
    Topic,
)
from roost.views.elastic import Elastic, Refusal
from streams.index.audit_projection import project_audit
from streams.index.entity_projection import EntityProjectionCache
from streams.index.text_erasure import TextErasure
from streams.kernel.retry import retry_transient
from streams.views.editions import Edition, Editions
from streams.views.projections import INDEXED
from streams.views.taken_writes import check_taken

KIND = {OPENINGS: EntityKind.OPENING, PROFILES: EntityKind.PROFILE}


class IndexStage:
    """The stage that writes facts into their views."""

    name = "index"
    topics: tuple[Topic, ...] = INDEXED

    def __init__(
        self,
        elastic: Elastic,
        sender: Producer,
        clock: Clock,
        projections: EntityProjectionCache,
    ) -> None:
        self._elastic = elastic
        self._sender = sender
        self._clock = clock
        self._projections = projections
        self._editions = Editions(elastic)
        self._texts = TextErasure(elastic, sender, clock)

    async def handle(self, facts: Sequence[Fact[Any]]) -> None:
        """Write the newest version of each entity, and announce what has become searchable."""
        audited = [fact for fact in facts if fact.origin.topic is AUDIT]
        await self._audit(audited)
        entities = [fact for fact in facts if fact.origin.topic is not AUDIT]
        newest = list({(fact.origin.topic.name, fact.key): fact for fact in entities}.values())
        if not newest:
            return
        refusals = await self._editions.run_on_current(
            "index.write", lambda edition: self._write(edition, newest)
        )
        check_taken(refusals)
        await self._texts.after(entities)
        announced = [self._searchable(fact) for fact in newest if fact.origin.topic in KIND]
        await retry_transient("index.send", lambda: self._sender.publish(announced))

    async def _audit(self, facts: Sequence[Fact[Any]]) -> None:
        """Write audit entries; they become searchable at the view's own refresh."""
        refusals = await retry_transient(
            "index.audit", lambda: self._elastic.write(project_audit(facts))
        )
        check_taken(refusals)

    async def _write(self, edition: Edition, facts: Sequence[Fact[Any]]) -> list[Refusal]:
        project = await self._projections.for_model(edition.model)
        projected = await asyncio.to_thread(project, facts)  # the loop keeps the heartbeat
        writes = [replace(each, view=edition.index(each.view)) for each in projected]
        return await self._elastic.write(writes, refresh=True)

    def _searchable(self, fact: Fact[Any]) -> Record:
        event = Searchable(
            kind=KIND[fact.origin.topic],
            id=fact.key,
            version=fact.version,
            posted_at=fact.origin.at,
        )
        return record(event, fact.key, source="/streams/index", at=self._clock.now())
