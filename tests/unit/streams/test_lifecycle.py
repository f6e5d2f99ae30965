"""The life cycle of a match, by evaluations and actions."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from matcher.ranking import Evaluation
from roost import ids
from roost.events.match import (
    About,
    ActionKind,
    Actor,
    Match,
    MatchAction,
    MatchState,
    Outcome,
    Role,
)
from streams.queue.action_effects import apply_action
from streams.queue.lifecycle import Judgement, judge
from streams.queue.match_documents import first_content
from streams.queue.match_projection import match_write

NOW = datetime(2026, 11, 23, tzinfo=UTC)
OPENING, WORKER = ids.opening_id("t", "1"), ids.worker_id("t", "1")


def judgement(score: float = 80.0, obstacle: str = "", version: int = 1) -> Judgement:
    return Judgement(
        evaluation=Evaluation(obstacle, score, score, 0.8, 0.8),
        opening_version=version,
        profile_version=1,
        station_id=ids.station_id("s"),
        model="m/1",
        posted_at=NOW,
        evaluated_at=NOW,
        least_score=35.0,
    )


def action(kind: ActionKind, by: str = "li", role: Role = Role.CLERK, n: int = 0) -> MatchAction:
    return MatchAction(
        id=ids.derive("a", kind, by, str(n)),
        match_id=ids.match_id(OPENING, WORKER),
        kind=kind,
        actor=Actor(role=role, id=by),
        at=NOW + timedelta(minutes=n),
        assignee="zhao" if kind is ActionKind.ASSIGN else None,
        slot_id=ids.slot_id(OPENING, "acme", "1") if kind is ActionKind.BOOK else None,
    )


def proposed() -> Match:
    made = judge(None, OPENING, WORKER, judgement())
    assert made is not None
    return made


def test_a_good_pair_is_proposed_once() -> None:
    match = proposed()
    assert (match.state, match.revision, match.round) == (MatchState.PROPOSED, 1, 1)
    assert judge(match, OPENING, WORKER, judgement()) is None


def test_a_new_version_that_shows_nothing_new_changes_nothing() -> None:
    assert judge(proposed(), OPENING, WORKER, judgement(version=2)) is None


def test_an_edit_of_the_text_does_not_change_the_keys_that_a_match_was_first_proposed_under() -> (
    None
):
    """Otherwise an old opening that takes a competitor's text over would be the first with it."""

    def of(*alike: str) -> Judgement:
        return replace(judgement(), about=About(employer_id="e", alike=alike))

    match = judge(None, OPENING, WORKER, of("~old", "~kept"))
    assert match is not None
    assert match.about is not None
    assert match.about.first_alike is None
    assert first_content(match) == ("~old", "~kept")
    for alike in (("~copied", "~kept"), ("~other",), ()):
        edited = judge(match, OPENING, WORKER, of(*alike))
        assert edited is not None
        assert edited.about is not None
        assert (edited.about.alike, first_content(edited)) == (alike, ("~old", "~kept"))
        document = match_write(edited, b"{}", 2).document
        assert document["first_content"] == ["~old", "~kept"]
        assert document["budgets"] == ["e", *alike]
        assert judge(edited, OPENING, WORKER, of(*alike)) is None
        match = edited
    closed = judge(match, OPENING, WORKER, replace(of(), evaluation=Evaluation("closed", 0, 0)))
    assert closed is not None
    again = judge(closed, OPENING, WORKER, of("~copied"))
    assert again is not None
    assert first_content(again) == ("~old", "~kept"), "nor does closing and opening again"


def test_a_poor_or_impossible_pair_is_not_proposed() -> None:
    assert judge(None, OPENING, WORKER, judgement(score=34.9)) is None
    assert judge(None, OPENING, WORKER, judgement(obstacle="place")) is None


@pytest.mark.parametrize(
    "progress",
    [
        {"assigned_to": "li", "state": MatchState.CLAIMED},
        {"assigned_to": "li", "state": MatchState.INTERVIEWED},
        {"accepted_at": NOW},
    ],
)
@pytest.mark.parametrize("change", [judgement(score=1), replace(judgement(), filled=True)])
def test_only_an_obstacle_ends_a_match_in_progress(
    progress: dict[str, object], change: Judgement
) -> None:
    """Writers are asked for the number of people that a write excludes: scores cannot be asked."""
    match = proposed().model_copy(update=progress)
    kept = judge(match, OPENING, WORKER, change) or match
    assert kept.progress == match.progress
    ended = judge(match, OPENING, WORKER, judgement(obstacle="wage"))
    assert ended is not None
    assert (ended.state, ended.cause) == (MatchState.EXPIRED, "wage")
    free = judge(proposed(), OPENING, WORKER, change)
    assert free is not None
    assert free.state is MatchState.EXPIRED


def test_what_is_no_longer_true_expires_with_its_cause_and_can_come_again() -> None:
    gone = judge(proposed(), OPENING, WORKER, judgement(obstacle="closed"))
    assert gone is not None
    assert (gone.state, gone.cause, gone.revision) == (MatchState.EXPIRED, "closed", 2)
    again = judge(gone, OPENING, WORKER, judgement())
    assert again is not None
    assert (again.state, again.round, again.revision) == (MatchState.PROPOSED, 2, 3)


def test_of_two_clerks_who_claim_one_wins_and_the_other_is_told_who() -> None:
    first = apply_action(proposed(), action(ActionKind.CLAIM, "li"))
    assert first is not None
    second = apply_action(first, action(ActionKind.CLAIM, "wang"))
    assert second is not None
    assert second.assigned_to == "li"
    assert [each.outcome for each in second.refusals] == [Outcome.REFUSED]


def test_the_same_action_twice_is_one_action() -> None:
    claimed = apply_action(proposed(), action(ActionKind.CLAIM))
    assert claimed is not None
    assert apply_action(claimed, action(ActionKind.CLAIM)) is None


def test_a_worker_may_decline_but_not_claim() -> None:
    refused = apply_action(proposed(), action(ActionKind.CLAIM, WORKER, Role.WORKER))
    declined = apply_action(proposed(), action(ActionKind.DECLINE, WORKER, Role.WORKER))
    assert refused is not None
    assert declined is not None
    assert [each.outcome for each in refused.refusals] == [Outcome.REFUSED]
    assert declined.state is MatchState.DECLINED


@pytest.mark.parametrize("final", [ActionKind.PLACE, ActionKind.DECLINE])
def test_what_has_ended_stays_ended(final: ActionKind) -> None:
    match: Match | None = proposed()
    for number, kind in enumerate((ActionKind.CLAIM, ActionKind.CONTACT, final)):
        assert match is not None
        match = apply_action(match, action(kind, n=number))
    assert match is not None
    assert not match.state.active
    assert judge(match, OPENING, WORKER, judgement(obstacle="closed")) is None


@settings(max_examples=200)
@given(
    st.lists(
        st.one_of(
            st.sampled_from([judgement(), judgement(obstacle="closed"), judgement(score=50.0)]),
            st.builds(
                action,
                st.sampled_from(ActionKind),
                st.sampled_from(["li", "wang"]),
                st.sampled_from(Role),
                st.integers(0, 5),
            ),
        ),
        max_size=20,
    )
)
def test_whatever_happens_revisions_rise_by_one_and_repeats_change_nothing(
    happenings: list[Judgement | MatchAction],
) -> None:
    match: Match | None = None
    for each in happenings:
        if isinstance(each, Judgement):
            changed = judge(match, OPENING, WORKER, each)
        else:
            changed = apply_action(match, each) if match is not None else None
        if changed is None:
            continue
        assert changed.revision == (match.revision if match else 0) + 1
        if isinstance(each, Judgement):
            assert judge(changed, OPENING, WORKER, each) is None
        else:
            assert apply_action(changed, each) is None
        match = changed
