"""The composition root of a process of stages: the runner, the subscriptions, and the loops."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path

import structlog

from roost.kafka.reader import KafkaReader
from roost.metrics_server import serve_metrics
from roost.servers.connections import brokers_of
from roost.servers.heap import freeze_heap
from roost.settings import Settings
from streams import stages
from streams.kernel.batch_source import BatchSource, Consume, Member, Subscription
from streams.kernel.dead_letter_limit import DeadLetterLimit, DeadLetterRules
from streams.kernel.engines import load_runner
from streams.kernel.guard import AfterStop, Guard, end_at_stop
from streams.kernel.letter_history import LetterHistory
from streams.kernel.retry import retry_transient
from streams.kernel.stage_loop import run_loop
from streams.kernel.stage_stops import find_stops
from streams.kernel.stopped_stage import StoppedStage
from streams.views.remembered_entities import EntityMemory

_log = structlog.get_logger(__name__)
MARK_POLL_S = 0.05
"""Poll interval of a file that another process creates."""


def run_worker(settings: Settings, *names: str) -> None:
    """Run stages until SIGTERM or Ctrl-C, and end the process.

    Raises RoostError when its metrics cannot be served where the settings say.
    """
    if settings.metrics_port:
        serve_metrics(settings.metrics_host, settings.metrics_port)
    process = StageProcess(settings, names)
    load_runner(settings.stage_runner)(
        *(Member(subscription_of(name, settings), process.consumer_of(name)) for name in names)
    )


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


class StageProcess:
    """The stages of one process, and their common start."""

    def __init__(self, settings: Settings, names: Sequence[str]) -> None:
        self._settings = settings
        self._starting = set(names)
        self._alone = len(names) == 1
        self._memory = EntityMemory()

    def consumer_of(self, name: str) -> Consume:
        """Return the consumer of a stage's batches."""

        async def consume(source: BatchSource) -> None:
            await self._run_stage(name, source)

        return consume

    async def _run_stage(self, name: str, source: BatchSource) -> None:
        """Build a stage and consume a source with it until the source ends."""
        settings = self._settings
        async with stages.open_connections(settings, self._memory) as at:
            # In a thread: to load a model takes seconds, and the other stages already run.
            stage = await asyncio.to_thread(stages.STAGES[name], settings, at)
            await wait_for_mark(settings.prepared_mark)
            reader = KafkaReader(brokers_of(settings))
            stops = await retry_transient("stage-stops.read", lambda: find_stops(reader))
            rules = dead_letter_rules(settings)
            limit = DeadLetterLimit(rules, stops.get(name))
            after_stop: AfterStop = (
                end_at_stop if self._alone else StoppedStage(name, reader, rules)
            )
            history = LetterHistory(name, reader, at.clock, rules)
            self._note_started(name)
            await run_loop(
                source,
                stage,
                Guard(stage, at.sender, at.clock, limit, after_stop, history),
                group=stages.group_of(name),
                reader=reader,
                standstill_s=settings.standstill_s,
            )

    def _note_started(self, name: str) -> None:
        """Log the start; after the last one, freeze the heap and create the process's mark."""
        _log.info("stage_started", stage=name, runner=self._settings.stage_runner)
        self._starting.discard(name)
        if not self._starting:
            freeze_heap()
            if self._settings.started_mark:
                self._settings.started_mark.touch()


async def wait_for_mark(mark: Path | None) -> None:
    """Wait until a file exists, which another process creates; without one, return at once."""
    while mark is not None and not mark.exists():  # noqa: ASYNC110, ASYNC240  no event does
        await asyncio.sleep(MARK_POLL_S)


def dead_letter_rules(settings: Settings) -> DeadLetterRules:
    """Return the limit on dead letters, the same for every stage."""
    return DeadLetterRules(
        settings.dead_letter_percent / 100,
        settings.dead_letter_window,
        settings.dead_letters_in_a_row,
    )
