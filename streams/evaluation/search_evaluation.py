"""The deployed search and its baselines, measured on one folder of judgments."""

from __future__ import annotations

import secrets
import time
from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np

from matcher import baselines as rankers
from matcher.encoders import BertEncoder, Encoder
from matcher.judgments import Judgments, own_documents
from matcher.ranking_measures import RankingMeasures, measure_rankings
from matcher.similarity import SimilarityModel
from roost.views.elastic import Elastic
from streams.evaluation.trial_index import NameIndex, Say, TitleIndex
from streams.learning.model_artefact import TRAINING_THREADS

Answer = Callable[[str], Awaitable[Sequence[str]]]
"""Maps the text of a query to document ids, best first."""


@dataclass(frozen=True, slots=True)
class Evaluation:
    """The measures of the deployed search and of each baseline."""

    system: RankingMeasures
    baselines: Mapping[str, RankingMeasures]
    model: str
    """Version of the similarity model."""
    documents: int
    queries: int

    @property
    def rows(self) -> dict[str, dict[str, float]]:
        """The measures by name: the system's first, then each baseline's."""
        measures = {"system": self.system, **self.baselines}
        return {name: asdict(each) for name, each in measures.items()}


async def evaluate(
    elastic: Elastic,
    encoder_files: Path,
    model: SimilarityModel,
    judgments: Judgments,
    say: Say,
    *,
    names: bool = False,
) -> Evaluation:
    """Rank all documents for every query, with the system and with each baseline.

    The documents go into a temporary index. `encoder_files` is the folder that holds `encoders/`
    and `baselines/`. With `names` the documents are names of occupations, and the evaluation
    measures linking instead of search.
    """
    name = f"evaluation-{secrets.token_hex(6)}"
    trial = _Trial(judgments, say)
    try:
        index = (NameIndex if names else TitleIndex)(elastic, name, model, judgments)
        await index.fill(say)
        system = await trial.measures("Roost", index.by_meaning)
        baselines = {"bm25_stock": await trial.measures("bm25_stock", index.by_stock_words)}
    finally:
        await elastic.delete_index(name)
    for baseline, ranker in _rankers(judgments, encoder_files, say):
        baselines[baseline] = await trial.measures(baseline, _answer_by(judgments, ranker))
    queries = len(trial.queries)
    return Evaluation(system, baselines, model.version, len(judgments.documents), queries)


class _Trial:
    """The judged queries, answered by one ranker after another and measured."""

    def __init__(self, judgments: Judgments, say: Say) -> None:
        self.queries = own_documents(judgments)
        self._judgments = judgments
        self._say = say

    async def measures(self, name: str, answer: Answer) -> RankingMeasures:
        """Measure the rankings of `answer` for every query; only its own time is counted."""
        rankings, spent_s = {}, 0.0
        for query, own in self.queries.items():
            began = time.perf_counter()
            ranked = await answer(self._judgments.queries[query])
            spent_s += time.perf_counter() - began
            rankings[query] = complete(ranked, self._judgments.documents, own)
            self._say(f"{name}: ranked {len(rankings)} of {len(self.queries)} queries")
        ms_per_query = 1000 * spent_s / max(1, len(rankings))
        return measure_rankings(rankings, self._judgments.relevant, ms_per_query)


def complete(ranked: Sequence[str], documents: Iterable[str], own: frozenset[str]) -> list[str]:
    """Append the unranked documents to a ranking, in their order, and leave out `own`."""
    known = set(ranked) | own
    return [id for id in ranked if id not in own] + [id for id in documents if id not in known]


def _rankers(
    judgments: Judgments, encoder_files: Path, say: Say
) -> Iterator[tuple[str, rankers.Ranker]]:
    texts = list(judgments.documents.values())
    yield "word_tfidf", rankers.word_tfidf(texts)
    yield "char_tfidf", rankers.char_tfidf(texts)
    say("Embedding the documents with the sentence model alone")
    encoder = stock_encoder(encoder_files, chinese=rankers.written_in_cjk(texts))
    yield "sentence_model", rankers.sentence_model(texts, encoder)


def stock_encoder(encoder_files: Path, *, chinese: bool) -> Encoder:
    """Load the sentence model of the baseline: BGE small, Chinese or English."""
    if chinese:
        folder = encoder_files / "baselines"
        model, tokenizer = folder / "bge-small-zh.onnx", folder / "bge-small-zh-tokenizer.json"
    else:
        folder = encoder_files / "encoders"
        model, tokenizer = folder / "bge-small-en.onnx", folder / "english-tokenizer.json"
    return BertEncoder(model, tokenizer, mean=False, threads=TRAINING_THREADS)


def _answer_by(judgments: Judgments, ranker: rankers.Ranker) -> Answer:
    """Rank all documents by their score; ties keep the order of the documents."""
    ids = list(judgments.documents)

    async def answer(text: str) -> list[str]:
        return [ids[at] for at in np.argsort(-ranker(text), kind="stable")]

    return answer
