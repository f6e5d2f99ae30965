"""The temporary index of judged openings, and the match stage's path for judged people.

The index stage's documents, the match stage's search and its ranking decide, without its limits of
a day.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, date, datetime, time
from typing import Any

from matcher import models, queries, ranking
from matcher.features import OpeningFeatures, WorkerFeatures
from matcher.people_judgments import PeopleJudgments
from matcher.similarity import SimilarityModel
from roost.events.opening import Opening
from roost.events.profile import Profile
from roost.kafka.incoming import Fact, Incoming
from roost.places.gazetteer import gazetteer
from roost.topics import OPENINGS, PROFILES, Topic
from roost.views.elastic import Elastic, Write
from roost.views.mappings import index_body
from streams.evaluation.trial_index import BATCH, STOCK, WINDOW, stock_search
from streams.index.entity_documents import documents_of_facts

Json = dict[str, Any]
SEARCH_SIZE = 60
"""Candidates of one search, as in the match stage."""


class PeopleIndex:
    """Judged openings as documents of the view `openings`; people are matched as deployed."""

    def __init__(
        self,
        elastic: Elastic,
        name: str,
        model: SimilarityModel,
        judged: PeopleJudgments,
        today: date,
    ) -> None:
        self.name = name
        self.model = model
        self._elastic = elastic
        self._judged = judged
        self._today = today
        self._ids = {opening.id: id for id, opening in judged.openings.items()}

    async def fill(self, say: Callable[[str], object]) -> None:
        """Create the index and write every opening; report the progress to `say`."""
        body = index_body(OPENINGS.name, self.model.version, models.dimensions(self.model))
        body["settings"]["index"]["max_result_window"] = WINDOW
        body["mappings"]["properties"]["stock"] = STOCK
        await self._elastic.create_index(self.name, body)
        openings = list(self._judged.openings.items())
        for start in range(0, len(openings), BATCH):
            chunk = openings[start : start + BATCH]
            documents = self._documents(OPENINGS, [opening for _, opening in chunk])
            writes = [
                Write(self.name, id, 1, document | {"stock": self._judged.texts.documents[id]})
                for (id, _), document in zip(chunk, documents, strict=True)
            ]
            await self._elastic.write(writes)
            say(f"Indexed {start + len(chunk):,} of {len(openings):,} openings")
        await self._elastic.refresh(self.name)

    async def by_meaning(self, query: str) -> list[str]:
        """Rank openings for the id of a person as the match stage does, best first.

        The openings that its search finds but its ranking refuses come last.
        """
        (document,) = self._documents(PROFILES, [self._judged.profiles[query]])
        worker = WorkerFeatures.unpacked(document["features"])
        body = queries.openings_for(worker, self._today, SEARCH_SIZE)
        page = await self._elastic.search(self.name, body)
        openings = [OpeningFeatures.unpacked(hit.source["features"]) for hit in page.hits]
        ranked = ranking.rank(worker, openings, self._today, len(openings), least_score=0.0)
        found = [each.candidate.id for each in ranked] + [each.id for each in openings]
        return [self._ids[id] for id in dict.fromkeys(found)]

    async def by_stock_words(self, query: str) -> list[str]:
        """Rank openings with Elasticsearch's default full-text search, best first."""
        size = min(len(self._ids), WINDOW)
        body = stock_search(self._judged.texts.queries[query], size)
        page = await self._elastic.search(self.name, body | {"docvalue_fields": ["id"]})
        return [self._ids[hit.id] for hit in page.hits]

    def _documents(self, topic: Topic, events: Iterable[Opening | Profile]) -> Sequence[Json]:
        """Return the documents that the index stage would write."""
        facts = [_fact(topic, event, self._today) for event in events]
        return documents_of_facts(facts, self.model, gazetteer())


def _fact(topic: Topic, event: Opening | Profile, today: date) -> Fact[Any]:
    at = datetime.combine(today, time(), UTC)
    value = event.to_json()
    origin = Incoming(topic, 0, 0, event.id.encode(), value, at)
    return Fact(event.id, event, origin)
