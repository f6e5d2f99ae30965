"""Visibility of workers and matches to employers: the single place that decides it. Pure.

Employers see only the fields that the worker agreed to share. Once the worker has accepted the
match, or agreed to share them, they also see the name and contact details, until the match is
declined or expires, or the worker revokes that. They see that the worker was asked, and never the
answer itself. They never learn that a household is
registered: not as a fact, not as a reason, not from the points of a score.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from roost.events.match import Sharing

Json = Mapping[str, Any]
WORK = frozenset({"occupation", "skills", "experience", "education"})
"""Parts of a score about work. Wage, distance and comfort reveal facts of a worker's life, and
`priority` those of the household."""
OF_MATCH = (
    "id",
    "openingId",
    "state",
    "revision",
    "employerSide",
    "proposedAt",
    "changedAt",
    "acceptedAt",
    "referredAt",
    "interviewAt",
    "interviewBy",
    "booking",
    "placedAt",
    "sharingAskedAt",
)
EXPERIENCE = (
    "skills",
    "licences",
    "occupationsWanted",
    "experienceYears",
    "education",
    "languages",
    "availableFrom",
)
EMPLOYERS = frozenset({"employer"})
ENDED = frozenset({"declined", "expired"})
"""States in which an earlier acceptance no longer shows the worker's name and contact details."""


def shown_to_employer(match: Json, profile: Json | None) -> dict[str, Any]:
    """Return a match as its employer sees it, with the visible fields of the worker.

    `match` and `profile` are facts as the views hold them; `profile` is None if it was erased.
    """
    shown = {name: match[name] for name in OF_MATCH if name in match}
    worker = _worker(match, profile) if profile is not None else {}
    if "skills" in worker:
        shown["reasons"] = work_reasons(match.get("reasons", ()))
        shown["missingSkills"] = list(match.get("missingSkills", ()))
    shown["worker"] = worker
    shown["history"] = [
        _entry(each)
        for each in match.get("history", ())
        if each.get("actor", {}).get("role") in EMPLOYERS
    ]
    return shown


def work_reasons(reasons: Iterable[Json]) -> list[dict[str, Any]]:
    """Return the reasons about work."""
    return [dict(each) for each in reasons if each.get("part") in WORK]


def accepted(match: Json) -> bool:
    """Return whether the worker has accepted this match in its current round and not undone it."""
    if match.get("acceptedAt"):
        return True
    return any(
        each.get("kind") == "accept" and each.get("outcome") == "accepted"
        for each in match.get("history", ())
        if not each.get("undone") and _is_of_this_round(each, match)
    )


def shares_all(match: Json) -> bool:
    """Return whether the worker agreed to share name and contact details in this match."""
    sharing = match.get("sharing")
    if sharing == Sharing.REFUSED.value or match.get("state") in ENDED:
        return False
    return sharing == Sharing.AGREED.value or accepted(match)


def _is_of_this_round(entry: Json, match: Json) -> bool:
    """Return whether an entry of the history is not older than the match's newest proposal."""
    proposed, at = match.get("proposedAt"), entry.get("at")
    if proposed is None or at is None:
        return True
    return datetime.fromisoformat(at) >= datetime.fromisoformat(proposed)


def _worker(match: Json, profile: Json) -> dict[str, Any]:
    chosen = profile.get("shownToEmployers", {})
    all_of_it = shares_all(match)
    if match.get("sharing") == Sharing.REFUSED.value:  # a no in this match counts more
        chosen = {**chosen, "name": False, "contact": False}
    worker: dict[str, Any] = {}
    if all_of_it or chosen.get("experience", True):
        worker |= {name: profile[name] for name in EXPERIENCE if name in profile}
        worker.setdefault("skills", [])
    if all_of_it or chosen.get("name", False):
        worker["name"] = profile["name"]
    if all_of_it or chosen.get("contact", False):
        channels = profile.get("channels", ())
        worker["contact"] = [
            {"kind": each["kind"], "address": each["address"]}
            for each in channels
            if each.get("address") and each.get("confirmed", True)
        ]
    return worker


def _entry(entry: Json) -> dict[str, Any]:
    known = ("actionId", "kind", "actor", "at", "outcome", "why", "reason", "interviewAt")
    return {name: entry[name] for name in known if name in entry}
