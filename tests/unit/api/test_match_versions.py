"""Versions of a match in `If-Match`: every change raises them, a refused action does not."""

from __future__ import annotations

import pytest

from api.guards.conditional import Expected, PreconditionFailed
from api.matches.match_answers import answer_tag, state_version
from roost.events.match import ActionKind, Actor, HistoryEntry, Match, MatchAction, Outcome, Role
from roost.views.elastic import Json
from streams.queue.action_effects import apply_action
from tests.unit.streams.test_actions import LI, NOW, SOMEBODY, WANG, action, match

KEY = b"k" * 32
EMPLOYER = Actor(role=Role.EMPLOYER, id="e-1")
A = ActionKind


def document(made: Match, version: int) -> Json:
    return {"id": made.id, "version": version, "fact": made.to_dict()}


def after(made: Match, taken: MatchAction) -> Match:
    changed = apply_action(made, taken)
    assert changed is not None
    return changed


@pytest.mark.parametrize(
    "refused",
    [action(A.PLACE, EMPLOYER, 5), action(A.CLAIM, WANG, 6), action(A.UNDO, SOMEBODY, 7)],
)
def test_no_number_of_refused_actions_fails_the_precondition_of_others(
    refused: MatchAction,
) -> None:
    held = after(match(), action(A.CLAIM, LI, 1))
    read = document(held, 7)
    expected = Expected(frozenset({f'"{answer_tag(KEY, read, held.to_dict())}"'}))
    for number in range(60):
        each = refused.model_copy(update={"id": f"{refused.id[:-2]}{number:02}"})
        held = after(held, each)
        assert held.refusals[-1].action_id == each.id
        expected.check(state_version(KEY, document(held, 8 + number)), 8 + number)


def test_every_accepted_action_and_an_undo_fail_the_precondition() -> None:
    made = match()
    seen = {state_version(KEY, document(made, 1))}
    for taken in (
        action(A.CLAIM, LI, 1),
        action(A.CONTACT, LI, 2),
        action(A.ACCEPT, SOMEBODY, 3),
        action(A.REFER, LI, 4),
        action(A.UNDO, LI, 5),
    ):
        stale = Expected(frozenset({f'"{state_version(KEY, document(made, 1))}-x"'}))
        made = after(made, taken)
        current = state_version(KEY, document(made, 2))
        assert current not in seen
        seen.add(current)
        with pytest.raises(PreconditionFailed):
            stale.check(current, 2)
    rejudged = made.model_copy(update={"score": made.score + 1, "revision": made.revision + 1})
    assert state_version(KEY, document(rejudged, 3)) not in seen


def test_the_version_in_an_answer_is_accepted_as_well() -> None:
    made = document(match(), 7)
    Expected(frozenset({'"7"'})).check(state_version(KEY, made), 7)
    with pytest.raises(PreconditionFailed):
        Expected(frozenset({'"6"'})).check(state_version(KEY, made), 7)


def test_a_refusal_that_an_earlier_release_kept_in_the_history_changes_no_version() -> None:
    refusal = HistoryEntry(
        action_id="a-" + "a" * 26, kind=A.PLACE, actor=EMPLOYER, at=NOW, outcome=Outcome.REFUSED
    )
    made = match()
    former = made.model_copy(update={"history": (refusal,)})
    versions = [state_version(KEY, document(each, 1)) for each in (made, former)]
    assert versions[0] == versions[1]
    assert state_version(b"other" * 8, document(made, 1)) != versions[0]
