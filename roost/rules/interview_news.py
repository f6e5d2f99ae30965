"""News of an interview: its arrangement, a new time, its cancellation, the reminder. Pure.

A version numbers the arrangements of a match: it rises with every round and every new time, so a
message names the arrangement that it is about, and one that was replaced is recognised.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta, tzinfo
from typing import Any

from roost.events.match import (
    ActionKind,
    ChangeKind,
    HistoryEntry,
    Match,
    MatchChange,
    MatchState,
    Outcome,
    Role,
)
from roost.events.notification import Notification, NotificationKind

Json = Mapping[str, Any]
K = NotificationKind
INTERVIEW_NEWS = frozenset({K.INTERVIEW_SET, K.INTERVIEW_CANCELLED})
ABOUT_INTERVIEWS = INTERVIEW_NEWS | {K.INTERVIEW_REMINDER}
OF_ARRANGED = frozenset({K.INTERVIEW_SET, K.INTERVIEW_REMINDER})
"""Kinds that state the details of an arranged interview."""
ARRANGING = frozenset({ActionKind.INTERVIEW, ActionKind.BOOK})
DECIDING = ARRANGING | {ActionKind.DECLINE}
"""Actions that arrange or cancel an interview."""
OF_SLOTS = frozenset({ChangeKind.SLOT_MOVED, ChangeKind.SLOT_CANCELLED})
"""Changes that move or cancel an interview with its slot."""


def arrangement(round_: int, interviews: int) -> int:
    """Return the version of the newest arrangement in a match's round."""
    return round_ + max(0, interviews - 1)


def arrangement_of(fact: Json) -> int:
    """Return the same of a match as the views hold it."""
    return arrangement(fact.get("round", 1), fact.get("interviews", 0))


def decided_by(match: Match) -> Role | None:
    """Return the role that arranged, moved or cancelled the interview last, if it is known.

    Only its actor undoes an action, so an undone entry names the role as well.
    """
    last, change = _last_decision(match), _slot_change(match)
    if change is not None:
        return change.actor.role if change.actor is not None else None
    return last.actor.role if last is not None else None


def is_cancelled(match: Match) -> bool:
    """Return whether the round's interview was cancelled before it took place.

    Its arrangement was undone, or the match ended. Without a time nobody knows whether it took
    place, so the end of such a match cancels nothing.
    """
    if match.state is MatchState.INTERVIEWED:
        return False
    if match.state.active:
        last = _last_decision(match)
        undone = last is not None and last.undone and last.kind in ARRANGING
        return undone or is_cancelled_by_slot(match)
    ended = {MatchState.DECLINED: match.declined_at, MatchState.EXPIRED: match.expired_at}
    at = ended.get(match.state)
    return at is not None and match.interview_at is not None and match.interview_at > at


def is_cancelled_by_slot(match: Match) -> bool:
    """Return whether the active match lost its interview because the slot was cancelled."""
    change = _slot_change(match)
    cancelled = change is not None and change.kind is ChangeKind.SLOT_CANCELLED
    return cancelled and match.state.active and match.state is not MatchState.INTERVIEWED


def remind_at(interview_at: datetime) -> datetime:
    """Return the time of the reminder: a day before the interview."""
    return interview_at - timedelta(days=1)


def is_reminder_due(match: Match, now: datetime) -> bool:
    """Return whether the worker is to be reminded now.

    An interview that was arranged less than a day ahead needs no reminder after its announcement.
    """
    at, arranged = match.interview_at, match.interviewed_at
    if match.state is not MatchState.INTERVIEWED or at is None or arranged is None:
        return False
    return arranged <= remind_at(at) <= now < at


def interview_obstacle(notification: Notification, fact: Json) -> str:
    """Return why news of an interview is not sent; empty if the match still is as it says."""
    if arrangement_of(fact) > notification.version:
        return "the interview was arranged again"
    is_arranged = fact.get("state") == MatchState.INTERVIEWED.value
    if notification.kind in OF_ARRANGED and not is_arranged:
        return "no interview is arranged any more"
    return ""


def interview_pending(notification: Notification, fact: Json) -> bool:
    """Return whether the view lags behind the news, which is published first."""
    if not fact:
        return True
    known = arrangement_of(fact)
    still_arranged = fact.get("state") == MatchState.INTERVIEWED.value
    waits = notification.kind is K.INTERVIEW_CANCELLED and still_arranged
    return known < notification.version or (known == notification.version and waits)


def _last_decision(match: Match) -> HistoryEntry | None:
    """Return the round's last accepted action that arranged or cancelled an interview."""
    return next(
        (
            each
            for each in reversed(match.history)
            if each.kind in DECIDING
            and each.outcome is Outcome.ACCEPTED
            and each.at >= match.proposed_at
        ),
        None,
    )


def _slot_change(match: Match) -> MatchChange | None:
    """Return the round's last change by the interview's slot, unless an action decided since."""
    change = next((each for each in reversed(match.changes) if each.kind in OF_SLOTS), None)
    last = _last_decision(match)
    if change is None or change.at < match.proposed_at:
        return None
    return change if last is None or last.at <= change.at else None


def with_time(details: Json | None, fact: Json, zone: tzinfo) -> dict[str, Any]:
    """Return the details of an interview with its time in a zone (ISO 8601), if it has one."""
    at = fact.get("interviewAt")
    time = {"time": datetime.fromisoformat(at).astimezone(zone).isoformat()} if at else {}
    return {**(details or {}), **time}
