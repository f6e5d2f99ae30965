"""The deployed search and its baselines, measured on one folder of judgments."""

from __future__ import annotations

import secrets
import time
from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path
from typing import Protocol

import numpy as np

from matcher import baselines as rankers
from matcher.encoders import BertEncoder, Encoder
from matcher.judgments import Judgments, own_documents
from matcher.people_judgments import PeopleJudgments
from matcher.ranking_measures import RankingMeasures, measure_rankings
from matcher.similarity import SimilarityModel
from roost.views.elastic import Elastic
from streams.evaluation.people_index import PeopleIndex
from streams.evaluation.trial_index import NameIndex, Say, TitleIndex
from streams.learning.model_artefact import TRAINING_THREADS

Answer = Callable[[str], Awaitable[Sequence[str]]]
"""Maps the id of a query to document ids, best first."""
Own = Mapping[str, frozenset[str]]
"""The documents that are left out of the ranking of each judged query, by its id."""


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
    index = (NameIndex if names else TitleIndex)(elastic, name, model, judgments)
    trial = _Trial(judgments, own_documents(judgments), say)
    return await _compare(elastic, index, trial, encoder_files)


async def evaluate_people(
    elastic: Elastic,
    encoder_files: Path,
    model: SimilarityModel,
    judged: PeopleJudgments,
    say: Say,
    today: date,
) -> Evaluation:
    """Rank all openings for every judged person, with the match stage's path and each baseline.

    The openings go into a temporary index. No opening is left out: one with the words of a person
    may be the wanted one.
    """
    name = f"evaluation-{secrets.token_hex(6)}"
    index = PeopleIndex(elastic, name, model, judged, today)
    own = {id: frozenset[str]() for id in judged.profiles if judged.texts.relevant.get(id)}
    return await _compare(elastic, index, _Trial(judged.texts, own, say), encoder_files)


class Searched(Protocol):
    """The documents of an evaluation in a temporary index, and its two searches."""

    name: str
    model: SimilarityModel

    async def fill(self, say: Say) -> None:
        """Create the index and write every document."""
        ...

    async def by_meaning(self, query: str) -> Sequence[str]:
        """Rank document ids for the id of a query as deployed, best first."""
        ...

    async def by_stock_words(self, query: str) -> Sequence[str]:
        """Rank document ids with Elasticsearch's default full-text search, best first."""
        ...


async def _compare(
    elastic: Elastic, index: Searched, trial: _Trial, encoder_files: Path
) -> Evaluation:
    """Measure the index's searches and the other baselines; delete the index."""
    judgments, say = trial.judgments, trial.say
    try:
        await index.fill(say)
        system = await trial.measures("Roost", index.by_meaning)
        baselines = {"bm25_stock": await trial.measures("bm25_stock", index.by_stock_words)}
    finally:
        await elastic.delete_index(index.name)
    for baseline, ranker in _rankers(judgments, encoder_files, say):
        baselines[baseline] = await trial.measures(baseline, _answer_by(judgments, ranker))
    queries, documents = len(trial.queries), len(judgments.documents)
    return Evaluation(system, baselines, index.model.version, documents, queries)


class _Trial:
    """The judged queries, answered by one ranker after another and measured."""

    def __init__(self, judgments: Judgments, queries: Own, say: Say) -> None:
        self.queries = queries
        self.judgments = judgments
        self.say = say

    async def measures(self, name: str, answer: Answer) -> RankingMeasures:
        """Measure the rankings of `answer` for every query; only its own time is counted."""
        rankings, spent_s = {}, 0.0
        for query, own in self.queries.items():
            began = time.perf_counter()
            ranked = await answer(query)
            spent_s += time.perf_counter() - began
            rankings[query] = complete(ranked, self.judgments.documents, own)
            self.say(f"{name}: ranked {len(rankings)} of {len(self.queries)} queries")
        ms_per_query = 1000 * spent_s / max(1, len(rankings))
        return measure_rankings(rankings, self.judgments.relevant, ms_per_query)


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
    name = "baselines/bge-small-zh" if chinese else "encoders/bge-small-en"
    return BertEncoder(encoder_files / name, threads=TRAINING_THREADS)


def _answer_by(judgments: Judgments, ranker: rankers.Ranker) -> Answer:
    """Rank all documents by their score; ties keep the order of the documents."""
    ids = list(judgments.documents)

    async def answer(query: str) -> list[str]:
        return [ids[at] for at in np.argsort(-ranker(judgments.queries[query]), kind="stable")]

    return answer
