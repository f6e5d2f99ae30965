"""`roost courses`: the courses and licences that would open most openings to workers."""

from __future__ import annotations

import asyncio
import json
from dataclasses import asdict
from datetime import datetime
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.table import Table

from deploy.progress import progress

if TYPE_CHECKING:
    from streams.courses.course_gains import CourseGain


def courses_command(
    place: Annotated[
        str, typer.Option("--place", help="Workers who live or have their home there: a name.")
    ] = "",
    worker: Annotated[str, typer.Option("--worker", help="One worker's id, w-….")] = "",
    top: Annotated[int, typer.Option("--top", min=1, help="Number of courses to show.")] = 20,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Show which course or licence would bring most openings within workers' reach.

    Examples:
        roost courses

        roost courses --place 岭泉镇 --top 10

        roost courses --worker w-… --json
    """
    with progress(quiet=as_json) as say:
        say("Computing the gain of each course")
        gains = asyncio.run(_gains(place, worker))[:top]
    if as_json:
        typer.echo(json.dumps([asdict(each) for each in gains], indent=2, ensure_ascii=False))
        return
    if not gains:
        typer.echo("No course would bring any opening nearer · 没有能带来更多岗位的培训")
        return
    Console().print(_table(gains))


async def _gains(place: str, worker: str) -> list[CourseGain]:
    from deploy.environment import in_usual_folder
    from roost.places.place_search import find_place
    from roost.servers.connections import node_of
    from roost.settings import Settings
    from roost.views.elastic import Elastic
    from streams.courses.course_gains import course_gains
    from streams.views.model_files import installed_weights

    settings = in_usual_folder(Settings())
    today = datetime.now(settings.zone).date()
    key = find_place(place).key if place else ""
    weights = installed_weights(settings)
    elastic = Elastic(node_of(settings))
    try:
        return await course_gains(elastic, today, weights, place=key, worker_id=worker)
    finally:
        await elastic.close()


def _table(gains: list[CourseGain]) -> Table:
    table = Table("Course or licence · 培训或证书", title="What to teach · 培训建议")
    for name in ("Workers · 人数", "Openings within reach · 新增岗位", "Points · 分"):
        table.add_column(name, justify="right")
    for each in gains:
        table.add_row(
            each.name, f"{each.workers:,}", f"{each.openings_unlocked:,}", f"{each.points:,.1f}"
        )
    return table
