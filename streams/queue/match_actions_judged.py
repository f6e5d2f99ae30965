"""What somebody does about a match, and what it makes of it: pure.

An action is taken or refused; either way it is kept in the history, with the code of the reason.
Who has a match decides about it alone; a chief may give it to somebody else. An undo puts back how
the match stood with people before the actor's own last action, within a moment and while nothing
else has happened; what it became in the eyes of the matcher meanwhile (its score) stays.
"""

from __future__ import annotations

from roost.events.match import (
    ActionKind,
    ContactOutcome,
    Details,
    HistoryEntry,
    Match,
    MatchAction,
    MatchProgress,
    MatchState,
    Outcome,
    Undoable,
    WhyNot,
)
from roost.rules.allowed_actions import TRANSITIONS, action_refusal

S, A = MatchState, ActionKind
HISTORY = 50
"""Newest actions kept in a match's history."""
TAKING = frozenset({A.CLAIM, A.CONTACT, A.REFER, A.INTERVIEW, A.PLACE})
"""Who of the staff does this has the match from then on."""
FIRST_CONTACT = frozenset({A.CONTACT, A.REFER, A.INTERVIEW, A.PLACE})
"""What ends the wait for a first contact."""


def act(match: Match, action: MatchAction) -> Match | None:
    """Applies what somebody did; None when it has been applied before."""
    if any(entry.action_id == action.id for entry in match.history):
        return None
    why = action_refusal(match, action.actor, action.kind, action.at, assignee=action.assignee)
    if why is not None:
        changes: dict[str, object] = {}
    elif action.kind is A.UNDO:
        changes = _put_back(match)
    else:
        undoable = Undoable(action_id=action.id, before=match.progress)
        changes = _outcome(match, action) | {"undoable": undoable}
    return match.model_copy(
        update={
            **changes,
            "history": _history(match, action, why),
            "revision": match.revision + 1,
            "changed_at": action.at,
            "caused_at": action.at,
        }
    )


def _put_back(match: Match) -> dict[str, object]:
    """How it stood. An interview whose time is another again is told again."""
    assert match.undoable is not None
    before = match.undoable.before
    changes: dict[str, object] = {
        name: getattr(before, name) for name in MatchProgress.model_fields
    } | {"undoable": None}
    if before.state is S.INTERVIEWED and before.interview_at != match.interview_at:
        changes["interviews"] = match.interviews + 1
    return changes


def _outcome(match: Match, action: MatchAction) -> dict[str, object]:
    """What an action that is taken changes."""
    kind = action.kind
    changes: dict[str, object] = {"state": TRANSITIONS[kind][match.state]}
    changes |= _holder(match, action)
    if kind in FIRST_CONTACT and match.first_contact_at is None:
        changes["first_contact_at"] = action.at
    if kind in FIRST_CONTACT or kind in {A.RELEASE, A.DECLINE}:
        changes["call_again_at"] = action.call_again_at
    return changes | _milestone(match, action)


def _milestone(match: Match, action: MatchAction) -> dict[str, object]:
    """What is particular to each kind."""
    at = action.at
    match action.kind:
        case A.CONTACT:
            return _contact(match, action)
        case A.ACCEPT:
            return {"accepted_at": at}
        case A.REFER:
            return {"referred_at": at}
        case A.INTERVIEW:
            return {
                "interviewed_at": at,
                "interview_at": action.interview_at,
                "interview_by": action.interview_by,
                "interviews": match.interviews + 1,
            }
        case A.PLACE:
            return {"placed_at": at, "placings": match.placings + 1}
        case A.DECLINE:
            return {"declined_at": at, "cause": action.reason.value if action.reason else "other"}
        case _:
            return {}


def _contact(match: Match, action: MatchAction) -> dict[str, object]:
    """Without an outcome the worker was reached."""
    if (action.contact or ContactOutcome.REACHED).reached:
        return {"contacted_at": match.contacted_at or action.at}
    return {"state": S.CLAIMED} if match.state is S.PROPOSED else {"state": match.state}


def _holder(match: Match, action: MatchAction) -> dict[str, object]:
    """Who has it from now on, and since when."""
    if action.kind is A.RELEASE:
        return {"assigned_to": None, "claimed_at": None}
    if action.kind is A.ASSIGN:
        return {"assigned_to": action.assignee, "claimed_at": action.at}
    takes = action.kind in TAKING and action.actor.role.staff
    if takes and match.assigned_to is None:
        return {"assigned_to": action.actor.id, "claimed_at": action.at}
    return {}


def _history(match: Match, action: MatchAction, why: WhyNot | None) -> tuple[HistoryEntry, ...]:
    entry = HistoryEntry(
        **{name: getattr(action, name) for name in Details.model_fields},
        action_id=action.id,
        kind=action.kind,
        actor=action.actor,
        at=action.at,
        outcome=Outcome.REFUSED if why else Outcome.ACCEPTED,
        why=why or "",
        holder=match.assigned_to if why or action.kind is A.ASSIGN else None,
    )
    before = match.history
    if action.kind is A.UNDO and not why and match.undoable is not None:
        undone = match.undoable.action_id
        before = tuple(
            each.model_copy(update={"undone": True}) if each.action_id == undone else each
            for each in before
        )
    return (*before, entry)[-HISTORY:]
