"""The commands `roost worker`, `rebuild`, `dead-letters` and `deliveries`."""

from __future__ import annotations

import asyncio
import json
from typing import Annotated

import typer

from roost.events.dead_letter import DeadLetter
from roost.events.notification import DeliveryStatus
from roost.servers.connections import brokers_of, node_of
from roost.settings import Settings

dead_letters = typer.Typer(
    no_args_is_help=True, help="List, show and retry events that could not be processed."
)

LISTED = {
    each.value: each
    for each in (DeliveryStatus.PARKED, DeliveryStatus.FAILED, DeliveryStatus.WAITING)
}
"""Statuses that `roost deliveries` lists."""


def worker(
    stage: Annotated[
        list[str], typer.Argument(help="index, match, queue, alert, notify or deliver")
    ],
) -> None:
    """Run one or more stages in one process until it is stopped.

    Examples:
        roost worker index

        roost worker index match queue alert notify deliver

        ROOST_BOOTSTRAP_SERVERS=kafka:9092 roost worker deliver
    """
    from roost.county_ids import install_ids
    from roost.logs import configure
    from roost.reachability import check_access
    from roost.time.clock import SystemClock
    from roost.time.station_hours import check_hours
    from streams.stages import READS
    from streams.worker import run_worker

    if set(stage) - set(READS):
        raise typer.BadParameter(f"write one of {', '.join(READS)}", param_hint="STAGE")
    settings = Settings()
    check_hours(settings.read_county_hours(), SystemClock().now())
    configure()
    asyncio.run(check_access(settings))
    asyncio.run(install_ids(settings, wait=True))
    run_worker(settings, *dict.fromkeys(stage))


def rebuild(
    view: Annotated[
        list[str] | None, typer.Option("--view", help="Only this view; may be repeated.")
    ] = None,
    model: Annotated[
        bool,
        typer.Option("--model", help="Compute the vectors with the installed model."),
    ] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Only show the views and their models.")
    ] = False,
) -> None:
    """Rebuild the views from the topics while all other processes run.

    Examples:
        roost rebuild

        roost rebuild --view matches --view openings

        roost rebuild --model

        roost rebuild --dry-run
    """
    from roost.views.mappings import VECTORED, VIEWS

    unknown = set(view or ()) - set(VIEWS)
    if unknown:
        raise typer.BadParameter(f"the views are {', '.join(VIEWS)}", param_hint="--view")
    if model and view:
        raise typer.BadParameter(
            "it rebuilds profiles and openings; omit --view", param_hint="--model"
        )
    if dry_run:
        asyncio.run(_show_views())
        return
    views = VECTORED if model else tuple(view or VIEWS)
    counts = asyncio.run(_rebuild(views, new_model=model))
    for name, records in counts.items():
        typer.echo(f"{name}: rebuilt from {records} records")


async def _rebuild(views: tuple[str, ...], *, new_model: bool) -> dict[str, int]:
    from roost.county_ids import install_ids
    from roost.places.gazetteer import gazetteer
    from roost.views.elastic import Elastic
    from streams.index.entity_projection import EntityProjection
    from streams.maintenance.rebuild import named_model
    from streams.maintenance.rebuild import rebuild as run
    from streams.views.model_files import installed_model, load_model

    settings = Settings()
    await install_ids(settings)
    elastic = Elastic(node_of(settings))
    try:
        named = None if new_model else await named_model(elastic)
        model = load_model(settings, named) if named else installed_model(settings)
        return await run(
            elastic,
            brokers_of(settings),
            EntityProjection(model, gazetteer()),
            views=views,
            progress=lambda name, records: typer.echo(f"  {name}: {records} records", err=True),
        )
    finally:
        await elastic.close()


async def _show_views() -> None:
    from roost.views.elastic import Elastic
    from roost.views.mappings import VIEWS
    from streams.maintenance.rebuild import due_views, model_change
    from streams.views.model_files import installed_version

    settings = Settings()
    version = installed_version(settings)
    elastic = Elastic(node_of(settings))
    try:
        indices = await elastic.behind(*VIEWS)
        due = due_views(indices, version)
        for name in VIEWS:
            if name not in indices:
                typer.echo(f"{name}: missing; run `roost rebuild` · 缺失，可重建")
                continue
            index = indices[name]
            made_with = f", model {index.model}" if index.model else ""
            typer.echo(f"{name}: {await elastic.count(name)} documents, {index.name}{made_with}")
            if name in due:
                typer.echo(f"  `roost rebuild --model`: {model_change(index, version)}")
        typer.echo(f"installed model · 已安装模型: {version}")
    finally:
        await elastic.close()


@dead_letters.command("list")
def list_dead_letters(
    all_of_them: Annotated[bool, typer.Option("--all", help="Include retried ones.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="JSON lines.")] = False,
) -> None:
    """List dead letters, oldest first: id, reason and detail; and the stages that stopped at them.

    Examples:
        roost dead-letters list

        roost dead-letters list --all --json
    """
    from roost.kafka.reader import KafkaReader
    from roost.text.terminal_text import terminal_text
    from streams.kernel.dead_letter_limit import remedy
    from streams.kernel.stage_stops import find_stops
    from streams.maintenance.dead_letters import find_dead_letters

    servers = brokers_of(Settings())
    for stop in asyncio.run(find_stops(KafkaReader(servers))).values():
        typer.echo("\n".join(remedy(stop)), err=True)
    found = asyncio.run(find_dead_letters(servers, all_of_them=all_of_them))
    for letter in found:
        if as_json:
            typer.echo(letter.model_dump_json(by_alias=True))
        else:
            line = f"{letter.id}  {letter.status}  {_reason(letter)}: {letter.detail}"
            typer.echo(terminal_text(line))
    if not found and not as_json:
        typer.echo("There are no dead letters.")


def _reason(letter: DeadLetter) -> str:
    """Return the kind of error; for a delivery, its channel and result."""
    return letter.reason.replace("-", " ") if letter.stage == "deliver" else letter.reason


@dead_letters.command("show")
def show_dead_letter(
    id: Annotated[str, typer.Argument(help="as `list` shows it")],
) -> None:
    """Show a dead letter and the record it points to (which may hold personal data).

    Example:
        roost dead-letters show profiles/3/17@index
    """
    from streams.maintenance.dead_letters import find_dead_letter, shown_value

    parked = asyncio.run(find_dead_letter(brokers_of(Settings()), id))
    typer.echo(json.dumps(parked.letter.to_dict(), indent=2, ensure_ascii=False))
    if parked.origin is None:
        typer.echo("The record no longer exists: a newer event of the same key replaced it.")
    else:
        typer.echo(shown_value(parked.origin.value))


@dead_letters.command("retry")
def retry_dead_letters(
    ids: Annotated[list[str] | None, typer.Argument(help="as `list` shows them")] = None,
    all_of_them: Annotated[bool, typer.Option("--all", help="Retry all pending ones.")] = False,
) -> None:
    """Publish the records again, unchanged; deliveries are scheduled again.

    Examples:
        roost dead-letters retry profiles/3/17@index

        roost dead-letters retry deliveries/n-….sms/3@deliver

        roost dead-letters retry --all
    """
    if not ids and not all_of_them:
        raise typer.BadParameter("name dead letters, or use --all", param_hint="IDS")
    refused = asyncio.run(_retry(ids or [], all_of_them))
    if refused:
        raise typer.Exit(1)


@dead_letters.command("continue")
def continue_stage(
    stage: Annotated[str, typer.Argument(help="as `list` shows it")],
) -> None:
    """Let a stage that stopped at dead letters park bad records again, up to its limit.

    Use it when the records themselves are bad. The stage continues at its next attempt, within
    five minutes, or when it is restarted.

    Example:
        roost dead-letters continue index
    """
    asyncio.run(_continue(stage))
    typer.echo(f"{stage}: continues at its next start")


async def _continue(stage: str) -> None:
    from roost.kafka.reader import KafkaReader
    from roost.kafka.sender import Sender
    from roost.time.clock import SystemClock
    from streams.kernel.stage_stops import continue_stage

    servers = brokers_of(Settings())
    async with Sender(servers) as sender:
        await continue_stage(KafkaReader(servers), sender, SystemClock(), stage)


async def _retry(ids: list[str], all_of_them: bool) -> int:
    from roost.county_ids import install_ids
    from roost.kafka.sender import Sender
    from roost.time.clock import SystemClock
    from roost.views.elastic import Elastic
    from streams.maintenance.dead_letters import (
        Retrying,
        chosen_dead_letters,
        find_dead_letters,
    )

    settings = Settings()
    await install_ids(settings)
    servers = brokers_of(settings)
    chosen = await (
        find_dead_letters(servers) if all_of_them else chosen_dead_letters(servers, ids)
    )
    refused = 0
    elastic = Elastic(node_of(settings))
    try:
        async with Sender(servers) as sender:
            retrying = Retrying(servers, elastic, sender, SystemClock())
            async for result in retrying.retry(chosen):
                if result.refusal is None:
                    typer.echo(f"{result.letter.id}: sent again")
                else:
                    refused += 1
                    typer.echo(result.refusal.message, err=True)
    finally:
        await elastic.close()
    return refused


def deliveries(
    status: Annotated[str, typer.Argument(help="parked, failed or waiting")],
    channel: Annotated[str | None, typer.Option("--channel", help="Only this channel.")] = None,
    most: Annotated[int, typer.Option("--most", min=1, help="Most deliveries to list.")] = 100,
    as_json: Annotated[bool, typer.Option("--json", help="JSON lines, with the history.")] = False,
) -> None:
    """List deliveries, oldest first: id, kind, channel, since when and why; never names.

    Examples:
        roost deliveries parked

        roost deliveries failed --channel sms

        roost deliveries waiting --most 20 --json
    """
    from roost.events.preferences import ChannelKind

    if status not in LISTED:
        raise typer.BadParameter(f"write one of {', '.join(LISTED)}", param_hint="STATUS")
    if channel is not None and channel not in set(ChannelKind):
        raise typer.BadParameter(f"write one of {', '.join(ChannelKind)}", param_hint="--channel")
    asyncio.run(_list(LISTED[status], channel, most, as_json))


async def _list(status: DeliveryStatus, channel: str | None, most: int, as_json: bool) -> None:
    from roost.views.elastic import Elastic
    from streams.deliver.delivery_admin import find_deliveries, reason_of

    elastic = Elastic(node_of(Settings()))
    try:
        found = await find_deliveries(elastic, status, channel, most)
    finally:
        await elastic.close()
    for row in found.rows:
        if as_json:
            typer.echo(row.model_dump_json(by_alias=True))
        else:
            since = row.at.isoformat(timespec="seconds")
            typer.echo(
                f"{row.id}  {row.notification.kind}  {row.channel}  {since}  {reason_of(row)}"
            )
    if found.total > len(found.rows):
        typer.echo(f"{found.total - len(found.rows)} more; raise `--most` to list them.", err=True)
    if not found.rows and not as_json:
        typer.echo(f"There are no {status} deliveries.")
