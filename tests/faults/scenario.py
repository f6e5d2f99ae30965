"""A row of the matrix: its fault on a running Roost, and the verdict on the run.

A row's `play` publishes, harms and heals. Then the work runs to its end, the evidence is collected,
and the oracle judges. A row adds its own expectations with `expect`.
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

from producers import webhook_facts
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
from tests.faults.evidence import Evidence, Place, TopicRecord
from tests.faults.sink import Attempt
from tests.faults.workload import Workload, now, workload

_numbers = itertools.count(1)
HOOKS = "/hook"
"""Path of the webhooks at the sink."""


@dataclass(frozen=True, slots=True)
class FaultRow:
    """One fault. Rows marked `quick` are the subset that every `make test` runs."""

    number: int
    fault: str
    play: Callable[[Run], Awaitable[None]]
    quick: bool = False
    settle_s: float = oracle.IN_TIME_S
    needs: frozenset[str] = frozenset()
    """Stages without which the row proves nothing."""


@dataclass(slots=True)
class Outcome:
    """One line of the table."""

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
    """The tools of a row's `play`."""

    def __init__(self, row: FaultRow, seed: int, cluster: Cluster, *, full: bool) -> None:
        self.row, self.seed, self.cluster, self.full = row, seed, cluster, full
        self.tenant = f"fault{row.number}-{seed}-{next(_numbers)}"
        self.dice = Random(f"{row.number}/{seed}")
        self.elastic = Elastic(cluster.own.elasticsearch_url)
        self.publisher = Publisher(cluster.own.bootstrap_servers)
        self.loads: list[Workload] = []
        self.tenants: dict[str, str] = {}
        self.accepted: list[TopicRecord] = []
        self.poison: set[Place] = set()
        self.injections = 0
        self.notes: dict[str, object] = {}
        self._failed: list[str] = []
        self.recover_s: float | None = 0.0
        """Longest time from the end of a fault until all work was done; None: too long."""
        self._mended_at: float | None = None
        self._start = collect.beginning(cluster.own)
        self._attempts = len(cluster.attempts())
        self._stood_still = cluster.count_stalls()

    async def close(self) -> None:
        await self.elastic.close()
        self.publisher.close()

    # --- tools of a row

    def load(
        self, cells: int, *, changes: bool = True, channels: Sequence[str] = ("sms",)
    ) -> Workload:
        """Create facts of this run; their outcome is judged with the rest."""
        part = len(self.loads)
        tenant = self.tenant if part == 0 else f"{self.tenant}.{part}"
        made = workload(tenant, self.seed, cells, changes=changes, channels=channels)
        self.claim(made)
        return made

    def claim(self, made: Workload) -> None:
        self.loads.append(made)
        self.tenants |= {each.id: made.tenant for each in made.entities}

    async def publish(self, records: Sequence[Record], *, patience_s: float = 300.0) -> None:
        """Publish until acknowledged, as a producer does, for longer than an outage lasts."""
        deadline = time.monotonic() + patience_s
        while True:
            try:
                positions = await asyncio.to_thread(self.publisher.publish, records)
                break
            except Transient:
                if time.monotonic() > deadline:
                    raise
                await asyncio.sleep(0.5)
        self.accepted += [_published_record(*each) for each in zip(records, positions, strict=True)]

    async def publish_steadily(self, records: Sequence[Record], per_s: float) -> None:
        """Publish in portions, so that faults meet events in every state."""
        portion = max(1, round(per_s / 4))
        for start in range(0, len(records), portion):
            await self.publish(records[start : start + portion])
            await asyncio.sleep(portion / per_s)

    def set_at_elasticsearch(self, path: str, settings: Mapping[str, object]) -> None:
        """Change settings of the server or of indices; None restores the default."""
        request = urllib.request.Request(
            f"{self.cluster.own.elasticsearch_url}/{path}",
            json.dumps(settings).encode(),
            {"content-type": "application/json"},
            method="PUT",
        )
        with closing(urllib.request.urlopen(request, timeout=30)):
            pass

    async def wait_in_view(self, view: str, id: str, within_s: float = 60.0) -> None:
        """Wait until a view has a document; its absence is a failure of the run."""
        deadline = time.monotonic() + within_s
        while await self.elastic.get(view, id) is None:
            if time.monotonic() > deadline:
                self.expect(False, f"{view}/{id} was not read within {within_s:.0f} s")
                return
            await asyncio.sleep(0.2)

    async def webhook(self, load: Workload) -> Webhook:
        """Create a webhook of the load's employer to the sink, and wait until it is indexed."""
        name = ids.derive("h", load.tenant)
        url = HttpUrl(f"http://{self.cluster.sink_url}{HOOKS}/{name}")
        content = WebhookContent(url=url, employer_id=load.tenant)
        made, record = webhook_facts.webhook_put(content, None, at=now(), may_be_private=True)
        await self.publish([record])
        await self.wait_in_view(WEBHOOKS.name, made.id)
        await self.elastic.refresh(WEBHOOKS.name)
        return made

    def signature_check(self, webhook: Webhook) -> dict[str, str]:
        """Return the sink's rule that checks a webhook's signatures."""
        key = county_key(self.cluster.own)
        secret = secret_of(key, webhook.id, webhook.secret_number)
        return {"about": str(webhook.url.path), "secret": secret}

    def attempts_at(self, webhook: Webhook) -> list[Attempt]:
        return [each for each in self.cluster.attempts() if each.target == webhook.url.path]

    def injected(self, times: int = 1) -> None:
        self.injections += times
        self._mended_at = time.monotonic()

    def mended(self) -> None:
        """Start to measure the time to recover."""
        self._mended_at = time.monotonic()

    def mended_by_the_last_trap(self) -> None:
        if fired := self.cluster.last_fired():
            self._mended_at = time.monotonic() - (time.time() - fired)

    def expect(self, holds: bool, otherwise: str) -> None:
        if not holds:
            self._failed.append(otherwise)

    @property
    def stood_still(self) -> int:
        """Processes of this run that ended because they stalled."""
        return self.cluster.count_stalls() - self._stood_still

    @asynccontextmanager
    async def kept_up(self) -> AsyncIterator[None]:
        """Restart dead processes while the context is open."""
        task = asyncio.create_task(self.cluster.keep_up())
        try:
            yield
        finally:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task

    async def settle(self, within_s: float | None = None) -> float | None:
        """Wait until all work is done; return the seconds, None when it took too long."""
        bound = within_s or self.row.settle_s
        took, self._backlogs = await collect.settle(self.cluster.own, self.cluster.stages, bound)
        if took is None:
            self.recover_s = None
        elif self.recover_s is not None and self._mended_at is not None:
            self.recover_s = max(self.recover_s, time.monotonic() - self._mended_at)
        self._mended_at = None  # the next fault starts a new measurement
        return took

    # --- the verdict

    async def evidence(self, settled_s: float | None) -> Evidence:
        records = await collect.records_since(self.cluster.own, self._start)
        keys = collect.keys_of(records)
        delivers = "deliver" in self.cluster.stages
        if delivers:
            # Include notifications of an earlier run that were delivered in this one.
            notifications = keys["notifications"] | {
                each.key for each in records.get(DELIVERIES.name, ())
            }
            keys[DELIVERIES.name] = set(await collect.rows_of(self.elastic, notifications))
        cells = [cell for each in self.loads for cell in each.cells]
        evidence = Evidence(
            accepted=self.accepted,
            topics=records,
            views=await collect.documents(self.elastic, keys),
            wanted=await collect.expected_matches(self.cluster.own, cells),
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
        """Wait for the end of all work, and judge."""
        settled_s = await self.settle()
        evidence = await self.evidence(settled_s)
        violations = oracle.judge(evidence)
        sentences = [f"{letter}: {each}" for letter, every in violations.items() for each in every]
        sentences += self._failed
        self.notes |= {
            "length": "full" if self.full else "short",
            "stages": len(self.cluster.stages),
            "events": len(self.accepted),
            "matches": len(evidence.active_matches),
            "notifications": len(evidence.notifications),
            "raw_repeats": _raw_repeats(evidence),
            "stood_still": self.stood_still,
        }
        return Outcome(
            row=self.row.number,
            fault=self.row.fault,
            seed=self.seed,
            injections=self.injections,
            lost=len(violations["L"]),
            repeats=len(violations["D"]),
            parked=len(evidence.letters.keys() - self.cluster.poisoned),
            recover_s=None if self.recover_s is None else round(self.recover_s, 1),
            passed=not sentences,
            violations=sentences[:20],
            notes=self.notes,
        )


def _published_record(record: Record, position: Position) -> TopicRecord:
    return TopicRecord(
        position.topic, position.partition, position.offset, record.key, record.value
    )


def _raw_repeats(evidence: Evidence) -> dict[str, int]:
    """Count repeats on the way that had no effect: allowed, and good to know."""
    repeats = {}
    for topic, records in evidence.topics.items():
        values = [(each.key, each.value) for each in records]
        repeats[topic] = len(values) - len(set(values))
    attempts = [(each.address, each.id) for each in evidence.attempts]
    repeats["sink"] = len(attempts) - len(set(attempts))
    return {name: times for name, times in repeats.items() if times}


async def play(row: FaultRow, seed: int, cluster: Cluster, *, full: bool) -> Outcome:
    """Run one row once on a healthy cluster."""
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
