"""Entries of an inbox: words from the views, and none of another's."""

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


def test_an_entry_says_what_the_views_say_now() -> None:
    shown = entry(NEWS, FOUND, "zh")
    assert "补贴" in shown.title
    assert "请到服务站咨询" in shown.body
    assert (shown.read, shown.answered, shown.at) == (False, False, NEWS.at)
    assert shown.notice_id == NOTICE


@pytest.mark.parametrize("found", [{}, {("notices", NOTICE): {"erased": True}}])
def test_what_was_erased_leaves_an_entry_without_words(found: dict[tuple[str, str], dict]) -> None:
    assert (entry(NEWS, found, "zh-CN").title, entry(NEWS, found, "zh-CN").body) == GONE[True]
    assert entry(NEWS, found, "en").title == GONE[False][0]


def test_a_receipt_shows() -> None:
    shown = entry(NEWS.model_copy(update={"read_at": minutes(2)}), FOUND, "en")
    assert (shown.read, shown.answered) == (True, False)


def test_another_recipients_entry_is_not_there() -> None:
    theirs = Owner(ids.worker_id("test", "2"), "zh")
    with pytest.raises(NotFound):
        check_owner(theirs, NEWS)


def test_what_has_not_come_yet_is_not_there() -> None:
    waiting = delivery(status=DeliveryStatus.WAITING)
    with pytest.raises(NotFound):
        check_owner(Owner(WORKER, "zh"), waiting)


def test_an_invitation_to_what_is_over_and_news_that_was_undone_are_withdrawn() -> None:
    match = a_match(OPENING, WORKER, NOW)
    (invited, _) = notifications_for(match.model_copy(update={"station_id": STATION}))
    assert not withdrawn(invited, match.to_dict())
    assert withdrawn(invited, match.to_dict() | {"state": "expired"})
    assert not withdrawn(invited, None), "what is erased has words of its own"
    entry = {"at": NOW.isoformat(), "undone": True}
    assert withdrawn(invited, match.to_dict() | {"history": [entry]})
    later = {"at": (NOW + timedelta(seconds=1)).isoformat(), "undone": True}
    assert not withdrawn(invited, match.to_dict() | {"history": [later]})
