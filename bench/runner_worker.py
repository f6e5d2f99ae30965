"""One consumer of `bench.runners`: a stage on one of the runners, or the bare loop of an expert.

The bare loop consumes, produces and commits with aiokafka alone. It decodes nothing, parks nothing
and is watched by nobody. All of them read the same topic with the same batch size, and write their
figures to a file: first of a backlog, then of records that come one by one.

    python -m bench.runner_worker '{"way": "faust", "produces": true, …}'
"""

from __future__ import annotations

import asyncio
import json
import os
import resource
import sys
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer

from roost.events.envelope import Record
from roost.events.searchable import Searchable
from roost.kafka.incoming import Fact, Incoming
from roost.kafka.reader import KafkaReader
from roost.kafka.sender import Sender
from roost.logs import configure
from roost.servers.connections import Brokers
from roost.settings import StageRunner
from roost.time.clock import SystemClock
from roost.topics import Topic
from streams.kernel.batch_source import BatchSource, Member, Subscription
from streams.kernel.engines import load_runner
from streams.kernel.guard import Guard
from streams.kernel.stage_loop import run_loop

BARE = "bare"
OUTPUT = "bench-runner-output"
BATCH = 200
"""Records that a stage takes at once by default."""


@dataclass(frozen=True)
class Run:
    """One measurement: a way, a stage, and the numbers of records of its two phases."""

    way: str
    produces: bool
    bootstrap_servers: str
    topic: str
    backlog: int
    single: int
    result: str
    """Path of the file of figures."""

    def __str__(self) -> str:
        return json.dumps(asdict(self))


def bench_topic(name: str) -> Topic:
    """Return a topic of small events."""
    return Topic(name, Searchable, "bench", "id", "Of the bench.")


class Meter:
    """Counts records, and writes the figures down when the last one is done."""

    def __init__(self, run: Run) -> None:
        self._run = run
        self._count = 0
        self._began = self._cpu_began = 0.0
        self._figures: dict[str, Any] = {}
        self._waited_ms: list[float] = []

    def begin(self) -> None:
        """Start the clock at the first batch."""
        if not self._count:
            self._began, self._cpu_began = time.perf_counter(), _cpu_s()

    def end(self, at: Sequence[float]) -> None:
        """Count the records of a batch, by the moments (seconds) at which they were published."""
        now = time.time()
        before, self._count = self._count, self._count + len(at)
        if before < self._run.backlog <= self._count:
            seconds = time.perf_counter() - self._began
            cpu_s = _cpu_s() - self._cpu_began
            self._figures = {
                "per_s": self._count / seconds,
                "cpu_us": 1e6 * cpu_s / self._count,
            }
            Path(self._run.result).with_suffix(".backlog").touch()
        elif before >= self._run.backlog:
            self._waited_ms += [1000 * (now - each) for each in at]
            if self._count >= self._run.backlog + self._run.single:
                self._figures["waited_ms"] = self._waited_ms
                Path(self._run.result).write_text(json.dumps(self._figures), "utf-8")
                os._exit(0)


def _cpu_s() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


class BenchStage:
    """A stage that does nothing, or produces one small record per record."""

    name = "bench"

    def __init__(self, run: Run, topic: Topic, sender: Sender) -> None:
        self.topics: tuple[Topic, ...] = (topic,)
        self._sender = sender if run.produces else None
        self._output = bench_topic(OUTPUT)

    async def handle(self, facts: Sequence[Fact[Any]]) -> None:
        if self._sender is not None:
            await self._sender.publish(
                [Record(self._output, fact.key, fact.value, []) for fact in facts]
            )


class MeteredSource:
    """A source whose batches are counted: begun when yielded, ended when committed."""

    def __init__(self, source: BatchSource, meter: Meter) -> None:
        self._source = source
        self._meter = meter
        self.on_revoked = source.on_revoked
        self.assigned = source.assigned
        self.position = source.position

    async def batches(self) -> Any:
        async for batch in self._source.batches():
            self._meter.begin()
            yield batch

    async def commit(self, batch: Sequence[Incoming]) -> None:
        await self._source.commit(batch)
        self._meter.end([each.at.timestamp() for each in batch])


def run_stage(run: Run, meter: Meter) -> None:
    """Run the stage on a runner, with the guard and the watchdog as in production."""
    topic = bench_topic(run.topic)

    async def consume(source: BatchSource) -> None:
        async with Sender(run.bootstrap_servers) as sender:
            stage = BenchStage(run, topic, sender)
            await run_loop(
                MeteredSource(source, meter),
                stage,
                Guard(stage, sender, SystemClock()),
                group=f"{run.topic}-group",
                reader=KafkaReader(run.bootstrap_servers),
                standstill_s=60,
            )

    subscription = Subscription(
        group=f"{run.topic}-group",
        topics=(topic,),
        brokers=Brokers(run.bootstrap_servers),
        batch_size=BATCH,
        fetch_size=BATCH,
        data=Path(run.result).with_suffix(".data"),
    )
    load_runner(StageRunner(run.way))(Member(subscription, consume))


async def run_bare(run: Run, meter: Meter) -> None:
    """Consume, produce and commit as an expert would without Roost."""
    consumer = AIOKafkaConsumer(
        run.topic,
        bootstrap_reader=KafkaReader(run.bootstrap_servers),
        group_id=f"{run.topic}-group",
        enable_auto_commit=False,
        auto_offset_reset="earliest",
        isolation_level="read_committed",
    )
    producer = AIOKafkaProducer(
        bootstrap_reader=KafkaReader(run.bootstrap_servers), acks="all", enable_idempotence=True
    )
    async with producer, consumer:
        while True:
            batches = await consumer.getmany(timeout_ms=250, max_records=BATCH)
            messages = [each for batch in batches.values() for each in batch]
            if not messages:
                continue
            meter.begin()
            if run.produces:
                futures = [
                    await producer.send(OUTPUT, each.value, key=each.key) for each in messages
                ]
                await asyncio.gather(*futures)
            await consumer.commit()
            meter.end([each.timestamp / 1000 for each in messages])


def published_value(number: int) -> bytes:
    """Return the JSON of one event."""
    event = Searchable.model_validate(
        {"kind": "opening", "id": f"o-{number}", "version": 1, "posted_at": datetime.now(UTC)}
    )
    return event.model_dump_json().encode()


def main() -> None:
    configure()
    run = Run(**json.loads(sys.argv[1]))
    meter = Meter(run)
    if run.way == BARE:
        asyncio.run(run_bare(run, meter))
    else:
        run_stage(run, meter)


if __name__ == "__main__":
    main()
