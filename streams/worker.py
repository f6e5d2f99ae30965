"""The composition root of a stage's process: a runner, its subscription, and the stage's loop."""

from __future__ import annotations

import structlog

from roost.kafka.reader import KafkaReader
from roost.metrics import serve_metrics
from roost.servers.connections import brokers_of
from roost.servers.heap import freeze_heap
from roost.settings import Settings
from streams import stages
from streams.kernel.batch_source import BatchSource, Subscription
from streams.kernel.dead_letter_limit import DeadLetterLimit, DeadLetterRules
from streams.kernel.engines import load_runner
from streams.kernel.guard import Guard
from streams.kernel.retry import retry_transient
from streams.kernel.stage_loop import run_loop
from streams.kernel.stage_stops import find_stops

_log = structlog.get_logger(__name__)


def run_worker(name: str, settings: Settings) -> None:
    """Run a stage until SIGTERM or Ctrl-C, and end the process.

    Raises RoostError when its metrics cannot be served where the settings say.
    """
    if settings.metrics_port:
        serve_metrics(settings.api_host, settings.metrics_port)

    async def consume(source: BatchSource) -> None:
        await run_stage(name, settings, source)

    load_runner(settings.stage_runner)(subscription_of(name, settings), consume)


def subscription_of(name: str, settings: Settings) -> Subscription:
    """Return the consumer group of a stage, its topics and its limits."""
    return Subscription(
        group=stages.group_of(name),
        topics=stages.READS[name],
        brokers=brokers_of(settings),
        batch_size=stages.batch_size(name, settings),
        fetch_size=settings.stage_batch,
        data=settings.data / "faust" / name,
    )


async def run_stage(name: str, settings: Settings, source: BatchSource) -> None:
    """Build a stage and consume a source with it until the source ends."""
    async with stages.open_connections(settings) as at:
        stage = stages.STAGES[name](settings, at)
        reader = KafkaReader(brokers_of(settings))
        stops = await retry_transient("stage-stops.read", lambda: find_stops(reader))
        limit = DeadLetterLimit(dead_letter_rules(settings), stops.get(name))
        freeze_heap()
        _log.info("stage_started", stage=name, runner=settings.stage_runner)
        if settings.started_mark:
            settings.started_mark.touch()
        await run_loop(
            source,
            stage,
            Guard(stage, at.sender, at.clock, limit),
            group=stages.group_of(name),
            reader=reader,
            standstill_s=settings.standstill_s,
        )


def dead_letter_rules(settings: Settings) -> DeadLetterRules:
    """Return the limit on dead letters, the same for every stage."""
    return DeadLetterRules(
        settings.dead_letter_percent / 100,
        settings.dead_letter_window,
        settings.dead_letters_in_a_row,
    )
