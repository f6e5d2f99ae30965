"""The question whether an employer may have a worker's contact details: asked, answered, lapsed."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from roost.events.envelope import decode, value_of
from roost.events.match import ActionKind, Actor, Match, MatchAction, MatchState, Role, Sharing
from roost.events.notification import NotificationKind, RecipientKind
from roost.rules.sharing_news import sharing_news, sharing_obstacle, sharing_pending
from roost.rules.visibility import shares_all, shown_to_employer
from roost.views.answers import Hit
from streams.queue.action_effects import apply_action
from streams.queue.match_documents import moments
from streams.queue.sharing_deadlines import QUEUE, lapses
from tests.unit.roost.test_visibility import PROFILE
from tests.unit.streams.test_actions import (
    CHIEF,
    LI,
    NOW,
    SOMEBODY,
    WANG,
    action,
    after,
    match,
    why,
)

A, K, S = ActionKind, NotificationKind, Sharing
ACME = Actor(role=Role.EMPLOYER, id="acme-hr")
UNTIL = NOW + timedelta(days=3)
NAME = PROFILE["name"]


def asked(by: Actor = ACME, **changes: Any) -> Match:
    made = match(station_id="s-" + "a" * 26, **changes)
    return after(made, action(A.ASK_SHARING, by, 10, answer_by=UNTIL))


def lapsed(made: Match) -> Match:
    return after(made, lapse(made))


def lapse(made: Match) -> MatchAction:
    (sent,) = lapses([Hit(made.id, None, {"fact": made.to_dict()})], "/streams/queue", UNTIL)
    return decode(MatchAction, value_of(sent))


def seen_by_employer(made: Match) -> dict[str, Any]:
    return dict(shown_to_employer(made.to_dict(), PROFILE)["worker"])


def test_a_question_shares_nothing_and_the_employer_sees_that_it_was_asked() -> None:
    made = asked()
    assert "name" not in seen_by_employer(made)
    shown = shown_to_employer(made.to_dict(), PROFILE)
    assert shown["sharingAskedAt"] == (NOW + timedelta(seconds=10)).isoformat().replace(
        "+00:00", "Z"
    )


@pytest.mark.parametrize("by", [SOMEBODY, LI])
def test_a_yes_shares_name_and_contact_and_a_revocation_ends_it(by: Actor) -> None:
    agreed = after(asked(), action(A.SHARE, by, 60))
    assert seen_by_employer(agreed)["name"] == NAME
    revoked = after(agreed, action(A.WITHHOLD, by, 120))
    assert "name" not in seen_by_employer(revoked)
    again = after(revoked, action(A.SHARE, by, 180))
    assert seen_by_employer(again)["name"] == NAME
    kinds = [each.kind for each in again.history]
    assert kinds == [A.ASK_SHARING, A.SHARE, A.WITHHOLD, A.SHARE]


@pytest.mark.parametrize("answer", [A.WITHHOLD, A.LAPSE])
def test_the_employer_cannot_tell_a_no_from_a_pending_question(answer: ActionKind) -> None:
    """Only the times of changes differ, as after any step of the station."""
    made = asked()
    ended = lapsed(made) if answer is A.LAPSE else after(made, action(answer, SOMEBODY, 60))
    before, now = (shown_to_employer(each.to_dict(), PROFILE) for each in (made, ended))
    for shown in (before, now):
        del shown["revision"], shown["changedAt"]
    assert before == now


def test_an_acceptance_shares_and_can_be_revoked_for_sharing_alone() -> None:
    accepted = after(match(), action(A.ACCEPT, SOMEBODY))
    assert why(after(accepted, action(A.ASK_SHARING, ACME, 5))) == "already"
    revoked = after(accepted, action(A.WITHHOLD, SOMEBODY, 60))
    assert revoked.accepted_at is not None
    assert "name" not in seen_by_employer(revoked)
    again = after(revoked, action(A.ACCEPT, SOMEBODY, 90))
    assert seen_by_employer(again)["name"] == NAME


def test_a_no_counts_more_than_what_the_profile_shows_by_default() -> None:
    shows_all = PROFILE | {"shownToEmployers": {"name": True, "contact": True}}
    refused = after(asked(), action(A.WITHHOLD, SOMEBODY, 60))
    worker = shown_to_employer(refused.to_dict(), shows_all)["worker"]
    assert not {"name", "contact"} & worker.keys()


@pytest.mark.parametrize("ended", [A.DECLINE, None])
def test_a_yes_ends_with_the_match_and_later_rounds_do_not_inherit_it(
    ended: ActionKind | None,
) -> None:
    agreed = after(asked(), action(A.SHARE, SOMEBODY, 60))
    over = (
        after(agreed, action(ended, ACME, 90))
        if ended
        else agreed.model_copy(update={"state": MatchState.EXPIRED})
    )
    assert not shares_all(over.to_dict())


def test_a_worker_is_asked_once_a_round_and_never_by_another_worker() -> None:
    made = asked()
    assert why(after(made, action(A.ASK_SHARING, LI, 20))) == "already"
    assert why(after(match(), action(A.ASK_SHARING, SOMEBODY, 20))) == "role"
    assert why(after(match(), action(A.SHARE, SOMEBODY, 20))) == "not_asked"
    held = after(match(), action(A.CLAIM, LI))
    assert why(after(held, action(A.ASK_SHARING, WANG, 20))) == "held"


@pytest.mark.parametrize("by", [ACME, LI, CHIEF, SOMEBODY])
def test_nobody_but_the_clock_ends_a_question(by: Actor) -> None:
    assert why(after(asked(), action(A.LAPSE, by, 400_000))) == "role"


def test_no_answer_counts_as_no_and_a_late_yes_still_counts() -> None:
    made = lapsed(asked())
    assert (made.sharing, made.answer_by) == (S.UNANSWERED, None)
    assert made.history[-1].actor == QUEUE
    assert "name" not in seen_by_employer(made)
    late = after(made, action(A.SHARE, SOMEBODY, 400_000))
    assert seen_by_employer(late)["name"] == NAME


def test_a_deadline_that_passes_twice_or_after_the_answer_changes_nothing() -> None:
    made = asked()
    once = lapsed(made)
    assert apply_action(once, lapse(made)) is None
    answered = after(made, action(A.WITHHOLD, SOMEBODY, 60))
    assert apply_action(answered, lapse(made)) is None
    early = lapse(made).model_copy(update={"at": UNTIL - timedelta(minutes=1)})
    assert apply_action(made, early) is None


def test_only_a_pending_question_is_found_by_its_deadline() -> None:
    made = asked()
    assert moments(made)["answer_by"] == UNTIL.isoformat()
    for over in (lapsed(made), after(made, action(A.SHARE, SOMEBODY, 60))):
        assert "answer_by" not in moments(over)
    declined = after(made, action(A.DECLINE, LI, 60))
    assert "answer_by" not in moments(declined)


def told(made: Match) -> set[tuple[RecipientKind, NotificationKind]]:
    return {(each.recipient.kind, each.kind) for each in sharing_news(made)}


def test_the_worker_is_asked_and_the_station_notified_of_answers_that_staff_did_not_record() -> (
    None
):
    worker, station = RecipientKind.WORKER, RecipientKind.STATION
    assert told(asked()) == {(worker, K.SHARING_ASKED)}
    answered = {(station, K.SHARING_ANSWERED)}
    assert told(after(asked(), action(A.SHARE, SOMEBODY, 60))) == answered
    assert told(after(asked(), action(A.WITHHOLD, SOMEBODY, 60))) == answered
    assert told(lapsed(asked())) == answered
    assert told(after(asked(), action(A.SHARE, LI, 60))) == set()
    assert told(match()) == set()


STEPS = st.lists(
    st.tuples(
        st.sampled_from([A.ASK_SHARING, A.SHARE, A.WITHHOLD, A.ACCEPT, A.UNDO, A.CONTACT]),
        st.sampled_from([LI, ACME, SOMEBODY]),
    ),
    max_size=10,
)


@given(STEPS)
def test_name_and_contact_are_seen_only_after_a_yes_that_was_not_taken_back(
    steps: list[tuple[ActionKind, Actor]],
) -> None:
    made = match()
    for number, (kind, by) in enumerate(steps):
        made = after(made, action(kind, by, number))
        standing = [each for each in made.history if each.stands]
        answers = [each.kind for each in standing if each.kind in {A.SHARE, A.WITHHOLD, A.ACCEPT}]
        agreed = bool(answers) and answers[-1] is not A.WITHHOLD
        assert ("name" in seen_by_employer(made)) is agreed


@given(STEPS)
def test_news_is_valid_on_its_own_record_and_stale_after_another_answer(
    steps: list[tuple[ActionKind, Actor]],
) -> None:
    made = match(station_id="s-" + "a" * 26)
    earlier: dict[str, Any] = {}
    for number, (kind, by) in enumerate(steps):
        made = after(made, action(kind, by, number))
        fact = made.to_dict()
        current = {each.id: each for each in sharing_news(made)}
        for each in current.values():
            assert (sharing_obstacle(each, fact), sharing_pending(each, fact)) == ("", False)
        for id, each in earlier.items():
            if id not in current and made.sharing is not None and each.caused_at > NOW:
                by_staff = sharing_obstacle(each, fact) == ""
                assert not by_staff or made.sharing_answered_at == each.caused_at
        earlier |= current


def test_times_are_read_in_any_offset() -> None:
    made = asked()
    fact = made.to_dict()
    (told_now,) = sharing_news(made)
    east = datetime.fromisoformat(fact["sharingAskedAt"]).astimezone(UTC).isoformat()
    assert sharing_obstacle(told_now, fact | {"sharingAskedAt": east}) == ""
