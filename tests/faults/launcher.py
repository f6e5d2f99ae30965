"""A stage as `roost worker` runs it, patched from outside: with traps, or sabotaged.

    FAULTS_PLAN=plan.json python -m tests.faults.launcher STAGE   (or api)

The product does not know about this module. A trap waits at a point: before or after a call of
Elasticsearch, Kafka or a channel, optionally `of` one view. It lets `skip` calls pass, then kills
the process, raises a transient error, raises an error that nothing handles (`end`), or waits. It
fires once, also across restarts, since a file next to the plan records it. `failing` makes the
handler raise for a share of events, by their keys, permanently or `until` a time (seconds since the
epoch). `still` makes Faust stall silently until the process is replaced: its `commits` are not
made, or it stops its `reads` after a few events.

A sabotage breaks one promise of the product, to prove that the oracle notices.
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
from roost.county_ids import install_ids
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
"""Fetches after which a stalled consumer reads no more."""


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

    async def pass_by(self, argument: Any) -> None:
        if self.of is not None and not any(_is_of(self.of, each) for each in argument):
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
            raise Fatal("a trap of the tests that ends the process")
        else:
            raise Transient("a trap of the tests")


def _is_of(view: str, write: Write) -> bool:
    """Return whether a write goes to a view, by the view's name or by one of its indices."""
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
            _patch(Elastic, "write", traps, _not_empty)
        elif point == "elastic.claim":
            _patch(Elastic, "claim", traps, _not_empty)
        elif point == "sender.publish":
            _patch(Sender, "publish", traps, _not_empty)
        elif point == "publisher.publish":
            _patch(EventLoopPublisher, "publish", traps, _always)
        elif point == "channel.send":
            sabotage.each_channel(lambda send, traps=traps: around(send, traps, _always))  # type: ignore[misc]
        else:
            raise ValueError(f"unknown point {point}")


def _patch(kind: type, name: str, traps: list[Trap], concerns: Callable[..., bool]) -> None:
    setattr(kind, name, around(getattr(kind, name), traps, concerns))


def _not_empty(self: object, argument: Any, *_: object) -> bool:
    return bool(argument)


def _always(*_: object) -> bool:
    return True


def fail_by_key(plan: dict[str, Any], stage: str) -> None:
    """Apply `failing`: the handler raises for a share of events, for a while or permanently."""
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

        setattr(built, "handle", handled)  # noqa: B010  the type does not allow the patch
        return built

    STAGES[stage] = made


def _fail(each: dict[str, Any], fact: Any) -> None:
    if time.time() > each.get("until", float("inf")):
        return
    if chosen(fact.key, each["salt"], each["share"]):
        if each["error"] == "transient":
            raise Transient("a temporary fault of the tests")
        raise ArithmeticError("a permanent fault of the tests")


def chosen(key: str, salt: str, share: float) -> bool:
    """Return whether a key is in the failing share; the tests compute it as well."""
    return zlib.crc32(f"{salt}/{key}".encode()) / 2**32 < share


def stall(path: Path, what: str) -> None:
    """Let Faust stall without an error; a process started later is healthy."""
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
    """The clock of a machine with a wrong time."""

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
        stall(path, still)
    if skew_s := plan.get("clock_s"):
        skewed: Any = functools.partial(Skewed, timedelta(seconds=skew_s))
        stages.SystemClock = skewed  # type: ignore[misc]
    if name := plan.get("sabotage"):
        sabotage.SABOTAGES[name](stage)
    if stage == "api":
        serve()
    else:
        configure()
        settings = Settings()
        asyncio.run(install_ids(settings, wait=True))
        worker.run_worker(settings, stage)


if __name__ == "__main__":
    main()
