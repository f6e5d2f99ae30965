"""Entries of an inbox: worded from the views, and only the owner's."""

from __future__ import annotations

from datetime import timedelta

import pytest

from api.inbox.entries import GONE, entry
from api.inbox.owners import Owner, check_owner
from roost import ids
from roost.errors import NotFound
from roost.events.notification import DeliveryStatus, NotificationKind
from roost.rules.holding import withdrawn
from streams.notify.rules import notifications_for
from tests.made import a_match
from tests.unit.api.builders import NOW, WORKER, delivery, minutes, notification

OPENING, STATION = ids.opening_id("t", "1"), ids.station_id("t")
NOTICE = ids.derive("b", "1")
NEWS = delivery(notification(kind=NotificationKind.POLICY_NEWS, notice_id=NOTICE))
FOUND = {("notices", NOTICE): {"fact": {"zh": {"title": "补贴", "body": "请到服务站咨询。"}}}}


def test_an_entry_is_worded_from_the_current_views() -> None:
    shown = entry(NEWS, FOUND, "zh")
    assert "补贴" in shown.title
    assert "请到服务站咨询" in shown.body
    assert (shown.read, shown.answered, shown.at) == (False, False, NEWS.at)
    assert shown.notice_id == NOTICE


@pytest.mark.parametrize("found", [{}, {("notices", NOTICE): {"erased": True}}])
def test_an_erased_subject_leaves_an_entry_that_says_so(found: dict[tuple[str, str], dict]) -> None:
    assert (entry(NEWS, found, "zh-CN").title, entry(NEWS, found, "zh-CN").body) == GONE[True]
    assert entry(NEWS, found, "en").title == GONE[False][0]


def test_a_receipt_shows() -> None:
    shown = entry(NEWS.model_copy(update={"read_at": minutes(2)}), FOUND, "en")
    assert (shown.read, shown.answered) == (True, False)


def test_an_entry_of_another_recipient_is_not_found() -> None:
    theirs = Owner(ids.worker_id("test", "2"), "zh")
    with pytest.raises(NotFound):
        check_owner(theirs, NEWS)


def test_an_entry_that_has_not_arrived_is_not_found() -> None:
    waiting = delivery(status=DeliveryStatus.WAITING)
    with pytest.raises(NotFound):
        check_owner(Owner(WORKER, "zh"), waiting)


def test_ended_invitations_and_undone_news_are_withdrawn() -> None:
    match = a_match(OPENING, WORKER, NOW)
    (invited, _) = notifications_for(match.model_copy(update={"station_id": STATION}))
    assert not withdrawn(invited, match.to_dict())
    assert withdrawn(invited, match.to_dict() | {"state": "expired"})
    assert not withdrawn(invited, None), "an erased match has its own wording"
    entry = {"at": NOW.isoformat(), "undone": True}
    assert withdrawn(invited, match.to_dict() | {"history": [entry]})
    later = {"at": (NOW + timedelta(seconds=1)).isoformat(), "undone": True}
    assert not withdrawn(invited, match.to_dict() | {"history": [later]})
