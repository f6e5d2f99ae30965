"""Channels that a record concerns."""

from __future__ import annotations

import json
from typing import Any

import pytest

from api.live.concerns import (
    EVERY_QUEUE,
    EVERY_STATION_INBOX,
    conversation_of,
    inbox_of,
    notices_of,
    queue_of,
)
from api.ports.live_messages import LiveKind
from producers import conversation_facts
from roost.events.conversation import Author
from roost.events.notification import DeliveryStatus, NotificationKind
from roost.events.preferences import ChannelKind
from roost.kafka.incoming import Incoming
from roost.topics import CONVERSATIONS, DELIVERIES, MATCHES, PROFILES, Topic
from tests.unit.api.builders import NOW, WORKER, delivery, minutes, notification


def told(topic: Topic, value: bytes | None, key: str = "k") -> list[tuple[str, LiveKind, Any]]:
    incoming = Incoming(topic, 0, 0, key.encode(), value, NOW)
    return [(channel, kind, json.loads(data)) for channel, kind, data in notices_of(incoming)]


def test_a_match_is_told_to_its_station() -> None:
    match = {"id": "m-1", "stationId": "s-1"}
    assert told(MATCHES, json.dumps(match).encode()) == [(queue_of("s-1"), LiveKind.MATCH, match)]


@pytest.mark.parametrize("station", ["s-2", None])
def test_the_station_that_a_match_has_left_is_told_its_id_alone(station: str | None) -> None:
    match = {
        "id": "m-1",
        "revision": 4,
        "stationId": station,
        "formerStationId": "s-1",
        "about": {"title": "Cook"},
    }
    found = told(MATCHES, json.dumps(match).encode())
    assert found[0] == (queue_of("s-1"), LiveKind.LEFT, {"id": "m-1", "revision": 4})
    assert [channel for channel, _, _ in found[1:]] == ([queue_of(station)] if station else [])


@pytest.mark.parametrize(
    ("topic", "name", "channels"),
    [
        (MATCHES, "matchId", [EVERY_QUEUE, EVERY_STATION_INBOX]),
        (
            PROFILES,
            "workerId",
            [EVERY_QUEUE, EVERY_STATION_INBOX, inbox_of("x-1"), conversation_of("x-1")],
        ),
    ],
)
def test_an_erasure_is_told_to_every_station_and_to_the_erased_inbox(
    topic: Topic, name: str, channels: list[str]
) -> None:
    found = told(topic, None, "x-1")
    assert found == [(each, LiveKind.ERASED, {name: "x-1"}) for each in channels]


def test_a_changed_profile_is_told_to_nobody() -> None:
    assert told(PROFILES, b'{"id": "w-1", "stationId": "s-1"}') == []


def test_what_has_come_into_an_inbox_is_told_to_its_recipient() -> None:
    new = delivery()
    assert told(DELIVERIES, new.to_json()) == [
        (inbox_of(WORKER), LiveKind.ENTRY, json.loads(new.to_json()))
    ]


@pytest.mark.parametrize(
    "changes",
    [
        {"channel": ChannelKind.SMS},
        {"status": DeliveryStatus.WAITING},
        {"status": DeliveryStatus.SUPPRESSED},
        {"read_at": minutes(2)},
        {"answered_at": minutes(2)},
    ],
)
def test_what_is_no_new_entry_is_told_to_nobody(changes: dict[str, Any]) -> None:
    assert told(DELIVERIES, delivery(**changes).to_json()) == []


def test_a_conversation_learns_of_its_messages_without_their_text() -> None:
    id = conversation_facts.written_id(WORKER, "u-1", "1")
    message, record = conversation_facts.message_written(
        id, WORKER, Author.WORKER, "我想换班", by="u-1", at=NOW
    )
    channel, changed = conversation_of(WORKER), {"view": "conversations", "id": id}
    assert told(CONVERSATIONS, record.value) == [
        (channel, LiveKind.MESSAGE, {**changed, "settled": False})
    ]
    _, settled = conversation_facts.message_settled(message, None, at=NOW)
    assert told(CONVERSATIONS, settled.value) == [
        (channel, LiveKind.MESSAGE, {**changed, "settled": True})
    ]
    assert told(CONVERSATIONS, None, id) == []


def test_the_delivery_of_a_stations_message_is_told_to_its_conversation() -> None:
    sent = delivery(
        notification(kind=NotificationKind.STATION_MESSAGE), channel=ChannelKind.SMS, revision=3
    )
    changed = {"view": "deliveries", "id": sent.id, "version": 3}
    assert told(DELIVERIES, sent.to_json()) == [
        (conversation_of(WORKER), LiveKind.MESSAGE, changed)
    ]


@pytest.mark.parametrize("topic", [MATCHES, DELIVERIES, PROFILES, CONVERSATIONS])
@pytest.mark.parametrize("value", [b"", b"null", b"[]", b"{", b"{}", b'"x"', b"\xff"])
def test_what_cannot_be_read_is_nobodys(topic: Topic, value: bytes) -> None:
    assert told(topic, value) == []
