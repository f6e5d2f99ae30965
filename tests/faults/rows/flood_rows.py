"""Overload: a flood, and a client that sends without limit next to a quiet one (row 19)."""

from __future__ import annotations

import asyncio
import statistics
import time
from collections.abc import Iterator

import psutil

from roost.events.account import AccountRole
from roost.events.opening import Opening
from roost.events.profile import Profile
from tests.faults.client import Client
from tests.faults.rows.api_rows import api_load
from tests.faults.scenario import FaultRow, Run
from tests.stack.serving import headers_for, wait_known

MOST_GROWTH = 300_000_000


async def flood(run: Run) -> None:
    """Publish ten times the usual load at once: nothing is lost, and memory stays bounded."""
    load = run.load(2_000 if run.full else 250)
    before = _memory(run)
    await run.publish(load.records)
    run.injected()
    most = dict(before)
    deadline = time.monotonic() + (600 if run.full else 100)
    settling = asyncio.create_task(run.settle(deadline - time.monotonic()))
    async with run.kept_up():
        while not settling.done():
            most = {name: max(most[name], used) for name, used in _memory(run).items()}
            await asyncio.sleep(1)
    grown = {name: most[name] - before[name] for name in before}
    run.notes["memory_mb"] = {name: round(used / 1e6) for name, used in most.items()}
    for name, by in grown.items():
        run.expect(by < MOST_GROWTH, f"{name} grew by {by / 1e6:.0f} MB")


def _memory(run: Run) -> dict[str, int]:
    return {
        name: psutil.Process(run.cluster.worker(name).pid).memory_info().rss
        for name in run.cluster.stages
    }


ALLOWED_PER_MINUTE = 600
NOISY_AT_ONCE = 12
QUIET_PER_S = 4.0
WARM_S = 3.0
"""Seconds of warm-up: a new process is slow at first, flood or not."""


async def noisy_and_quiet(run: Run) -> None:
    """Let one client send without limit, and another one now and then.

    The first receives 429, and its accepted events are processed. The second is never refused, and
    waits at most twice as long as before.
    """
    seconds = 60.0 if run.full else 15.0
    rate = {"ROOST_RATE_PER_PRINCIPAL_PER_MINUTE": str(ALLOWED_PER_MINUTE)}
    run.cluster.restart_api(environment=rate)
    url = run.cluster.settings.public_url
    quiet, noisy = Client(url, await _key(run, url)), Client(url, await _key(run, url))
    try:
        async with run.kept_up():
            mine = _shuffled(run, round(seconds * QUIET_PER_S))
            theirs = _shuffled(run, round(seconds * ALLOWED_PER_MINUTE / 60) + 100)
            await _now_and_then(quiet, mine, WARM_S)
            before = await _now_and_then(quiet, mine, seconds)
            flooding = asyncio.create_task(_as_often_as_it_can(noisy, theirs, seconds))
            run.injected()
            during = await _now_and_then(quiet, mine, seconds)
            await flooding
            run.mended()
            await run.settle()
    finally:
        await quiet.close()
        await noisy.close()
        run.cluster.restart_api()
    run.accepted += [*quiet.accepted, *noisy.accepted]
    run.notes["answers"] = {"quiet": dict(quiet.answers), "noisy": dict(noisy.answers)}
    run.notes["quiet_p99_ms"] = {"before": round(before * 1e3), "during": round(during * 1e3)}
    run.expect(noisy.answers["429"] > 0, f"no 429 was sent: {dict(noisy.answers)}")
    run.expect(set(quiet.answers) == {"202"}, f"the quiet client received {dict(quiet.answers)}")
    if run.full:  # a short run has too few answers for a 99th percentile
        doubled = during <= 2 * before
        run.expect(doubled, f"the quiet client's p99 went from {before:.3f} to {during:.3f} s")


def _shuffled(run: Run, cells: int) -> Iterator[Profile | Opening]:
    """Return facts to post, openings and workers mixed."""
    found = api_load(run, cells).entities
    run.dice.shuffle(found)
    return iter(found)


async def _key(run: Run, url: str) -> dict[str, str]:
    """Create a separate key, and wait until the API knows it."""
    made = await asyncio.to_thread(headers_for, run.cluster.own, AccountRole.ADMIN)
    await asyncio.to_thread(wait_known, url, made)
    return made


async def _now_and_then(
    client: Client, events: Iterator[Profile | Opening], seconds: float
) -> float:
    """Return the 99th percentile of the response times, in seconds."""
    waited = []
    for _ in range(round(seconds * QUIET_PER_S)):
        began = time.monotonic()
        await client.post(next(events))
        waited.append(time.monotonic() - began)
        await asyncio.sleep(max(0.0, 1 / QUIET_PER_S - waited[-1]))
    return statistics.quantiles(waited, n=100, method="inclusive")[98]


async def _as_often_as_it_can(
    client: Client, events: Iterator[Profile | Opening], seconds: float
) -> None:
    until = time.monotonic() + seconds

    async def one() -> None:
        for event in events:
            while await client.post(event) == 429:
                if time.monotonic() > until:
                    return
                await asyncio.sleep(0.1)  # ignores Retry-After

    await asyncio.gather(*(one() for _ in range(NOISY_AT_ONCE)))


ROWS = (
    FaultRow(19, "a flood", flood, settle_s=600),
    FaultRow(119, "a client that floods the API alongside a quiet one", noisy_and_quiet),
)
