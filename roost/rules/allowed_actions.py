"""Table of the actions that each role may take on a match, by state, with the reason for a refusal.

The queue stage enforces these rules; the API and the console offer what they allow. Pure.

    proposed ─► claimed ─► contacted ─► referred ─► interviewed ─► placed
        └──────────┴───────────┴────────────┴─────────────┴──► declined
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from roost.events.match import (
    ActionKind,
    Actor,
    HistoryEntry,
    Match,
    MatchAction,
    MatchState,
    Outcome,
    Role,
    Sharing,
    WhyNot,
)

S, A = MatchState, ActionKind
UNDO_WITHIN = timedelta(seconds=30)
"""Time after an action during which its actor may undo it."""
ACTIVE = tuple(state for state in S if state.active)

TRANSITIONS: Mapping[ActionKind, Mapping[MatchState, MatchState]] = {
    A.CLAIM: {S.PROPOSED: S.CLAIMED},
    A.CONTACT: {
        S.PROPOSED: S.CONTACTED,
        S.CLAIMED: S.CONTACTED,
        S.CONTACTED: S.CONTACTED,
        S.REFERRED: S.REFERRED,
        S.INTERVIEWED: S.INTERVIEWED,
    },
    A.REFER: {S.CLAIMED: S.REFERRED, S.CONTACTED: S.REFERRED},
    A.INTERVIEW: {
        S.CONTACTED: S.INTERVIEWED,
        S.REFERRED: S.INTERVIEWED,
        S.INTERVIEWED: S.INTERVIEWED,
    },
    A.BOOK: {
        S.CONTACTED: S.INTERVIEWED,
        S.REFERRED: S.INTERVIEWED,
        S.INTERVIEWED: S.INTERVIEWED,
    },
    A.PLACE: {S.CONTACTED: S.PLACED, S.REFERRED: S.PLACED, S.INTERVIEWED: S.PLACED},
    A.ACCEPT: {state: state for state in ACTIVE},
    A.ASSIGN: {state: S.CLAIMED if state is S.PROPOSED else state for state in ACTIVE},
    A.DECLINE: dict.fromkeys(ACTIVE, S.DECLINED),
    A.RELEASE: {S.CLAIMED: S.PROPOSED, S.CONTACTED: S.PROPOSED},
    A.ASK_SHARING: {state: state for state in ACTIVE},
    A.SHARE: {state: state for state in ACTIVE},
    A.WITHHOLD: {state: state for state in (*ACTIVE, S.PLACED)},
    A.LAPSE: {state: state for state in ACTIVE},
}
"""Next state by action and current state, in the order in which pages list the actions.

An undo is absent: it depends on the history. A contact that did not reach the worker leads no
further than `claimed`.
"""

STAFF = frozenset(role for role in Role if role.staff)
ROLES: Mapping[ActionKind, frozenset[Role]] = {
    A.CLAIM: STAFF,
    A.CONTACT: STAFF,
    A.REFER: STAFF,
    A.INTERVIEW: STAFF | {Role.EMPLOYER},
    A.BOOK: STAFF | {Role.WORKER},
    A.PLACE: STAFF | {Role.EMPLOYER},
    A.ACCEPT: STAFF | {Role.WORKER},
    A.ASSIGN: STAFF,
    A.DECLINE: frozenset(Role),
    A.RELEASE: STAFF,
    A.UNDO: frozenset(Role),
    A.ASK_SHARING: STAFF | {Role.EMPLOYER},
    A.SHARE: STAFF | {Role.WORKER},
    A.WITHHOLD: STAFF | {Role.WORKER},
    A.LAPSE: frozenset({Role.SYSTEM}),
}
"""Roles that may take each action."""
ANSWERS = frozenset({A.ACCEPT, A.DECLINE})
"""Actions that record what a worker answered in a call."""
REASSIGNMENTS = frozenset({A.ASSIGN, A.RELEASE})
"""Actions that a chief may take on a match held by a colleague."""


def state_refusal(state: MatchState, role: Role, kind: ActionKind) -> WhyNot | None:
    """Return why a role may not take an action in a state, by the table alone; None if it may.

    An undo is refused here only by role.
    """
    if role not in ROLES[kind]:
        return WhyNot.ROLE
    if kind is not A.UNDO and state not in TRANSITIONS[kind]:
        return WhyNot.STATE
    return None


def kinds_allowed(
    state: MatchState, role: Role, *, accepted: bool = False, sharing: Sharing | None = None
) -> tuple[ActionKind, ...]:
    """Return the actions, other than an undo, that a role without a hold may take in a state.

    `accepted`: the worker has accepted the match already.
    """
    return tuple(
        kind
        for kind in TRANSITIONS
        if state_refusal(state, role, kind) is None
        and not (kind is A.ACCEPT and accepted and sharing is not Sharing.REFUSED)
        and sharing_refusal(kind, sharing, accepted=accepted) is None
    )


def sharing_refusal(kind: ActionKind, sharing: Sharing | None, *, accepted: bool) -> WhyNot | None:
    """Return why a question about sharing, or its answer, is refused; None for other actions.

    A worker is asked once a round, and not after an acceptance, which shares as well.
    """
    is_asked = sharing is not None
    match kind:
        case A.ASK_SHARING if is_asked or accepted:
            return WhyNot.ALREADY
        case A.SHARE if sharing is Sharing.AGREED:
            return WhyNot.ALREADY
        case A.WITHHOLD if sharing is Sharing.REFUSED:
            return WhyNot.ALREADY
        case A.SHARE if not is_asked:
            return WhyNot.NOT_ASKED
        case A.WITHHOLD if not (is_asked or accepted):
            return WhyNot.NOT_ASKED
        case A.LAPSE if sharing is not Sharing.ASKED:
            return WhyNot.NOT_ASKED
        case _:
            return None


def action_refusal(
    match: Match, actor: Actor, kind: ActionKind, at: datetime, *, assignee: str | None = None
) -> WhyNot | None:
    """Return why an actor may not take an action on a match at a time; None if they may.

    Without an `assignee`, an assignment is judged as one to another colleague than the holder.
    """
    if actor.role not in ROLES[kind]:
        return WhyNot.ROLE
    if kind is A.UNDO:
        return _undo_refusal(match, actor, at)
    if held_by_another(match.assigned_to, actor, kind):
        return WhyNot.HELD
    if (refused := state_refusal(match.state, actor.role, kind)) is not None:
        return refused
    accepted = match.accepted_at is not None
    if (refused := sharing_refusal(kind, match.sharing, accepted=accepted)) is not None:
        return refused
    if kind is A.LAPSE and (match.answer_by is None or match.answer_by > at):
        return WhyNot.TOO_EARLY
    accepted_already = kind is A.ACCEPT and accepted and match.sharing is not Sharing.REFUSED
    assigned_already = kind is A.ASSIGN and assignee is not None and match.assigned_to == assignee
    return WhyNot.ALREADY if accepted_already or assigned_already else None


def actions_allowed(match: Match, actor: Actor, at: datetime) -> tuple[ActionKind, ...]:
    """Return every action that an actor may take on a match at a time, in the order of pages."""
    kinds = (*TRANSITIONS, A.UNDO)
    return tuple(kind for kind in kinds if action_refusal(match, actor, kind, at) is None)


def held_by_another(holder: str | None, actor: Actor, kind: ActionKind) -> bool:
    """Return whether a colleague's hold on the match forbids the action to a member of staff.

    Only the holder acts on a match; a chief may also reassign it. An undo belongs to its actor,
    and workers and employers act whatever colleague holds the match.
    """
    if kind is A.UNDO or not actor.role.staff or holder in (None, actor.id):
        return False
    return not (actor.role is Role.CHIEF and kind in REASSIGNMENTS)


def _undoable_entry(match: Match) -> HistoryEntry | None:
    """Return the history entry of the action that an undo would take back, if there is one."""
    if match.undoable is None:
        return None
    wanted = match.undoable.action_id
    return next((entry for entry in match.history if entry.action_id == wanted), None)


def is_answer_in(call: HistoryEntry, answer: MatchAction | HistoryEntry) -> bool:
    """Return whether an action is the answer given in a call: one step, undone as one.

    The same person records both at the same time.
    """
    return (
        (call.kind, call.outcome) == (A.CONTACT, Outcome.ACCEPTED)
        and answer.kind in ANSWERS
        and (call.actor, call.at) == (answer.actor, answer.at)
    )


def last_step(match: Match) -> tuple[HistoryEntry, ...]:
    """Return the entries that an undo takes back: the last action, and the call it is part of."""
    last = _undoable_entry(match)
    if last is None:
        return ()
    calls = (each for each in match.history if not each.undone and is_answer_in(each, last))
    return (*calls, last)


def undo_ends(match: Match) -> datetime | None:
    """Return the moment until which the last action can be undone; None if there is none."""
    last = _undoable_entry(match)
    return last.at + UNDO_WITHIN if last is not None else None


def _undo_refusal(match: Match, actor: Actor, at: datetime) -> WhyNot | None:
    last = _undoable_entry(match)
    if last is None:
        return WhyNot.NOTHING_TO_UNDO
    if last.actor != actor:
        return WhyNot.NOT_YOURS
    return WhyNot.TOO_LATE if at - last.at > UNDO_WITHIN else None
