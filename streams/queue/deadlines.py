"""The deadlines that a match carries, in the opening hours of its station (pure).

They are decided with the match and stored in its record. A replay of `matches` therefore gives the
same views, whatever the opening hours and the calendar are by then. The next change of a match
uses the hours of that time; the wait until the first contact is fixed by that contact.
"""

from __future__ import annotations

from datetime import timedelta

from roost.events.match import Match
from roost.events.station import Station
from roost.time.open_time import (
    NoOpenTime,
    Schedule,
    add_working_time,
    working_time_between,
)
from roost.time.station_hours import CountyHours
from roost.time.urgency import Targets, act_by, soon_from


def with_deadlines(
    before: Match | None,
    match: Match,
    targets: Targets,
    hours: CountyHours,
    station: Station | None,
) -> Match:
    """Return the match with its deadlines; `before` is its version until now.

    A station that is closed for years gets the county's hours. Raises NoOpenTime if these leave no
    open time either.
    """
    try:
        return _dated(before, match, targets, hours.of(station))
    except NoOpenTime:
        return _dated(before, match, targets, hours.schedule)


def _dated(before: Match | None, match: Match, targets: Targets, schedule: Schedule) -> Match:
    match = _with_ended_pause(before, match, schedule)
    by = act_by(match, targets, schedule)
    changes = {
        "act_by": by,
        "soon_at": soon_from(match, by, schedule),
        **_first_contact(before, match, targets, schedule),
    }
    return match.model_copy(update=changes)


def _with_ended_pause(before: Match | None, match: Match, schedule: Schedule) -> Match:
    """Return the match with the opening hours of a pause that ends now added to its rest.

    An end of the match ends no pause: an undo restores the match, and the pause goes on.
    """
    was_paused = before is not None and before.pause is not None and before.pause.lasts
    if not was_paused or match.pause is None or match.pause.lasts:
        return match
    rested_s = match.rested_s + int(_rest(match, schedule).total_seconds())
    return match.model_copy(update={"rested_s": rested_s})


def _rest(match: Match, schedule: Schedule) -> timedelta:
    """Return the opening hours of the newest pause, up to its end or the match's last change."""
    pause = match.pause
    if pause is None:
        return timedelta()
    until = pause.resumed_at or match.waited_until or match.changed_at
    return working_time_between(pause.at, until, schedule) if until > pause.at else timedelta()


def _first_contact(
    before: Match | None, match: Match, targets: Targets, schedule: Schedule
) -> dict[str, object]:
    """Return the target of the first contact and the wait for it.

    Both stay as they are once the wait is over: later changes of hours do not rewrite them.
    """
    if match.nameless:
        return {"contact_due_at": None, "waited_s": None}
    until = match.waited_until
    if until is not None and before is not None and _same_wait(before, match):
        return {"contact_due_at": before.contact_due_at, "waited_s": before.waited_s}
    rested = timedelta(seconds=match.rested_s)
    waited = working_time_between(match.proposed_at, until, schedule) - rested if until else None
    if match.pause is not None and match.pause.lasts:
        if waited is not None:
            waited -= _rest(match, schedule)
        due = None  # no target runs while the opening is paused
    else:
        due = add_working_time(match.proposed_at, targets.first_contact + rested, schedule)
    return {
        "contact_due_at": due,
        "waited_s": max(0, int(waited.total_seconds())) if waited is not None else None,
    }


def _same_wait(before: Match, match: Match) -> bool:
    """Return whether the wait for a first contact had ended before this change."""
    return (before.proposed_at, before.waited_until) == (match.proposed_at, match.waited_until)
