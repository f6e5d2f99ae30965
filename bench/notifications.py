"""Benchmark of delivery: the deliver stage and a bare loop on the same servers and receiver.

The bare loop (`bench.bare_notifications`) is a process that consumes a notification, POSTs it,
produces a result and commits. The deliver stage runs as in `roost up`. It plans a row for every
channel and records it in the topic and in the view. It reads the current recipient, match and
opening, writes the text, claims the row, sends it, and records the result.

Two ways are measured: webhooks and SMS. A webhook is one row a notification through our own HTTP
client. It is the main result, since the bare loop does the same. The county's SMS goes through
Apprise to a JSON service, with two rows a notification, since the inbox has one as well.

In a round, the notifications are published while their reader is stopped. The reader continues, and
the round ends when the last row is final in the view (for the bare loop: when everything is
committed). Ways alternate, so that a slow machine slows all. The results are printed and written to
`bench/results/notifications.json`.

    python -m bench.notifications --count 3000 --rounds 3
"""

from __future__ import annotations

import argparse
import asyncio
import functools
import json
import logging
import signal
import statistics
import sys
import time
import urllib.request
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TypeVar

from bench.bare_notifications import GROUP, SAYS, TAKES
from bench.measuring import answers, now, processor_ms, write_results
from bench.notifications_scene import Scene, notification_records, one, put, scene
from deploy.environment import settings_for
from deploy.local.child_environment import roost_environment
from deploy.local.processes import Part, Process
from deploy.local.stack import local_stack
from deploy.local.stack_ports import Ports
from deploy.up import prepare, stage_parts
from producers.admin import backlogs, declare_topics
from producers.publisher import Publisher
from roost.events.envelope import Record
from roost.events.notification import Notification
from roost.events.preferences import ChannelKind
from roost.logs import configure
from roost.settings import Settings
from roost.topics import DELIVERIES, Topic
from roost.views.elastic import Elastic

LIGHT, LIGHT_PER_S = 150, 10
IDLE_S = 10
LOOK_S = 0.05
BARE = "bare"
WAYS = {ChannelKind.WEBHOOK: "webhook", ChannelKind.SMS: "sms"}
T = TypeVar("T")


def bare_topic(name: str) -> Topic:
    return Topic(name, Notification, "bench", "recipient id", "of the bare loop")


BARE_TAKES, BARE_SAYS = bare_topic(TAKES), bare_topic(SAYS)


@dataclass(frozen=True, slots=True)
class Round:
    per_s: Mapping[str, float]
    """Notifications a second, of the bare loop and of each way."""
    cpu_ms: Mapping[str, Mapping[str, float]]
    """Processor time of every process for one notification, in each of these."""


def for_bare(records: Sequence[Record]) -> list[Record]:
    return [replace(each, topic=BARE_TAKES) for each in records]


# --- progress


class Progress:
    """Counters of the receiver, the view and the bare loop's group."""

    def __init__(self, settings: Settings, sink: str) -> None:
        self._settings = settings
        self._sink = sink

    def taken(self) -> int:
        """Return the number of messages that the receiver has accepted so far."""
        with urllib.request.urlopen(self._sink, timeout=5) as answer:
            return int(answer.read())

    def final(self, way: ChannelKind) -> int:
        """Return the number of rows of a channel that are final in the view."""
        return queried(self._settings, lambda elastic: _final(elastic, way))

    def bare_lag(self) -> int:
        groups = {GROUP: (BARE_TAKES,)}
        return sum(each.lag for each in backlogs(self._settings.bootstrap_servers, groups))

    def waited_ms(self, way: ChannelKind, since: datetime) -> list[int]:
        return queried(self._settings, lambda elastic: _waited_ms(elastic, way, since))


def queried(settings: Settings, question: Callable[[Elastic], Awaitable[T]]) -> T:
    async def ask() -> T:
        elastic = Elastic(settings.elasticsearch_url)
        try:
            await elastic.refresh(DELIVERIES.name)
            return await question(elastic)
        finally:
            await elastic.close()

    return asyncio.run(ask())


async def _final(elastic: Elastic, way: ChannelKind) -> int:
    waiting = {"terms": {"status": ["waiting", "sending"]}}
    on_channel = {"term": {"channel": way.value}}
    return await elastic.count(
        DELIVERIES.name, {"bool": {"filter": [on_channel], "must_not": [waiting]}}
    )


async def _waited_ms(elastic: Elastic, way: ChannelKind, since: datetime) -> list[int]:
    return [
        document["posted_to_told_ms"]
        async for _, _, document in elastic.scan(DELIVERIES.name)
        if document["channel"] == way.value
        and document["status"] == "sent"
        and datetime.fromisoformat(document["at"]) >= since
    ]


def until(reached: Callable[[], bool], patience_s: float = 300.0) -> None:
    ends = time.monotonic() + patience_s
    while not reached():
        if time.monotonic() > ends:
            raise RuntimeError("The round does not end; see the log of the stage")
        time.sleep(LOOK_S)  # polling costs processor time too


# --- the rounds


class Bench:
    def __init__(
        self,
        settings: Settings,
        publisher: Publisher,
        made: Scene,
        parts: Mapping[str, Process],
        sink: str,
    ) -> None:
        self._publisher = publisher
        self._made = made
        self._parts = parts
        self._progress = Progress(settings, sink)

    def round(self, numbers: range) -> Round:
        per_s: dict[str, float] = {}
        cpu_ms: dict[str, dict[str, float]] = {}
        for name, run in self._ways().items():
            before = processor_ms(list(self._parts.values()))
            per_s[name] = run(numbers)
            after = processor_ms(list(self._parts.values()))
            cpu_ms[name] = {
                part: round((after[part] - used) / len(numbers), 2) for part, used in before.items()
            }
        return Round(per_s, cpu_ms)

    def _ways(self) -> dict[str, Callable[[range], float]]:
        stage = {name: functools.partial(self.stage, way) for way, name in WAYS.items()}
        return {BARE: self.bare, **stage}

    def bare(self, numbers: range) -> float:
        records = for_bare(notification_records(self._made, ChannelKind.WEBHOOK, numbers))
        taken = self._progress.taken() + len(numbers)
        return self._drained(
            BARE,
            records,
            lambda: self._progress.taken() >= taken and self._progress.bare_lag() == 0,
        )

    def stage(self, way: ChannelKind, numbers: range) -> float:
        records = notification_records(self._made, way, numbers)
        taken = self._progress.taken() + len(numbers)
        final = self._progress.final(way) + len(numbers)
        return self._drained(
            "deliver",
            records,
            lambda: self._progress.taken() >= taken and self._progress.final(way) >= final,
        )

    def _drained(
        self, reader: str, records: Sequence[Record], reached: Callable[[], bool]
    ) -> float:
        """Return notifications a second from the moment that their reader continues."""
        self._parts[reader].signal(signal.SIGSTOP)
        self._publisher.publish(records)
        self._parts[reader].signal(signal.SIGCONT)
        began = time.perf_counter()
        until(reached)
        return len(records) / (time.perf_counter() - began)

    def light_load(self, way: ChannelKind, numbers: range) -> dict[str, float]:
        """Return the milliseconds from publication to sending, one notification at a time."""
        since, final = now(), self._progress.final(way) + len(numbers)
        for number in numbers:
            self._publisher.publish([one(self._made, way, number)])
            time.sleep(1 / LIGHT_PER_S)  # this is the load
        until(lambda: self._progress.final(way) >= final)
        cuts = statistics.quantiles(self._progress.waited_ms(way, since), n=100, method="inclusive")
        return {"p50": round(cuts[49], 1), "p99": round(cuts[98], 1)}

    def idle(self) -> dict[str, float]:
        """Return the processor time of every process in an idle second, in milliseconds."""
        before = processor_ms(list(self._parts.values()))
        time.sleep(IDLE_S)  # the measured period
        after = processor_ms(list(self._parts.values()))
        return {name: round((after[name] - used) / IDLE_S, 1) for name, used in before.items()}


# --- the processes


def deliver_part(settings: Settings, sink: str) -> Part:
    (part,) = (each for each in stage_parts(settings) if each.name == "deliver")
    urls = {"sms": f"{sink.replace('http', 'json')}/sms/{{address}}"}
    more = {"ROOST_CHANNEL_URLS": json.dumps(urls), "ROOST_WEBHOOKS_MAY_BE_PRIVATE": "true"}
    return replace(part, environment={**part.environment, **more})


def module_part(name: str, module: str, *arguments: str) -> Part:
    command = (sys.executable, "-m", module, *arguments)
    return Part(name, command, ready=lambda: True, inherit=roost_environment)


def measure(count: int, rounds: int) -> dict[str, object]:
    with local_stack() as stack:
        # Quiet hours would make the result depend on the time of day.
        settings = settings_for(stack.data, stack.ports).model_copy(update={"quiet_hours": ""})
        configure(logging.WARNING)
        prepare(settings)
        declare_topics(settings.bootstrap_servers, [BARE_TAKES, BARE_SAYS])
        port = Ports.free().api
        sink = f"http://127.0.0.1:{port}"
        receiver = replace(
            module_part("sink", "bench.sink", str(port)), ready=lambda: answers(sink)
        )
        bare = module_part(
            BARE, "bench.bare_notifications", settings.bootstrap_servers, f"{sink}/hook"
        )
        started = [Process(each, stack.data) for each in (receiver, bare)]
        started.append(Process(deliver_part(settings, sink), stack.data))
        made, records = scene(2 * LIGHT + count * (rounds + 1), sink)
        asyncio.run(put(settings, made, records))
        try:
            for process in started:
                process.start()
            for process in started:
                process.wait_ready()
            parts = stack.processes | {each.part.name: each for each in started}
            with Publisher(settings.bootstrap_servers) as publisher:
                bench = Bench(settings, publisher, made, parts, sink)
                return figures(bench, count, rounds)
        finally:
            for process in started:
                process.stop()


def figures(bench: Bench, count: int, rounds: int) -> dict[str, object]:
    light = range(LIGHT), range(LIGHT, 2 * LIGHT)
    first = 2 * LIGHT
    bench.round(range(first, first + count))  # warm-up, not counted
    done = []
    for number in range(1, rounds + 1):
        start = first + number * count
        done.append(bench.round(range(start, start + count)))
        print(f"round {number}: {summary_line(done[-1])}", flush=True)
    return {
        "notifications_a_round": count,
        "per_s": {
            name: median(each.per_s[name] for each in done) for name in (BARE, *WAYS.values())
        },
        "ratio": {
            name: round(statistics.median(each.per_s[name] / each.per_s[BARE] for each in done), 3)
            for name in WAYS.values()
        },
        "cpu_ms_a_notification": {
            name: {part: median(each.cpu_ms[name][part] for each in done) for part in parts}
            for name, parts in done[0].cpu_ms.items()
        },
        "idle_cpu_ms_a_second": bench.idle(),
        "published_to_sent_ms": {
            name: bench.light_load(way, numbers)
            for (way, name), numbers in zip(WAYS.items(), light, strict=True)
        },
    }


def median(values: Iterator[float]) -> float:
    return round(statistics.median(values), 2)


def summary_line(made: Round) -> str:
    bare = made.per_s[BARE]
    rates = ", ".join(
        f"{name} {each:.0f}/s ({each / bare:.2f})" for name, each in made.per_s.items()
    )
    return f"{rates}; cpu ms a notification: {made.cpu_ms}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--count", type=int, default=3_000)
    parser.add_argument("--rounds", type=int, default=3)
    chosen = parser.parse_args()
    found = measure(chosen.count, chosen.rounds)
    write_results("notifications", found)


if __name__ == "__main__":
    main()
