"""News of interviews: to the employer, the worker, the station and webhooks, by real actions."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from matcher.eligibility import NO_LONGER_OPEN
from roost.events.match import (
    ActionKind,
    Actor,
    ContactOutcome,
    DeclineReason,
    Match,
    MatchState,
    Role,
)
from roost.events.notification import DeliveryStatus, Notification, NotificationKind, RecipientKind
from roost.events.webhook import Webhook
from roost.rules.interview_news import interview_obstacle, interview_pending, is_cancelled
from roost.topics import MATCHES
from streams.notify import rules
from tests.unit.streams.test_actions import LI, NOW, SOMEBODY, action, after, match
from tests.unit.streams.test_employer_messages import (
    HOOK,
    OWNER,
    RECORD,
    Around,
    put_match,
    show,
    waiting_opening,
)

A, K = ActionKind, NotificationKind
ACME = Actor(role=Role.EMPLOYER, id="acme-hr")
SOON, LATER = NOW + timedelta(days=2), NOW + timedelta(days=3)
SET, CANCELLED = K.INTERVIEW_SET.value, K.INTERVIEW_CANCELLED.value


def arranged(by: Actor = LI, at: Any = SOON) -> Match:
    reached = action(A.CONTACT, after_s=1, contact=ContactOutcome.REACHED)
    made = match(station_id="s-" + "a" * 26)
    return after(made, reached, action(A.INTERVIEW, by, 60, interview_at=at))


def news(made: Match) -> set[tuple[str, str]]:
    hook = Webhook.model_validate({"id": HOOK, "url": "https://hooks.example.cn/roost"})
    told = [
        *rules.notifications_for(made),
        *rules.webhook_notifications(made, [hook], OWNER),
    ]
    own = rules.interview_news(made, OWNER)
    return {
        (each.recipient.kind.value, each.kind.value) for each in (*told, *([own] if own else []))
    }


def of_employer(made: Match) -> Notification:
    told = rules.interview_news(made, OWNER)
    assert told is not None
    return told


def test_an_employer_is_notified_of_an_interview_that_somebody_else_sets() -> None:
    told = of_employer(arranged())
    assert (told.recipient.id, told.kind, told.urgent) == (RECORD, K.INTERVIEW_SET, True)
    assert rules.interview_news(arranged(ACME), OWNER) is None
    called = after(arranged(ACME), action(A.CONTACT, after_s=90))
    assert rules.interview_news(called, OWNER) is None, "a call changes nothing"


def test_a_new_time_is_announced_and_the_same_one_once() -> None:
    first = arranged()
    moved = after(first, action(A.INTERVIEW, after_s=120, interview_at=LATER))
    assert of_employer(moved).id != of_employer(first).id
    called = after(moved, action(A.CONTACT, after_s=180))
    assert of_employer(called).id == of_employer(moved).id
    back = after(moved, action(A.UNDO, after_s=130))
    assert len({of_employer(each).id for each in (first, moved, back)}) == 3


def declined(by: Actor, reason: DeclineReason = DeclineReason.OTHER, *, at: Any = SOON) -> Match:
    return after(arranged(at=at), action(A.DECLINE, by, 300, reason=reason))


CANCELLATIONS = [
    (after(arranged(), action(A.UNDO, after_s=70)), {"worker", "employer", "webhook"}),
    (declined(ACME), {"worker", "station", "webhook"}),
    (declined(SOMEBODY), {"employer", "station", "webhook"}),
    (declined(LI), {"employer", "webhook"}),
    (declined(LI, DeclineReason.EMPLOYER_CHOSE_OTHER), {"worker", "employer", "webhook"}),
    (
        arranged().model_copy(
            update={"state": MatchState.EXPIRED, "cause": "inactive", "expired_at": NOW}
        ),
        {"worker", "employer", "webhook"},
    ),
]


@pytest.mark.parametrize(("made", "told"), CANCELLATIONS)
def test_a_cancellation_is_announced_to_those_who_did_not_decide_it(
    made: Match, told: set[str]
) -> None:
    assert {who for who, kind in news(made) if kind == CANCELLED} == told
    assert not any(kind == SET for _, kind in news(made))


@pytest.mark.parametrize("at", [NOW + timedelta(seconds=200), None])
def test_the_end_of_a_match_cancels_no_interview_that_took_place(at: Any) -> None:
    assert not is_cancelled(declined(LI, at=at))


@pytest.mark.parametrize("cause", sorted(NO_LONGER_OPEN))
def test_the_end_of_an_opening_is_announced_as_such(cause: str) -> None:
    ended = arranged().model_copy(
        update={"state": MatchState.EXPIRED, "cause": cause, "expired_at": NOW}
    )
    assert CANCELLED not in {kind for _, kind in news(ended)}


def test_an_undone_cancellation_announces_the_interview_again() -> None:
    first = arranged()
    cancelled = after(first, action(A.DECLINE, SOMEBODY, 300))
    back = after(cancelled, action(A.UNDO, SOMEBODY, 310))
    again = {each.recipient.kind: each for each in rules.notifications_for(back)}
    before = {each.recipient.kind: each for each in rules.notifications_for(first)}
    worker = RecipientKind.WORKER
    assert again[worker].id != before[worker].id
    assert of_employer(back).id != of_employer(first).id


STEPS = st.lists(
    st.tuples(
        st.sampled_from([A.INTERVIEW, A.DECLINE, A.UNDO, A.CONTACT]),
        st.sampled_from([LI, ACME]),
    ),
    max_size=8,
)


@given(STEPS)
def test_news_is_valid_on_the_match_that_caused_it_and_never_after_another_time(
    steps: list[tuple[ActionKind, Actor]],
) -> None:
    """Each announcement is due on its own record; a later arrangement makes it stale."""
    made, told = arranged(), [of_employer(arranged())]
    for number, (kind, by) in enumerate(steps):
        details = {"interview_at": LATER + timedelta(hours=number)} if kind is A.INTERVIEW else {}
        made = after(made, action(kind, by, 100 + number, **details))
        one = rules.interview_news(made, OWNER)
        if one is None:
            continue
        fact = made.to_dict()
        assert (interview_obstacle(one, fact), interview_pending(one, fact)) == ("", False)
        for earlier in told:
            if earlier.version < one.version:
                assert interview_obstacle(earlier, fact)
        told.append(one)


def message_around(made: Match, **contact: Any) -> tuple[Around, Notification]:
    around = Around(**contact)
    show(around, waiting_opening(id=made.opening_id, awaiting_approval=False))
    put_match(around, made)
    return around, of_employer(made)


def test_the_message_names_the_time_and_nobody() -> None:
    made = arranged()
    around, told = message_around(made)
    around.deliver(told)
    ((_, message),) = around.sink.sent
    assert message.title.startswith("Interview arranged: ")
    assert "Time: 25 November, 17:20" in message.body
    assert f"https://jobs.example/console/employer/openings/{made.opening_id}" in message.body
    assert made.worker_id not in message.body


def test_a_cancellation_reaches_the_employer_in_its_language() -> None:
    around, told = message_around(declined(SOMEBODY), language="zh")
    around.deliver(told)
    ((_, message),) = around.sink.sent
    assert message.title.startswith("面试取消：")
    assert "原定 11月25日 17:20 的面试已取消" in message.body


def test_a_message_waits_until_the_view_shows_the_new_time() -> None:
    first = arranged()
    moved = after(first, action(A.INTERVIEW, after_s=120, interview_at=LATER))
    around, _ = message_around(first)
    newer = of_employer(moved)
    around.deliver(newer, seconds=0.5)
    assert around.row(newer).status is DeliveryStatus.WAITING
    assert around.sink.sent == []


def test_a_message_about_the_earlier_time_is_dropped() -> None:
    first = arranged()
    moved = after(first, action(A.INTERVIEW, after_s=120, interview_at=LATER))
    around, _ = message_around(moved)
    around.deliver(of_employer(first))
    assert around.sink.sent == []


def test_an_erased_match_announces_nothing() -> None:
    made = arranged()
    around, told = message_around(made)
    around.world.documents[MATCHES.name, made.id] = (9, {"version": 9, "erased": True})
    around.deliver(told)
    assert around.sink.sent == []
