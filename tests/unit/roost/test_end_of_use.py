"""Every kind of notification has an end of use."""

from __future__ import annotations

import pytest

from roost.contact.end_of_use import DAY, OF_USE_FOR, end_of_use
from roost.events.notification import URGENT, NotificationKind
from tests.unit.streams.in_memory import notification

K = NotificationKind
LONGEST_SNOOZE = 30 * DAY
TO_WORKERS = {
    K.NEW_MATCH,
    K.MATCH_CLAIMED,
    K.MATCH_PLACED,
    K.REQUEST_ANSWERED,
    K.POLICY_NEWS,
    K.STATION_MESSAGE,
}


def test_the_table_holds_every_kind() -> None:
    assert set(OF_USE_FOR) == set(NotificationKind)


@pytest.mark.parametrize("kind", NotificationKind)
def test_the_end_of_use_comes_after_the_cause_and_within_a_quarter(kind: NotificationKind) -> None:
    one = notification(kind)
    assert one.caused_at < end_of_use(one) <= one.caused_at + 90 * DAY


@pytest.mark.parametrize("kind", sorted(TO_WORKERS))
def test_a_message_that_a_snooze_may_hold_is_of_use_afterwards(kind: NotificationKind) -> None:
    assert kind not in URGENT
    assert OF_USE_FOR[kind] > LONGEST_SNOOZE
