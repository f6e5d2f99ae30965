"""Deadlines of the next step of a match, and their urgency. Pure.

Targets run in the opening hours of the match's station (`roost.time.open_time`). Times agreed
with a person stay as agreed. Deadlines depend on the match, the targets and the schedule only, so
queues can be sorted by them. Only `urgency` depends on the current time.

| match | act by |
|---|---|
| not called yet | proposal + first-contact target; half the target with priority |
| accepted by the worker, not called yet | at the latest, acceptance + half the target |
| paused by its employer | nothing is due; the targets go on when it is resumed |
| opening starts or ends soon | the close before its eve; a quarter of the target at the earliest |
| call-back agreed | the agreed time |
| interview set | the interview |
| any other claimed match | the last step + follow-up target |
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from enum import StrEnum

from roost.events.match import Match, MatchState
from roost.time.clock import day_of
from roost.time.open_time import Schedule, add_working_time, last_open, subtract_working_time
from roost.time.wall_clock import first_at

PRIORITY = 0.5
ACCEPTED = 0.5
AT_LEAST = 0.25
SOON = timedelta(hours=1)
"""A deadline is near for this long before it: of opening hours, or by the clock if agreed."""
DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Targets:
    """Targets for the next step of a match, in opening hours."""

    first_contact: timedelta
    follow_up: timedelta


class Urgency(StrEnum):
    """Urgency of a deadline."""

    OVERDUE = "overdue"
    SOON = "soon"
    LATER = "later"


def act_by(match: Match, targets: Targets, schedule: Schedule) -> datetime | None:
    """Return the deadline of the next step; None if no step is due. Raises NoOpenTime."""
    if not match.state.active:
        return None
    if (agreed := agreed_time(match)) is not None:
        return agreed
    if match.paused:
        return None
    if match.first_contact_at is None:
        return _by_first_contact(match, targets, schedule)
    return _clipped(match, _last_step(match), targets.follow_up, schedule)


def soon_from(match: Match, by: datetime | None, schedule: Schedule) -> datetime | None:
    """Return the moment from which a deadline is near; None without one. Raises NoOpenTime."""
    if by is None:
        return None
    if agreed_time(match) is not None:
        return by - SOON
    return subtract_working_time(by, SOON, schedule)


def agreed_time(match: Match) -> datetime | None:
    """Return the time of an active match's next step if it is agreed with a person."""
    if match.call_again_at is not None:
        return match.call_again_at
    return match.interview_at if match.state is MatchState.INTERVIEWED else None


def urgency(by: datetime | None, soon_at: datetime | None, now: datetime) -> Urgency | None:
    """Return the urgency of a deadline; None without a deadline.

    `soon_at` is the moment from which it is near; older records have none.
    """
    if by is None:
        return None
    if by <= now:
        return Urgency.OVERDUE
    return Urgency.SOON if (soon_at or by - SOON) <= now else Urgency.LATER


def _by_first_contact(match: Match, targets: Targets, schedule: Schedule) -> datetime:
    target = targets.first_contact
    if match.about is not None and match.about.priority:
        target *= PRIORITY
    rested = timedelta(seconds=match.rested_s)
    due = _clipped(match, match.proposed_at, target + rested, schedule)
    if match.accepted_at is not None:
        half = targets.first_contact * ACCEPTED + rested
        due = min(due, add_working_time(match.accepted_at, half, schedule))
    return due


def _clipped(match: Match, since: datetime, target: timedelta, schedule: Schedule) -> datetime:
    """Return the time `target` after a moment, or earlier because the opening starts or ends."""
    due = add_working_time(since, target, schedule)
    for day in (match.about.starts_on, match.about.last_day) if match.about else ():
        if day is not None and day >= day_of(since, schedule.zone):
            before = last_open(first_at(day - DAY, time(), schedule.zone), schedule)
            earliest = add_working_time(since, target * AT_LEAST, schedule)
            due = max(earliest, min(due, before))
    return due


def _last_step(match: Match) -> datetime:
    steps = (
        match.claimed_at,
        match.first_contact_at,
        match.contacted_at,
        match.referred_at,
        match.interviewed_at,
        match.pause.resumed_at if match.pause else None,
    )
    return max(each for each in (match.proposed_at, *steps) if each is not None)
