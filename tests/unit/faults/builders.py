"""Evidence of a flawless run, for tests that corrupt one thing at a time."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from producers.admin import Backlog
from roost import ids
from roost.topics import DEAD_LETTERS, DELIVERIES, MATCHES, NOTIFICATIONS, OPENINGS, PROFILES
from tests.faults.evidence import Evidence, Json, TopicRecord
from tests.faults.sink import Attempt

TENANT = "county"
WORKER, OPENING = ids.worker_id(TENANT, "1"), ids.opening_id(TENANT, "1")
MATCH = ids.match_id(OPENING, WORKER)
NOTIFICATION = ids.notification_id(WORKER, MATCH, "new_match", 1)
DELIVERY = ids.delivery_id(NOTIFICATION, "sms")


def said(topic: str, offset: int, key: str, event: Json | None, partition: int = 0) -> TopicRecord:
    value = None if event is None else json.dumps(event).encode()
    return TopicRecord(topic, partition, offset, key, value)


PROFILE_SAID = said(PROFILES.name, 4, WORKER, {"id": WORKER, "name": "n"})
OPENING_SAID = said(OPENINGS.name, 5, OPENING, {"id": OPENING, "title": "t"})
MATCH_SAID = said(MATCHES.name, 6, MATCH, {"id": MATCH, "state": "proposed"})
NOTIFICATION_EVENT: Json = {
    "id": NOTIFICATION,
    "recipient": {"kind": "worker", "id": WORKER},
    "kind": "new_match",
    "matchId": MATCH,
    "version": 1,
}
NOTIFICATION_SAID = said(NOTIFICATIONS.name, 7, WORKER, NOTIFICATION_EVENT)
DELIVERY_EVENT: Json = {
    "id": DELIVERY,
    "status": "sent",
    "revision": 3,
    "messageId": NOTIFICATION,
}
DELIVERY_SAID = said(DELIVERIES.name, 8, NOTIFICATION, DELIVERY_EVENT)
SEEN = Attempt("2026-11-25T00:00:00+00:00", "/sms/199", "199", NOTIFICATION, "200", True)


def fact_of(record: TopicRecord) -> Json:
    return dict(json.loads(record.value or b"{}"))


def document(record: TopicRecord, **more: Any) -> tuple[int, Json]:
    body = {"id": record.key, "version": record.version, "fact": fact_of(record)} | more
    return record.version, body


def row(**changes: Any) -> tuple[int, Json]:
    body = {
        "id": DELIVERY,
        "notification_id": NOTIFICATION,
        "status": "sent",
        "held_by": None,
        "message_id": NOTIFICATION,
    } | changes
    return body.pop("version", 3), body


GOOD = Evidence(
    accepted=(PROFILE_SAID, OPENING_SAID),
    topics={
        PROFILES.name: (PROFILE_SAID,),
        OPENINGS.name: (OPENING_SAID,),
        MATCHES.name: (MATCH_SAID,),
        NOTIFICATIONS.name: (NOTIFICATION_SAID,),
        DELIVERIES.name: (DELIVERY_SAID,),
        DEAD_LETTERS.name: (),
    },
    views={
        PROFILES.name: {WORKER: document(PROFILE_SAID)},
        OPENINGS.name: {OPENING: document(OPENING_SAID)},
        MATCHES.name: {MATCH: document(MATCH_SAID, state="proposed", active=True)},
        NOTIFICATIONS.name: {NOTIFICATION: document(NOTIFICATION_SAID)},
        DELIVERIES.name: {DELIVERY: row()},
    },
    wanted=frozenset({MATCH}),
    tenants={WORKER: TENANT, OPENING: TENANT},
    attempts=(SEEN,),
    backlogs=(Backlog("roost-index", PROFILES.name, 5, 5),),
    settled_s=3.0,
    delivers=True,
)


def with_topic(name: str, *records: TopicRecord, instead: bool = False) -> Evidence:
    before: Sequence[TopicRecord] = () if instead else GOOD.topics[name]
    return replace(GOOD, topics={**GOOD.topics, name: (*before, *records)})


def with_view(name: str, documents: Mapping[str, tuple[int, Json]]) -> Evidence:
    return replace(GOOD, views={**GOOD.views, name: documents})


def letter_of(record: TopicRecord) -> TopicRecord:
    event = {
        "topic": record.topic,
        "partition": record.partition,
        "offset": record.offset,
        "reason": "invalid",
    }
    return said(DEAD_LETTERS.name, 9, "letter", event)
