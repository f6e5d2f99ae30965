"""The parts of a pair's score, and the score that weights make of them.

Each side is a product of fit and circumstances, between 0 and 1; with the weights STATED

    worker side    = fit   × (0.5 + 0.2 wage + 0.2 nearness + 0.1 comfort)
    employer side  = match × (0.6 + 0.2 experience + 0.2 education)

`fit` compares the title with the wanted occupations, or the whole opening with the skills of a
worker who wants none (`likeness`). `match` is 0.6 skills + 0.4 fit, or the fit alone when the
opening names no skills; a skill that is only near one of the worker's counts in part. The score is
100 × the harmonic mean of both sides: as in F1, one good side does not make up for a bad one. The
points of the score are divided among the parts in proportion to their contribution, so they add up
to the score. A better part never lowers the score.

What only the text of an opening states counts half (READ_TRUST). Skills that it names can raise the
match and never lower it.

Placements of people with like skills in like work add up to 8 points, at most a fifth of the score
by parts (`precedents`). A registered household that consents receives a few more (`boost`). The
reasons are shown.

Source: Pizzato et al., "RECON: a reciprocal recommender for online dating", RecSys 2010, for the
harmonic mean of both sides.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from matcher import boost, skills
from matcher.eligibility import distance, near_home, shared_level
from matcher.features import OpeningFeatures, WorkerFeatures
from matcher.likeness import Likeness
from matcher.precedents import Precedent, bounded
from matcher.weights import STATED, Weights
from roost.constraints.needs import COMMUTE_KM, country

READ_TRUST = 0.5
"""Weight of what only the text of an opening states; its fields weigh 1."""
NEUTRAL_FIT = 0.4
"""Fit of a profile without wanted occupations and skills, so that new profiles are not starved."""
LINKED, ABLE = 0.85, 0.6
"""Fit of a pair linked to one occupation: as a wanted one, or as one that the skills name."""
NEAR_TRUST = 0.5
"""Weight of a required skill that is only near one of the worker's; one that is named weighs 1."""
SKILLS_SHARE = 0.6
"""Factor of the fit of skills where occupations are wanted: the wishes count more."""
VECTOR_SHARE = 0.9
"""Factor of the likeness by vectors, which counts slightly less than equal words."""
LIVES_NEAR_KM, LIVES_FAR_KM = 5.0, 500.0
SAME = {"township": 1.0, "county": 0.95, "city": 0.85, "province": 0.5, "country": 0.1}
"""Nearness by the innermost common place, where a point is missing or borrowed from it.

Each value is what the usual distance within such a place would earn.
"""
SOMEWHERE = 0.3
"""Nearness when the place of the work or of the worker is unknown."""


@dataclass(frozen=True, slots=True)
class Parts:
    """The parts of a pair's score, each between 0 and 1."""

    fit: float
    skills: float | None
    wage: float
    nearness: float
    comfort: float
    experience: float
    education: float
    boost: bool
    away_km: float | None
    near: float = 0.0
    """Share of the opening's requirements that are near the worker's texts, for `skills`."""

    weights: Weights = STATED
    precedent: Precedent | None = None

    @property
    def match(self) -> float:
        """The employer's view of the fit, from skills and occupation, 0 to 1."""
        if self.skills is None:
            return self.fit
        return self.weights.skills * self.skills + (1 - self.weights.skills) * self.fit

    @property
    def worker_side(self) -> float:
        """Suitability of the opening for the worker, 0 to 1."""
        w = self.weights
        circumstances = w.wage * self.wage + w.nearness * self.nearness + w.comfort * self.comfort
        return self.fit * (1 - w.wage - w.nearness - w.comfort + circumstances)

    @property
    def employer_side(self) -> float:
        """Suitability of the worker for the employer, 0 to 1."""
        w = self.weights
        requirements = w.experience * self.experience + w.education * self.education
        return self.match * (1 - w.experience - w.education + requirements)

    @property
    def mutual(self) -> float:
        """The score by content: before precedents and the boost, 0 to 100."""
        wants, suits = self.worker_side, self.employer_side
        return 200 * wants * suits / (wants + suits) if wants + suits else 0.0

    @property
    def preceded(self) -> float:
        """Points that precedents add."""
        return bounded(self.precedent.points, self.mutual) if self.precedent else 0.0

    @property
    def boosted(self) -> float:
        """Points that the boost adds; 0 for a pair that does not fit."""
        return boost.points_for(self.mutual + self.preceded) if self.boost else 0.0

    def as_row(self) -> dict[str, float]:
        """Return the weighted parts, each between 0 and 1, always in this order.

        Without required skills, `skills` equals the fit, so that `match` is the fit as well.
        """
        return {
            "fit": self.fit,
            "skills": self.fit if self.skills is None else self.skills,
            "wage": self.wage,
            "nearness": self.nearness,
            "comfort": self.comfort,
            "experience": self.experience,
            "education": self.education,
        }

    @property
    def unboosted(self) -> float:
        """The score without the boost, with one decimal: it alone decides whether a pair fits."""
        return round(self.mutual + self.preceded, 1)

    @property
    def score(self) -> float:
        """The final score, 0 to 100, with one decimal."""
        return round(self.mutual + self.preceded + self.boosted, 1)


def parts_of(
    opening: OpeningFeatures,
    worker: WorkerFeatures,
    likeness: Likeness,
    weights: Weights = STATED,
) -> Parts:
    """Compute the parts of a pair from the likeness of its texts."""
    away = distance(opening, worker)
    home = near_home(opening, worker)
    fit = _fit(opening, worker, likeness)
    return Parts(
        fit=fit,
        skills=_skills(opening, worker, fit, likeness.asked),
        wage=_wage(opening, worker),
        nearness=1.0 if home else _nearness(opening, worker, away),
        comfort=_comfort(opening, worker, away),
        experience=_required(worker.experience, opening.experience, opening.read_experience),
        education=_required(worker.education, opening.education, opening.read_education),
        boost=worker.boost and (opening.workplace == boost.NEAR_HOME_WORK or home),
        away_km=away,
        near=likeness.asked,
        weights=weights,
        precedent=weights.precedents.of(opening, worker),
    )


def _fit(opening: OpeningFeatures, worker: WorkerFeatures, likeness: Likeness) -> float:
    if not worker.wanted:
        least = NEUTRAL_FIT if not worker.skills else 0.0
        return max(least, likeness.skills)
    title = opening.title
    words = max(
        (
            sum(weight * title[token] for token, weight in wanted.items() if token in title)
            for wanted in worker.wanted
        ),
        default=0.0,
    )
    skills = SKILLS_SHARE * likeness.skills
    wishes = max(words, VECTOR_SHARE * likeness.wishes, _linked(opening, worker))
    return min(1.0, max(wishes, skills))


def _linked(opening: OpeningFeatures, worker: WorkerFeatures) -> float:
    """Return the fit that a common occupation of the taxonomy gives, whatever the words are."""
    if not set(worker.occupations).isdisjoint(opening.occupations):
        return LINKED
    return ABLE if not set(worker.abilities).isdisjoint(opening.occupations) else 0.0


def _wage(opening: OpeningFeatures, worker: WorkerFeatures) -> float:
    """Return how far the middle of the wage range covers the wish: 0 at half, 1 at a quarter more.

    The result is 0.5 without a wish, and 0 when there is a wish but the wage is unknown.
    """
    if not worker.wage_floor:
        return 0.5
    if opening.wage_high is None or opening.wage_low is None:
        return 0.0
    offered = (opening.wage_low + opening.wage_high) / 2
    return min(1.0, max(0.0, (offered / worker.wage_floor - 0.5) / 0.75))


def _nearness(opening: OpeningFeatures, worker: WorkerFeatures, away: float | None) -> float:
    if away is None or not (opening.measured and worker.measured):
        if not opening.places or not worker.places:
            return SOMEWHERE
        if country(opening.places) != country(worker.places):
            return 0.0
        return SAME.get(shared_level(opening, worker), SOMEWHERE)
    if away <= LIVES_NEAR_KM:
        return 1.0
    return max(0.0, 1 - (away - LIVES_NEAR_KM) / (LIVES_FAR_KM - LIVES_NEAR_KM))


def _comfort(opening: OpeningFeatures, worker: WorkerFeatures, away: float | None) -> float:
    """Return 0.3 each for lodging and meals plus 0.2 each for shifts and language."""
    at_home = away is not None and away <= COMMUTE_KM
    lodging = _provided(opening.lodging or at_home, read=opening.read_lodging)
    meals = _provided(opening.meals, read=opening.read_meals)
    spoken = not (opening.language and worker.languages) or opening.language in worker.languages
    return 0.3 * lodging + 0.3 * meals + 0.2 * shifts_liked(opening, worker) + 0.2 * spoken


def shifts_liked(opening: OpeningFeatures, worker: WorkerFeatures) -> float:
    """Return the share of the opening's shifts that suit the worker, 0 to 1.

    It is 1 for a worker without a preference, and 0.5 when an opening names no shifts to one who
    has some.
    """
    if not worker.shifts:
        return 1.0
    if not opening.shifts and opening.read_shifts:
        return 0.5 + READ_TRUST * (_share_liked(opening.read_shifts, worker) - 0.5)
    if not opening.shifts:
        return 0.5
    return _share_liked(opening.shifts, worker)


def _share_liked(shifts: Sequence[str], worker: WorkerFeatures) -> float:
    return sum(shift in worker.shifts for shift in shifts) / len(shifts)


def _skills(
    opening: OpeningFeatures, worker: WorkerFeatures, fit: float, near: float
) -> float | None:
    """Return the skills part; of skills that only the text names, one that never lowers it."""
    stated = skills.coverage(opening, worker)
    if stated is not None:
        return raised_by_near(stated, near)
    if not (met := skills.read_met(opening, worker)):
        return None
    share = len(met) / len(opening.read_skills)
    return fit + READ_TRUST * share * (1 - fit)


def raised_by_near(stated: float, near: float) -> float:
    """Return the share of skills met, raised where the worker's texts are near further ones."""
    return stated + NEAR_TRUST * max(0.0, near - stated)


def _provided(stated: bool, *, read: bool) -> float:
    return 1.0 if stated else READ_TRUST * read


def _required(has: float, stated: float, read: float) -> float:
    """Return how far a requirement is met; one that only the text states weighs half."""
    if stated or not read:
        return _enough(has, stated)
    return 1 - READ_TRUST * (1 - _enough(has, read))


def _enough(has: float, required: float) -> float:
    return 1.0 if has >= required else has / required
