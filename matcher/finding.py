"""Pairs that staff look for by hand: ranked as all others, and what blocks each of them (pure).

Unlike in `ranking.rank`, a pair with obstacles is kept, after those without, and names them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Generic, TypeVar

from matcher import reasons, skills
from matcher.eligibility import distance, obstacles
from matcher.features import OpeningFeatures, WorkerFeatures
from matcher.likeness import likenesses
from matcher.parts import Parts, parts_of
from matcher.weights import STATED, Weights
from roost.events.match import Reason

C = TypeVar("C", OpeningFeatures, WorkerFeatures)


@dataclass(frozen=True, slots=True)
class Finding(Generic[C]):
    """A candidate with its score, the reasons for it, and all obstacles to a match."""

    candidate: C
    score: float
    unboosted: float
    """The score without the priority (`boost`): it alone decides whether a pair fits."""
    obstacles: tuple[str, ...]
    reasons: tuple[Reason, ...]
    missing_skills: tuple[str, ...]
    away_km: float | None


@dataclass(frozen=True, slots=True)
class _Judged(Generic[C]):
    candidate: C
    parts: Parts
    obstacles: tuple[str, ...]

    @property
    def order(self) -> tuple[int, float, str]:
        """Sort key: fewest obstacles first, then by descending score, tie-break by id."""
        return len(self.obstacles), -self.parts.score, self.candidate.id


def find(
    subject: OpeningFeatures | WorkerFeatures,
    candidates: Sequence[C],
    today: date,
    limit: int,
    least_score: float,
    weights: Weights = STATED,
) -> list[Finding[C]]:
    """Return the best candidates of the other kind; only those returned get reasons.

    Candidates below `least_score` points without the priority are left out.
    """
    judged = [
        each
        for each in _judged(subject, candidates, today, weights)
        if each.parts.unboosted >= least_score
    ]
    judged.sort(key=lambda each: each.order)
    return [_explained(subject, each) for each in judged[:limit]]


def blocked_by(
    obstacle: str,
    subject: OpeningFeatures | WorkerFeatures,
    candidates: Sequence[C],
    today: date,
    least_score: float,
    weights: Weights = STATED,
) -> list[C]:
    """Return the candidates that would be proposed if this one obstacle were not in the way."""
    return [
        each.candidate
        for each in _judged(subject, candidates, today, weights)
        if each.obstacles == (obstacle,) and each.parts.unboosted >= least_score
    ]


def _judged(
    subject: OpeningFeatures | WorkerFeatures,
    candidates: Sequence[C],
    today: date,
    weights: Weights,
) -> list[_Judged[C]]:
    found = []
    for candidate, likeness in zip(candidates, likenesses(subject, candidates), strict=True):
        opening, worker = pair_of(subject, candidate)
        parts = parts_of(opening, worker, likeness, weights)
        found.append(_Judged(candidate, parts, obstacles(opening, worker, today)))
    return found


def _explained(subject: OpeningFeatures | WorkerFeatures, judged: _Judged[C]) -> Finding[C]:
    opening, worker = pair_of(subject, judged.candidate)
    return Finding(
        candidate=judged.candidate,
        score=judged.parts.score,
        unboosted=judged.parts.unboosted,
        obstacles=judged.obstacles,
        reasons=reasons.reasons_for(judged.parts, opening, worker),
        missing_skills=tuple(skills.missing(opening, worker)),
        away_km=distance(opening, worker),
    )


def pair_of(
    subject: OpeningFeatures | WorkerFeatures, candidate: OpeningFeatures | WorkerFeatures
) -> tuple[OpeningFeatures, WorkerFeatures]:
    """Return a subject and its candidate as an opening and a worker."""
    if isinstance(subject, OpeningFeatures) and isinstance(candidate, WorkerFeatures):
        return subject, candidate
    if isinstance(subject, WorkerFeatures) and isinstance(candidate, OpeningFeatures):
        return candidate, subject
    raise TypeError("a pair is an opening and a worker")
