"""What queues and the overview find, sort and count matches by: pure."""

from __future__ import annotations

from datetime import datetime

from roost.events.match import Match, MatchState
from roost.views.elastic import Json

MOMENTS = (
    "accepted_at",
    "act_by",
    "changed_at",
    "claimed_at",
    "contacted_at",
    "declined_at",
    "expired_at",
    "first_contact_at",
    "interview_at",
    "interviewed_at",
    "placed_at",
    "proposed_at",
    "referred_at",
)


def moments(match: Match) -> Json:
    """When what happened in its present round; what has not happened is left out."""
    found = {name: getattr(match, name) for name in MOMENTS}
    if match.act_by is not None:
        found["urgent_at"] = match.act_by.replace(minute=0, second=0, microsecond=0)
    document: Json = {name: at.isoformat() for name, at in found.items() if at is not None}
    if match.nameless:  # of an erased worker it is only known that they were placed
        return document
    ended = _ended_at(match)
    if (until := match.claimed_at or ended) is not None:
        document["unclaimed_until"] = until.isoformat()
    if (until := match.first_contact_at or ended) is not None:
        document["waited_until"] = until.isoformat()
        document["waited_s"] = max(0, int((until - match.proposed_at).total_seconds()))
    return document


def about(match: Match) -> Json:
    document: Json = {"nameless": match.nameless}
    if (said := match.about) is not None:
        document |= {
            "employer_id": said.employer_id,
            "home": list(said.home),
            "lives_at": list(said.lives_at),
            "occupation": said.occupation,
            "occupation_name": said.occupation_name or None,
            "priority": said.priority,
            "township": next(iter((*said.lives_at, *said.home)), None),
            "work_places": list(said.work_places),
        }
    return document


def _ended_at(match: Match) -> datetime | None:
    """None while somebody may still have to do something about it."""
    if match.state.active:
        return None
    ended = {
        MatchState.PLACED: match.placed_at,
        MatchState.DECLINED: match.declined_at,
        MatchState.EXPIRED: match.expired_at,
    }
    return ended.get(match.state) or match.changed_at
