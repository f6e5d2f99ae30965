"""Collection of the evidence of a run from the topics, the views and the sink's log."""

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
from tests.faults.evidence import Json, TopicRecord
from tests.faults.workload import Cell
from tests.stack.kept import Healed, Kept

JUDGED = (PROFILES, OPENINGS, MATCHES, NOTIFICATIONS, DELIVERIES, DEAD_LETTERS)
"""Topics that the oracle judges."""
Offsets = dict[str, dict[int, int]]


def beginning(settings: Settings) -> Offsets:
    """Return the end of every topic now; later records belong to the run that begins."""
    return end_offsets(settings.bootstrap_servers, JUDGED)


async def records_since(settings: Settings, start: Offsets) -> dict[str, list[TopicRecord]]:
    return {topic.name: await _records(settings, topic, start[topic.name]) for topic in JUDGED}


async def _records(settings: Settings, topic: Topic, start: dict[int, int]) -> list[TopicRecord]:
    found = []
    async for batch in KafkaReader(settings.bootstrap_servers).read_to_end(topic, start=start):
        found += [_topic_record(each) for each in batch]
    return sorted(found, key=lambda each: (each.partition, each.offset))


def _topic_record(each: Incoming) -> TopicRecord:
    key = (each.key or b"").decode("utf-8", errors="backslashreplace")
    return TopicRecord(each.topic.name, each.partition, each.offset, key, each.value)


async def documents(
    elastic: Elastic, keys: Mapping[str, Iterable[str]]
) -> dict[str, dict[str, tuple[int, Json]]]:
    """Return the current documents with these ids, by view."""
    views = {}
    for view, ids in keys.items():
        wanted = [(view, id) for id in sorted(set(ids))]
        found = await elastic.mget(wanted)
        versions = await elastic.versions(wanted)
        views[view] = {key[1]: (versions[key], document) for key, document in found.items()}
    return views


async def rows_of(elastic: Elastic, notifications: Collection[str]) -> list[str]:
    """Return the ids of the rows in `deliveries` that belong to these notifications."""
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


class UnmatchedViews(Elastic):
    """The views without any match; writes are dropped."""

    async def mget(self, keys, fields=None):  # type: ignore[no-untyped-def]
        return await super().mget([key for key in keys if key[0] != MATCHES.name], fields)

    async def tallies(self, view, questions):  # type: ignore[no-untyped-def]
        return [{} for _ in questions]

    async def write(self, writes: object, *, refresh: bool = False) -> list[Refusal]:
        return []


async def expected_matches(settings: Settings, cells: Iterable[Cell]) -> frozenset[str]:
    """Compute, in one pass, the matches that the queue stage's own code derives from the views.

    No process, no repeat and no partial state takes part: only the current openings and workers.
    """
    elastic, kept = UnmatchedViews(settings.elasticsearch_url), Kept()
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
            proposals = [
                Proposals(
                    opening_id=opening.id,
                    worker_ids=workers,
                    subject=opening.id,
                    posted_at=now,
                    evaluated_at=now,
                )
                for opening in cell.openings
            ]
            await stage.handle([_fact(each, now) for each in proposals])
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
    """Wait until all work is done.

    Returns the seconds that this took (None: too long) and the last backlogs.
    """
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
    """Return whether no delivery is due: the stage acknowledges planned, not sent, deliveries."""
    if "deliver" not in stages:
        return True
    elastic = Elastic(settings.elasticsearch_url)
    try:
        return not await count_outstanding(elastic, SystemClock().now())
    except Transient:
        return False
    finally:
        await elastic.close()


def keys_of(records: Mapping[str, Iterable[TopicRecord]]) -> dict[str, set[str]]:
    """Return the ids of the documents that these records concern, by view."""
    keys: dict[str, set[str]] = {
        topic: {each.key for each in records.get(topic, ()) if _id_like(each.key)}
        for topic in (PROFILES.name, OPENINGS.name, MATCHES.name)
    }
    keys[NOTIFICATIONS.name] = {
        str(event["id"]) for each in records.get(NOTIFICATIONS.name, ()) if (event := each.json)
    }
    return keys


def _id_like(key: str) -> bool:
    return key[1:2] == "-"
