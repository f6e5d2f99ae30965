"""Views made anew from their topics, while everything else goes on.

For each view, and for profiles and openings together, since their vectors are compared:

1. a new index is filled by replaying the topic, while the old one is read and written as ever
2. rounds of catching up with what was appended meanwhile, until little is left
3. the old index takes no more writes: the stages wait and try again
4. the rest is caught up. A stage writes only what stands in the topic already, so whatever the
   old index ever took is now in the new one
5. in one step the name moves to the new index and the old one is removed

Reading goes on throughout. What a stage could not write at 3, it writes to the new index, with
the model which that one names; versions keep both in order. A view that was deleted is made.

Interrupted, nothing has happened: the new index is removed again, at once or at the next start
(`tidied`). Of two rebuilds one goes on at most: each makes its index, then removes every other that
no view names. Names are never used again, so who lost its index can neither write nor move a view.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace

import structlog

from matcher.models import dimensions
from roost.errors import Conflict, RoostError, Transient
from roost.kafka.incoming import Incoming, newest_readable
from roost.kafka.ports import partitions_of
from roost.kafka.reader import KafkaReader
from roost.servers.connections import Servers
from roost.topics import Topic
from roost.views.elastic import Elastic, Index
from roost.views.mappings import VECTORED, VIEWS, index_body, next_index, view_of_index
from streams.index.entity_projection import EntityProjection
from streams.maintenance.projection_registry import projection_of
from streams.views.projections import VIEW_OF

_log = structlog.get_logger(__name__)
Progress = Callable[[str, int], None]
Offsets = dict[int, int]

TOPIC_OF: Mapping[str, Topic] = {view: topic for topic, view in VIEW_OF.items()}
TOGETHER = (VECTORED, *((view,) for view in VIEWS if view not in VECTORED))
"""The views, those that move in one step side by side."""
LITTLE = 500
"""Records that are caught up while the stages wait: well under a second."""
ROUNDS = 20
"""Rounds of catching up at most: events may come faster than they are replayed."""


async def tidy_up(
    elastic: Elastic, views: Sequence[str] = tuple(VIEWS), *, but: Collection[str] = ()
) -> dict[str, Index]:
    """What stands behind the views, once nothing of another rebuild is left.

    Indices that no view names are removed, `but` some, and blocks lifted. Raises Transient.
    """
    standing: dict[str, Index] = {}
    for group in TOGETHER:
        if chosen := [view for view in group if view in views]:
            standing |= await _tidied_together(elastic, chosen, but)
    return standing


async def _tidied_together(
    elastic: Elastic, views: Sequence[str], but: Collection[str]
) -> dict[str, Index]:
    found = [
        index
        for index in await elastic.indices(*(f"{view}-*" for view in views))
        if view_of_index(index.name) in views
    ]
    standing = {index.view: index for index in found if index.view is not None}
    unnamed = [index.name for index in found if index.view is None and index.name not in but]
    stay = {view: index.name for view, index in standing.items()}
    if unnamed:
        # Only if the views still name the old ones: a rebuild may be moving them at this moment.
        await elastic.point(stay, instead_of=unnamed)
    for index in standing.values():
        if index.blocked:
            await elastic.block_writes(index.name, blocked=False)
    return standing


class Renewal:
    """New indices for views that move together."""

    def __init__(
        self,
        elastic: Elastic,
        bootstrap_servers: Servers,
        project: EntityProjection,
        progress: Progress,
        views: Sequence[str],
    ) -> None:
        self._elastic = elastic
        self._servers = bootstrap_servers
        self._project = project
        self._progress = progress
        self._new: dict[str, str] = dict.fromkeys(views, "")
        self._old: dict[str, str] = {}
        self._blocked = False
        self._reached: dict[str, Offsets] = {view: {} for view in views}
        self._counts = dict.fromkeys(views, 0)

    async def run(self) -> dict[str, int]:
        try:
            await self._create()
            alone = await tidy_up(self._elastic, tuple(self._new), but=self._new.values())
            self._old = {view: index.name for view, index in alone.items()}
            standing = await self._elastic.behind(*VECTORED)
            refuse_two_models(standing, self._project.model.version, tuple(self._new))
            await self._fill()
            await self._move()
        except BaseException:
            await self._undo()
            raise
        for view, index in self._new.items():
            _log.info("view_rebuilt", view=view, index=index, records=self._counts[view])
        return self._counts

    async def _create(self) -> None:
        model = self._project.model
        standing = await self._elastic.behind(*self._new)
        names = {view: index.name for view, index in standing.items()}
        for view in self._new:
            index = next_index(view, names.get(view), secrets.token_hex(4))
            body = index_body(view, model.version, dimensions(model))
            await self._elastic.create_index(index, body)
            self._new[view] = index

    async def _fill(self) -> None:
        for _ in range(ROUNDS):
            if await self._catch_up() <= LITTLE:
                break
        # All but the last records are made findable before the stages wait.
        await self._elastic.refresh(*self._new.values())

    async def _move(self) -> None:
        self._blocked = True
        for index in self._old.values():
            await self._elastic.block_writes(index)
        await self._catch_up()
        await self._elastic.refresh(*self._new.values())
        await self._elastic.point(self._new, instead_of=self._old.values())

    async def _catch_up(self) -> int:
        """Replays what has been appended since the last time; returns about how much it was."""
        appended = 0
        for view, index in self._new.items():
            topic = TOPIC_OF[view]
            reader = KafkaReader(self._servers)
            offsets = await reader.end_offsets(partitions_of([topic]))
            ends = {each.partition: end for each, end in offsets.items()}
            start = self._reached[view]
            if (length := offsets_passed(start, ends)) > 0:
                async for batch in reader.read_to_end(topic, start=start):
                    await self._write(batch, index)
                    self._counts[view] += len(batch)
                    self._progress(view, self._counts[view])
            self._reached[view] = ends
            appended += length
        return appended

    async def _write(self, batch: Sequence[Incoming], index: str) -> None:
        facts = newest_readable(batch)
        writes = projection_of(batch[0].topic, self._project)(facts)
        refusals = await self._elastic.write([replace(each, view=index) for each in writes])
        if refusals:
            raise RoostError(f"{index} refuses {len(refusals)} documents: {refusals[0].reason}")

    async def _undo(self) -> None:
        """Removes the new indices, if and only if the views still name the old ones."""
        if not self._old:
            return
        made = [index for index in self._new.values() if index]
        try:
            await self._elastic.point(self._old, instead_of=made)
        except Transient as error:
            # They have moved after all, or another rebuild has taken over, or Elasticsearch is
            # away: in each case the indices are not ours to touch; the next start tidies up.
            _log.warning("rebuild_not_undone", views=sorted(self._new), error=str(error))
            return
        for index in self._old.values() if self._blocked else ():
            await self._elastic.block_writes(index, blocked=False)


def offsets_passed(reached: Offsets, ends: Offsets) -> int:
    """How many offsets have been passed since `reached`: at least as many as there are records."""
    return sum(end - reached.get(partition, 0) for partition, end in ends.items())


def refuse_two_models(standing: Mapping[str, Index], version: str, views: Sequence[str]) -> None:
    """Raises Conflict when a vectored view would be made with another model than the other has."""
    chosen = set(VECTORED) & set(views)
    for view in VECTORED:
        if chosen and view not in chosen and view in standing and standing[view].model != version:
            raise Conflict(
                f"The view {view} has vectors of another model ({standing[view].model}); "
                "rebuild profiles and openings together.",
                f"视图 {view} 的向量出自另一模型({standing[view].model});"
                "请同时重建 profiles 与 openings。",
            )
