"""People's actions on a match: assign, accept, call, interview, undo."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from pydantic import ValidationError

from roost import ids
from roost.events.match import (
    SHARED_BY_ACCEPTANCE,
    About,
    ActionKind,
    Actor,
    ContactOutcome,
    InterviewBy,
    Match,
    MatchAction,
    MatchState,
    Outcome,
    Role,
    WhyNot,
)
from roost.rules.allowed_actions import UNDO_WITHIN
from roost.time.station_hours import by_the_clock
from roost.time.urgency import Targets, Urgency, act_by, urgency
from roost.wording.action_words import WORDS, refusal
from streams.deliver.planning import obstacle
from streams.notify.rules import notifications_for
from streams.queue.action_effects import HISTORY, REFUSALS, apply_action
from streams.queue.match_projection import match_write
from tests.made import a_match
from tests.unit.streams.test_planning import KNOWN

NOW = datetime(2026, 11, 23, 9, 20, tzinfo=UTC)
OPENING, WORKER = ids.opening_id("t", "1"), ids.worker_id("t", "1")
LI, WANG = Actor(id="li"), Actor(id="wang")
CHIEF = Actor(role=Role.CHIEF, id="zhao")
SOMEBODY = Actor(role=Role.WORKER, id=WORKER)
TARGETS = Targets(timedelta(hours=4), timedelta(hours=24))
CLOCK = by_the_clock(UTC).schedule
A, S = ActionKind, MatchState


def match(**changes: Any) -> Match:
    return a_match(OPENING, WORKER, NOW, **changes)


def action(kind: ActionKind, by: Actor = LI, after_s: float = 0, **details: Any) -> MatchAction:
    return MatchAction(
        id=ids.derive("a", kind, by.id, str(after_s)),
        match_id=ids.match_id(OPENING, WORKER),
        kind=kind,
        actor=by,
        at=NOW + timedelta(seconds=after_s),
        **details,
    )


def after(made: Match, *actions: MatchAction) -> Match:
    for each in actions:
        changed = apply_action(made, each)
        assert changed is not None
        made = changed
    return made


def why(made: Match) -> str:
    return made.refusals[-1].why


def test_an_open_match_is_given_to_a_colleague_who_has_it_from_then_on() -> None:
    given = after(match(), action(A.ASSIGN, assignee="wang"))
    assert (given.state, given.assigned_to, given.claimed_at) == (S.CLAIMED, "wang", NOW)
    assert why(after(given, action(A.CONTACT, after_s=1))) == WhyNot.HELD


def test_who_has_a_match_passes_it_on_and_the_clock_begins_anew() -> None:
    held = after(match(), action(A.CLAIM), action(A.CONTACT, after_s=1))
    passed_on = after(held, action(A.ASSIGN, after_s=60, assignee="wang"))
    assert (passed_on.state, passed_on.assigned_to) == (S.CONTACTED, "wang")
    assert passed_on.claimed_at == NOW + timedelta(seconds=60)
    assert passed_on.history[-1].holder == "li"
    old, new = act_by(held, TARGETS, CLOCK), act_by(passed_on, TARGETS, CLOCK)
    assert old is not None
    assert new is not None
    assert new - old == timedelta(seconds=59)


def test_a_colleague_may_not_take_it_away_and_a_chief_may() -> None:
    held = after(match(), action(A.CLAIM))
    refused = after(held, action(A.ASSIGN, WANG, 1, assignee="wang"))
    assert (why(refused), refused.refusals[-1].holder, refused.assigned_to) == ("held", "li", "li")
    moved = after(held, action(A.ASSIGN, CHIEF, 1, assignee="wang"))
    assert moved.assigned_to == "wang"
    freed = after(held, action(A.RELEASE, CHIEF, 1))
    assert (freed.state, freed.assigned_to, freed.claimed_at) == (S.PROPOSED, None, None)
    assert why(after(held, action(A.CONTACT, CHIEF, 1))) == WhyNot.HELD


def test_an_assignment_names_somebody_who_does_not_have_it_yet() -> None:
    with pytest.raises(ValidationError, match="give the new assignee"):
        action(A.ASSIGN)
    held = after(match(), action(A.CLAIM))
    assert why(after(held, action(A.ASSIGN, after_s=1, assignee="li"))) == WhyNot.ALREADY


def test_a_worker_who_is_interested_says_so_once_and_nobody_loses_the_match() -> None:
    held = after(match(), action(A.CLAIM))
    said = action(A.ACCEPT, SOMEBODY, 5).model_copy(update={"shares": SHARED_BY_ACCEPTANCE})
    glad = after(held, said)
    assert [each.shares for each in glad.history] == [(), ("name", "contact")], "the consent"
    assert (glad.state, glad.assigned_to) == (held.state, "li")
    assert glad.accepted_at == NOW + timedelta(seconds=5)
    assert why(after(glad, action(A.ACCEPT, SOMEBODY, 6))) == WhyNot.ALREADY
    assert why(after(match(), action(A.ACCEPT, Actor(role=Role.EMPLOYER, id="e")))) == WhyNot.ROLE


@pytest.mark.parametrize("outcome", ContactOutcome)
def test_a_call_ends_the_wait_and_only_who_was_reached_is_contacted(
    outcome: ContactOutcome,
) -> None:
    called = after(match(), action(A.CONTACT, contact=outcome))
    assert called.assigned_to == "li"
    assert called.first_contact_at == NOW
    if outcome.reached:
        assert (called.state, called.contacted_at) == (S.CONTACTED, NOW)
    else:
        assert (called.state, called.contacted_at) == (S.CLAIMED, None)


def test_when_to_call_again_is_kept_until_the_next_call() -> None:
    later = NOW + timedelta(hours=2)
    asked = after(match(), action(A.CONTACT, contact=ContactOutcome.CALL_BACK, call_again_at=later))
    assert (asked.call_again_at, act_by(asked, TARGETS, CLOCK)) == (later, later)
    again = after(asked, action(A.CONTACT, after_s=7200, contact=ContactOutcome.REACHED))
    assert (again.call_again_at, again.contacted_at) == (None, NOW)


def test_an_interview_has_a_time_that_can_be_set_anew_and_each_is_told() -> None:
    first, second = NOW + timedelta(days=1), NOW + timedelta(days=2)
    ready = after(match(), action(A.CONTACT))
    details: dict[str, Any] = {"interview_by": InterviewBy.VIDEO}
    one = after(ready, action(A.INTERVIEW, after_s=1, interview_at=first, **details))
    assert (one.interview_at, one.interview_by, act_by(one, TARGETS, CLOCK)) == (
        first,
        "video",
        first,
    )
    two = after(one, action(A.INTERVIEW, after_s=2, interview_at=second, **details))
    assert two.interview_at == second
    told = {each.id for made in (one, two) for each in notifications_for(made)}
    assert len(told) == 2
    back = after(two, action(A.UNDO, after_s=3))
    assert back.interview_at == first
    assert {each.id for each in notifications_for(back)}.isdisjoint(told), "the time is another"


def test_an_undo_puts_back_how_it_stood_and_keeps_both_in_the_history() -> None:
    held = after(match(), action(A.CLAIM))
    gone = after(held, action(A.DECLINE, after_s=10, reason="wage"))
    back = after(gone, action(A.UNDO, after_s=20))
    assert back.progress == held.progress
    assert [each.undone for each in back.history] == [False, True, False]
    assert back.revision == 4
    assert why(after(back, action(A.UNDO, after_s=21))) == WhyNot.NOTHING_TO_UNDO


@pytest.mark.parametrize("answer", [A.ACCEPT, A.DECLINE])
def test_a_call_and_the_answer_given_in_it_are_undone_together(answer: ActionKind) -> None:
    reached = action(A.CONTACT, contact=ContactOutcome.REACHED)
    stated = after(match(), reached, action(answer))
    assert stated.contacted_at == NOW
    back = after(stated, action(A.UNDO, after_s=3))
    assert back.progress == match().progress
    assert [each.undone for each in back.history] == [True, True, False]
    assert why(after(back, action(A.UNDO, after_s=4))) == WhyNot.NOTHING_TO_UNDO


def test_other_actions_of_the_same_moment_are_undone_one_by_one() -> None:
    claimed = after(match(), action(A.CLAIM), action(A.CONTACT))
    assert after(claimed, action(A.UNDO, after_s=1)).state is S.CLAIMED
    agreed = after(match(), action(A.CONTACT, LI), action(A.ACCEPT, SOMEBODY))
    assert after(agreed, action(A.UNDO, SOMEBODY, 1)).state is S.CONTACTED


def test_a_later_action_is_undone_without_the_earlier_step() -> None:
    stated = after(match(), action(A.CONTACT), action(A.DECLINE, after_s=1))
    back = after(stated, action(A.UNDO, after_s=3))
    assert back.state is S.CONTACTED
    assert [each.undone for each in back.history] == [False, True, False]


def test_only_who_did_it_undoes_it_and_only_for_a_moment() -> None:
    held = after(match(), action(A.CLAIM))
    assert why(after(held, action(A.UNDO, WANG, 1))) == WhyNot.NOT_YOURS
    in_time, late = UNDO_WITHIN.total_seconds(), UNDO_WITHIN.total_seconds() + 1
    assert after(held, action(A.UNDO, after_s=in_time)).state is S.PROPOSED
    assert why(after(held, action(A.UNDO, after_s=late))) == WhyNot.TOO_LATE


def test_what_was_refused_meanwhile_does_not_keep_it_from_being_undone() -> None:
    held = after(match(), action(A.CLAIM), action(A.CLAIM, WANG, 1))
    assert after(held, action(A.UNDO, after_s=2)).state is S.PROPOSED


def test_what_somebody_else_did_since_does() -> None:
    held = after(match(), action(A.CLAIM), action(A.ACCEPT, SOMEBODY, 1))
    assert why(after(held, action(A.UNDO, after_s=2))) == WhyNot.NOT_YOURS


def test_what_was_undone_is_not_told_if_it_was_not_told_yet() -> None:
    held = after(match(), action(A.CLAIM))
    (claimed,) = notifications_for(held)
    seen = {"active": True} | {"fact": held.to_dict()}
    assert obstacle(claimed, KNOWN.__class__(recipient={}, opening={}, match=seen)) == ""
    back = after(held, action(A.UNDO, after_s=2))
    seen = {"active": True} | {"fact": back.to_dict()}
    context = KNOWN.__class__(recipient={}, opening={}, match=seen)
    assert obstacle(claimed, context) == "the event was undone"


def test_a_placement_that_was_undone_is_told_when_it_is_made_again() -> None:
    ready = after(match(), action(A.CONTACT))
    placed = after(ready, action(A.PLACE, after_s=1))
    again = after(placed, action(A.UNDO, after_s=2), action(A.PLACE, after_s=3))
    assert again.placed_at == NOW + timedelta(seconds=3)
    first, second = ({n.id for n in notifications_for(each)} for each in (placed, again))
    assert first.isdisjoint(second)


@pytest.mark.parametrize("code", WhyNot)
def test_every_refusal_has_words_in_both_languages(code: WhyNot) -> None:
    english, chinese = refusal(code, "li", S.CLAIMED)
    assert english.isascii()
    assert not chinese.isascii()
    assert set(WORDS) == set(WhyNot)


def test_a_new_match_is_due_by_the_target_and_sooner_with_priority_or_a_yes() -> None:
    assert act_by(match(), TARGETS, CLOCK) == NOW + timedelta(hours=4)
    assert act_by(match(about=About(priority=True)), TARGETS, CLOCK) == NOW + timedelta(hours=2)
    glad = match(accepted_at=NOW + timedelta(minutes=10))
    assert act_by(glad, TARGETS, CLOCK) == NOW + timedelta(minutes=130)


def test_an_opening_that_starts_or_ends_soon_is_due_sooner_but_not_before_anybody_can() -> None:
    tomorrow = About(starts_on=(NOW + timedelta(days=1)).date())
    assert act_by(match(about=tomorrow), TARGETS, CLOCK) == NOW + timedelta(hours=1)
    begun = About(starts_on=(NOW - timedelta(days=9)).date())
    assert act_by(match(about=begun), TARGETS, CLOCK) == NOW + timedelta(hours=4)


@pytest.mark.parametrize("state", [S.PLACED, S.DECLINED, S.EXPIRED])
def test_nobody_has_to_do_anything_about_what_has_ended(state: MatchState) -> None:
    assert act_by(match(state=state), TARGETS, CLOCK) is None


def test_what_is_due_is_overdue_soon_or_later() -> None:
    minute = timedelta(minutes=1)
    assert urgency(None, None, NOW) is None
    assert urgency(NOW, None, NOW) is Urgency.OVERDUE
    assert urgency(NOW + minute, None, NOW) is Urgency.SOON
    assert urgency(NOW + 61 * minute, None, NOW) is Urgency.LATER
    assert urgency(NOW + 61 * minute, NOW, NOW) is Urgency.SOON
    assert urgency(NOW + minute, NOW + minute, NOW) is Urgency.LATER


def test_the_view_says_how_long_a_match_waited_and_of_which_hour_it_is_due() -> None:
    waiting = match(act_by=NOW + timedelta(hours=4))
    seen = match_write(waiting, b"{}", 1).document
    assert (seen["urgent_at"], "waited_s" in seen) == ("2026-11-23T13:00:00+00:00", False)
    called = after(match(), action(A.CONTACT, after_s=90, contact=ContactOutcome.BUSY))
    assert match_write(called, b"{}", 1).document["waited_s"] == 90
    gone = match(state=S.EXPIRED, expired_at=NOW + timedelta(seconds=7))
    assert match_write(gone, b"{}", 1).document["waited_s"] == 7


def test_what_is_refused_is_kept_with_who_has_it() -> None:
    refused = after(match(), action(A.CLAIM), action(A.CLAIM, WANG, 1))
    (entry,) = refused.refusals
    assert (entry.outcome, entry.why, entry.holder) == (Outcome.REFUSED, "held", "li")


def test_refused_actions_stay_out_of_the_history_and_break_no_undo() -> None:
    held = after(match(), action(A.CLAIM))
    flooded = after(held, *(action(A.CLAIM, WANG, 1 + n / 100) for n in range(HISTORY + 10)))
    assert flooded.history == held.history
    assert flooded.changed_at == held.changed_at
    assert len(flooded.refusals) == REFUSALS
    assert after(flooded, action(A.UNDO, after_s=9)).state is S.PROPOSED


def test_refusals_that_an_earlier_release_kept_in_the_history_leave_it() -> None:
    held = after(match(), action(A.CLAIM), action(A.CLAIM, WANG, 1))
    earlier = held.model_copy(update={"history": (*held.history, *held.refusals), "refusals": ()})
    assert apply_action(earlier, action(A.CLAIM, WANG, 1)) is None
    called = after(earlier, action(A.CONTACT, after_s=2))
    assert [each.kind for each in called.history] == [A.CLAIM, A.CONTACT]
    assert [each.actor for each in called.refusals] == [WANG]


def test_nobody_evicts_the_entries_of_others_by_repeating_an_action() -> None:
    made = after(match(), action(A.CLAIM), action(A.CONTACT, after_s=1))
    for number in range(HISTORY):
        kind = A.UNDO if number % 2 else A.ACCEPT
        made = after(made, action(kind, SOMEBODY, 2 + number / 10))
    assert [each.kind for each in made.history if each.actor == LI] == [A.CLAIM, A.CONTACT]
    assert len(made.history) == HISTORY
    assert made.history[-1].at == NOW + timedelta(seconds=2 + (HISTORY - 1) / 10)
