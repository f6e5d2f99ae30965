"""Faults in any order, overlapping (row 23)."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Awaitable, Callable

from tests.faults.proxy import Behaviour, Mode
from tests.faults.scenario import FaultRow, Run

Step = Callable[[Run], Awaitable[None]]


async def kill_a_stage(run: Run) -> None:
    name = run.dice.choice(run.cluster.stages)
    if run.cluster.alive(name):
        run.cluster.kill(name)


async def freeze_a_stage(run: Run) -> None:
    name = run.dice.choice(run.cluster.stages)
    process = run.cluster.worker(name)
    process.pause()
    await asyncio.sleep(run.dice.uniform(1, 10))
    process.signal(signal.SIGCONT)


async def hurt_elasticsearch(run: Run) -> None:
    mode = run.dice.choice((Mode.BUSY, Mode.CUT, Mode.RESET, Mode.LATENCY))
    run.cluster.elasticsearch.set(Behaviour(mode, share=0.3, seconds=0.5))
    await asyncio.sleep(run.dice.uniform(1, 4))
    run.cluster.elasticsearch.heal()


async def hurt_the_broker(run: Run) -> None:
    mode = run.dice.choice((Mode.CUT, Mode.RESET, Mode.LATENCY, Mode.REFUSE))
    run.cluster.kafka.set(Behaviour(mode, share=0.05, seconds=0.2))
    await asyncio.sleep(run.dice.uniform(1, 4))
    run.cluster.kafka.heal()


async def kill_elasticsearch(run: Run) -> None:
    run.cluster.stack.kill("elasticsearch")
    await asyncio.sleep(run.dice.uniform(0, 4))
    await run.cluster.start_server("elasticsearch")


async def kill_the_broker(run: Run) -> None:
    run.cluster.stack.kill("kafka")
    await asyncio.sleep(run.dice.uniform(0, 4))
    await run.cluster.start_server("kafka")


async def nothing(run: Run) -> None:
    await asyncio.sleep(run.dice.uniform(0, 2))


STEPS: dict[Step, int] = {
    kill_a_stage: 5,
    freeze_a_stage: 2,
    hurt_elasticsearch: 4,
    hurt_the_broker: 4,
    kill_elasticsearch: 1,
    kill_the_broker: 1,
    nothing: 2,
}


async def anything(run: Run) -> None:
    """Apply a seeded sequence of faults while events stream in, one load after the other."""
    taken = []
    for _ in range(5 if run.full else 1):
        load = run.load(60 if run.full else 40)
        async with run.kept_up():
            publishing = asyncio.create_task(run.publish_steadily(load.records, 10.0))
            for step in run.dice.choices(list(STEPS), list(STEPS.values()), k=6):
                await step(run)
                run.injected()
                taken.append(step.__name__)
            await publishing
            await run.settle()
    run.notes["steps"] = taken


ROWS = (FaultRow(23, "seeded sequences of faults, one upon the other", anything),)
