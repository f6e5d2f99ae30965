"""Whom a record concerns that is told live: pure.

What cannot be read is nobody's: a stage has parked it.
"""

from __future__ import annotations

import json
from typing import Any

from roost.errors import Invalid
from roost.events.envelope import decode
from roost.events.notification import Delivery, DeliveryStatus
from roost.events.preferences import ChannelKind


def of_match(value: bytes | None) -> tuple[str, str] | None:
    """The station whose queue holds the match, and the match."""
    match = _read(value)
    station = match.get("stationId")
    return (station, json.dumps(match, ensure_ascii=False)) if isinstance(station, str) else None


def of_delivery(value: bytes | None) -> tuple[str, str] | None:
    """The recipient of a new entry of an inbox, and the delivery; one that was read is not new."""
    try:
        delivery = decode(Delivery, value or b"null")
    except Invalid:
        return None
    new = delivery.channel is ChannelKind.INBOX and delivery.status is DeliveryStatus.SENT
    if not new or delivery.read_at or delivery.answered_at:
        return None
    return delivery.notification.recipient.id, delivery.to_json().decode("utf-8")


def _read(value: bytes | None) -> dict[str, Any]:
    try:
        said = json.loads(value or b"null")
    except ValueError:
        return {}
    return said if isinstance(said, dict) else {}
