"""Servers that are down, slow, busy, or cut off (rows 6, 8, 9)."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from tests.faults.proxy import Behaviour, Mode, Proxy
from tests.faults.scenario import FaultRow, Run
from tests.faults.workload import Workload


async def elasticsearch_killed(run: Run) -> None:
    """Kill Elasticsearch under load, and leave it down; nothing may become a dead letter."""
    down_s = 300.0 if run.full else 15.0
    await _kill_and_restart(run, "elasticsearch", down_s, run.load(300 if run.full else 50))


async def broker_killed(run: Run) -> None:
    """Kill the broker under load, several times in the full run."""
    for down_s in (10.0, 75.0, 150.0) if run.full else (8.0,):
        load = run.load(100 if run.full else 40)
        await _kill_and_restart(run, "kafka", down_s, load)
        async with run.kept_up():
            await run.settle()


async def _kill_and_restart(run: Run, server: str, down_s: float, load: Workload) -> None:
    async with run.kept_up():
        publishing = asyncio.create_task(run.publish_steadily(load.records, 20.0))
        await asyncio.sleep(run.dice.uniform(2, 4))
        run.cluster.stack.kill(server)
        run.injected()
        await asyncio.sleep(down_s)
        await run.cluster.start_server(server)
        run.mended()
        await publishing


async def elasticsearch_hurt(run: Run) -> None:
    """Delay answers, send 429 or 503, or cut answers after the request was executed."""
    seconds = 20.0 if run.full else 5.0
    ways = (
        Behaviour(Mode.LATENCY, seconds=5.0 if run.full else 1.0),
        Behaviour(Mode.BUSY, share=0.3, status=429),
        Behaviour(Mode.BUSY, share=0.3, status=503),
        Behaviour(Mode.CUT, share=0.3, about="_bulk"),
        Behaviour(Mode.RESET, share=0.3),
    )
    await _through(run, run.cluster.elasticsearch, ways, seconds, run.load(300 if run.full else 60))


async def broker_cut_off(run: Run) -> None:
    """Do the same between the processes and the broker: slow, reset, answers cut."""
    seconds = 20.0 if run.full else 5.0
    ways = (
        Behaviour(Mode.LATENCY, seconds=0.3),
        Behaviour(Mode.CUT, share=0.02),
        Behaviour(Mode.RESET, share=0.02),
        Behaviour(Mode.REFUSE),
    )
    await _through(run, run.cluster.kafka, ways, seconds, run.load(200 if run.full else 50))


async def _through(
    run: Run, proxy: Proxy, ways: Sequence[Behaviour], seconds: float, load: Workload
) -> None:
    """Publish events while a proxy applies one fault after the other."""
    before = proxy.done.total()
    async with run.kept_up():
        publishing = asyncio.create_task(run.publish_steadily(load.records, 10.0))
        for each in run.dice.sample(ways, len(ways)):
            proxy.set(each)
            await asyncio.sleep(seconds)
        proxy.heal()
        run.mended()
        await publishing
    run.injections += proxy.done.total() - before
    run.notes["proxy"] = dict(proxy.done)


ROWS = (
    FaultRow(6, "kill -9 of the broker", broker_killed),
    FaultRow(8, "kill -9 of Elasticsearch, down for a while", elasticsearch_killed, quick=True),
    FaultRow(9, "Elasticsearch slow, 429, 503, cut after applying, reset", elasticsearch_hurt),
    FaultRow(106, "the broker's connections slow, cut, reset, refused", broker_cut_off),
)
