"""News of an interview: its arrangement, a new time, and its cancellation. Pure.

A version numbers the arrangements of a match: it rises with every round and every new time, so a
message names the arrangement that it is about, and one that was replaced is recognised.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, tzinfo
from typing import Any

from roost.events.match import ActionKind, HistoryEntry, Match, MatchState, Outcome, Role
from roost.events.notification import Notification, NotificationKind

Json = Mapping[str, Any]
K = NotificationKind
INTERVIEW_NEWS = frozenset({K.INTERVIEW_SET, K.INTERVIEW_CANCELLED})
DECIDING = frozenset({ActionKind.INTERVIEW, ActionKind.DECLINE})
"""Actions that arrange or cancel an interview."""


def arrangement(round_: int, interviews: int) -> int:
    """Return the version of the newest arrangement in a match's round."""
    return round_ + max(0, interviews - 1)


def arrangement_of(fact: Json) -> int:
    """Return the same of a match as the views hold it."""
    return arrangement(fact.get("round", 1), fact.get("interviews", 0))


def decided_by(match: Match) -> Role | None:
    """Return the role that arranged or cancelled the interview last.

    Only its actor undoes an action, so an undone entry names the role as well.
    """
    last = _last_decision(match)
    return last.actor.role if last is not None else None


def is_cancelled(match: Match) -> bool:
    """Return whether the round's interview was cancelled before it took place.

    Its arrangement was undone, or the match ended. Without a time nobody knows whether it took
    place, so the end of such a match cancels nothing.
    """
    if match.state.active:
        last = _last_decision(match)
        undone = last is not None and last.undone and last.kind is ActionKind.INTERVIEW
        return undone and match.state is not MatchState.INTERVIEWED
    ended = {MatchState.DECLINED: match.declined_at, MatchState.EXPIRED: match.expired_at}
    at = ended.get(match.state)
    return at is not None and match.interview_at is not None and match.interview_at > at


def interview_obstacle(notification: Notification, fact: Json) -> str:
    """Return why news of an interview is not sent; empty if the match still is as it says."""
    if arrangement_of(fact) > notification.version:
        return "the interview was arranged again"
    is_arranged = fact.get("state") == MatchState.INTERVIEWED.value
    if notification.kind is K.INTERVIEW_SET and not is_arranged:
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


def with_time(details: Json | None, fact: Json, zone: tzinfo) -> dict[str, Any]:
    """Return the details of an interview with its time in a zone (ISO 8601), if it has one."""
    at = fact.get("interviewAt")
    time = {"time": datetime.fromisoformat(at).astimezone(zone).isoformat()} if at else {}
    return {**(details or {}), **time}
