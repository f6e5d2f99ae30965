"""Conversations: ids and texts of messages, and the state of a message's delivery."""

from __future__ import annotations

from typing import Any

import pytest

from api.conversations.message_delivery import state_of
from api.conversations.schemas import DeliveryState as D
from producers import conversation_facts as facts
from roost.events.conversation import LONGEST_KEPT, LONGEST_WRITTEN, Author
from roost.events.envelope import is_unchanged
from roost.events.notification import DeliveryStatus as S
from roost.events.notification import NotificationKind, sent_alone, urgent
from roost.events.preferences import ChannelKind as C
from roost.rules.conversation_notices import message_notification
from roost.wording.writing import LONGEST_BODY
from tests.unit.api.builders import NOW, WORKER, delivery, minutes


@pytest.mark.parametrize(
    ("rows", "state"),
    [
        ([], (D.QUEUED, None)),
        ([(C.INBOX, S.SENT)], (D.INBOX, C.INBOX)),
        ([(C.INBOX, S.SENT), (C.SMS, S.WAITING)], (D.QUEUED, C.SMS)),
        ([(C.INBOX, S.SENT), (C.SMS, S.SENDING)], (D.QUEUED, C.SMS)),
        ([(C.INBOX, S.SENT), (C.SMS, S.SENT)], (D.DELIVERED, C.SMS)),
        ([(C.INBOX, S.SENT), (C.SMS, S.FAILED)], (D.FAILED, C.SMS)),
        ([(C.INBOX, S.SENT), (C.SMS, S.PARKED)], (D.FAILED, C.SMS)),
        ([(C.SMS, S.FAILED), (C.EMAIL, S.WAITING)], (D.QUEUED, C.EMAIL)),
        ([(C.SMS, S.FAILED), (C.EMAIL, S.SENT)], (D.DELIVERED, C.EMAIL)),
        ([(C.INBOX, S.SENT), (C.SMS, S.SUPPRESSED)], (D.INBOX, C.INBOX)),
        ([(C.INBOX, S.SUPPRESSED)], (D.STOPPED, None)),
    ],
)
def test_one_channel_that_delivers_is_enough(
    rows: list[tuple[C, S]], state: tuple[D, C | None]
) -> None:
    assert state_of(delivery(channel=kind, status=status) for kind, status in rows) == state


def test_a_reply_is_one_message_in_every_spelling_of_the_address() -> None:
    ids = {facts.reply_id(C.SMS, each, "1") for each in ("138-0013-8000", "+86 13800138000")}
    assert len(ids) == 1
    assert facts.reply_id(C.SMS, "13800138000", "2") not in ids
    assert facts.reply_id(C.SMS, "13900139000", "1") not in ids
    assert facts.reply_id(C.WECOM, "13800138000", "1") not in ids


def test_a_reply_that_is_too_long_is_cut_and_marked() -> None:
    id = facts.reply_id(C.SMS, "13800138000", "1")
    for text, kept, cut in (
        ("好" * LONGEST_KEPT, "好" * LONGEST_KEPT, False),
        ("好" * 9_999, "好" * LONGEST_KEPT, True),
    ):
        message, _ = facts.reply_received(id, WORKER, C.SMS, text, at=NOW)
        assert (message.text, message.shortened) == (kept, cut)


def written(author: Author = Author.STATION, **changes: Any) -> Any:
    id = facts.written_id(WORKER, "u-1", "seed")
    message, _ = facts.message_written(id, WORKER, author, "请带身份证。", by="u-1", at=NOW)
    return message.model_copy(update=changes)


def test_a_settled_message_is_not_open_and_settling_it_again_changes_nothing() -> None:
    asked = written(Author.WORKER)
    assert asked.is_open
    assert not written().is_open
    settled, _ = facts.message_settled(asked, "d-" + "a" * 26, at=minutes(1))
    assert not settled.is_open
    assert is_unchanged(facts.message_repeated(settled), settled.to_dict())


def test_only_the_stations_messages_notify_and_they_go_alone() -> None:
    assert message_notification(written(Author.WORKER)) is None
    told = message_notification(written())
    assert told is not None
    assert told.kind is NotificationKind.STATION_MESSAGE
    assert told.conversation_message_id == written().id
    assert told == message_notification(written(text="another text, the same message"))
    assert (sent_alone(told), urgent(told)) == (True, False)


def test_a_written_message_fits_a_message_with_its_stop_link() -> None:
    assert LONGEST_WRITTEN + 300 < LONGEST_BODY
