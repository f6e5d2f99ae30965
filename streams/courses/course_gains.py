"""Gains of training courses: openings that one new skill or licence would bring within reach.

For every worker, the openings that they would accept are searched without the licence filter, and
`matcher.suggestions` scores each with one thing learned. A county plans its courses by the sum over
the workers of a place.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import date

from matcher import queries
from matcher.features import OpeningFeatures, WorkerFeatures
from matcher.suggestions import Suggestion, suggest_training
from matcher.weights import Weights
from roost.errors import NotFound
from roost.text.skill_names import commonest
from roost.topics import OPENINGS, PROFILES
from roost.views.elastic import Elastic

OPENINGS_PER_WORKER = 60
"""Best search results considered for each worker, as in matching."""


@dataclass(frozen=True, slots=True)
class CourseGain:
    """One skill or licence to teach, with its gain summed over the workers who lack it."""

    name: str
    kind: str
    """`skill` or `licence`."""
    workers: int
    openings_unlocked: int
    """Pairs of a worker and an opening that become eligible."""
    points: float
    """Points added to the scores of all these pairs."""


async def course_gains(
    elastic: Elastic, today: date, weights: Weights, *, place: str = "", worker_id: str = ""
) -> list[CourseGain]:
    """Compute the gains, largest first: for one worker, for a place, or for all workers.

    The workers of a place live there or have their home there. Raises NotFound for an unknown
    worker.
    """
    suggestions: dict[tuple[str, str], list[Suggestion]] = defaultdict(list)
    async for worker in _workers(elastic, place, worker_id):
        body = queries.openings_for(worker, today, OPENINGS_PER_WORKER, waived=("licence",))
        page = await elastic.search(OPENINGS.name, body)
        openings = [OpeningFeatures.unpacked(hit.source["features"]) for hit in page.hits]
        for each in suggest_training(worker, openings, today, weights):
            suggestions[each.taught].append(each)
    return sorted(
        (_summed(kind, of_one) for (kind, _), of_one in suggestions.items()),
        key=lambda each: (-each.openings_unlocked, -each.points, each.name),
    )


def _summed(kind: str, suggestions: list[Suggestion]) -> CourseGain:
    return CourseGain(
        commonest(Counter(each.skill for each in suggestions)),
        kind,
        len(suggestions),
        sum(each.openings_unlocked for each in suggestions),
        round(sum(each.points for each in suggestions), 1),
    )


async def _workers(elastic: Elastic, place: str, worker_id: str) -> AsyncIterator[WorkerFeatures]:
    if worker_id:
        document = await elastic.get(PROFILES.name, worker_id)
        if document is None or document.get("erased"):
            raise NotFound(f"There is no worker {worker_id}.", f"没有该人员：{worker_id}")
        yield WorkerFeatures.unpacked(document["features"])
        return
    async for _, _, document in elastic.scan(PROFILES.name):
        if document.get("erased") or not document["active"]:
            continue
        worker = WorkerFeatures.unpacked(document["features"])
        if not place or place in (*worker.places, *worker.home):
            yield worker
