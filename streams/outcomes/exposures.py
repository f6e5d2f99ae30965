"""To how many openings workers have been shown, as far as it matters (`matcher.exploration`)."""

from __future__ import annotations

from collections.abc import Sequence

from matcher.exploration import KNOWN_AFTER
from roost.topics import MATCHES
from roost.views.elastic import Elastic, Json


async def exposures(elastic: Elastic, worker_ids: Sequence[str]) -> list[int]:
    """For each worker the number of their matches, whatever became of them; not counted further
    than to `KNOWN_AFTER`. A match that is not searchable yet is not counted."""
    pages = await elastic.msearch([(MATCHES.name, _matches_of(id)) for id in worker_ids])
    return [min(page.total, KNOWN_AFTER) for page in pages]


def _matches_of(worker_id: str) -> Json:
    return {
        "size": 0,
        "track_total_hits": KNOWN_AFTER,
        "query": {"bool": {"filter": [{"term": {"worker_id": worker_id}}]}},
    }
