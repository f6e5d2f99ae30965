"""`roost rebuild`, and what is made anew when Roost starts. How it is done: `renewal`."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from roost.servers.connections import Servers
from roost.views.elastic import Elastic, Index
from roost.views.mappings import VECTORED, VIEWS, shape_of
from streams.index.entity_projection import EntityProjection
from streams.maintenance.renewal import TOGETHER, Progress, Renewal, tidy_up


async def rebuild(
    elastic: Elastic,
    bootstrap_servers: Servers,
    project: EntityProjection,
    *,
    views: Sequence[str] = tuple(VIEWS),
    progress: Progress = lambda view, records: None,
) -> dict[str, int]:
    """Rebuilds the views; returns how many records each was made from.

    Raises Conflict when one of the vectored views would be left with another model than the
    other's, and Transient when a server is away or a later rebuild has taken over; then every
    view is as it was, or rebuilt.
    """
    counts: dict[str, int] = {}
    for group in TOGETHER:
        if chosen := [view for view in group if view in views]:
            renewal = Renewal(elastic, bootstrap_servers, project, progress, chosen)
            counts |= await renewal.run()
    return counts


async def revector(
    elastic: Elastic,
    bootstrap_servers: Servers,
    project: EntityProjection,
    *,
    progress: Progress = lambda view, records: None,
) -> dict[str, int]:
    """Makes all vectors anew with the model of `project`; raises Transient as `rebuild` does.

    The stages go on with the old model until the views move, then with the new one, which must be
    kept where they look for models.
    """
    return await rebuild(elastic, bootstrap_servers, project, views=VECTORED, progress=progress)


async def ensure_views(
    elastic: Elastic,
    bootstrap_servers: Servers,
    project: EntityProjection,
    *,
    say: Callable[[str], None] = lambda sentence: None,
) -> list[str]:
    """Makes the views that are missing, were made differently or have vectors of another model;
    names them.

    Raises Transient when a server is away.
    """
    standing = await tidy_up(elastic)
    due = due_views(standing, project.model.version)
    for view in due:
        if view in standing:
            say(f"{view}: {change(standing[view], project.model.version)}")
    if due:
        await rebuild(elastic, bootstrap_servers, project, views=due)
    return due


async def named_model(elastic: Elastic) -> str | None:
    """The version that the vectored views name; None when they are missing or name none."""
    standing = await elastic.behind(*VECTORED)
    return next((index.model for index in standing.values() if index.model), None)


def due_views(standing: Mapping[str, Index], version: str) -> list[str]:
    """The views that are missing or were made differently; both vectored ones when either is
    missing or has another model.
    """
    due = [view for view in VIEWS if view not in standing or standing[view].shape != shape_of(view)]
    models = {standing[view].model if view in standing else None for view in VECTORED}
    if models != {version}:
        due += [view for view in VECTORED if view not in due]
    return due


def change(index: Index, version: str) -> str:
    """Why a view is made anew, in a sentence for people."""
    if index.model in {None, version}:
        return "made anew as this release makes it · 按新版重建"
    return model_change(index, version)


def model_change(index: Index, version: str) -> str:
    """What a change of the model means for a view, in a sentence for people."""
    return (
        f"vectors of model {index.model or 'unknown'} are made anew with {version} · "
        f"向量将由模型 {version} 重建"
    )
