"""What an employer sees of a worker and a match: pure, and the one place that decides it.

Until the worker has accepted the match, only what they consented to show; from then on also who
they are and how they are reached. Of a registered household an employer never learns anything: not
as a fact, not as a reason, not by the points of a score.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

Json = Mapping[str, Any]
WORK = frozenset({"occupation", "skills", "experience", "education"})
"""The parts of a score that speak of work. Wage, distance and comfort tell of a worker's life, and
`priority` of their household."""
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
    "placedAt",
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


def shown_to_employer(match: Json, profile: Json | None) -> dict[str, Any]:
    """A match as its employer sees it, with what they may see of the worker.

    `match` and `profile` are facts as the views hold them; without a profile nothing of it is told.
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
    """The reasons that speak of work."""
    return [dict(each) for each in reasons if each.get("part") in WORK]


def accepted(match: Json) -> bool:
    """Whether the worker has said yes to this match, and has not taken it back."""
    if match.get("acceptedAt"):
        return True
    return any(
        each.get("kind") == "accept" and each.get("outcome") == "accepted"
        for each in match.get("history", ())
        if not each.get("undone")
    )


def _worker(match: Json, profile: Json) -> dict[str, Any]:
    chosen = profile.get("shownToEmployers", {})
    all_of_it = accepted(match)
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
            if each.get("address")
        ]
    return worker


def _entry(entry: Json) -> dict[str, Any]:
    known = ("actionId", "kind", "actor", "at", "outcome", "why", "reason", "interviewAt")
    return {name: entry[name] for name in known if name in entry}
