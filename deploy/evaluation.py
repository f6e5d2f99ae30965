"""What `roost evaluate` does: the deployed search and its baselines on a folder of judgments.

The documents go into an index of their own with the mapping of the view `openings`, made by the
model that is installed; every query is the search that matching sends, without its constraints.
"""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from deploy import model as models
from deploy.discovery import NAMED_BY
from deploy.local import encoders
from deploy.local.stack import only_elasticsearch
from matcher import baselines, queries
from matcher.encoders import BertEncoder, Encoder
from matcher.evaluation import Figures, Judged, measure, own
from matcher.features import weighed
from matcher.similarity import SimilarityModel, hexadecimal
from matcher.text import joined
from roost.settings import Settings
from roost.views.elastic import Elastic, Write
from roost.views.mappings import VECTOR, WORDS

Told = Callable[[str], object]
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
    rankings: Mapping[str, Sequence[str]]
    """The system's, for whoever wants to look at single queries."""


@contextmanager
def elasticsearch(settings: Settings, environment: Mapping[str, str], told: Told) -> Iterator[str]:
    """The address of the one that runs, else of one that is started for the time being."""
    if any(name in environment for name in NAMED_BY):
        yield settings.elasticsearch_url
        return
    told("Starting Elasticsearch")
    with only_elasticsearch() as url:
        yield url


async def evaluate(url: str, model: SimilarityModel, judged: Judged, told: Told) -> Evaluation:
    """Ranks all documents for every query, with the system and with each baseline."""
    elastic = Elastic(url, timeout_s=120)
    index = f"evaluation-{secrets.token_hex(6)}"
    try:
        search = _Search(elastic, index, model, judged, told)
        await search.fill()
        rankings, ms = await search.rank(search.by_meaning)
        stock, stock_ms = await search.rank(search.by_stock_words)
    finally:
        await elastic.delete_index(index)
        await elastic.close()
    figures = {"bm25_stock": measure(stock, judged.relevant, stock_ms)}
    for name, ranker in _rankers(judged, told):
        told(f"Baseline {name}")
        figures[name] = measure(*_ranked(judged, ranker))
    return Evaluation(
        measure(rankings, judged.relevant, ms),
        figures,
        model.version,
        len(judged.documents),
        len(rankings),
        rankings,
    )


class _Search:
    """The index of one evaluation."""

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
            "words": WORDS,
            "stock": STOCK,
            "vector": {**VECTOR, "dims": self._model.embed([]).shape[1]},
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
            vectors = hexadecimal(self._model.embed(chunk))
            await self._elastic.write(
                [
                    self._document(start + at, *each)
                    for at, each in enumerate(zip(chunk, vectors, strict=True))
                ]
            )
            self._told(f"Indexed {start + len(chunk):,} of {len(texts):,} documents")
        await self._elastic.refresh(self._index)

    def _document(self, number: int, text: str, vector: str) -> Write:
        document: Json = {
            "id": str(number),
            "version": 1,
            "words": joined(text),
            "stock": text,
        }
        if vector:
            document["vector"] = vector
        return Write(self._index, str(number), 1, document)

    async def rank(self, body_of: Callable[[str], Json]) -> tuple[dict[str, list[str]], float]:
        """(ranking of every query that has judgments, milliseconds a query)."""
        rankings, spent, judged = {}, 0.0, self._judged
        for query, text in judged.queries.items():
            if not judged.relevant.get(query):
                continue
            began = time.perf_counter()
            page = await self._elastic.search(self._index, body_of(text))
            spent += time.perf_counter() - began
            found = [self._ids[int(hit.id)] for hit in page.hits]
            rankings[query] = complete(found, self._ids, own(query, text, judged.documents))
            self._told(f"Ranked {len(rankings)} of {len(judged.queries)} queries")
        return rankings, 1000 * spent / max(1, len(rankings))

    def by_meaning(self, text: str) -> Json:
        (vector,) = hexadecimal(self._model.embed([text]))
        return queries.similar(weighed(text, self._model), vector, self._most)

    def by_stock_words(self, text: str) -> Json:
        return {
            "size": self._most,
            "_source": False,
            "stored_fields": "_none_",
            "docvalue_fields": ["id"],
            "track_total_hits": False,
            "query": {"match": {"stock": text}},
        }

    @property
    def _most(self) -> int:
        return min(len(self._ids), WINDOW)


def complete(
    found: Sequence[str], everything: Sequence[str], own_titles: frozenset[str]
) -> list[str]:
    """A ranking of everything: what was found first, then the rest in its order, less its own."""
    seen = set(found) | own_titles
    return [id for id in found if id not in own_titles] + [
        id for id in everything if id not in seen
    ]


def _rankers(judged: Judged, told: Told) -> Iterator[tuple[str, baselines.Ranker]]:
    texts = list(judged.documents.values())
    yield "word_tfidf", baselines.word_tfidf(texts)
    yield "char_tfidf", baselines.char_tfidf(texts)
    told("Embedding the documents with the sentence model alone")
    yield "sentence_model", baselines.sentence_model(texts, stock_encoder(texts))


def stock_encoder(texts: Sequence[str]) -> Encoder:
    """The sentence model that people would take: BGE small, Chinese or English."""
    home = encoders.fetch(lambda said: None)
    if baselines.written_in_cjk(texts):
        folder = home / "baselines"
        name, tokenizer = folder / "bge-small-zh.onnx", folder / "bge-small-zh-tokenizer.json"
    else:
        folder = home / "encoders"
        name, tokenizer = folder / "bge-small-en.onnx", folder / "english-tokenizer.json"
    return BertEncoder(name, tokenizer, mean=False, threads=models.TRAINING_THREADS)


def _ranked(
    judged: Judged, ranker: baselines.Ranker
) -> tuple[dict[str, list[str]], Mapping[str, frozenset[str]], float]:
    ids, rankings, spent = list(judged.documents), {}, 0.0
    for query, text in judged.queries.items():
        if not judged.relevant.get(query):
            continue
        began = time.perf_counter()
        scores = ranker(text)
        spent += time.perf_counter() - began
        order = [ids[at] for at in np.argsort(-scores, kind="stable")]
        rankings[query] = complete(order, ids, own(query, text, judged.documents))
    return rankings, judged.relevant, 1000 * spent / max(1, len(rankings))


def installed(settings: Settings, data: Path, told: Told) -> SimilarityModel:
    """The model in the data folder, put together when it is not there."""
    return models.ensure(settings.model_path or data / "model" / "similarity", told)
