"""Time of a source's next run: its schedule, back-off after failures, and requests (pure)."""

from __future__ import annotations

from datetime import datetime, timedelta, tzinfo

from roost.events.source import Schedule, Source, SourceState
from roost.time.clock import day_of
from roost.time.wall_clock import first_at

DAY = timedelta(days=1)
FIRST_RETRY = timedelta(minutes=5)
"""Wait after the first failure; it doubles with each further one."""
LONGEST_WAIT = DAY
"""Longest wait that a failure or a `Retry-After` causes."""


def next_scheduled(schedule: Schedule, after: datetime, zone: tzinfo) -> datetime:
    """Return the first scheduled time after a moment.

    A time of day that the local clock skips is replaced by the time at which it resumes; of one
    that occurs twice, the first counts.
    """
    if schedule.every_minutes is not None:
        return after + timedelta(minutes=schedule.every_minutes)
    today = day_of(after, zone)
    times = (
        first_at(today + number * DAY, at, zone) for number in range(3) for at in schedule.times
    )
    return next(each for each in times if each > after)


def due_after_success(schedule: Schedule, started: datetime, zone: tzinfo) -> datetime:
    """Return the time of the run after a successful one."""
    return next_scheduled(schedule, started, zone)


def due_after_failure(
    schedule: Schedule,
    ended: datetime,
    failures: int,
    zone: tzinfo,
    retry_after: timedelta | None = None,
) -> datetime:
    """Return the time of the run after a failed one; `failures` counts it and those before it.

    The wait doubles, and ends at the schedule's next time at the latest. A server's `Retry-After`
    lengthens it, up to a day.
    """
    doubled = FIRST_RETRY * 2 ** min(failures - 1, 16)
    scheduled = next_scheduled(schedule, ended, zone)
    due = min(ended + min(doubled, LONGEST_WAIT), scheduled)
    if retry_after is not None:
        due = max(due, ended + min(retry_after, LONGEST_WAIT))
    return due


def due_at(source: Source, state: SourceState | None) -> datetime | None:
    """Return the time at which a source is to be read; None while it is paused.

    A request for a run, and a confirmation, count from their time on; a new or changed definition
    is read at once. A paused source is read on request only.
    """
    last = state.last if state is not None else None
    asked = [each for each in (source.run_asked_at, source.confirmed_at) if each is not None]
    pending = [each for each in asked if last is None or each > last.started_at]
    if pending:
        return min(pending)
    if source.paused:
        return None
    if state is None or last is None or source.changed_at > last.started_at:
        return source.changed_at
    return state.due_at
