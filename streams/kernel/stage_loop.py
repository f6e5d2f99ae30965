"""The consumer loop of a stage: take a batch, process it, commit it.

Periodic work, background work and the watchdog run alongside. An error of any of them ends the
loop; the runner then ends the process.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Collection
from contextlib import asynccontextmanager

from roost.kafka.ports import Partition, TopicReader
from streams.kernel.batch_source import BatchSource
from streams.kernel.guard import Guard
from streams.kernel.stage_protocols import BackgroundWork, PartitionState, PeriodicWork, Stage
from streams.kernel.watchdog import Progress, Watched, watching


async def run_loop(
    source: BatchSource,
    stage: Stage,
    guard: Guard,
    *,
    group: str,
    reader: TopicReader,
    standstill_s: float,
) -> None:
    """Consume the source to its end. Raises Fatal, in a group, when a partition stalls."""
    progress = Progress()

    def forget(partitions: Collection[Partition]) -> None:
        progress.forget(partitions)
        guard.forget(partitions)
        if isinstance(stage, PartitionState):
            stage.forget(partitions)

    source.on_revoked(forget)
    watched = Watched(group, progress, source.assigned, source.position)
    async with working_alongside(stage), watching(reader, watched, standstill_s):
        async for batch in source.batches():
            progress.busy = True
            places = {Partition(each.topic.name, each.partition) for each in batch}
            await guard.take_over(places | source.assigned())
            await guard.process(batch)
            for incoming in batch:
                # Before the commit: the watchdog ends a process whose commit never returns.
                place = Partition(incoming.topic.name, incoming.partition)
                progress.acknowledged(place, incoming.offset)
            await source.commit(batch)
            progress.busy = False


@asynccontextmanager
async def working_alongside(stage: Stage) -> AsyncIterator[None]:
    """Run the stage's background or periodic work, if it has any, while the body runs."""
    if isinstance(stage, BackgroundWork):
        async with stage.running():
            yield
    elif isinstance(stage, PeriodicWork):
        async with asyncio.TaskGroup() as tasks:
            task = tasks.create_task(_repeat(stage), name="housekeeping")
            yield
            task.cancel()
    else:
        yield


async def _repeat(stage: PeriodicWork) -> None:
    while True:
        await stage.housekeeping()
        await asyncio.sleep(stage.housekeeping_s)
