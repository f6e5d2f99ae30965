"""The effects of people's actions on a match (pure).

An action is accepted or refused by `roost.rules.allowed_actions`. The history records accepted
actions only. A refused one is kept apart, with the code of its reason, so that refusals never evict
an entry of the history or end an undo. Only the holder of a match acts on it; a chief may assign it
to another person. An undo restores the match's progress before the actor's own last action, within
a short time and only if no other action followed. It keeps the later evaluation, such as the score.
"""

from __future__ import annotations

from collections import Counter
from datetime import datetime, timedelta

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
    Sharing,
    Undoable,
    WhyNot,
)
from roost.rules.allowed_actions import TRANSITIONS, action_refusal, is_answer_in, last_step
from streams.queue.slot_bookings import SlotBook

S, A = MatchState, ActionKind
HISTORY = 50
"""Accepted actions kept in a match's history."""
REFUSALS = 50
"""Newest refused actions kept, so that a repeated delivery is recognised."""
TAKING = frozenset({A.CLAIM, A.CONTACT, A.REFER, A.INTERVIEW, A.BOOK, A.PLACE})
"""Actions by which a member of staff becomes the holder of a match that has none."""
FIRST_CONTACT = frozenset({A.CONTACT, A.REFER, A.INTERVIEW, A.PLACE})
"""Actions that count as the first contact with the worker."""

NO_SLOTS = SlotBook()
TIME_TO_ANSWER = timedelta(days=3)
"""Time for an answer about sharing, if the question states none."""
ANSWERS = {A.SHARE: Sharing.AGREED, A.WITHHOLD: Sharing.REFUSED, A.LAPSE: Sharing.UNANSWERED}


def apply_action(match: Match, action: MatchAction, slots: SlotBook = NO_SLOTS) -> Match | None:
    """Return the match after an action, or None if the action was applied before."""
    if any(entry.action_id == action.id for entry in (*match.history, *match.refusals)):
        return None
    why = action_refusal(match, action.actor, action.kind, action.at, assignee=action.assignee)
    if why is None and action.kind is A.BOOK:
        why = slots.refusal(match, action.slot_id, action.at)
    if why is not None:  # a lapse that comes late concerns nobody
        return None if action.actor.role is Role.SYSTEM else _refused(match, action, why)
    if action.kind is A.UNDO:
        changes = _restored_progress(match, slots, action.at)
    else:
        undoable = Undoable(action_id=action.id, before=_progress_before(match, action))
        changes = _effects(match, action) | {"undoable": undoable}
        if action.kind is A.BOOK:
            changes |= slots.booked(action) | {"interviews": match.interviews + 1}
        if action.kind is A.LAPSE:
            changes["undoable"] = None
    return match.model_copy(
        update={
            **changes,
            "history": _history(match, action),
            "refusals": _refusals(match),
            "revision": match.revision + 1,
            "changed_at": action.at,
            "caused_at": action.at,
        }
    )


def _progress_before(match: Match, action: MatchAction) -> MatchProgress:
    """Return the progress that an undo of the action restores; of an answer, before its call."""
    last = last_step(match)
    if match.undoable is not None and last and is_answer_in(last[-1], action):
        return match.undoable.before
    return match.progress


def _refused(match: Match, action: MatchAction, why: WhyNot) -> Match:
    """Return the match with one more refusal; nothing else changes but the revision."""
    refusal = _entry(match, action, Outcome.REFUSED, why)
    return match.model_copy(
        update={
            "history": _accepted(match),
            "refusals": (*_refusals(match), refusal)[-REFUSALS:],
            "revision": match.revision + 1,
        }
    )


def _restored_progress(match: Match, slots: SlotBook, at: datetime) -> dict[str, object]:
    """Return the restored progress; an interview that changes back is counted as a new one.

    The count makes the notify stage announce it again: it announced the other time, or that the
    interview was cancelled.
    """
    assert match.undoable is not None
    before = match.undoable.before
    changes: dict[str, object] = {
        name: getattr(before, name) for name in MatchProgress.model_fields
    } | {"undoable": None}
    changes |= slots.restored(match, before, at)
    is_announced = match.state is not S.DECLINED and changes["interview_at"] == match.interview_at
    if changes["state"] is S.INTERVIEWED and not is_announced:
        changes["interviews"] = match.interviews + 1
    return changes


def _effects(match: Match, action: MatchAction) -> dict[str, object]:
    """Return the fields that an accepted action changes."""
    kind = action.kind
    changes: dict[str, object] = {"state": TRANSITIONS[kind][match.state]}
    changes |= _holder(match, action)
    if kind in FIRST_CONTACT and match.first_contact_at is None:
        changes["first_contact_at"] = action.at
    if kind in FIRST_CONTACT or kind in {A.RELEASE, A.DECLINE}:
        changes["call_again_at"] = action.call_again_at
    return changes | _milestone(match, action)


def _milestone(match: Match, action: MatchAction) -> dict[str, object]:
    """Return the fields that only this kind of action changes."""
    at = action.at
    match action.kind:
        case A.CONTACT:
            return _contact(match, action)
        case A.ACCEPT:
            answered = _answered(Sharing.AGREED, at) if match.sharing is not None else {}
            return {"accepted_at": at} | answered
        case A.ASK_SHARING:
            return {
                "sharing": Sharing.ASKED,
                "sharing_asked_at": at,
                "sharing_answered_at": None,
                "answer_by": action.answer_by or at + TIME_TO_ANSWER,
            }
        case A.SHARE | A.WITHHOLD | A.LAPSE:
            return _answered(ANSWERS[action.kind], at)
        case A.REFER:
            return {"referred_at": at}
        case A.INTERVIEW:
            return {
                "interviewed_at": at,
                "interview_at": action.interview_at,
                "interview_by": action.interview_by,
                "booking": None,
                "interviews": match.interviews + 1,
            }
        case A.PLACE:
            return {"placed_at": at, "placings": match.placings + 1}
        case A.DECLINE:
            return {"declined_at": at, "cause": action.reason.value if action.reason else "other"}
        case _:
            return {}


def _answered(sharing: Sharing, at: datetime) -> dict[str, object]:
    return {"sharing": sharing, "sharing_answered_at": at, "answer_by": None}


def _contact(match: Match, action: MatchAction) -> dict[str, object]:
    """Return the effects of a contact; without an outcome, the worker counts as reached."""
    if (action.contact or ContactOutcome.REACHED).reached:
        return {"contacted_at": match.contacted_at or action.at}
    return {"state": S.CLAIMED} if match.state is S.PROPOSED else {"state": match.state}


def _holder(match: Match, action: MatchAction) -> dict[str, object]:
    """Return the new holder and the time of the claim; empty if the holder stays."""
    if action.kind is A.RELEASE:
        return {"assigned_to": None, "claimed_at": None}
    if action.kind is A.ASSIGN:
        return {"assigned_to": action.assignee, "claimed_at": action.at}
    takes = action.kind in TAKING and action.actor.role.staff
    if takes and match.assigned_to is None:
        return {"assigned_to": action.actor.id, "claimed_at": action.at}
    return {}


def _history(match: Match, action: MatchAction) -> tuple[HistoryEntry, ...]:
    """Return the history with this accepted action, at most `HISTORY` entries."""
    entry = _entry(match, action, Outcome.ACCEPTED)
    before = _accepted(match)
    if action.kind is A.UNDO and match.undoable is not None:
        undone = {each.action_id for each in last_step(match)}
        before = tuple(
            each.model_copy(update={"undone": True}) if each.action_id in undone else each
            for each in before
        )
    entries = [*before, entry]
    while len(entries) > HISTORY:
        del entries[_dispensable(entries)]
    return tuple(entries)


def _dispensable(entries: list[HistoryEntry]) -> int:
    """Return the index of the oldest entry of the actor with the most entries.

    So nobody evicts the entries of others by repeating an action.
    """
    counts = Counter((each.actor.role, each.actor.id) for each in entries)
    most = max(counts.values())
    return next(
        index
        for index, each in enumerate(entries)
        if counts[each.actor.role, each.actor.id] == most
    )


def _accepted(match: Match) -> tuple[HistoryEntry, ...]:
    """Return the history without the refusals that earlier releases recorded in it."""
    return tuple(each for each in match.history if each.outcome is Outcome.ACCEPTED)


def _refusals(match: Match) -> tuple[HistoryEntry, ...]:
    """Return the refusals, including those that earlier releases recorded in the history."""
    earlier = (each for each in match.history if each.outcome is Outcome.REFUSED)
    return (*earlier, *match.refusals)[-REFUSALS:]


def _entry(
    match: Match, action: MatchAction, outcome: Outcome, why: WhyNot | None = None
) -> HistoryEntry:
    """Return the entry of an action; the holder is recorded where it explains the outcome."""
    return HistoryEntry(
        **{name: getattr(action, name) for name in Details.model_fields},
        action_id=action.id,
        kind=action.kind,
        actor=action.actor,
        at=action.at,
        shares=action.shares,
        outcome=outcome,
        why=why or "",
        holder=match.assigned_to if why or action.kind is A.ASSIGN else None,
    )
