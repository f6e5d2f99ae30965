"""What `roost courses` does: which course or licence would bring most openings within reach.

For every worker the openings that they would go to are searched, whatever licences those ask for,
and `matcher.suggestions` says what learning one thing would change. The sum over the workers of a
place is what a county needs to know before it plans a course.
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

OPENINGS_LOOKED_AT = 60
"""Of each worker the best of a search, as for matching."""


@dataclass(frozen=True, slots=True)
class Course:
    """Something to teach, to how many, and how many openings it brings within their reach."""

    name: str
    kind: str
    """`skill` or `licence`."""
    workers: int
    openings_unlocked: int
    """Counted once for each worker whom it is unlocked for."""
    points: float
    """What it adds to the scores of all their pairs."""


async def courses(
    elastic: Elastic, today: date, weights: Weights, *, place: str = "", worker_id: str = ""
) -> list[Course]:
    """The best first: for one worker, for those who live or are at home in a place, or for all.

    Raises NotFound when the worker is not there.
    """
    found: dict[tuple[str, str], list[Suggestion]] = defaultdict(list)
    async for worker in _workers(elastic, place, worker_id):
        body = queries.openings_for(worker, today, OPENINGS_LOOKED_AT, whatever_licences=True)
        page = await elastic.search(OPENINGS.name, body)
        openings = [OpeningFeatures.unpacked(hit.source["features"]) for hit in page.hits]
        for each in suggest_training(worker, openings, today, weights):
            found[each.taught].append(each)
    return sorted(
        (_course(kind, suggestions) for (kind, _), suggestions in found.items()),
        key=lambda each: (-each.openings_unlocked, -each.points, each.name),
    )


def _course(kind: str, suggestions: list[Suggestion]) -> Course:
    return Course(
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
