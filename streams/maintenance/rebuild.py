"""The rebuilding of views, by command and when Roost starts. The procedure is in `renewal`."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence

from roost.kafka.ports import TopicReader, partitions_of
from roost.servers.connections import Servers
from roost.views.elastic import Elastic, Index
from roost.views.mappings import VECTORED, VIEWS, shape_of
from streams.index.entity_projection import EntityProjection
from streams.maintenance.renewal import TOGETHER, TOPIC_OF, Progress, Renewal, tidy_up

AT_ONCE = 4
"""Most groups of views that are rebuilt at the same time."""


async def rebuild(
    elastic: Elastic,
    bootstrap_servers: Servers,
    project: EntityProjection,
    *,
    views: Sequence[str] = tuple(VIEWS),
    progress: Progress = lambda view, records: None,
) -> dict[str, int]:
    """Rebuild the views, some at the same time; return the records that each was built from.

    Raises Conflict if the two vectored views would end with different models, and Transient if a
    server is away or a later rebuild has taken over; each view is then unchanged or rebuilt.
    """
    turns = asyncio.Semaphore(AT_ONCE)

    async def renew(chosen: Sequence[str]) -> dict[str, int]:
        async with turns:
            return await Renewal(elastic, bootstrap_servers, project, progress, chosen).run()

    groups = [[view for view in group if view in views] for group in TOGETHER]
    # Each group ends, or is undone, whatever happens to the others.
    found = await asyncio.gather(*map(renew, filter(None, groups)), return_exceptions=True)
    counts: dict[str, int] = {}
    for each in found:
        if isinstance(each, BaseException):
            raise each
        counts |= each
    return counts


async def revector(
    elastic: Elastic,
    bootstrap_servers: Servers,
    project: EntityProjection,
    *,
    progress: Progress = lambda view, records: None,
) -> dict[str, int]:
    """Compute all vectors again with the model of `project`. Raises Transient as `rebuild` does.

    The stages use the old model until the views are replaced, then the new one, which must be in
    their folder of models.
    """
    return await rebuild(elastic, bootstrap_servers, project, views=VECTORED, progress=progress)


async def ensure_views(
    elastic: Elastic,
    bootstrap_servers: Servers,
    project: EntityProjection,
    *,
    say: Callable[[str], None] = lambda sentence: None,
) -> list[str]:
    """Build the views that are missing, outdated or have another model; return their names.

    Raises Transient when a server is away.
    """
    existing = await tidy_up(elastic)
    due = due_views(existing, project.version)
    for view in due:
        if view in existing:
            say(f"{view}: {change(existing[view], project.version)}")
    if due:
        await rebuild(elastic, bootstrap_servers, project, views=due)
    return due


async def is_replay_due(elastic: Elastic, reader: TopicReader, version: str) -> bool:
    """Return whether `ensure_views` has to replay records. Raises Transient."""
    due = due_views(await elastic.behind(*VIEWS), version)
    if not due:
        return False
    ends = await reader.end_offsets(partitions_of([TOPIC_OF[view] for view in due]))
    return any(ends.values())


async def named_model(elastic: Elastic) -> str | None:
    """Return the model version that the vectored views name; None if there is none."""
    existing = await elastic.behind(*VECTORED)
    return next((index.model for index in existing.values() if index.model), None)


def due_views(existing: Mapping[str, Index], version: str) -> list[str]:
    """Return the views that are missing or outdated.

    Both vectored views count if either is missing or has another model.
    """
    due = [view for view in VIEWS if view not in existing or existing[view].shape != shape_of(view)]
    models = {existing[view].model if view in existing else None for view in VECTORED}
    if models != {version}:
        due += [view for view in VECTORED if view not in due]
    return due


def change(index: Index, version: str) -> str:
    """Return why a view is rebuilt, for people."""
    if index.model in {None, version}:
        return "rebuilt for this release · 按新版重建"
    return model_change(index, version)


def model_change(index: Index, version: str) -> str:
    """Return what a change of the model means for a view, for people."""
    return (
        f"vectors of model {index.model or 'unknown'} are recomputed with {version} · "
        f"向量将由模型 {version} 重建"
    )
