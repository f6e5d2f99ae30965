"""The order of candidates, and the final decision on one pair; `parts` defines the score."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Generic, TypeVar

from matcher import reasons, skills
from matcher.eligibility import PAUSED, obstacle
from matcher.features import OpeningFeatures, WorkerFeatures
from matcher.finding import pair_of
from matcher.likeness import Likeness, likenesses
from matcher.parts import Parts, parts_of
from matcher.weights import STATED, Weights
from roost.events.match import Reason

__all__ = ["Evaluation", "Parts", "Ranked", "evaluate", "evaluate_all", "parts_of", "rank"]
C = TypeVar("C", OpeningFeatures, WorkerFeatures)


@dataclass(frozen=True, slots=True)
class Evaluation:
    """The final decision on a pair: an obstacle, or a score with its reasons."""

    obstacle: str
    score: float = 0.0
    unboosted: float = 0.0
    """The score without the priority (`boost`)."""
    worker_side: float = 0.0
    employer_side: float = 0.0
    reasons: tuple[Reason, ...] = ()
    missing_skills: tuple[str, ...] = ()
    paused: bool = False
    """True if the opening is paused: an existing match stays, and none is proposed."""

    @property
    def eligible(self) -> bool:
        """True without an obstacle."""
        return not self.obstacle


GONE = Evaluation("closed")
NOT_LASTING = frozenset({"", PAUSED})
"""Obstacles with which an existing match stays."""


@dataclass(frozen=True, slots=True)
class Ranked(Generic[C]):
    """A candidate with its score."""

    candidate: C
    score: float
    unboosted: float
    """The score without the priority (`boost`)."""
    preceded: float = 0.0
    """The points of the score that precedents add."""


def rank(
    subject: OpeningFeatures | WorkerFeatures,
    candidates: Sequence[C],
    today: date,
    limit: int,
    least_score: float,
    weights: Weights = STATED,
) -> list[Ranked[C]]:
    """Return the best eligible candidates of the other kind, best first, tie-break by id.

    Candidates below `least_score` points without the priority are left out: otherwise an employer
    could recognise a registered household by a worker who appears only for a workshop.
    """
    ranked = []
    for candidate, likeness in zip(candidates, likenesses(subject, candidates), strict=True):
        opening, worker = pair_of(subject, candidate)
        if obstacle(opening, worker, today):
            continue
        parts = parts_of(opening, worker, likeness, weights)
        if parts.unboosted >= least_score:
            ranked.append(Ranked(candidate, parts.score, parts.unboosted, parts.preceded))
    ranked.sort(key=lambda each: (-each.score, each.candidate.id))
    return ranked[:limit]


def evaluate(
    opening: OpeningFeatures | None,
    worker: WorkerFeatures,
    today: date,
    weights: Weights = STATED,
) -> Evaluation:
    """Decide one pair: the same score as `rank`, with its reasons in words.

    `opening` is None when it is erased or unknown.
    """
    return evaluate_all(opening, [worker], today, weights)[0]


def evaluate_all(
    opening: OpeningFeatures | None,
    workers: Sequence[WorkerFeatures],
    today: date,
    weights: Weights = STATED,
    waived: Mapping[str, Collection[str]] | None = None,
) -> list[Evaluation]:
    """Decide the pairs of one opening, in order; their texts are compared together.

    `waived` are the wishes that workers set aside for this opening, by worker.
    """
    if opening is None:
        return [GONE] * len(workers)
    set_aside = waived or {}
    obstacles = [
        obstacle(opening, worker, today, set_aside.get(worker.id, ())) for worker in workers
    ]
    eligible = [
        worker for worker, found in zip(workers, obstacles, strict=True) if found in NOT_LASTING
    ]
    alike = iter(likenesses(opening, eligible))
    return [
        _evaluation(opening, worker, next(alike), weights, paused=found == PAUSED)
        if found in NOT_LASTING
        else Evaluation(found)
        for worker, found in zip(workers, obstacles, strict=True)
    ]


def _evaluation(
    opening: OpeningFeatures,
    worker: WorkerFeatures,
    likeness: Likeness,
    weights: Weights,
    *,
    paused: bool,
) -> Evaluation:
    parts = parts_of(opening, worker, likeness, weights)
    return Evaluation(
        obstacle="",
        score=parts.score,
        unboosted=parts.unboosted,
        worker_side=round(parts.worker_side, 4),
        employer_side=round(parts.employer_side, 4),
        reasons=reasons.reasons_for(parts, opening, worker),
        missing_skills=tuple(skills.missing(opening, worker)),
        paused=paused,
    )
