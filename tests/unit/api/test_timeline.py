"""Timeline of a delivery, in order."""

from __future__ import annotations

from api.notifications.delivery_timeline import channel_timeline, timeline_entries
from api.notifications.schemas import DeliveryStep
from roost.events.notification import Delivery, DeliveryStatus, Hold, Step
from tests.unit.api.builders import delivery, minutes

S = DeliveryStatus


def whats(of: Delivery) -> list[str]:
    return [moment.what.value for moment in timeline_entries(of)]


def test_a_message_that_was_held_sent_read_and_answered_tells_all_of_it() -> None:
    steps = (
        Step(at=minutes(1), status=S.WAITING, why="quiet"),
        Step(at=minutes(5), status=S.SENDING),
        Step(at=minutes(6), status=S.SENT),
    )
    told = delivery(
        history=steps, at=minutes(6), read_at=minutes(8), answered_at=minutes(9), revision=5
    )
    assert whats(told) == ["created", "held", "sending", "sent", "read", "answered"]
    assert timeline_entries(told)[1].why == "quiet"
    assert timeline_entries(told)[1].until is None, "it is not held any more"


def test_what_is_held_says_why_and_until_when() -> None:
    held = delivery(
        status=S.WAITING,
        held_by=Hold.DIGEST,
        due_at=minutes(60),
        history=(Step(at=minutes(1), status=S.WAITING),),
    )
    last = timeline_entries(held)[-1]
    assert (last.what, last.why, last.until) == (DeliveryStep.HELD, "digest", minutes(60))


def test_what_only_waits_its_turn_is_not_called_held() -> None:
    assert whats(delivery(status=S.WAITING)) == ["created", "waiting"]


def test_a_row_without_a_history_says_at_least_what_it_is() -> None:
    failed = delivery(status=S.FAILED, detail="no such number")
    assert timeline_entries(failed)[-1].what is DeliveryStep.FAILED
    assert timeline_entries(failed)[-1].why == "no such number"


def test_a_tried_again_message_shows_each_try() -> None:
    steps = (
        Step(at=minutes(1), status=S.SENDING),
        Step(at=minutes(2), status=S.WAITING, why="timeout"),
        Step(at=minutes(4), status=S.SENDING),
        Step(at=minutes(5), status=S.FAILED, why="refused"),
    )
    told = channel_timeline(delivery(status=S.FAILED, history=steps, attempts=2))
    assert [each.what.value for each in told.timeline] == [
        "created",
        "sending",
        "held",
        "sending",
        "failed",
    ]
    assert told.attempts == 2
