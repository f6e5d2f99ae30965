"""The reciprocal score of a pair, and what follows from it.

Each side is a product of fit and circumstances, between 0 and 1:

    worker side    = fit   × (0.5 + 0.2 wage + 0.2 nearness + 0.1 comfort)
    employer side  = match × (0.6 + 0.2 experience + 0.2 education)

`fit` compares the title with the occupations wanted; `match` is 0.6 skills + 0.4 fit, or fit alone
when the opening names no skills. The score is 100 × the harmonic mean of both sides: as in F1,
one good side does not make up for a bad one. Its points are shared out among the parts in
proportion to what each gave to the sides, so they add up to the score.

A registered household that consents gets `BOOST` points for workshops and work near home, within
the 100; the reason is shown.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Generic, TypeVar

from matcher import reasons, skills
from matcher.eligibility import distance, near_home, obstacle
from matcher.features import OpeningFeatures, WorkerFeatures
from matcher.similarity import cosines
from roost.events.match import Reason

VERSION = "rank-1"
"""Changed with every change of weights or parts: matches name it."""
BOOST = 5.0
NEUTRAL_FIT = 0.4
"""For a profile that says neither what it wants nor what it can: a new one is not starved."""
VECTOR_SHARE = 0.9
"""Likeness by vectors counts a little less than the same words."""
LIVES_NEAR_KM, LIVES_FAR_KM = 5.0, 500.0

C = TypeVar("C", OpeningFeatures, WorkerFeatures)


@dataclass(frozen=True, slots=True)
class Parts:
    """What a pair's score is made of, each between 0 and 1."""

    fit: float
    skills: float | None
    wage: float
    nearness: float
    comfort: float
    experience: float
    education: float
    boost: bool
    away_km: float | None

    @property
    def match(self) -> float:
        return self.fit if self.skills is None else 0.6 * self.skills + 0.4 * self.fit

    @property
    def worker_side(self) -> float:
        around = 0.5 + 0.2 * self.wage + 0.2 * self.nearness + 0.1 * self.comfort
        return self.fit * around

    @property
    def employer_side(self) -> float:
        return self.match * (0.6 + 0.2 * self.experience + 0.2 * self.education)

    @property
    def mutual(self) -> float:
        """0 to 100, before the boost."""
        total = self.worker_side + self.employer_side
        return 200 * self.worker_side * self.employer_side / total if total else 0.0

    @property
    def boosted(self) -> float:
        """The points that the boost adds: none to a pair that does not fit."""
        return min(BOOST, 100 - self.mutual) if self.boost and self.mutual >= BOOST else 0.0

    @property
    def score(self) -> float:
        return round(self.mutual + self.boosted, 1)


@dataclass(frozen=True, slots=True)
class Evaluation:
    """The final word on a pair: an obstacle, or a score with its reasons."""

    obstacle: str
    score: float = 0.0
    worker_side: float = 0.0
    employer_side: float = 0.0
    reasons: tuple[Reason, ...] = ()
    missing_skills: tuple[str, ...] = ()

    @property
    def eligible(self) -> bool:
        return not self.obstacle


GONE = Evaluation("closed")


@dataclass(frozen=True, slots=True)
class Ranked(Generic[C]):
    candidate: C
    score: float


def rank(
    subject: OpeningFeatures | WorkerFeatures,
    candidates: Sequence[C],
    today: date,
    limit: int,
    least_score: float,
) -> list[Ranked[C]]:
    """The best eligible candidates of the other kind, best first, ties by id."""
    likenesses = cosines(subject.vector, [each.vector for each in candidates])
    ranked = []
    for candidate, likeness in zip(candidates, likenesses.tolist(), strict=True):
        opening, worker = _pair(subject, candidate)
        if obstacle(opening, worker, today):
            continue
        score = parts_of(opening, worker, likeness).score
        if score >= least_score:
            ranked.append(Ranked(candidate, score))
    ranked.sort(key=lambda each: (-each.score, each.candidate.id))
    return ranked[:limit]


def evaluate(opening: OpeningFeatures | None, worker: WorkerFeatures, today: date) -> Evaluation:
    """Decides one pair: the same score as `rank` gives, with the reasons in words.

    An opening that is erased or was never there is None.
    """
    if opening is None:
        return GONE
    if found := obstacle(opening, worker, today):
        return Evaluation(found)
    likeness = float(cosines(opening.vector, [worker.vector])[0])
    parts = parts_of(opening, worker, likeness)
    return Evaluation(
        obstacle="",
        score=parts.score,
        worker_side=round(parts.worker_side, 4),
        employer_side=round(parts.employer_side, 4),
        reasons=reasons.of(parts, opening, worker),
        missing_skills=tuple(skills.missing(opening, worker)),
    )


def parts_of(opening: OpeningFeatures, worker: WorkerFeatures, likeness: float) -> Parts:
    """`likeness` is the cosine of both vectors."""
    away = distance(opening, worker)
    home = near_home(opening, worker)
    return Parts(
        fit=_fit(opening, worker, likeness),
        skills=skills.coverage(opening, worker),
        wage=_wage(opening, worker),
        nearness=1.0 if home else _nearness(away),
        comfort=0.5 * opening.lodging + 0.5 * opening.meals,
        experience=_enough(worker.experience, opening.experience),
        education=_enough(worker.education, opening.education),
        boost=worker.boost and (opening.workplace == "workshop" or home),
        away_km=away,
    )


def _pair(
    subject: OpeningFeatures | WorkerFeatures, candidate: OpeningFeatures | WorkerFeatures
) -> tuple[OpeningFeatures, WorkerFeatures]:
    if isinstance(subject, OpeningFeatures) and isinstance(candidate, WorkerFeatures):
        return subject, candidate
    if isinstance(subject, WorkerFeatures) and isinstance(candidate, OpeningFeatures):
        return candidate, subject
    raise TypeError("a pair is an opening and a worker")


def _fit(opening: OpeningFeatures, worker: WorkerFeatures, likeness: float) -> float:
    if not worker.wanted and not worker.skills:
        return NEUTRAL_FIT
    title = opening.title
    words = max(
        (
            sum(weight * title[token] for token, weight in wanted.items() if token in title)
            for wanted in worker.wanted
        ),
        default=0.0,
    )
    return min(1.0, max(words, VECTOR_SHARE * likeness, 0.0))


def _wage(opening: OpeningFeatures, worker: WorkerFeatures) -> float:
    """How much of the wish the middle of the range covers, from half of it to a quarter more."""
    if opening.wage_high is None or opening.wage_low is None or not worker.wage_floor:
        return 0.5
    offered = (opening.wage_low + opening.wage_high) / 2
    return min(1.0, max(0.0, (offered / worker.wage_floor - 0.5) / 0.75))


def _nearness(away: float | None) -> float:
    if away is None:
        return 0.3
    if away <= LIVES_NEAR_KM:
        return 1.0
    return max(0.0, 1 - (away - LIVES_NEAR_KM) / (LIVES_FAR_KM - LIVES_NEAR_KM))


def _enough(has: float, asked: float) -> float:
    return 1.0 if has >= asked else has / asked
