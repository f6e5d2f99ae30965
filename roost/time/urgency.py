"""Deadlines of the next step of a match, and their urgency. Pure.

`act_by` depends on the match and the targets only, so queues can be sorted by it. Only `urgency`
depends on the current time.

| match | act by |
|---|---|
| not called yet | proposal + first-contact target; half the target with priority |
| accepted by the worker, not called yet | at the latest, acceptance + half the target |
| opening starts or ends soon | the day before, but a quarter of the target at the earliest |
| call-back agreed | the agreed time |
| interview set | the interview |
| any other claimed match | the last step + follow-up target |
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time, timedelta, tzinfo
from enum import StrEnum

from roost.events.match import Match, MatchState

PRIORITY = 0.5
ACCEPTED = 0.5
AT_LEAST = 0.25
SOON = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Targets:
    """Targets for the next step of a match, and the time zone in which days are counted."""

    first_contact: timedelta
    follow_up: timedelta
    zone: tzinfo


class Urgency(StrEnum):
    """Urgency of a deadline."""

    OVERDUE = "overdue"
    SOON = "soon"
    LATER = "later"


def act_by(match: Match, targets: Targets) -> datetime | None:
    """Return the deadline of the next step; None if no step is due."""
    if not match.state.active:
        return None
    if match.call_again_at is not None:
        return match.call_again_at
    if match.state is MatchState.INTERVIEWED and match.interview_at is not None:
        return match.interview_at
    if match.first_contact_at is None:
        return _by_first_contact(match, targets)
    return _clipped(match, _last_step(match), targets.follow_up, targets)


def urgency(by: datetime | None, now: datetime) -> Urgency | None:
    """Return the urgency of a deadline; None without a deadline."""
    if by is None:
        return None
    if by <= now:
        return Urgency.OVERDUE
    return Urgency.SOON if by <= now + SOON else Urgency.LATER


def _by_first_contact(match: Match, targets: Targets) -> datetime:
    target = targets.first_contact
    if match.about is not None and match.about.priority:
        target *= PRIORITY
    due = _clipped(match, match.proposed_at, target, targets)
    if match.accepted_at is not None:
        due = min(due, match.accepted_at + targets.first_contact * ACCEPTED)
    return due


def _clipped(match: Match, since: datetime, target: timedelta, targets: Targets) -> datetime:
    """Return the time `target` after a moment, or earlier because the opening starts or ends."""
    due = since + target
    for day in (match.about.starts_on, match.about.last_day) if match.about else ():
        if day is not None and day >= since.astimezone(targets.zone).date():
            before = datetime.combine(day - timedelta(days=1), time(), targets.zone)
            due = max(since + target * AT_LEAST, min(due, before))
    return due


def _last_step(match: Match) -> datetime:
    steps = (
        match.claimed_at,
        match.first_contact_at,
        match.contacted_at,
        match.referred_at,
        match.interviewed_at,
    )
    return max(each for each in (match.proposed_at, *steps) if each is not None)
