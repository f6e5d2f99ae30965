"""Workers, notices and deliveries for notification tests on real servers."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from typing import Any

import httpx
from kafka import KafkaConsumer, TopicPartition

from roost import ids
from roost.events.match import Match
from roost.events.notification import Delivery, Notification
from roost.events.notification import NotificationKind as Kind
from roost.settings import Settings
from roost.topics import Topic
from roost.views.elastic import Elastic
from streams.deliver.delivery_projection import delivery_write
from streams.views.notification_projection import notification_write
from tests.made import a_match
from tests.unit.api.builders import NOW, notification

WAIT = {"Prefer": "wait=20"}


async def register(api: httpx.AsyncClient, reference: str, **changes: Any) -> str:
    """Register a worker; return the id once searches find it."""
    content = {
        "identifier": f"inbox-{reference}",
        "name": "测试",
        "home": {"name": "大同市"},
        "location": {"name": "大同市"},
    } | changes
    answer = await api.post("/v1/profiles", json=content, headers=WAIT)
    assert answer.status_code in {200, 201}, answer.text
    return str(answer.json()["id"])


async def answer_to(api: httpx.AsyncClient, worker: str, title: str = "答复") -> str:
    """Post a notice that answers a worker's request; return its id."""
    content = {
        "kind": "request_answered",
        "zh": {"title": title, "body": "材料已收到。"},
        "audience": {"workerIds": [worker]},
    }
    answer = await api.post("/v1/notices", json=content, headers=WAIT)
    assert answer.status_code == 201, answer.text
    return str(answer.json()["id"])


async def put(elastic: Elastic, *rows: Delivery) -> None:
    """Write notifications and deliveries as the stages notify and deliver do."""
    told = {row.notification.id: row.notification for row in rows}.values()
    writes = [notification_write(each, each.to_json(), 1) for each in told]
    refusals = await elastic.write(
        [*writes, *(delivery_write(row, row.to_json()) for row in rows)], refresh=True
    )
    assert refusals == []


def answered(recipient: str, notice: str, reference: str = "1", **changes: Any) -> Notification:
    return notification(
        reference, recipient, kind=Kind.REQUEST_ANSWERED, notice_id=notice, **changes
    )


def records_of(settings: Settings, topic: Topic, key: str) -> list[Any]:
    """Return the values of a topic under a key; None for a tombstone."""
    partition = TopicPartition(topic.name, topic.partition_of(key))
    consumer = KafkaConsumer(
        bootstrap_servers=settings.bootstrap_servers,
        consumer_timeout_ms=3_000,
        isolation_level="read_committed",
    )
    try:
        consumer.assign([partition])
        consumer.seek_to_beginning(partition)
        return [
            json.loads(each.value) if each.value else None
            for each in consumer
            if each.key.decode() == key
        ]
    finally:
        consumer.close()


async def next_told(lines: AsyncIterator[str]) -> dict[str, Any]:
    async for line in lines:
        if line.startswith("data: {"):
            return dict(json.loads(line.removeprefix("data: ")))
    raise AssertionError("the stream ended")


def match(station: str) -> Match:
    """Return a match in a station's queue."""
    opening, worker = ids.opening_id("t", station), ids.worker_id("t", station)
    return a_match(opening, worker, NOW, station_id=station)
