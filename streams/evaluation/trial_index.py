"""The temporary index of one evaluation: its documents, and the searches sent to it.

The installed model makes the documents. Titles have the fields of the view `openings`, and each
query is the search that matching sends, without its constraints. Names are compared in memory, as
linking compares them; their index serves only the default full-text search.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from typing import Any, ClassVar

from matcher import queries
from matcher.features import token_weights
from matcher.judgments import Judgments
from matcher.linking import spoken_title
from matcher.name_vectors import Meant, NameRanking
from matcher.similarity import SimilarityModel, hexadecimal
from roost.text.tokens import joined
from roost.views.elastic import Elastic, Write
from roost.views.mappings import VECTOR, WORDS

Json = dict[str, Any]
Say = Callable[[str], object]
WINDOW = 200_000
"""Most documents that one ranking may hold."""
STOCK: Json = {"type": "text"}
"""A text field with Elasticsearch's defaults: standard analyser, BM25."""
BATCH = 1_000
"""Documents of one bulk request."""


class TrialIndex(ABC):
    """The documents of one evaluation in an index that the caller creates and deletes."""

    fields: ClassVar[Json]

    def __init__(
        self, elastic: Elastic, name: str, model: SimilarityModel, judgments: Judgments
    ) -> None:
        self.model = model
        self.name = name
        self._elastic = elastic
        self._queries = judgments.queries
        self._texts = list(judgments.documents.values())
        self._ids = list(judgments.documents)

    async def fill(self, say: Say) -> None:
        """Create the index and write every document; report the progress to `say`."""
        await self._elastic.create_index(self.name, self._definition())
        for start in range(0, len(self._texts), BATCH):
            chunk = self._texts[start : start + BATCH]
            contents = zip(chunk, self.contents(chunk), strict=True)
            await self._elastic.write(
                [
                    self._document(start + at, text, content)
                    for at, (text, content) in enumerate(contents)
                ]
            )
            say(f"Indexed {start + len(chunk):,} of {len(self._texts):,} documents")
        await self._elastic.refresh(self.name)

    @abstractmethod
    def contents(self, texts: Sequence[str]) -> list[Json]:
        """Return the fields of each document, except its id and its stock text."""

    @abstractmethod
    async def by_meaning(self, query: str) -> list[str]:
        """Rank document ids for the id of a query as deployed, best first."""

    async def by_stock_words(self, query: str) -> list[str]:
        """Rank document ids with Elasticsearch's default full-text search, best first."""
        return await self._ranked(stock_search(self._queries[query], self._most))

    def _definition(self) -> Json:
        fields = {
            "id": {"type": "keyword"},
            "version": {"type": "long"},
            "stock": STOCK,
            **self.fields,
        }
        settings = {"number_of_shards": 1, "number_of_replicas": 0, "max_result_window": WINDOW}
        return {
            "settings": {"index": settings},
            "mappings": {"dynamic": "strict", "properties": fields},
        }

    def _document(self, number: int, text: str, content: Json) -> Write:
        document = {"id": str(number), "version": 1, "stock": text, **content}
        return Write(self.name, str(number), 1, document)

    async def _ranked(self, body: Json) -> list[str]:
        page = await self._elastic.search(self.name, body)
        return [self._ids[int(hit.id)] for hit in page.hits]

    @property
    def _most(self) -> int:
        return min(len(self._ids), WINDOW)


def stock_search(text: str, size: int) -> Json:
    """Return Elasticsearch's default full-text search, as a user would write it."""
    return {
        "size": size,
        "_source": False,
        "stored_fields": "_none_",
        "docvalue_fields": ["id"],
        "track_total_hits": False,
        "query": {"match": {"stock": text}},
    }


class TitleIndex(TrialIndex):
    """Titles with the fields that openings have."""

    fields: ClassVar[Json] = {"words": WORDS, "vector": VECTOR}

    def contents(self, texts: Sequence[str]) -> list[Json]:
        """Return the words and, where the text has one, the vector of each title."""
        return [
            {"words": joined(text)} | ({"vector": vector} if vector else {})
            for text, vector in zip(texts, hexadecimal(self.model.embed(texts)), strict=True)
        ]

    async def by_meaning(self, query: str) -> list[str]:
        """Rank document ids for the id of a query with the search of matching, best first.

        The search has no constraints.
        """
        text = self._queries[query]
        (vector,) = hexadecimal(self.model.embed([text]))
        weights = token_weights(text, self.model)
        return await self._ranked(queries.similar(weights, vector, self._most))


class NameIndex(TrialIndex):
    """Names of occupations; the index holds only their text, linking compares them in memory.

    Names whose ids agree up to the first underscore belong to one occupation, as in MELO.
    """

    fields: ClassVar[Json] = {}

    async def fill(self, say: Say) -> None:
        """Create the index and write every document; report the progress to `say`."""
        meant: list[Meant | None] = []
        for start in range(0, len(self._texts), BATCH):
            chunk = self._texts[start : start + BATCH]
            meant += self.model.meant_names(chunk)
            say(f"Embedded {len(meant):,} of {len(self._texts):,} names")
        occupations = [id.partition("_")[0] for id in self._ids]
        self._ranking = NameRanking(self._texts, meant, occupations)
        await super().fill(say)

    def contents(self, texts: Sequence[str]) -> list[Json]:
        """Return no further fields."""
        return [{} for _ in texts]

    async def by_meaning(self, query: str) -> list[str]:
        """Rank document ids for the id of a query as linking does, best first."""
        (meant,) = self.model.meant([spoken_title(self._queries[query])])
        return [self._ids[at] for at in self._ranking.order(meant)] if meant else []
