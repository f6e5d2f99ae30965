"""Next steps: the one for a pair, and the training with the largest gain for a worker.

A gain is computed by the same rules, as if the worker had the skill or the licence and nothing else
changed: a verifiable number, not a promise.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

from matcher import skills, wages
from matcher.eligibility import obstacle
from matcher.features import OpeningFeatures, WorkerFeatures
from matcher.likeness import likeness_of
from matcher.parts import Parts, parts_of, raised_by_near
from matcher.wages import Words
from matcher.weights import STATED, Weights
from roost.constraints import licences
from roost.text.skill_names import commonest_names, one_name

WORTH_PROPOSING = 35.0
"""Score from which a pair is usually proposed."""


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A skill or licence to learn, with the openings that it unlocks and the points it adds."""

    skill: str
    openings_unlocked: int
    points: float
    """Sum over all the openings."""
    kind: str = "skill"
    """`skill`, or `licence` where the openings cannot be proposed without it."""

    @property
    def taught(self) -> tuple[str, str]:
        """The kind and the skill or licence, the same for every name of a skill."""
        return self.kind, one_name(self.skill) if self.kind == "skill" else self.skill

    def words(self) -> Words:
        """Return the suggestion in words, English and Chinese."""
        adds = f"{self.points:g}"
        what = (f"A course in {self.skill}", f"参加“{self.skill}”培训")
        if self.kind == "licence":
            what = (f"The licence {self.skill}", f"考取“{self.skill}”证书")
        return (
            f"{what[0]} would bring {self.openings_unlocked} more openings within reach and add "
            f"{adds} points in all",
            f"{what[1]}可新增 {self.openings_unlocked} 个合适岗位，匹配分合计提高 {adds} 分",
        )


def next_step(parts: Parts, opening: OpeningFeatures, worker: WorkerFeatures) -> Words:
    """Return the first thing to do about a pair, with its gain where known; English, Chinese."""
    if opening.wage_high is None and worker.wage_floor:
        english, chinese = wages.wish(worker)
        pieces = opening.wage_unit == "PIECE"
        return (
            f"Ask the employer {'how many pieces a day are usual' if pieces else 'for the wage'} "
            f"before referring: the wish is {english}",
            f"推荐前先向用工单位问清{'每天一般件数' if pieces else '工资'}：期望 {chinese}",
        )
    gains = {
        skill: gain(parts, opening, worker, skill) for skill in skills.lacking(opening, worker)
    }
    best = max(sorted(gains), key=lambda skill: gains[skill], default=None)
    if best is not None and gains[best] > 0:
        return (
            f"A course in {best} would add {gains[best]:g} points",
            f"参加“{best}”培训可提高 {gains[best]:g} 分",
        )
    if parts.experience < 1:
        return (
            f"Ask the employer whether {worker.experience:g} years of experience are enough",
            f"询问用工单位 {worker.experience:g} 年工作经验是否可以",
        )
    if parts.education < 1:
        return "Ask the employer whether the education is enough", "询问用工单位学历能否放宽"
    return (
        "All requirements are met: contact the worker",
        "岗位要求均已具备，请联系本人",
    )


def gain(parts: Parts, opening: OpeningFeatures, worker: WorkerFeatures, skill: str) -> float:
    """Return the points that a skill would add to the score of a pair."""
    stated = skills.coverage(opening, worker, (skill,))
    taught = replace(parts, skills=None if stated is None else raised_by_near(stated, parts.near))
    return round(taught.score - parts.score, 1)


def suggest_training(
    worker: WorkerFeatures,
    openings: Sequence[OpeningFeatures],
    today: date,
    weights: Weights = STATED,
    *,
    least_score: float = WORTH_PROPOSING,
) -> list[Suggestion]:
    """Return skills and licences to learn, by unlocked openings, then by points.

    An opening is unlocked when it becomes proposable: its score reaches `least_score`, or the
    licence was the only obstacle.
    """
    found = [
        *_skills_worth_it(worker, openings, today, weights, least_score),
        *_licences_worth_it(worker, openings, today, weights, least_score),
    ]
    return sorted(found, key=lambda each: (-each.openings_unlocked, -each.points, each.skill))


def _skills_worth_it(
    worker: WorkerFeatures,
    openings: Sequence[OpeningFeatures],
    today: date,
    weights: Weights,
    least_score: float,
) -> list[Suggestion]:
    pairs = [
        (opening, parts_of(opening, worker, likeness_of(opening, worker), weights))
        for opening in openings
        if not obstacle(opening, worker, today)
    ]
    worth = []
    lacking = (each for opening, _ in pairs for each in skills.lacking(opening, worker))
    for skill in commonest_names(lacking).values():  # one course covers all names of a skill
        gains = [(parts.unboosted, gain(parts, opening, worker, skill)) for opening, parts in pairs]
        unlocked = sum(score < least_score <= round(score + more, 1) for score, more in gains)
        points = round(sum(more for _, more in gains), 1)
        if points > 0:
            worth.append(Suggestion(skill, unlocked, points))
    return worth


def _licences_worth_it(
    worker: WorkerFeatures,
    openings: Sequence[OpeningFeatures],
    today: date,
    weights: Weights,
    least_score: float,
) -> list[Suggestion]:
    locked = [each for each in openings if obstacle(each, worker, today) == "licence"]
    lacking = (licence for each in locked for licence in each.licences)
    worth = []
    for licence in dict.fromkeys(each for each in lacking if each not in worker.licences):
        licensed = replace(worker, licences=[*worker.licences, *licences.held_names([licence])])
        pairs = [
            parts_of(opening, licensed, likeness_of(opening, licensed), weights)
            for opening in locked
            if not obstacle(opening, licensed, today)
        ]
        within = [parts.score for parts in pairs if parts.unboosted >= least_score]
        if within:
            worth.append(Suggestion(licence, len(within), round(sum(within), 1), "licence"))
    return worth
