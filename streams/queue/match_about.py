"""The description of its opening and worker that a match carries for the queues (pure)."""

from __future__ import annotations

from datetime import date

from matcher.features import OpeningFeatures, WorkerFeatures
from matcher.ranking import Evaluation
from roost.constraints.needs import LATER
from roost.events.match import PRIORITY, About
from roost.text.taxonomy import labels


def build_about(
    opening: OpeningFeatures | None, worker: WorkerFeatures, evaluation: Evaluation
) -> About | None:
    """Return the description of a pair, or None if the opening was erased."""
    if opening is None:
        return None
    occupation = next(iter(opening.occupations), None)
    return About(
        title=opening.title_words[:300],
        occupation=occupation,
        occupation_name=labels().get(occupation or "", ""),
        employer_id=opening.employer_id or None,
        alike=opening.budgets[1:],
        work_places=tuple(opening.places),
        lives_at=tuple(worker.places),
        home=tuple(worker.home),
        headcount=opening.headcount,
        starts_on=_day(opening.starts_by),
        last_day=_day(opening.last_day),
        priority=any(reason.part == PRIORITY for reason in evaluation.reasons),
    )


def _day(ordinal: int) -> date | None:
    return date.fromordinal(ordinal) if 0 < ordinal < LATER else None
