"""The projection of `notifications` into its view: pure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import orjson

from roost.events.notification import Notification
from roost.kafka.incoming import Fact
from roost.topics import NOTIFICATIONS
from roost.views.answers import Write
from streams.views.projections import VIEW_OF


def notification_write(notification: Notification, value: bytes, version: int) -> Write:
    """Return the document of a notification; `value` is its record's own JSON, kept as `fact`."""
    document = {
        "id": notification.id,
        "version": version,
        "recipient_id": notification.recipient.id,
        "kind": notification.kind.value,
        "opening_id": notification.opening_id,
        "match_id": notification.match_id,
        "saved_search_id": notification.saved_search_id,
        "caused_at": notification.caused_at.isoformat(),
        "fact": orjson.Fragment(value),
    }
    return Write(VIEW_OF[NOTIFICATIONS], notification.id, version, document)


def project_notifications(facts: Sequence[Fact[Any]]) -> list[Write]:
    """Return the document of each fact of `notifications`."""
    return [notification_write(fact.required_event, fact.value, fact.version) for fact in facts]
