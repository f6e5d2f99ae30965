"""What somebody does about a match, and what it makes of it: pure.

An action is taken or refused; either way it is kept in the history, with the code of the reason.
Who has a match decides about it alone; a chief may give it to somebody else. An undo puts back how
the match stood with people before the actor's own last action, within a moment and while nothing
else has happened; what it became in the eyes of the matcher meanwhile (its score) stays.
"""

from __future__ import annotations

from datetime import timedelta

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
    Role,
    Undoable,
    WhyNot,
)

S, A = MatchState, ActionKind
HISTORY = 50
MOMENT = timedelta(seconds=30)
"""How long after an action it can be undone, by the times of both."""
ACTIVE = tuple(state for state in S if state.active)

ALLOWED: dict[ActionKind, dict[MatchState, MatchState]] = {
    A.CLAIM: {S.PROPOSED: S.CLAIMED},
    A.ASSIGN: {state: S.CLAIMED if state is S.PROPOSED else state for state in ACTIVE},
    A.RELEASE: {S.CLAIMED: S.PROPOSED, S.CONTACTED: S.PROPOSED},
    A.CONTACT: {
        S.PROPOSED: S.CONTACTED,
        S.CLAIMED: S.CONTACTED,
        S.CONTACTED: S.CONTACTED,
        S.REFERRED: S.REFERRED,
        S.INTERVIEWED: S.INTERVIEWED,
    },
    A.ACCEPT: {state: state for state in ACTIVE},
    A.REFER: {S.CLAIMED: S.REFERRED, S.CONTACTED: S.REFERRED},
    A.INTERVIEW: {
        S.REFERRED: S.INTERVIEWED,
        S.CONTACTED: S.INTERVIEWED,
        S.INTERVIEWED: S.INTERVIEWED,
    },
    A.PLACE: {
        S.CONTACTED: S.PLACED,
        S.REFERRED: S.PLACED,
        S.INTERVIEWED: S.PLACED,
    },
    A.DECLINE: dict.fromkeys(ACTIVE, S.DECLINED),
}
"""For every action but an undo: from which state it leads to which. A contact that reached nobody
leads no further than to claimed."""

STAFF = frozenset(role for role in Role if role.staff)
BY: dict[ActionKind, frozenset[Role]] = {
    A.CLAIM: STAFF,
    A.ASSIGN: STAFF,
    A.RELEASE: STAFF,
    A.CONTACT: STAFF,
    A.ACCEPT: STAFF | {Role.WORKER},
    A.REFER: STAFF,
    A.INTERVIEW: STAFF | {Role.EMPLOYER},
    A.PLACE: STAFF | {Role.EMPLOYER},
    A.DECLINE: frozenset(Role),
    A.UNDO: frozenset(Role),
}
"""For every action: who may take it."""
GIVING_AWAY = frozenset({A.ASSIGN, A.RELEASE})
"""What a chief may do about a match that somebody else has."""
TAKING = frozenset({A.CLAIM, A.CONTACT, A.REFER, A.INTERVIEW, A.PLACE})
"""Who of the staff does this has the match from then on."""
FIRST_CONTACT = frozenset({A.CONTACT, A.REFER, A.INTERVIEW, A.PLACE})
"""What ends the wait for a first contact."""


def act(match: Match, action: MatchAction) -> Match | None:
    """Applies what somebody did; None when it has been applied before."""
    if any(entry.action_id == action.id for entry in match.history):
        return None
    why = _refusal(match, action)
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


def _refusal(match: Match, action: MatchAction) -> WhyNot | None:
    """Why an action may not be taken now; None when it may."""
    if action.actor.role not in BY[action.kind]:
        return WhyNot.ROLE
    if action.kind is A.UNDO:
        return _not_undone(match, action)
    if _of_somebody_else(match, action):
        return WhyNot.HELD
    if match.state not in ALLOWED[action.kind]:
        return WhyNot.STATE
    if (action.kind is A.ACCEPT and match.accepted_at is not None) or (
        action.kind is A.ASSIGN and match.assigned_to == action.assignee
    ):
        return WhyNot.ALREADY
    return None


def _of_somebody_else(match: Match, action: MatchAction) -> bool:
    actor = action.actor
    if not actor.role.staff or match.assigned_to in (None, actor.id):
        return False
    return not (actor.role is Role.CHIEF and action.kind in GIVING_AWAY)


def _not_undone(match: Match, action: MatchAction) -> WhyNot | None:
    done = _undoable_entry(match)
    if done is None:
        return WhyNot.NOTHING_TO_UNDO
    if done.actor != action.actor:
        return WhyNot.NOT_YOURS
    return WhyNot.TOO_LATE if action.at - done.at > MOMENT else None


def _undoable_entry(match: Match) -> HistoryEntry | None:
    if match.undoable is None:
        return None
    wanted = match.undoable.action_id
    return next((entry for entry in match.history if entry.action_id == wanted), None)


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
    changes: dict[str, object] = {"state": ALLOWED[kind][match.state]}
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
