"""From a fact to the document that stands for it in a view.

The stages and `roost rebuild` use the same functions, and each document depends on nothing but
its record (and, for openings and profiles, the similarity model): so replaying the topics gives
the same bytes. Of matches, notifications and deliveries the record's own JSON goes into `fact`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import orjson

from matcher.similarity import SimilarityModel
from roost.events.audit import AuditEntry
from roost.events.match import Match
from roost.events.notification import Delivery, Notification
from roost.events.searchable import EntityKind
from roost.kafka.incoming import Fact
from roost.places.gazetteer import Gazetteer
from roost.topics import (
    AUDIT,
    DELIVERIES,
    MATCHES,
    NOTICES,
    NOTIFICATIONS,
    OPENINGS,
    PREFERENCES,
    PROFILES,
    STATIONS,
    STOPS,
    WEBHOOKS,
    Topic,
)
from roost.views.elastic import Write
from streams.index import entity_documents
from streams.queue import match_documents as matches

Projection = Callable[[Sequence[Fact[Any]]], list[Write]]

VIEW_OF: dict[Topic, str] = {
    topic: topic.name
    for topic in (
        STATIONS,
        OPENINGS,
        PROFILES,
        MATCHES,
        NOTIFICATIONS,
        DELIVERIES,
        PREFERENCES,
        STOPS,
        NOTICES,
        WEBHOOKS,
        AUDIT,
    )
}
"""The topics that have a view, each under the topic's own name."""
RESULTS = (MATCHES, NOTIFICATIONS, DELIVERIES, AUDIT)
"""Those whose documents hold the record's own JSON."""
VIEW_OF_KIND = {EntityKind.OPENING: OPENINGS.name, EntityKind.PROFILE: PROFILES.name}
"""The views of what is matched."""


class EntityProjection:
    """Openings, profiles and stations: with features and vectors, a whole batch at once."""

    def __init__(self, model: SimilarityModel, gazetteer: Gazetteer) -> None:
        self.model = model
        self._gazetteer = gazetteer

    def __call__(self, facts: Sequence[Fact[Any]]) -> list[Write]:
        return [
            Write(VIEW_OF[fact.origin.topic], fact.key, fact.version, document)
            for fact, document in zip(
                facts, entity_documents.of_facts(facts, self.model, self._gazetteer), strict=True
            )
        ]


def match_write(match: Match, value: bytes, version: int) -> Write:
    document = {
        "id": match.id,
        "version": version,
        "opening_id": match.opening_id,
        "worker_id": match.worker_id,
        "station_id": match.station_id,
        "state": match.state.value,
        "active": match.state.active,
        "score": match.score,
        "assigned_to": match.assigned_to,
        "revision": match.revision,
        **matches.moments(match),
        **matches.about(match),
        "fact": orjson.Fragment(value),
    }
    return Write(VIEW_OF[MATCHES], match.id, version, document)


def notification_write(notification: Notification, value: bytes, version: int) -> Write:
    document = {
        "id": notification.id,
        "version": version,
        "recipient_id": notification.recipient.id,
        "kind": notification.kind.value,
        "opening_id": notification.opening_id,
        "match_id": notification.match_id,
        "caused_at": notification.caused_at.isoformat(),
        "fact": orjson.Fragment(value),
    }
    return Write(VIEW_OF[NOTIFICATIONS], notification.id, version, document)


def delivery_write(delivery: Delivery, value: bytes) -> Write:
    """Its version is its own revision, not its record's position: the row is claimed in the view
    before anything is said in the topic.
    """
    document = {
        "id": delivery.id,
        "version": delivery.revision,
        "notification_id": delivery.notification.id,
        "recipient_id": delivery.notification.recipient.id,
        "kind": delivery.notification.kind.value,
        "channel": delivery.channel.value,
        "status": delivery.status.value,
        "held_by": delivery.held_by.value if delivery.held_by else None,
        "due_at": delivery.due_at.isoformat(),
        "lease_until": delivery.lease_until.isoformat() if delivery.lease_until else None,
        "message_id": delivery.message_id,
        "at": delivery.at.isoformat(),
        "read": delivery.read_at is not None,
        "posted_to_told_ms": delivery.posted_to_told_ms,
        "fact": orjson.Fragment(value),
    }
    return Write(VIEW_OF[DELIVERIES], delivery.id, delivery.revision, document)


def audit_write(entry: AuditEntry, value: bytes, version: int) -> Write:
    document = {
        "id": entry.id,
        "version": version,
        "at": entry.at.isoformat(),
        "method": entry.method,
        "objects": [each.id for each in entry.objects],
        "persons": list(entry.persons),
        "role": entry.role.value if entry.role else None,
        "route": entry.route,
        "status": entry.status,
        "who": entry.who,
        "fact": orjson.Fragment(value),
    }
    return Write(VIEW_OF[AUDIT], entry.id, version, document)


def erased_write(view: str, key: str, version: int) -> Write:
    """What is left of something erased: its id, so that nothing older can come back."""
    return Write(view, key, version, {"id": key, "version": version, "erased": True})


def result_writes(facts: Sequence[Fact[Any]]) -> list[Write]:
    """Of the topics in RESULTS."""
    return [_result_write(fact) for fact in facts]


def _result_write(fact: Fact[Any]) -> Write:
    match fact.event:
        case None:
            return erased_write(VIEW_OF[fact.origin.topic], fact.key, fact.version)
        case Match() as event:
            return match_write(event, fact.value, fact.version)
        case Notification() as event:
            return notification_write(event, fact.value, fact.version)
        case Delivery() as event:
            return delivery_write(event, fact.value)
        case AuditEntry() as event:
            return audit_write(event, fact.value, fact.version)
        case other:
            raise TypeError(f"{type(other).__name__} has no view")
