"""A row of the matrix: what it does to a running Roost, and how the run is judged.

A row's `play` publishes, hurts and mends; then everything is left to come to an end, the evidence
is collected, and the oracle judges. What the row itself has to see it says by `expect`.
"""

from __future__ import annotations

import asyncio
import itertools
import json
import time
import urllib.request
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager, closing, suppress
from dataclasses import dataclass, field, replace
from random import Random

from pydantic import HttpUrl

from producers import facts
from producers.publisher import Publisher
from roost import ids
from roost.errors import Transient
from roost.events.envelope import Record
from roost.events.webhook import Webhook, WebhookContent
from roost.kafka.ports import Position
from roost.security.county_key import county_key
from roost.security.signing import secret_of
from roost.topics import DELIVERIES, WEBHOOKS
from roost.views.elastic import Elastic
from tests.faults import collect, oracle
from tests.faults.cluster import Cluster
from tests.faults.evidence import Evidence, Place, Said
from tests.faults.sink import Attempt
from tests.faults.workload import Workload, now, workload

_numbers = itertools.count(1)
HOOKS = "/hook"
"""Where webhooks lead to at the sink."""


@dataclass(frozen=True, slots=True)
class Row:
    """One fault. `quick` rows make up the subset that every `make test` runs."""

    number: int
    fault: str
    play: Callable[[Run], Awaitable[None]]
    quick: bool = False
    settle_s: float = oracle.IN_TIME_S
    needs: frozenset[str] = frozenset()
    """Stages without which it says nothing."""


@dataclass(slots=True)
class Outcome:
    """A line of the table."""

    row: int
    fault: str
    seed: int
    injections: int
    lost: int
    repeats: int
    parked: int
    recover_s: float | None
    passed: bool
    violations: list[str] = field(default_factory=list)
    notes: dict[str, object] = field(default_factory=dict)


class Run:
    """What a row's `play` works with."""

    def __init__(self, row: Row, seed: int, cluster: Cluster, *, full: bool) -> None:
        self.row, self.seed, self.cluster, self.full = row, seed, cluster, full
        self.tenant = f"fault{row.number}-{seed}-{next(_numbers)}"
        self.dice = Random(f"{row.number}/{seed}")
        self.elastic = Elastic(cluster.own.elasticsearch_url)
        self.publisher = Publisher(cluster.own.bootstrap_servers)
        self.loads: list[Workload] = []
        self.tenants: dict[str, str] = {}
        self.accepted: list[Said] = []
        self.poison: set[Place] = set()
        self.injections = 0
        self.notes: dict[str, object] = {}
        self._failed: list[str] = []
        self.recover_s: float | None = 0.0
        """Longest time from a fault's end until nothing was left to do; None: too long."""
        self._mended_at: float | None = None
        self._start = collect.beginning(cluster.own)
        self._attempts = len(cluster.attempts())
        self._stood_still = cluster.stood_still()

    async def close(self) -> None:
        await self.elastic.close()
        self.publisher.close()

    # --- what a row does

    def load(
        self, cells: int, *, changes: bool = True, channels: Sequence[str] = ("sms",)
    ) -> Workload:
        """Facts of this run. Their outcome is judged with the rest."""
        part = len(self.loads)
        tenant = self.tenant if part == 0 else f"{self.tenant}.{part}"
        made = workload(tenant, self.seed, cells, changes=changes, channels=channels)
        self.claim(made)
        return made

    def claim(self, made: Workload) -> None:
        self.loads.append(made)
        self.tenants |= {each.id: made.tenant for each in made.entities}

    async def publish(self, records: Sequence[Record], *, patience_s: float = 300.0) -> None:
        """Repeats what was not acknowledged, as a producer does: longer than an outage lasts."""
        deadline = time.monotonic() + patience_s
        while True:
            try:
                positions = await asyncio.to_thread(self.publisher.publish, records)
                break
            except Transient:
                if time.monotonic() > deadline:
                    raise
                await asyncio.sleep(0.5)
        self.accepted += [_said(*each) for each in zip(records, positions, strict=True)]

    async def publish_steadily(self, records: Sequence[Record], per_s: float) -> None:
        """In portions, so that faults meet events in every state."""
        portion = max(1, round(per_s / 4))
        for start in range(0, len(records), portion):
            await self.publish(records[start : start + portion])
            await asyncio.sleep(portion / per_s)

    def set_at_elasticsearch(self, path: str, settings: Mapping[str, object]) -> None:
        """Settings of the server or of indices; None puts one back."""
        request = urllib.request.Request(
            f"{self.cluster.own.elasticsearch_url}/{path}",
            json.dumps(settings).encode(),
            {"content-type": "application/json"},
            method="PUT",
        )
        with closing(urllib.request.urlopen(request, timeout=30)):
            pass

    async def until_seen(self, view: str, id: str, within_s: float = 60.0) -> None:
        """Until a view holds it; that it never does is a fault of the run."""
        deadline = time.monotonic() + within_s
        while await self.elastic.get(view, id) is None:
            if time.monotonic() > deadline:
                self.expect(False, f"{view}/{id} was not read within {within_s:.0f} s")
                return
            await asyncio.sleep(0.2)

    async def webhook(self, load: Workload) -> Webhook:
        """One of the load's employer that leads to the sink; the stages know it from now on."""
        name = ids.derive("h", load.tenant)
        url = HttpUrl(f"http://{self.cluster.sink_url}{HOOKS}/{name}")
        content = WebhookContent(url=url, employer_id=load.tenant)
        made, said = facts.webhook_put(content, None, at=now(), may_be_private=True)
        await self.publish([said])
        await self.until_seen(WEBHOOKS.name, made.id)
        await self.elastic.refresh(WEBHOOKS.name)
        return made

    def checking(self, webhook: Webhook) -> dict[str, str]:
        """What the sink needs to check a webhook's signatures."""
        key = county_key(self.cluster.own)
        secret = secret_of(key, webhook.id, webhook.secret_number)
        return {"about": str(webhook.url.path), "secret": secret}

    def tries_at(self, webhook: Webhook) -> list[Attempt]:
        return [each for each in self.cluster.attempts() if each.target == webhook.url.path]

    def injected(self, times: int = 1) -> None:
        self.injections += times
        self._mended_at = time.monotonic()

    def mended(self) -> None:
        """From here on the time to recover counts."""
        self._mended_at = time.monotonic()

    def mended_by_the_last_trap(self) -> None:
        if fired := self.cluster.last_fired():
            self._mended_at = time.monotonic() - (time.time() - fired)

    def expect(self, holds: bool, otherwise: str) -> None:
        if not holds:
            self._failed.append(otherwise)

    @property
    def stood_still(self) -> int:
        """How many processes have ended in this run since they stood still."""
        return self.cluster.stood_still() - self._stood_still

    @asynccontextmanager
    async def kept_up(self) -> AsyncIterator[None]:
        """What dies within is started again."""
        task = asyncio.create_task(self.cluster.keep_up())
        try:
            yield
        finally:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task

    async def settle(self, within_s: float | None = None) -> float | None:
        """Waits until nothing is left to do; how long that took, None when too long."""
        bound = within_s or self.row.settle_s
        took, self._backlogs = await collect.settle(self.cluster.own, self.cluster.stages, bound)
        if took is None:
            self.recover_s = None
        elif self.recover_s is not None and self._mended_at is not None:
            self.recover_s = max(self.recover_s, time.monotonic() - self._mended_at)
        self._mended_at = None  # the next fault counts anew
        return took

    # --- how it is judged

    async def evidence(self, settled_s: float | None) -> Evidence:
        said = await collect.said_since(self.cluster.own, self._start)
        keys = collect.keys_of(said)
        delivers = "deliver" in self.cluster.stages
        if delivers:
            # Also of notifications that an earlier run made and this one saw delivered.
            told = keys["notifications"] | {each.key for each in said.get(DELIVERIES.name, ())}
            keys[DELIVERIES.name] = set(await collect.rows_of(self.elastic, told))
        cells = [cell for each in self.loads for cell in each.cells]
        evidence = Evidence(
            accepted=self.accepted,
            topics=said,
            views=await collect.documents(self.elastic, keys),
            wanted=await collect.undisturbed(self.cluster.own, cells),
            tenants=self.tenants,
            poison=frozenset(self.poison),
            attempts=self.cluster.attempts()[self._attempts :],
            backlogs=self._backlogs,
            settled_s=settled_s,
            delivers=delivers,
        )
        again = self.cluster.poisoned & evidence.letters.keys()
        return replace(evidence, poison=evidence.poison | again)

    async def outcome(self) -> Outcome:
        """Lets everything come to an end, and judges."""
        settled_s = await self.settle()
        evidence = await self.evidence(settled_s)
        found = oracle.judge(evidence)
        sentences = [f"{letter}: {each}" for letter, every in found.items() for each in every]
        sentences += self._failed
        self.notes |= {
            "length": "full" if self.full else "short",
            "stages": len(self.cluster.stages),
            "events": len(self.accepted),
            "matches": len(evidence.standing),
            "notifications": len(evidence.notifications),
            "raw_repeats": _raw_repeats(evidence),
            "stood_still": self.stood_still,
        }
        return Outcome(
            row=self.row.number,
            fault=self.row.fault,
            seed=self.seed,
            injections=self.injections,
            lost=len(found["L"]),
            repeats=len(found["D"]),
            parked=len(evidence.letters.keys() - self.cluster.poisoned),
            recover_s=None if self.recover_s is None else round(self.recover_s, 1),
            passed=not sentences,
            violations=sentences[:20],
            notes=self.notes,
        )


def _said(record: Record, position: Position) -> Said:
    return Said(position.topic, position.partition, position.offset, record.key, record.value)


def _raw_repeats(evidence: Evidence) -> dict[str, int]:
    """What was said again on the way and came to nothing: allowed, and good to know."""
    repeats = {}
    for topic, records in evidence.topics.items():
        values = [(each.key, each.value) for each in records]
        repeats[topic] = len(values) - len(set(values))
    attempts = [(each.address, each.id) for each in evidence.attempts]
    repeats["sink"] = len(attempts) - len(set(attempts))
    return {name: times for name, times in repeats.items() if times}


async def play(row: Row, seed: int, cluster: Cluster, *, full: bool) -> Outcome:
    """One run of one row on a healthy cluster."""
    cluster.up()
    run = Run(row, seed, cluster, full=full)
    try:
        await row.play(run)
        cluster.kafka.heal()
        cluster.elasticsearch.heal()
        async with run.kept_up():
            return await run.outcome()
    finally:
        cluster.poisoned |= run.poison
        await run.close()
