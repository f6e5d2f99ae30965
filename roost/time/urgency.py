"""Until when somebody has to do the next step about a match, and how that looks from now: pure.

`act_by` depends on the match and the targets only, so that queues can be sorted by it; what time
it is matters for `urgency` alone.

| the match | act by |
|---|---|
| nobody has called | proposed + the target for the first contact; half of it with priority |
| the worker said yes, nobody has called | at latest half the target after that |
| the opening starts or ends soon | the day before, but never sooner than a quarter of the target |
| to be called again | then |
| an interview is set | the interview |
| everything else in hand | the last step + the target for following up |
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
    """How long a match may wait for its next step, and where days are counted."""

    first_contact: timedelta
    follow_up: timedelta
    zone: tzinfo


class Urgency(StrEnum):
    OVERDUE = "overdue"
    SOON = "soon"
    LATER = "later"


def act_by(match: Match, targets: Targets) -> datetime | None:
    """None when nobody has to do anything any more."""
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
    """Of an `act_by`; None without one."""
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
    """`target` after a moment, or sooner because the opening starts or ends."""
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
