"""The rebuilding of views from their topics, without downtime.

For each view, and for profiles and openings together, since their vectors are compared:

1. fill a new index by replaying the topic, while the old index is read and written as usual
2. catch up with newly appended records, in rounds, until few are left
3. block writes to the old index: the stages wait and retry
4. catch up with the rest. A stage writes only records that are in the topic already, so the new
   index now has everything that the old one ever had
5. in one step, point the view's name at the new index and remove the old index

Reads go on throughout. A write that failed at 3 is retried on the new index, with the model that
this index names; versions keep both in order. A view that was deleted is created.

An interrupted rebuild has no effect: its new index is removed, at once or at the next start
(`tidy_up`). Of two concurrent rebuilds at most one succeeds: each creates its index, then removes
every other index that no view names. Index names are never reused, so a rebuild that lost its index
can neither write to a view nor move it.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace

import structlog

from matcher.head import DIMENSIONS
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
"""All views, in the groups that are replaced in one step."""
LITTLE = 500
"""Most records that are caught up while the stages wait: well under a second."""
ROUNDS = 20
"""Most rounds of catching up: events may arrive faster than they are replayed."""


async def tidy_up(
    elastic: Elastic, views: Sequence[str] = tuple(VIEWS), *, but: Collection[str] = ()
) -> dict[str, Index]:
    """Remove the remains of other rebuilds; return the index of each view.

    Indices that no view names are removed, except `but`, and write blocks are lifted. Raises
    Transient.
    """
    existing: dict[str, Index] = {}
    for group in TOGETHER:
        if chosen := [view for view in group if view in views]:
            existing |= await _tidy_group(elastic, chosen, but)
    return existing


async def _tidy_group(
    elastic: Elastic, views: Sequence[str], but: Collection[str]
) -> dict[str, Index]:
    found = [
        index
        for index in await elastic.indices(*(f"{view}-*" for view in views))
        if view_of_index(index.name) in views
    ]
    existing = {index.view: index for index in found if index.view is not None}
    unnamed = [index.name for index in found if index.view is None and index.name not in but]
    names = {view: index.name for view, index in existing.items()}
    if unnamed:
        # Fails unless the views still have these indices: a rebuild may be replacing them now.
        await elastic.point(names, instead_of=unnamed)
    for index in existing.values():
        if index.blocked:
            await elastic.block_writes(index.name, blocked=False)
    return existing


class Renewal:
    """The rebuild of views that are replaced in one step."""

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
        """Rebuild the views; return the number of records replayed for each."""
        try:
            await self._create()
            current = await tidy_up(self._elastic, tuple(self._new), but=self._new.values())
            self._old = {view: index.name for view, index in current.items()}
            existing = await self._elastic.behind(*VECTORED)
            refuse_two_models(existing, self._project.version, tuple(self._new))
            await self._fill()
            await self._move()
        except BaseException:
            await self._undo()
            raise
        for view, index in self._new.items():
            _log.info("view_rebuilt", view=view, index=index, records=self._counts[view])
        return self._counts

    async def _create(self) -> None:
        existing = await self._elastic.behind(*self._new)
        names = {view: index.name for view, index in existing.items()}
        for view in self._new:
            index = next_index(view, names.get(view), secrets.token_hex(4))
            body = index_body(view, self._project.version, DIMENSIONS)
            await self._elastic.create_index(index, body)
            self._new[view] = index

    async def _fill(self) -> None:
        for _ in range(ROUNDS):
            if await self._catch_up() <= LITTLE:
                break
        # All but the last records become searchable before the stages wait.
        await self._elastic.refresh(*self._new.values())

    async def _move(self) -> None:
        self._blocked = True
        for index in self._old.values():
            await self._elastic.block_writes(index)
        await self._catch_up()
        await self._elastic.refresh(*self._new.values())
        await self._elastic.point(self._new, instead_of=self._old.values())

    async def _catch_up(self) -> int:
        """Replay the records appended since the last round; return about how many they were."""
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
        """Remove the new indices if the views still have the old ones."""
        if not self._old:
            return
        made = [index for index in self._new.values() if index]
        try:
            await self._elastic.point(self._old, instead_of=made)
        except Transient as error:
            # The views were replaced after all, or another rebuild has taken over, or Elasticsearch
            # is away. In each case leave the indices; the next start removes what is left over.
            _log.warning("rebuild_not_undone", views=sorted(self._new), error=str(error))
            return
        for index in self._old.values() if self._blocked else ():
            await self._elastic.block_writes(index, blocked=False)


def offsets_passed(reached: Offsets, ends: Offsets) -> int:
    """Return the number of offsets passed since `reached`, at least the number of records."""
    return sum(end - reached.get(partition, 0) for partition, end in ends.items())


def refuse_two_models(existing: Mapping[str, Index], version: str, views: Sequence[str]) -> None:
    """Raise Conflict if a vectored view would get another model than the other one has."""
    chosen = set(VECTORED) & set(views)
    for view in VECTORED:
        if chosen and view not in chosen and view in existing and existing[view].model != version:
            raise Conflict(
                f"The view {view} has vectors of another model ({existing[view].model}); "
                "rebuild profiles and openings together.",
                f"视图 {view} 的向量出自另一模型({existing[view].model});"
                "请同时重建 profiles 与 openings。",
            )
