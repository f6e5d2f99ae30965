"""Mapping of a Kafka record to the live subscribers it concerns. Pure.

An unreadable record concerns nobody; a stage has parked it in the dead letters.
"""

from __future__ import annotations

import json
from typing import Any

from roost.errors import Invalid
from roost.events.envelope import decode
from roost.events.notification import Delivery, DeliveryStatus
from roost.events.preferences import ChannelKind


def station_of_match(value: bytes | None) -> tuple[str, str] | None:
    """Return the station whose queue holds the match, and the match as JSON."""
    match = _parsed(value)
    station = match.get("stationId")
    return (station, json.dumps(match, ensure_ascii=False)) if isinstance(station, str) else None


def recipient_of_delivery(value: bytes | None) -> tuple[str, str] | None:
    """Return the recipient of a new inbox entry, and the delivery; a read entry is not new."""
    try:
        delivery = decode(Delivery, value or b"null")
    except Invalid:
        return None
    new = delivery.channel is ChannelKind.INBOX and delivery.status is DeliveryStatus.SENT
    if not new or delivery.read_at or delivery.answered_at:
        return None
    return delivery.notification.recipient.id, delivery.to_json().decode("utf-8")


def _parsed(value: bytes | None) -> dict[str, Any]:
    try:
        parsed = json.loads(value or b"null")
    except ValueError:
        return {}
    return parsed if isinstance(parsed, dict) else {}
