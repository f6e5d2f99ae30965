"""Waiting for conditions, each with a deadline; never for a fixed time."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import TypeVar

from producers.admin import Backlog, all_done, backlogs, end_offsets
from roost.settings import Settings
from roost.views.elastic import Elastic
from streams.deliver.ledger import count_outstanding
from streams.stages import READS, WRITES, group_of

T = TypeVar("T")
GROUPS = {group_of(stage): topics for stage, topics in READS.items()}


async def until(what: str, found: Callable[[], Awaitable[T]], within_s: float = 60) -> T:
    """Return the first true answer of `found`."""
    deadline = time.monotonic() + within_s
    while not (answer := await found()):
        assert time.monotonic() < deadline, f"{what}: not within {within_s} s"
        await asyncio.sleep(0.1)
    return answer


async def undisturbed(settings: Settings, outcome: Callable[[], Awaitable[T]]) -> T:
    """Return an outcome during which no stage published anything.

    Stages publish periodically on their own, as the match stage does for openings with free places.
    """
    while True:
        await all_processed(settings)
        before = await asyncio.to_thread(_said, settings)
        found = await outcome()
        if await asyncio.to_thread(_said, settings) == before:
            return found


def _said(settings: Settings) -> dict[str, dict[int, int]]:
    """Return the end offsets of every topic that stages write."""
    topics = list({topic.name: topic for each in WRITES.values() for topic in each}.values())
    return end_offsets(settings.bootstrap_servers, topics)


async def all_processed(settings: Settings, within_s: float = 120) -> None:
    """Return whether every stage has committed everything and all due messages are sent."""
    before: list[Backlog] = []
    elastic = Elastic(settings.elasticsearch_url)

    async def quiet() -> bool:
        nonlocal before
        earlier, before = (
            before,
            await asyncio.to_thread(backlogs, settings.bootstrap_servers, GROUPS),
        )
        return all_done(earlier, before) and not await count_outstanding(elastic, datetime.now(UTC))

    try:
        await until("all events processed", quiet, within_s)
    finally:
        await elastic.close()
