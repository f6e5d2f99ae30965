"""What `roost evaluate` does: the deployed search and its baselines on a folder of judgments.

The documents go into an index of their own, made by the model that is installed. Titles have the
fields of the view `openings`, and every query is the search that matching sends, without its
constraints. Names have the vectors by which texts are linked, and every query is read, placed and
compared as linking does it.
"""

from __future__ import annotations

import secrets
import time
from abc import ABC, abstractmethod
from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from typing import Any, ClassVar

import numpy as np

from deploy import model as models
from deploy.discovery import NAMED_BY
from deploy.local import encoder_files
from deploy.local.stack import only_elasticsearch
from matcher import baselines as rankers
from matcher import queries
from matcher.encoders import BertEncoder, Encoder
from matcher.evaluation import Figures, Judged, measure, own_documents
from matcher.features import weighed
from matcher.linking import Meant, collective, heading
from matcher.similarity import BGE_DIMENSIONS, SimilarityModel, as_bytes, hexadecimal
from roost.settings import Settings
from roost.text.tokens import joined
from roost.views.elastic import Elastic, Write
from roost.views.mappings import BOOLEAN, VECTOR, WORDS

Told = Callable[[str], object]
Answer = Callable[[str], Awaitable[Sequence[str]]]
"""From the words of a query to the ids of documents, the best first."""
WINDOW = 200_000
"""Documents that a ranking may have."""
STOCK = {"type": "text"}
"""A field as Elasticsearch makes it by itself: standard analyser, BM25."""
BATCH = 1_000
Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Evaluation:
    system: Figures
    baselines: Mapping[str, Figures]
    model: str
    documents: int
    queries: int

    @property
    def rows(self) -> dict[str, dict[str, float]]:
        """The figures by name, the system's first, then each baseline's."""
        figures = {"system": self.system, **self.baselines}
        return {name: asdict(each) for name, each in figures.items()}


@contextmanager
def elasticsearch(settings: Settings, environment: Mapping[str, str], told: Told) -> Iterator[str]:
    """The address of the one that runs, else of one that is started for the time being."""
    if any(name in environment for name in NAMED_BY):
        yield settings.elasticsearch_url
        return
    told("Starting Elasticsearch")
    with only_elasticsearch() as url:
        yield url


async def evaluate(
    url: str, model: SimilarityModel, judged: Judged, told: Told, *, names: bool = False
) -> Evaluation:
    """Ranks all documents for every query, with the system and with each baseline.

    `names`: the documents are names of occupations, and it is linking that is measured.
    """
    elastic = Elastic(url, timeout_s=120)
    index = f"evaluation-{secrets.token_hex(6)}"
    trial = _Trial(judged, told)
    try:
        search = (_Names if names else _Titles)(elastic, index, model, judged, told)
        await search.fill()
        system = await trial.figures("Roost", search.by_meaning)
        baselines = {"bm25_stock": await trial.figures("bm25_stock", search.by_stock_words)}
    finally:
        await elastic.delete_index(index)
        await elastic.close()
    for name, ranker in _rankers(judged, told):
        baselines[name] = await trial.figures(name, _ordering(judged, ranker))
    queries = len(trial.queries)
    return Evaluation(system, baselines, model.version, len(judged.documents), queries)


class _Trial:
    """Lets rankers answer the queries that have judgments, and measures them."""

    def __init__(self, judged: Judged, told: Told) -> None:
        self.queries = own_documents(judged)
        self._judged = judged
        self._told = told

    async def figures(self, name: str, answer: Answer) -> Figures:
        """The figures of what `answer` finds for every query; only its time is counted."""
        rankings, spent = {}, 0.0
        for query, own in self.queries.items():
            began = time.perf_counter()
            found = await answer(self._judged.queries[query])
            spent += time.perf_counter() - began
            rankings[query] = complete(found, self._judged.documents, own)
            self._told(f"{name}: ranked {len(rankings)} of {len(self.queries)} queries")
        return measure(rankings, self._judged.relevant, 1000 * spent / max(1, len(rankings)))


class _Search(ABC):
    """The index of one evaluation."""

    fields: ClassVar[Json]

    def __init__(
        self, elastic: Elastic, index: str, model: SimilarityModel, judged: Judged, told: Told
    ) -> None:
        self._elastic = elastic
        self._index = index
        self._model = model
        self._judged = judged
        self._told = told
        self._ids = list(judged.documents)

    async def fill(self) -> None:
        """Makes the index and puts every document in."""
        fields = {
            "id": {"type": "keyword"},
            "version": {"type": "long"},
            "stock": STOCK,
            **self.fields,
        }
        settings = {"number_of_shards": 1, "number_of_replicas": 0, "max_result_window": WINDOW}
        body: Json = {
            "settings": {"index": settings},
            "mappings": {"dynamic": "strict", "properties": fields},
        }
        await self._elastic.create_index(self._index, body)
        texts = list(self._judged.documents.values())
        for start in range(0, len(texts), BATCH):
            chunk = texts[start : start + BATCH]
            contents = zip(chunk, self.contents(chunk), strict=True)
            await self._elastic.write(
                [
                    self._document(start + at, text, content)
                    for at, (text, content) in enumerate(contents)
                ]
            )
            self._told(f"Indexed {start + len(chunk):,} of {len(texts):,} documents")
        await self._elastic.refresh(self._index)

    def _document(self, number: int, text: str, content: Json) -> Write:
        document = {"id": str(number), "version": 1, "stock": text, **content}
        return Write(self._index, str(number), 1, document)

    @abstractmethod
    def contents(self, texts: Sequence[str]) -> list[Json]:
        """What each document holds beside its id and its words."""

    @abstractmethod
    def query(self, text: str, size: int) -> Json | None:
        """The search that is deployed; None when it would not be sent."""

    async def by_meaning(self, text: str) -> list[str]:
        body = self.query(text, self._most)
        return await self._found(body) if body else []

    async def by_stock_words(self, text: str) -> list[str]:
        body: Json = {
            "size": self._most,
            "_source": False,
            "stored_fields": "_none_",
            "docvalue_fields": ["id"],
            "track_total_hits": False,
            "query": {"match": {"stock": text}},
        }
        return await self._found(body)

    async def _found(self, body: Json) -> list[str]:
        page = await self._elastic.search(self._index, body)
        return [self._ids[int(hit.id)] for hit in page.hits]

    @property
    def _most(self) -> int:
        return min(len(self._ids), WINDOW)


class _Titles(_Search):
    """Titles as openings have them."""

    fields: ClassVar[Json] = {"words": WORDS, "vector": VECTOR}

    def contents(self, texts: Sequence[str]) -> list[Json]:
        return [
            {"words": joined(text)} | ({"vector": vector} if vector else {})
            for text, vector in zip(texts, hexadecimal(self._model.embed(texts)), strict=True)
        ]

    def query(self, text: str, size: int) -> Json | None:
        (vector,) = hexadecimal(self._model.embed([text]))
        return queries.similar(weighed(text, self._model), vector, size)


class _Names(_Search):
    """Names of occupations as linking has them."""

    fields: ClassVar[Json] = {
        "collective": BOOLEAN,
        "english": {**VECTOR, "dims": BGE_DIMENSIONS},
        "shared": VECTOR,
    }

    def contents(self, texts: Sequence[str]) -> list[Json]:
        return [
            {"collective": collective(text)} | _vectors(meant)
            for text, meant in zip(texts, self._model.meant(texts), strict=True)
        ]

    def query(self, text: str, size: int) -> Json | None:
        (meant,) = self._model.meant([heading(text)])
        return queries.named(meant, size) if meant else None


def _vectors(meant: Meant | None) -> Json:
    if meant is None:
        return {}
    english = {} if meant.english is None else {"english": as_bytes(meant.english)}
    return {"shared": as_bytes(meant.shared)} | english


def complete(found: Sequence[str], everything: Iterable[str], own: frozenset[str]) -> list[str]:
    """A ranking of everything: what was found first, then the rest in its order, less its own."""
    seen = set(found) | own
    return [id for id in found if id not in own] + [id for id in everything if id not in seen]


def _rankers(judged: Judged, told: Told) -> Iterator[tuple[str, rankers.Ranker]]:
    texts = list(judged.documents.values())
    yield "word_tfidf", rankers.word_tfidf(texts)
    yield "char_tfidf", rankers.char_tfidf(texts)
    told("Embedding the documents with the sentence model alone")
    yield "sentence_model", rankers.sentence_model(texts, stock_encoder(texts))


def stock_encoder(texts: Sequence[str]) -> Encoder:
    """The sentence model that people would take: BGE small, Chinese or English."""
    home = encoder_files.fetch(lambda said: None)
    if rankers.written_in_cjk(texts):
        folder = home / "baselines"
        name, tokenizer = folder / "bge-small-zh.onnx", folder / "bge-small-zh-tokenizer.json"
    else:
        folder = home / "encoders"
        name, tokenizer = folder / "bge-small-en.onnx", folder / "english-tokenizer.json"
    return BertEncoder(name, tokenizer, mean=False, threads=models.TRAINING_THREADS)


def _ordering(judged: Judged, ranker: rankers.Ranker) -> Answer:
    """All documents by their score; of equal ones the first comes first."""
    ids = list(judged.documents)

    async def answer(text: str) -> list[str]:
        return [ids[at] for at in np.argsort(-ranker(text), kind="stable")]

    return answer
