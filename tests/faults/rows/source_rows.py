"""A partner's feed that fails while the runner of sources is killed (rows 25 and 125)."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from functools import partial as bound
from threading import Timer
from typing import Any

import httpx

from deploy.local.processes import Process
from roost.topics import OPENINGS
from tests.faults import collect
from tests.faults.cluster import wait_ended
from tests.faults.scenario import FaultRow, Run
from tests.unit.producers.sources.feeds import Feed, Pull
from tests.unit.producers.sources.partner import Reply, partner

FAULTS = ("none", "kill", "status", "kill", "cut", "new tag", "kill", "garbage")
LATEST_KILL_S = 1.5
"""Latest moment of a kill after the first request of a pull."""
WITHIN_S = 120.0
ADDED = 12
NOBODYS = {"jobLocation": {"name": "三沙市"}, "licencesRequired": ["无人持有的证书"]}
"""Place and licence that match no worker, so that the row judges the openings alone."""


class FaultyPartner:
    """A feed at a server, and the process that is killed while it reads the feed."""

    def __init__(self, run: Run, feed: Feed, runner: Process) -> None:
        self._run, self._feed, self._runner = run, feed, runner
        self._is_to_kill = False

    def arm(self) -> None:
        """Kill the process some moments after the next request."""
        self._is_to_kill = True

    def answer(self, path: str, headers: Mapping[str, str]) -> Reply:
        """Answer a request; called in a thread of the server."""
        if self._is_to_kill:
            self._is_to_kill = False
            Timer(self._run.dice.uniform(0, LATEST_KILL_S), self._runner.kill).start()
        return self._feed.answer(path, dict(headers))


async def pulled(run: Run, *, is_listing: bool) -> None:
    """Pull a feed that changes, with a fault each time, and at the end without one.

    Afterwards each listed advertisement is an open opening with its newest content, each withdrawn
    one is closed, and no opening was published twice in a row with the same content.
    """
    start = collect.beginning(run.cluster.own)
    employer = {"hiringOrganization": {"id": run.tenant, "name": "合作单位"}}
    feed = Feed(is_listing, {**NOBODYS, **employer})
    runner = run.cluster.source_runner()
    faulty = FaultyPartner(run, feed, runner)
    runner.start()
    runner.wait_ready()
    try:
        with partner(faulty.answer) as (server, _):
            async with run.kept_up(), run.cluster.api_client() as api:
                await _pulls(run, api, feed, faulty, runner, feed.url_at(server))
                await run.settle()
    finally:
        runner.stop()
    await _expect_the_feed(run, feed, start)


async def _pulls(
    run: Run, api: httpx.AsyncClient, feed: Feed, faulty: FaultyPartner, runner: Process, url: str
) -> None:
    sent = await api.post("/v1/sources", json={"name": run.tenant, "url": url, **feed.content()})
    assert sent.status_code == 201, sent.text
    where = f"/v1/sources/{sent.json()['id']}"
    before = await _until_read(api, where, None)
    for fault in FAULTS * (3 if run.full else 1):
        numbers = sorted(feed.ads)
        pull = Pull(
            ADDED, run.dice.choice(numbers), run.dice.choice(numbers), fault, run.dice.randint(0, 2)
        )
        feed.change(pull)
        if fault == "kill":
            faulty.arm()
        await _ask(api, where)
        if fault == "kill":
            ended = await asyncio.to_thread(wait_ended, runner, WITHIN_S)
            run.expect(ended is not None, "the runner was not killed")
            runner.start()
            runner.wait_ready()
        before = await _until_read(api, where, before)
        if fault != "none":
            run.injected()
    feed.fault = "none"
    run.mended()
    await _ask(api, where)
    last = await _until_read(api, where, before)
    run.expect(last is not None, "the last pull did not end")
    await api.delete(where)


async def _ask(api: httpx.AsyncClient, where: str) -> None:
    """Ask for a run at once."""
    sent = await api.post(f"{where}/run")
    assert sent.is_success, sent.text


async def _until_read(api: httpx.AsyncClient, where: str, before: str | None) -> str:
    """Wait until a run later than `before` has ended; return its beginning."""
    async with asyncio.timeout(WITHIN_S):
        while True:
            state: Any = (await api.get(where)).json().get("state") or {}
            runs = state.get("runs") or [{}]
            began = runs[-1].get("startedAt")
            if began and (before is None or began > before) and not state.get("runningSince"):
                return str(began)
            await asyncio.sleep(0.3)


async def _expect_the_feed(run: Run, feed: Feed, start: Any) -> None:
    records = (await collect.records_since(run.cluster.own, start))[OPENINGS.name]
    newest: dict[str, dict[str, Any]] = {}
    last: dict[str, bytes | None] = {}
    repeats = 0
    for each in records:
        fact = each.json
        if fact is None or fact["hiringOrganization"]["id"] != run.tenant:
            continue
        repeats += last.get(each.key) == each.value
        last[each.key] = each.value
        newest[fact["identifier"]] = fact
    listed = {row["identifier"]: row for row in feed.ads.values()}
    opened = {name for name, fact in newest.items() if fact["status"] == "open"}
    closed = {name for name, fact in newest.items() if fact["status"] == "closed"}
    run.expect(not repeats, f"{repeats} openings were published twice with the same content")
    run.expect(opened == set(listed), f"open: {sorted(opened ^ set(listed))} differ from the feed")
    run.expect(closed == set(newest) - set(listed), "an advertisement has another state")
    wrong = [
        name
        for name, row in listed.items()
        if newest.get(name, {}).get("totalJobOpenings") != row["totalJobOpenings"]
    ]
    run.expect(not wrong, f"{wrong} lack the newest content")
    run.notes["advertisements"] = len(newest)


ROWS = (
    FaultRow(
        25,
        "a listing that fails in every way while the runner of sources is killed",
        bound(pulled, is_listing=True),
        needs=frozenset({"index"}),
    ),
    FaultRow(
        125,
        "a feed of changes that fails in every way while the runner of sources is killed",
        bound(pulled, is_listing=False),
        needs=frozenset({"index"}),
    ),
)
