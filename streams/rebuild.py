"""`roost rebuild`: every view made anew from its topic, while everything else goes on.

For each view: the old index takes no more writes (the stages wait and try again), a new one is
filled by replaying the topic to its end, and the view's name moves over in one step. Reading goes
on throughout. What a stage sent before the stop and could not write yet, it writes to the new
index afterwards; versions keep both in order. A view that was deleted is simply made.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import structlog

from roost.topics import Topic
from roost.views.elastic import Elastic, Write
from roost.views.mappings import VIEWS
from streams.incoming import Incoming, newest_readable
from streams.projections import VIEW_OF, EntityProjection, result_writes
from streams.records import read_topic

_log = structlog.get_logger(__name__)
Progress = Callable[[str, int], None]


async def ensure_views(elastic: Elastic) -> list[str]:
    """Makes the views that do not exist yet, empty; returns their names."""
    made = []
    for view, body in VIEWS.items():
        if not await elastic.indices_of(view):
            await elastic.create_index(f"{view}-000001", body)
            await elastic.point(view, f"{view}-000001")
            made.append(view)
    return made


async def rebuild(
    elastic: Elastic,
    bootstrap_servers: str,
    project: EntityProjection,
    *,
    views: Sequence[str] = tuple(VIEWS),
    progress: Progress = lambda view, records: None,
) -> dict[str, int]:
    """Rebuilds the views; returns how many records each was made from."""
    counts = {}
    for topic, view in VIEW_OF.items():
        if view in views:
            counts[view] = await _rebuild_one(elastic, bootstrap_servers, topic, project, progress)
    return counts


async def _rebuild_one(
    elastic: Elastic,
    bootstrap_servers: str,
    topic: Topic,
    project: EntityProjection,
    progress: Progress,
) -> int:
    view = VIEW_OF[topic]
    old = await elastic.indices_of(view)
    index = f"{view}-{_next_number(old):06d}"
    await elastic.delete_index(index)  # what an interrupted rebuild left behind
    await elastic.create_index(index, VIEWS[view])
    for each in old:
        await elastic.block_writes(each)
    records = 0
    async for batch in read_topic(bootstrap_servers, topic):
        await elastic.write(_writes(batch, index, project))
        records += len(batch)
        progress(view, records)
    await elastic.refresh(index)
    await elastic.point(view, index, instead_of=old)
    _log.info("view_rebuilt", view=view, index=index, records=records)
    return records


def _writes(batch: Sequence[Incoming], index: str, project: EntityProjection) -> list[Write]:
    facts = newest_readable(batch)
    topic = batch[0].topic
    made = project(facts) if topic.name in {"profiles", "openings", "stations"} else None
    writes = made if made is not None else result_writes(facts)
    return [Write(index, each.id, each.version, each.document) for each in writes]


def _next_number(indices: Sequence[str]) -> int:
    return max((int(index.rsplit("-", 1)[1]) for index in indices), default=0) + 1
