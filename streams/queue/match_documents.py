"""Fields of a match's document that queues and the overview filter, sort and count by (pure)."""

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
    """Return the moments of the match's current round; events that have not happened are absent."""
    found = {name: getattr(match, name) for name in MOMENTS}
    if match.act_by is not None:
        found["urgent_at"] = match.act_by.replace(minute=0, second=0, microsecond=0)
    document: Json = {name: at.isoformat() for name, at in found.items() if at is not None}
    if match.nameless:  # the worker was erased; only the placement is known
        return document
    ended = _ended_at(match)
    if (until := match.claimed_at or ended) is not None:
        document["unclaimed_until"] = until.isoformat()
    if (until := match.first_contact_at or ended) is not None:
        document["waited_until"] = until.isoformat()
        document["waited_s"] = max(0, int((until - match.proposed_at).total_seconds()))
    return document


def about(match: Match) -> Json:
    """Return the fields of the opening and the worker."""
    document: Json = {"nameless": match.nameless}
    if (described := match.about) is not None:
        document |= {
            "employer_id": described.employer_id,
            "home": list(described.home),
            "lives_at": list(described.lives_at),
            "occupation": described.occupation,
            "occupation_name": described.occupation_name or None,
            "priority": described.priority,
            "township": next(iter((*described.lives_at, *described.home)), None),
            "work_places": list(described.work_places),
        }
    return document


def _ended_at(match: Match) -> datetime | None:
    """Return when the match ended, or None while it is active."""
    if match.state.active:
        return None
    ended = {
        MatchState.PLACED: match.placed_at,
        MatchState.DECLINED: match.declined_at,
        MatchState.EXPIRED: match.expired_at,
    }
    return ended.get(match.state) or match.changed_at
