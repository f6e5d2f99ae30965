"""A stage as `roost worker` runs it, patched from outside: with traps, or sabotaged.

    FAULTS_PLAN=plan.json python -m tests.faults.launcher STAGE   (or api)

The product knows nothing of this. A trap waits at a point (before or after a call of Elasticsearch,
Kafka or a channel; `of` one view), lets `skip` calls pass, and then kills the process, raises,
raises what nothing handles (`end`), or waits. It is sprung once, also across restarts: a file
beside the plan says so. `failing` makes the handling of a share of events raise, by their keys, for
good or `until` (seconds since the epoch). `still` has Faust stand still in silence, until the
process is another one: its `commits` are not made, or it `reads` no more after a few events.

A sabotage breaks one promise of the product, so that one can see the oracle notice.
"""

from __future__ import annotations

import asyncio
import functools
import json
import os
import signal
import sys
import time
import zlib
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from faust.transport.consumer import ThreadDelegateConsumer
from faust.transport.drivers.aiokafka import AIOKafkaConsumerThread

from api.serve_commands import serve
from producers.event_loop_publisher import EventLoopPublisher
from roost.errors import Fatal, Transient
from roost.kafka.sender import Sender
from roost.logs import configure
from roost.settings import Settings
from roost.time.clock import Clock, SystemClock
from roost.views.elastic import Elastic, Write
from streams import stages, worker
from streams.stages import STAGES, Connections
from tests.faults import sabotage

Async = Callable[..., Awaitable[Any]]
READ_AT_MOST = 40
"""Times that a consumer asks for records before it reads no more."""


@dataclass(slots=True)
class Trap:
    """One entry of a plan."""

    path: Path
    number: int
    action: str
    of: str | None
    """The view that a write must concern, or None for any."""
    after: bool
    skip: int
    seconds: float

    async def pass_by(self, said: Any) -> None:
        if self.of is not None and not any(_is_of(self.of, each) for each in said):
            return
        if self.skip > 0:
            self.skip -= 1
            return
        if not _first_time(self.path, str(self.number)):
            return
        if self.action == "kill":
            os.kill(os.getpid(), signal.SIGKILL)
        elif self.action == "wait":
            await asyncio.sleep(self.seconds)
        elif self.action == "end":
            raise Fatal("a trap of the tests, that ends the process")
        else:
            raise Transient("a trap of the tests")


def _is_of(view: str, write: Write) -> bool:
    """Whether it goes into a view, under the view's name or one of its indices'."""
    return write.view == view or write.view.startswith(f"{view}-")


def around(call: Async, traps: list[Trap], concerns: Callable[..., bool]) -> Async:
    @functools.wraps(call)
    async def trapped(*arguments: Any, **named: Any) -> Any:
        if not concerns(*arguments):
            return await call(*arguments, **named)
        for trap in traps:
            if not trap.after:
                await trap.pass_by(arguments[1])
        answer = await call(*arguments, **named)
        for trap in traps:
            if trap.after:
                await trap.pass_by(arguments[1])
        return answer

    return trapped


def set_traps(path: Path, plan: dict[str, Any], stage: str) -> None:
    by_point: dict[str, list[Trap]] = {}
    for number, each in enumerate(plan.get("traps", [])):
        trap = Trap(
            path,
            number,
            each["action"],
            each.get("of"),
            each.get("when", "after") == "after",
            each.get("skip", 0),
            each.get("seconds", 1.0),
        )
        by_point.setdefault(each["point"], []).append(trap)
    for point, traps in by_point.items():
        if point == "elastic.write":
            _patch(Elastic, "write", traps, _says_something)
        elif point == "elastic.claim":
            _patch(Elastic, "claim", traps, _says_something)
        elif point == "sender.publish":
            _patch(Sender, "publish", traps, _says_something)
        elif point == "publisher.publish":
            _patch(EventLoopPublisher, "publish", traps, _always)
        elif point == "channel.send":
            sabotage.each_channel(lambda send, traps=traps: around(send, traps, _always))  # type: ignore[misc]
        else:
            raise ValueError(f"There is no point {point}")


def _patch(kind: type, name: str, traps: list[Trap], concerns: Callable[..., bool]) -> None:
    setattr(kind, name, around(getattr(kind, name), traps, concerns))


def _says_something(self: object, said: Any, *_: object) -> bool:
    return bool(said)


def _always(*_: object) -> bool:
    return True


def fail_by_key(plan: dict[str, Any], stage: str) -> None:
    """`failing`: a share of events whose handling raises, for a while or for good."""
    failing = plan.get("failing", [])
    if not failing:
        return
    make = STAGES[stage]

    def made(settings: Settings, at: Connections) -> Any:
        built = make(settings, at)
        handle = built.handle

        async def handled(facts: Any) -> None:
            for fact in facts:
                for each in failing:
                    _fail(each, fact)
            await handle(facts)

        setattr(built, "handle", handled)  # noqa: B010  no stage says that it may be patched
        return built

    STAGES[stage] = made


def _fail(each: dict[str, Any], fact: Any) -> None:
    if time.time() > each.get("until", float("inf")):
        return
    if chosen(fact.key, each["salt"], each["share"]):
        if each["error"] == "transient":
            raise Transient("a fault of the tests, for a while")
        raise ArithmeticError("a fault of the tests, for good")


def chosen(key: str, salt: str, share: float) -> bool:
    """Whether an event's key is among the share that fails: known to the tests too."""
    return zlib.crc32(f"{salt}/{key}".encode()) / 2**32 < share


def stand_still(path: Path, what: str) -> None:
    """Faust goes on as if nothing were wrong; a process that is started after it is well."""
    if not _first_time(path, what):
        return
    if what == "commits":

        async def not_made(self: Any, offsets: Any) -> bool:
            return False

        ThreadDelegateConsumer._commit = not_made
        return
    fetch = AIOKafkaConsumerThread._fetch_records
    left = iter(range(READ_AT_MOST))

    async def fetched(self: Any, consumer: Any, active: Any, **named: Any) -> Any:
        if next(left, None) is None:
            await asyncio.sleep(named["timeout"])
            return {}
        return await fetch(self, consumer, active, **named)

    AIOKafkaConsumerThread._fetch_records = fetched  # type: ignore[method-assign]


def _first_time(path: Path, what: str) -> bool:
    try:
        os.close(os.open(f"{path}.{what}.fired", os.O_CREAT | os.O_EXCL))
    except FileExistsError:
        return False
    return True


class Skewed(Clock):
    """The time, as a machine has it whose clock is wrong."""

    def __init__(self, by: timedelta) -> None:
        self._by = by

    def now(self) -> datetime:
        return SystemClock().now() + self._by


def main() -> None:
    stage, path = sys.argv[1], Path(os.environ["FAULTS_PLAN"])
    plan = json.loads(path.read_text(encoding="utf-8"))
    set_traps(path, plan, stage)
    fail_by_key(plan, stage)
    if still := plan.get("still"):
        stand_still(path, still)
    if skew_s := plan.get("clock_s"):
        skewed: Any = functools.partial(Skewed, timedelta(seconds=skew_s))
        stages.SystemClock = skewed  # type: ignore[misc]
    if name := plan.get("sabotage"):
        sabotage.SABOTAGES[name](stage)
    if stage == "api":
        serve()
    else:
        configure()
        worker.run_worker(stage, Settings())


if __name__ == "__main__":
    main()
