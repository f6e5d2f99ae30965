"""The projection of `deliveries` into its view, which is the ledger: pure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import orjson

from roost.events.notification import Delivery
from roost.kafka.incoming import Fact
from roost.topics import DELIVERIES
from roost.views.answers import Write
from streams.views.projections import VIEW_OF


def delivery_write(delivery: Delivery, value: bytes) -> Write:
    """Return the document of a delivery; `value` is its record's own JSON, kept as `fact`.

    The document's version is the delivery's revision, not the position of its record: a row is
    claimed in the view before its record is published.
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
        "caused_at": delivery.notification.caused_at.isoformat(),
        "read": delivery.read_at is not None,
        "posted_to_told_ms": delivery.posted_to_told_ms,
        "cost_milli_yuan": delivery.cost_milli_yuan,
        "charged_at": delivery.charged_at.isoformat() if delivery.charged_at else None,
        "station_id": delivery.station_id,
        "references": [each.reference for each in delivery.answers if each.reference],
        "fact": orjson.Fragment(value),
    }
    return Write(VIEW_OF[DELIVERIES], delivery.id, delivery.revision, document)


def project_deliveries(facts: Sequence[Fact[Any]]) -> list[Write]:
    """Return the document of each fact of `deliveries`."""
    return [delivery_write(fact.required_event, fact.value) for fact in facts]
