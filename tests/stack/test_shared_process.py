"""All stages in one process: an opening reaches its workers, a signal and a kill lose nothing."""

from __future__ import annotations

import asyncio
import signal
import time
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime

import pytest

from deploy.environment import AT_ANY_HOUR
from deploy.local.processes import Process
from deploy.up import shared_stages_part
from producers import facts, simulator
from producers.admin import Backlog, all_done, backlogs
from producers.publisher import publish_once
from roost.events.envelope import Record
from roost.kafka.reader import KafkaReader
from roost.settings import Settings, StageRunner
from roost.topics import DEAD_LETTERS
from roost.views.elastic import Elastic
from streams.deliver.ledger import count_outstanding
from streams.stages import READS, group_of

pytestmark = pytest.mark.stack
GROUPS = {group_of(stage): topics for stage, topics in READS.items()}
SETTLED_S = 400.0
STOP_S = 25.0
"""Longest stop before `roost up` kills a process."""


@pytest.fixture(params=list(StageRunner))
def start(
    request: pytest.FixtureRequest, own_settings: Settings
) -> Iterator[Callable[[], Process]]:
    """Start the process of all stages on each engine; end what a test leaves."""
    chosen = own_settings.model_copy(update=AT_ANY_HOUR | {"stage_runner": request.param})
    started: list[Process] = []

    def start_stages() -> Process:
        process = Process(shared_stages_part(chosen), chosen.data)
        process.start()
        started.append(process)
        process.wait_ready()
        return process

    yield start_stages
    for each in started:
        each.kill()


def people(count: int, start: int) -> list[Record]:
    made = simulator.profiles(count, start=start)
    return [facts.profile_put(each, at=now(), source="shared")[1] for each in made]


def openings(count: int, start: int) -> list[Record]:
    made = simulator.openings(count, start=start)
    return [
        facts.opening_posted(each, at=now(), today=now().date(), source="shared")[1]
        for each in made
    ]


def now() -> datetime:
    return datetime.now(UTC)


def settle(settings: Settings) -> None:
    """Wait until every stage has committed everything and no delivery is due."""
    before: list[Backlog] = []
    end = time.monotonic() + SETTLED_S
    while not all_done(before, found := backlogs(settings.bootstrap_servers, GROUPS)) or (
        asyncio.run(outstanding(settings))
    ):
        before = found
        assert time.monotonic() < end, found
        time.sleep(0.5)  # the poll interval of the broker


async def outstanding(settings: Settings) -> int:
    views = Elastic(settings.elasticsearch_url)
    try:
        return await count_outstanding(views, now())
    finally:
        await views.close()


async def ids_of(settings: Settings, *names: str) -> list[set[str]]:
    """Return the ids of the documents of these views; of deliveries, the notifications'."""
    views = Elastic(settings.elasticsearch_url)
    try:
        await views.refresh(*names)
        return [
            {document.get("notification_id", id) async for id, _, document in views.scan(name)}
            for name in names
        ]
    finally:
        await views.close()


async def dead_letters(settings: Settings) -> int:
    read: list[Sequence[object]] = [
        batch async for batch in KafkaReader(settings.bootstrap_servers).read_to_end(DEAD_LETTERS)
    ]
    return sum(map(len, read))


@pytest.mark.timeout(900)
def test_a_signal_and_a_kill_under_load_lose_nothing(
    start: Callable[[], Process], own_settings: Settings, request: pytest.FixtureRequest
) -> None:
    number = 1_000 * list(StageRunner).index(request.node.callspec.params["start"])
    first = start()
    publish_once(own_settings.bootstrap_servers, [*people(40, number), *openings(20, number)])
    asked = time.monotonic()
    first.signal(signal.SIGTERM)
    while first.alive():
        assert time.monotonic() < asked + STOP_S
        time.sleep(0.1)  # the poll interval of the process
    assert first.status == 0

    second = start()
    publish_once(own_settings.bootstrap_servers, openings(20, number + 500))
    second.kill()

    third = start()
    settle(own_settings)
    matches, notified, delivered = asyncio.run(
        ids_of(own_settings, "matches", "notifications", "deliveries")
    )
    assert matches
    assert notified == delivered
    assert asyncio.run(dead_letters(own_settings)) == 0
    third.stop()
    assert third.status == 0
