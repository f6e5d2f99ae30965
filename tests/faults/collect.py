"""Collects the evidence of a run: what the topics say, the views hold, the sink has logged."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from zoneinfo import ZoneInfo

from producers.admin import Backlog, all_done, backlogs, end_offsets
from roost.errors import Transient
from roost.events.match import Proposals
from roost.events.station import Station
from roost.kafka.incoming import Fact, Incoming
from roost.kafka.reader import KafkaReader
from roost.settings import Settings
from roost.time.clock import SystemClock
from roost.topics import (
    DEAD_LETTERS,
    DELIVERIES,
    MATCHES,
    NOTIFICATIONS,
    OPENINGS,
    PROFILES,
    PROPOSALS,
    Topic,
)
from roost.views.elastic import Elastic, Refusal
from streams.deliver.ledger import count_outstanding
from streams.queue.queue_stage import QueueStage
from streams.stages import READS, group_of, queue_rules
from streams.views.registry import Registry
from tests.faults.evidence import Json, Said
from tests.faults.workload import Cell
from tests.stack.kept import Healed, Kept

SEEN = (PROFILES, OPENINGS, MATCHES, NOTIFICATIONS, DELIVERIES, DEAD_LETTERS)
"""The topics that the oracle looks at."""
Offsets = dict[str, dict[int, int]]


def beginning(settings: Settings) -> Offsets:
    """Where every topic ends now: what comes after belongs to the run that begins."""
    return end_offsets(settings.bootstrap_servers, SEEN)


async def said_since(settings: Settings, start: Offsets) -> dict[str, list[Said]]:
    return {topic.name: await _said(settings, topic, start[topic.name]) for topic in SEEN}


async def _said(settings: Settings, topic: Topic, start: dict[int, int]) -> list[Said]:
    found = []
    async for batch in KafkaReader(settings.bootstrap_servers).read_to_end(topic, start=start):
        found += [_as_said(each) for each in batch]
    return sorted(found, key=lambda each: (each.partition, each.offset))


def _as_said(each: Incoming) -> Said:
    key = (each.key or b"").decode("utf-8", errors="backslashreplace")
    return Said(each.topic.name, each.partition, each.offset, key, each.value)


async def documents(
    elastic: Elastic, keys: Mapping[str, Iterable[str]]
) -> dict[str, dict[str, tuple[int, Json]]]:
    """The newest documents of these ids, view by view."""
    views = {}
    for view, ids in keys.items():
        asked = [(view, id) for id in sorted(set(ids))]
        found = await elastic.mget(asked)
        versions = await elastic.versions(asked)
        views[view] = {key[1]: (versions[key], document) for key, document in found.items()}
    return views


async def rows_of(elastic: Elastic, notifications: Collection[str]) -> list[str]:
    """The ids of the rows in `deliveries` that belong to these notifications."""
    await elastic.refresh(DELIVERIES.name)
    found: list[str] = []
    every = sorted(notifications)
    for start in range(0, len(every), 500):
        body = {
            "size": 5_000,
            "_source": False,
            "query": {"terms": {"notification_id": every[start : start + 500]}},
        }
        found += [hit.id for hit in (await elastic.search(DELIVERIES.name, body)).hits]
    return found


class Undisturbed(Elastic):
    """The views as if nothing had been matched yet; what is written is dropped."""

    async def mget(self, keys, fields=None):  # type: ignore[no-untyped-def]
        return await super().mget([key for key in keys if key[0] != MATCHES.name], fields)

    async def tallies(self, view, questions):  # type: ignore[no-untyped-def]
        return [{} for _ in questions]

    async def write(self, writes: object, *, refresh: bool = False) -> list[Refusal]:
        return []


async def undisturbed(settings: Settings, cells: Iterable[Cell]) -> frozenset[str]:
    """The matches that the queue stage's own code arrives at from the views, in one go.

    No process, no repeat, no half-written state: only what openings and workers are now.
    """
    elastic, kept = Undisturbed(settings.elasticsearch_url), Kept()
    try:
        stage = QueueStage(
            elastic,
            kept,
            SystemClock(),
            queue_rules(settings),
            ZoneInfo(settings.time_zone),
            Registry(elastic, Station),
            Healed(),
        )
        now = SystemClock().now()
        for cell in cells:
            workers = tuple(each.id for each in cell.workers)
            asked = [
                Proposals(
                    opening_id=opening.id,
                    worker_ids=workers,
                    subject=opening.id,
                    posted_at=now,
                    evaluated_at=now,
                )
                for opening in cell.openings
            ]
            await stage.handle([_fact(each, now) for each in asked])
    finally:
        await elastic.close()
    return frozenset(
        each.key for each in kept.records if each.topic is MATCHES and _active(each.value)
    )


def _fact(event: Proposals, at: datetime) -> Fact[Proposals]:
    key = event.opening_id
    partition = PROPOSALS.partition_of(key)
    return Fact(key, event, Incoming(PROPOSALS, partition, 0, key.encode(), b"{}", at))


def _active(value: bytes | None) -> bool:
    return value is not None and b'"state":"proposed"' in value


async def settle(
    settings: Settings, stages: Collection[str], within_s: float
) -> tuple[float | None, list[Backlog]]:
    """Waits until nothing is left to do; returns how long that took (None: too long) and what
    was left at the last look."""
    groups = {group_of(stage): READS[stage] for stage in stages}
    began, before = time.monotonic(), list[Backlog]()
    while True:
        try:
            after = await asyncio.to_thread(backlogs, settings.bootstrap_servers, groups)
        except Transient:
            after = []
        if all_done(before, after) and await _all_sent(settings, stages):
            return time.monotonic() - began, after
        if time.monotonic() - began > within_s:
            return None, after
        before = after
        await asyncio.sleep(0.25)


async def _all_sent(settings: Settings, stages: Collection[str]) -> bool:
    """The deliver stage acknowledges what it has planned: its lanes have to come to an end too."""
    if "deliver" not in stages:
        return True
    elastic = Elastic(settings.elasticsearch_url)
    try:
        return not await count_outstanding(elastic, SystemClock().now())
    except Transient:
        return False
    finally:
        await elastic.close()


def keys_of(said: Mapping[str, Iterable[Said]]) -> dict[str, set[str]]:
    """The ids of the documents that these records concern."""
    keys: dict[str, set[str]] = {
        topic: {each.key for each in said.get(topic, ()) if _id_like(each.key)}
        for topic in (PROFILES.name, OPENINGS.name, MATCHES.name)
    }
    keys[NOTIFICATIONS.name] = {
        str(said_["id"]) for each in said.get(NOTIFICATIONS.name, ()) if (said_ := each.json)
    }
    return keys


def _id_like(key: str) -> bool:
    return key[1:2] == "-"
