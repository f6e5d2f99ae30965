"""Fields of a match's document that queues and the overview filter, sort and count by (pure)."""

from __future__ import annotations

from roost.events.match import Match, Sharing
from roost.rules.daily_counts import budget_keys
from roost.time.urgency import SOON
from roost.views.elastic import Json

MOMENTS = (
    "accepted_at",
    "act_by",
    "call_again_at",
    "changed_at",
    "claimed_at",
    "contact_due_at",
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
        found["soon_at"] = match.soon_at or match.act_by - SOON
    if match.state.active and match.sharing is Sharing.ASKED:
        found["answer_by"] = match.answer_by
    document: Json = {name: at.isoformat() for name, at in found.items() if at is not None}
    if match.nameless:  # the worker was erased; only the placement is known
        return document
    if (until := match.claimed_at or match.ended_at) is not None:
        document["unclaimed_until"] = until.isoformat()
    elif not match.paused:
        resumed = match.pause.resumed_at if match.pause else None
        document["waits_from"] = (resumed or match.proposed_at).isoformat()
    return document | _waiting(match)


def _waiting(match: Match) -> Json:
    """Return how long a match waited for its first contact, and whether that was too long.

    Records of earlier releases lack both; their wait counts by the clock, as it did then.
    """
    until = match.waited_until
    if until is None:
        return {}
    waited = match.waited_s
    if waited is None:
        waited = max(0, int((until - match.proposed_at).total_seconds()))
    document: Json = {"waited_until": until.isoformat(), "waited_s": waited}
    if match.contact_due_at is not None:
        document["late"] = until > match.contact_due_at
    return document


def referrals(match: Match) -> Json:
    """Return the times of all referrals that were not undone; absent without any."""
    at = [each.at.isoformat() for each in match.history if each.is_referral]
    return {"referrals": at} if at else {}


def budgets_of(match: Match) -> tuple[str, ...]:
    """Return the keys under which a match counts for the limits of a day; none without employer."""
    described = match.about
    if described is None or not described.employer_id:
        return ()
    return budget_keys(described.employer_id, described.alike)


def first_content(match: Match) -> tuple[str, ...]:
    """Return the keys of content that a match was first proposed under; an edit changes none."""
    if match.about is None or not match.about.employer_id:
        return ()
    first = match.about.first_alike
    return match.about.alike if first is None else first


def about(match: Match) -> Json:
    """Return the fields of the opening and the worker."""
    document: Json = {"nameless": match.nameless}
    if keys := first_content(match):
        document["first_content"] = list(keys)
    if (described := match.about) is not None:
        document |= {
            "budgets": list(budgets_of(match)),
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
