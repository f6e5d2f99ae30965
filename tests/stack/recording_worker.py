"""A process with one runner around a stage that records what it handles.

    python -m tests.stack.recording_worker '{"runner": "faust", …}'

The stage appends a line "PID PARTITION OFFSET" per record to a file. A fault happens once, also
across processes: an empty file next to the records says that it has happened.
"""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from roost.errors import Fatal
from roost.events.searchable import Searchable
from roost.kafka.incoming import Fact
from roost.kafka.reader import KafkaReader
from roost.kafka.sender import Sender
from roost.logs import configure
from roost.servers.connections import Brokers
from roost.settings import StageRunner
from roost.time.clock import SystemClock
from roost.topics import Topic
from streams.kernel.batch_source import BatchSource, Member, Subscription
from streams.kernel.dead_letter_limit import DeadLetterLimit, DeadLetterRules
from streams.kernel.engines import load_runner
from streams.kernel.guard import Guard
from streams.kernel.letter_history import LetterHistory
from streams.kernel.stage_loop import run_loop
from streams.kernel.stage_stops import find_stops


@dataclass(frozen=True)
class Plan:
    """One worker: its runner, its topic, and the fault that it has."""

    runner: str
    bootstrap_servers: str
    topic: str
    partitions: int
    records: str
    """Path of the file of records."""
    fault: str = ""
    """"kill" after the effects of a batch, "escape" with an error before them, "reject" every
    record, or none."""
    batch_s: float = 0.0
    """Time that a batch takes, before its effects."""
    standstill_s: float = 60.0
    stage: str = "recording"

    def __str__(self) -> str:
        return json.dumps(asdict(self))

    @property
    def group(self) -> str:
        return f"group-{self.topic}"


def topic_of_test(name: str, partitions: int) -> Topic:
    """Return a topic of events that need neither a view nor a special key."""
    return Topic(name, Searchable, "test", "id", "Of one test.", partitions=partitions)


class RecordingStage:
    """A stage whose effects are lines of a file."""

    def __init__(self, plan: Plan, topic: Topic) -> None:
        self.name = plan.stage
        self.topics: tuple[Topic, ...] = (topic,)
        self._plan = plan
        self._records = Path(plan.records)

    async def handle(self, facts: Sequence[Fact[Any]]) -> None:
        self._records.with_suffix(".begun").touch()
        if self._plan.fault == "reject":
            raise ArithmeticError("a fault of the test")
        if self._plan.fault == "escape" and self._is_first_time():
            raise Fatal("a fault of the test")
        await asyncio.sleep(self._plan.batch_s)
        with self._records.open("a", encoding="ascii") as file:
            for fact in facts:
                file.write(f"{os.getpid()} {fact.origin.partition} {fact.origin.offset}\n")
        if self._plan.fault == "kill" and self._is_first_time():
            os.kill(os.getpid(), signal.SIGKILL)

    def _is_first_time(self) -> bool:
        mark = self._records.with_suffix(".fault")
        if mark.exists():
            return False
        mark.touch()
        return True


def main() -> None:
    configure()
    plan = Plan(**json.loads(sys.argv[1]))
    topic = topic_of_test(plan.topic, plan.partitions)
    stage = RecordingStage(plan, topic)

    async def consume(source: BatchSource) -> None:
        async with Sender(plan.bootstrap_servers) as sender:
            reader = KafkaReader(plan.bootstrap_servers)
            stops = await find_stops(reader)
            rules = DeadLetterRules(in_a_row=15)
            limit = DeadLetterLimit(rules, stops.get(stage.name))
            history = LetterHistory(stage.name, reader, SystemClock(), rules)
            await run_loop(
                source,
                stage,
                Guard(stage, sender, SystemClock(), limit, history=history),
                group=plan.group,
                reader=reader,
                standstill_s=plan.standstill_s,
            )

    subscription = Subscription(
        group=plan.group,
        topics=(topic,),
        brokers=Brokers(plan.bootstrap_servers),
        batch_size=20,
        fetch_size=100,
        data=Path(plan.records).with_suffix(".data"),
    )
    load_runner(StageRunner(plan.runner))(Member(subscription, consume))


if __name__ == "__main__":
    main()
