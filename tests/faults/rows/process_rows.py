"""Processes that are killed, stopped, frozen, or multiplied (rows 2, 3, 5, 7)."""

from __future__ import annotations

import asyncio
import signal

from deploy.up import SHARED
from streams.stages import READS
from tests.faults.cluster import wait_ended
from tests.faults.scenario import FaultRow, Run

ENDS_WITHIN_S = 30.0


async def killed_workers(run: Run) -> None:
    """Kill stage workers at random moments while events stream in."""
    cells, kills, per_s = (4_400, 10, 60.0) if run.full else (60, 3, 12.0)
    load = run.load(cells)
    share_s = len(load.records) / per_s / kills
    async with run.kept_up():
        publishing = asyncio.create_task(run.publish_steadily(load.records, per_s))
        await asyncio.sleep(run.dice.uniform(1, 2))
        for number in range(kills):
            stage = run.dice.choice(run.cluster.stages) if number else "queue"
            if run.cluster.alive(stage):
                run.cluster.kill(stage)
                run.injected()
            await asyncio.sleep(share_s * run.dice.uniform(0.5, 1.0))
        await publishing
        await run.settle()


async def killed_shared_process(run: Run) -> None:
    """Kill the one process of all stages at random moments while events stream in."""
    cells, kills, per_s = (800, 6, 30.0) if run.full else (60, 2, 12.0)
    run.cluster.share_process()
    load = run.load(cells)
    share_s = len(load.records) / per_s / kills
    async with run.kept_up():
        publishing = asyncio.create_task(run.publish_steadily(load.records, per_s))
        for _ in range(kills):
            await asyncio.sleep(share_s * run.dice.uniform(0.4, 0.9))
            if run.cluster.alive(SHARED):
                run.cluster.kill(SHARED)
                run.injected()
        await publishing
        await run.settle()
    run.cluster.separate_processes()


POINTS = (
    ("index", "elastic.write"),
    ("match", "sender.publish"),
    ("queue", "sender.publish"),
    ("queue", "elastic.write"),
    ("notify", "sender.publish"),
)
"""Effects after which a stage is killed, before it can acknowledge."""


async def killed_between_effects(run: Run) -> None:
    """Kill a stage right after one effect and before the next.

    For example, the records of a batch of matches are in their topic but not in the view.
    """
    for stage in dict.fromkeys(stage for stage, _ in POINTS):
        traps = [
            {"point": point, "action": "kill", "when": "after", "skip": run.dice.randint(0, 3)}
            for each, point in POINTS
            if each == stage
        ]
        run.cluster.stop(stage)
        run.cluster.start(stage, plan={"traps": traps})
    load = run.load(300 if run.full else 40)
    async with run.kept_up():
        await run.publish_steadily(load.records, 40.0 if run.full else 15.0)
        run.mended_by_the_last_trap()
        await run.settle()
    sprung = sum(run.cluster.fired(stage) for stage in {stage for stage, _ in POINTS})
    run.injections += sprung
    run.expect(sprung == len(POINTS), f"only {sprung} of {len(POINTS)} kills came about")
    await back_to_normal(run, {stage for stage, _ in POINTS})


async def back_to_normal(run: Run, stages: set[str]) -> None:
    """Replace the patched stages by plain ones."""
    for stage in sorted(stages):
        run.cluster.stop(stage)
        run.cluster.start(stage)


async def stalled_stages(run: Run) -> None:
    """Suppress one stage's commits and another one's reads, while both seem healthy.

    Each process ends within its time limit, and its successor continues.
    """
    ways = {"match": "commits", "queue": "reads"}
    for stage, still in ways.items():
        run.cluster.stop(stage)
        run.cluster.start(stage, plan={"still": still})
    load = run.load(200 if run.full else 40)
    async with run.kept_up():
        await run.publish_steadily(load.records, 20.0)
        run.injected(len(ways))
        took = await run.settle()
    run.expect(took is not None, "work was left after the deadline")
    ended = run.stood_still
    run.expect(ended == len(ways), f"{ended} of {len(ways)} stalled processes ended")
    await back_to_normal(run, set(ways))


async def terminated(run: Run) -> None:
    """Send SIGTERM to everything while events stream in: all end cleanly, and continue later."""
    load = run.load(400 if run.full else 60)
    publishing = asyncio.create_task(run.publish_steadily(load.records, 40.0 if run.full else 20.0))
    await asyncio.sleep(run.dice.uniform(2, 3))
    names = run.cluster.stages
    for name in (*names, "api"):
        run.cluster.hold(name)
    processes = {name: run.cluster.worker(name) for name in names} | {"api": run.cluster.api}
    for process in processes.values():
        process.signal(signal.SIGTERM)
    run.injected(len(processes))
    for name, process in processes.items():
        status = await asyncio.to_thread(wait_ended, process, ENDS_WITHIN_S)
        if status is None:
            process.kill()
        run.expect(status == 0, f"{name} ended with {status} after SIGTERM, not with 0 in time")
    await publishing
    run.cluster.up()
    run.mended()


async def more_and_fewer_workers(run: Run) -> None:
    """Add a second worker to two stages and remove it; freeze one past its session."""
    frozen_s = 90.0 if run.full else 15.0
    load = run.load(400 if run.full else 80)
    async with run.kept_up():
        publishing = asyncio.create_task(run.publish_steadily(load.records, 12.0))
        run.cluster.start("queue-2", "match-2")
        run.injected(2)
        await asyncio.sleep(3)
        frozen = run.cluster.worker("queue")
        frozen.pause()
        run.injected()
        await asyncio.sleep(frozen_s)
        frozen.signal(signal.SIGCONT)
        await asyncio.sleep(2)
        run.cluster.stop("queue-2")
        run.cluster.stop("match-2")
        run.injected(2)
        await publishing


ROWS = (
    FaultRow(2, "kill -9 of stage workers under load", killed_workers, quick=True),
    FaultRow(
        202,
        "kill -9 of the one process of all stages under load",
        killed_shared_process,
        needs=frozenset(READS),
    ),
    FaultRow(102, "commits that are not made, a stream that reads no more", stalled_stages),
    FaultRow(3, "kill -9 between two effects of a batch", killed_between_effects),
    FaultRow(5, "SIGTERM to everything under load", terminated),
    FaultRow(7, "workers 1, 2, 1; one frozen past its session", more_and_fewer_workers),
)
