"""Mapping of a Kafka record to the live channels that it concerns. Pure.

A channel is a station's queue, a recipient's inbox or a worker's conversation; one that ends with
`*` stands for all that begin like it. An unreadable record concerns nobody; a stage has parked it
in the dead letters.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any, NamedTuple

from api.ports.live_messages import LiveKind
from roost.errors import Invalid
from roost.events.envelope import decode
from roost.events.notification import Delivery, DeliveryStatus, NotificationKind
from roost.events.preferences import ChannelKind
from roost.kafka.incoming import Incoming
from roost.topics import CONVERSATIONS, DELIVERIES, MATCHES, PROFILES

FOLLOWED = (MATCHES, DELIVERIES, PROFILES, CONVERSATIONS)
"""Topics that live channels show; of profiles, only the erasures."""


class Notice(NamedTuple):
    """The part of a record that one channel receives."""

    channel: str
    kind: LiveKind
    data: str


def queue_of(station_id: str) -> str:
    """Return the channel of a station's queue."""
    return f"queue/{station_id}"


def inbox_of(recipient_id: str) -> str:
    """Return the channel of a worker's or a station's inbox."""
    return f"inbox/{recipient_id}"


def conversation_of(worker_id: str) -> str:
    """Return the channel of a worker's conversation."""
    return f"conversation/{worker_id}"


EVERY_QUEUE = queue_of("*")
EVERY_STATION_INBOX = inbox_of("s-*")


def notices_of(incoming: Incoming) -> Iterator[Notice]:
    """Yield what a record tells each channel."""
    if incoming.value is None:
        yield from _erasure(incoming)
    elif incoming.topic.name == MATCHES.name:
        yield from _match(incoming.value)
    elif incoming.topic.name == DELIVERIES.name:
        yield from _delivery(incoming.value)
    elif incoming.topic.name == CONVERSATIONS.name:
        yield from _message(incoming.value)


def _erasure(incoming: Incoming) -> Iterator[Notice]:
    """Yield the notices of a tombstone.

    It no longer tells whose queue the entity was in, so that every open page learns the id. An id
    of an erased entity discloses nothing, as in the change feed.
    """
    key = (incoming.key or b"").decode("utf-8", "replace")
    name = {MATCHES.name: "matchId", PROFILES.name: "workerId"}.get(incoming.topic.name)
    if name is None:
        return
    data = json.dumps({name: key})
    for channel in (EVERY_QUEUE, EVERY_STATION_INBOX):
        yield Notice(channel, LiveKind.ERASED, data)
    if incoming.topic.name == PROFILES.name:
        for own in (inbox_of(key), conversation_of(key)):
            yield Notice(own, LiveKind.ERASED, data)


def _match(value: bytes) -> Iterator[Notice]:
    """Yield the match to the station whose queue holds it, and its id to the one it has left."""
    match = _parsed(value)
    station, former = match.get("stationId"), match.get("formerStationId")
    if isinstance(former, str) and former != station:
        left = {"id": match.get("id"), "revision": match.get("revision")}
        yield Notice(queue_of(former), LiveKind.LEFT, json.dumps(left))
    if isinstance(station, str):
        yield Notice(queue_of(station), LiveKind.MATCH, json.dumps(match, ensure_ascii=False))


def _delivery(value: bytes) -> Iterator[Notice]:
    """Yield a new inbox entry to its recipient; a read entry is not new.

    The delivery of a station's message concerns the conversation too.
    """
    try:
        delivery = decode(Delivery, value)
    except Invalid:
        return
    if delivery.notification.kind is NotificationKind.STATION_MESSAGE:
        changed = {"view": DELIVERIES.name, "id": delivery.id, "version": delivery.revision}
        channel = conversation_of(delivery.notification.recipient.id)
        yield Notice(channel, LiveKind.MESSAGE, json.dumps(changed))
    new = delivery.channel is ChannelKind.INBOX and delivery.status is DeliveryStatus.SENT
    if new and not delivery.read_at and not delivery.answered_at:
        data = delivery.to_json().decode("utf-8")
        yield Notice(inbox_of(delivery.notification.recipient.id), LiveKind.ENTRY, data)


def _message(value: bytes) -> Iterator[Notice]:
    """Yield that a conversation has a new or a settled message; its text stays in the views."""
    message = _parsed(value)
    worker = message.get("workerId")
    if isinstance(worker, str):
        settled = "settledAt" in message
        changed = {"view": CONVERSATIONS.name, "id": message.get("id"), "settled": settled}
        yield Notice(conversation_of(worker), LiveKind.MESSAGE, json.dumps(changed))


def _parsed(value: bytes) -> dict[str, Any]:
    try:
        parsed = json.loads(value)
    except ValueError:
        return {}
    return parsed if isinstance(parsed, dict) else {}
