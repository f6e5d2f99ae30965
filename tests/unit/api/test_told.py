"""Subscribers that a record concerns, and the position at which a client resumes."""

from __future__ import annotations

import json
from typing import Any

import pytest

from api.live import concerns
from api.live.hub import parse
from roost.events.notification import DeliveryStatus
from roost.events.preferences import ChannelKind
from tests.unit.api.builders import WORKER, delivery, minutes


def test_a_match_is_told_to_its_station() -> None:
    match = {"id": "m-1", "stationId": "s-1"}
    assert concerns.station_of_match(json.dumps(match).encode()) == ("s-1", json.dumps(match))


def test_what_has_come_into_an_inbox_is_told_to_its_recipient() -> None:
    new = delivery()
    assert concerns.recipient_of_delivery(new.to_json()) == (WORKER, new.to_json().decode())


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
    assert concerns.recipient_of_delivery(delivery(**changes).to_json()) is None


@pytest.mark.parametrize("value", [None, b"", b"null", b"[]", b"{", b"{}", b'"x"', b"\xff"])
def test_what_cannot_be_read_is_nobodys(value: bytes | None) -> None:
    assert concerns.station_of_match(value) is None
    assert concerns.recipient_of_delivery(value) is None


def test_an_id_of_another_topic_or_of_nothing_is_none() -> None:
    assert parse("1.2.3", 3) == {0: 1, 1: 2, 2: 3}
    assert parse("1.2", 3) is None
    assert parse("1.2.x", 3) is None
    assert parse(None, 3) is None
