"""The command `roost migrate-ids`."""

from __future__ import annotations

import asyncio
from typing import Annotated

import typer

from roost.settings import Settings


def migrate_ids(
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Only count the records, and name obstacles.")
    ] = False,
) -> None:
    """Replace the unkeyed ids of an earlier release, once, with the API and all stages stopped.

    It may be interrupted, and continues when it is run again. Ids of workers, openings, matches,
    notifications and accounts change; sessions end. Back up the county key before.

    Examples:
        roost migrate-ids --dry-run

        roost migrate-ids
    """
    asyncio.run(_dry_run(Settings()) if dry_run else _migrate(Settings()))


async def _dry_run(settings: Settings) -> None:
    from deploy.id_migration.plan import COPIED, count_originals, obstacles
    from producers.admin import declare_topics, end_offsets
    from roost.county_ids import existing_ids
    from roost.kafka.reader import KafkaReader
    from roost.security.county_key import id_key, required_county_key
    from roost.servers.connections import brokers_of

    fingerprint = id_key(required_county_key(settings)).fingerprint()
    typer.echo(f"fingerprint of the county key · 县级密钥指纹: {fingerprint}")
    servers = brokers_of(settings)
    reader = KafkaReader(servers)
    await asyncio.to_thread(declare_topics, servers)
    existing = await existing_ids(reader)
    if existing.claim is not None:
        typer.echo(f"The ids are keyed: {existing.claim.state}. · 编号已加密或正在迁移。")
        return
    ends = await asyncio.to_thread(end_offsets, servers, COPIED)
    counts = await count_originals(reader, {topic: ends[topic.name] for topic in COPIED})
    for topic, number in counts.items():
        typer.echo(f"{topic.name}: {number} records to copy")
    for each in await asyncio.to_thread(obstacles, servers):
        typer.echo(f"{each.message} · {each.message_zh}", err=True)


async def _migrate(settings: Settings) -> None:
    from deploy.id_migration.local_files import local_files
    from deploy.id_migration.migration import Migration
    from producers.admin import declare_topics
    from roost.kafka.reader import KafkaReader
    from roost.kafka.sender import Sender
    from roost.security.county_key import required_county_key
    from roost.servers.connections import brokers_of
    from roost.time.clock import SystemClock
    from streams.stages import outbox_path

    servers = brokers_of(settings)
    await asyncio.to_thread(declare_topics, servers)
    async with Sender(servers) as sender:
        migration = Migration(
            servers,
            KafkaReader(servers),
            sender,
            SystemClock(),
            required_county_key(settings),
            lambda: _rebuild(settings),
            local_files(outbox_path(settings), settings.rejects_folder),
            typer.echo,
        )
        done = await migration.run()
    typer.echo(
        "All ids are keyed; start Roost, and delete old log files. · 编号迁移完成，可启动系统。"
        if done
        else "Nothing to do: the ids are keyed already. · 编号已加密，无需迁移。"
    )


async def _rebuild(settings: Settings) -> None:
    """Rebuild all views from the rewritten topics, with the model that they have."""
    from roost.places.gazetteer import gazetteer
    from roost.servers.connections import brokers_of, node_of
    from roost.views.elastic import Elastic
    from streams.index.entity_projection import EntityProjection
    from streams.maintenance.rebuild import named_model, rebuild
    from streams.views.model_files import installed_model, load_model

    elastic = Elastic(node_of(settings))
    try:
        named = await named_model(elastic)
        model = load_model(settings, named) if named else installed_model(settings)
        counts = await rebuild(elastic, brokers_of(settings), EntityProjection(model, gazetteer()))
    finally:
        await elastic.close()
    for name, records in counts.items():
        typer.echo(f"{name}: rebuilt from {records} records")
