"""Cross-validation of the hand-chosen constants: five folds over each development half.

For every fold, the constants are chosen on the other four folds and measured on the one left out.
The mean over the folds is compared with the measure of the shipped constants. The score is that of
the deployed search, computed without servers: cosines of the model's vectors and Lucene's BM25 of
the same tokens. The results are written to `bench/results/crossvalidation.json`.

    python -m bench.crossvalidation --titles DIR [--titles DIR …] --linking DIR
"""

from __future__ import annotations

import argparse
import itertools
import json
import tempfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from scipy.sparse import csr_matrix
from sklearn.feature_extraction.text import CountVectorizer

from bench.measuring import write_results
from deploy.evaluate_command import DOCUMENTS
from deploy.model_setup import ensure_model
from matcher import head, queries
from matcher.encoders import Floats
from matcher.judgments import Judgments, own_documents, read_judgments
from matcher.linking import spoken_title
from matcher.name_vectors import SHARED_WEIGHT, SINGLE, TOGETHER, names_group
from matcher.ranking_measures import average_precision, reciprocal_rank
from matcher.similarity import HEAD, Encoders, Learned, SpaceVectors, embed_in_spaces
from roost.text.tokens import singular_words, tokens

FOLDS, SEED = 5, 7
PULLS = (0.0, 0.2, 0.35, 0.5)
WORDS = (0.0, 0.02, 0.04, 0.08)
SINGLES = (0.0, 0.005, 0.01, 0.02, 0.04)
BESIDES = (0.0, 0.05, 0.1, 0.15)
K1, B = 1.2, 0.75
"""Parameters of Lucene's BM25.

Source: Robertson and Zaragoza, "The Probabilistic Relevance Framework: BM25 and Beyond" (2009).
"""

Measure = Callable[[Sequence[str], frozenset[str]], float]
Measures = dict[tuple[Any, ...], Floats]
"""A measure for every query, by the constants."""


class Space:
    """The model's encoders and head, without its caches."""

    def __init__(self, artefact: Path) -> None:
        self._encoders = Encoders.load(artefact / "encoders", threads=2)
        self.head = Learned.load(artefact / HEAD).head

    def placed(self, texts: Sequence[str]) -> SpaceVectors:
        return embed_in_spaces(
            self._encoders, self.head, [singular_words(text) for text in texts], pull=0
        )

    def undrawn(self, texts: Sequence[str]) -> Floats:
        return self.placed(texts).shared


def measures_of(judged: Judgments, scores: Floats, measure: Measure) -> Floats:
    """Measure the rankings by `scores` (queries, documents), without own documents.

    Returns an array of shape (queries,).
    """
    ids = list(judged.documents)
    found = []
    for (query, own), row in zip(own_documents(judged).items(), scores, strict=True):
        order = np.argsort(-row, kind="stable")
        ranking = [ids[at] for at in order if ids[at] not in own]
        found.append(measure(ranking, judged.relevant[query]))
    return np.array(found, np.float32)


def query_texts(judged: Judgments) -> list[str]:
    return [judged.queries[id] for id in own_documents(judged)]


def titles(judged: Judgments, space: Space) -> Measures:
    """Return the average precision by (pull towards occupations, weight of BM25)."""
    texts, documents = query_texts(judged), list(judged.documents.values())
    bm25 = lucene(texts, documents)
    found: Measures = {}
    here, there = space.undrawn(texts), space.undrawn(documents)
    for pull in PULLS:
        one, other = space.head.drawn(here, pull), space.head.drawn(there, pull)
        likeness = queries.MEANING * (1 + one @ other.T) / 2
        for words in WORDS:
            scores = likeness + words * bm25
            found[pull, words] = measures_of(judged, scores, average_precision)
    return found


def lucene(texts: Sequence[str], documents: Sequence[str]) -> Floats:
    """Return BM25 of shape (queries, documents) as in Lucene; a token of a query counts once."""
    counter = CountVectorizer(analyzer=tokens, dtype=np.float32)
    counts: csr_matrix = counter.fit_transform(documents)
    lengths = np.asarray(counts.sum(axis=1)).ravel()
    present = np.asarray((counts > 0).sum(axis=0)).ravel()
    idf = np.log(1 + (len(documents) - present + 0.5) / (present + 0.5))
    weights = counts.tocoo()
    norm = K1 * (1 - B + B * lengths / lengths.mean())
    values = idf[weights.col] * weights.data / (weights.data + norm[weights.row])
    table = csr_matrix((values, (weights.row, weights.col)), shape=counts.shape)
    chosen = CountVectorizer(vocabulary=counter.vocabulary_, analyzer=tokens, binary=True)
    return np.asarray((chosen.transform(texts) @ table.T).todense(), np.float32)


def linking(judged: Judgments, space: Space) -> Measures:
    """Return the reciprocal rank of every query, by the constants of linking.

    They are (headings rewritten, weight of the space of all languages, penalty of group names).
    """
    query, documents = query_texts(judged), list(judged.documents.values())
    names = space.placed(documents)
    groups = np.array([names_group(text) for text in documents], np.float32)
    of_occupations = together(list(judged.documents))
    found: Measures = {}
    for reading in (False, True):
        texts = [spoken_title(text) for text in query] if reading else query
        here = space.placed(texts)
        english = here.bge @ names.bge.T
        shared = space.head.drawn(here.shared) @ space.head.drawn(names.shared).T
        for shared_weight, single in itertools.product(BESIDES, SINGLES):
            scores = english + shared_weight * shared - single * groups
            scores += TOGETHER * (scores @ of_occupations.T)
            found[reading, shared_weight, single] = measures_of(judged, scores, reciprocal_rank)
    return found


def together(ids: Sequence[str]) -> csr_matrix:
    """Return a matrix (names, names) that averages over the names of an occupation."""
    owners = np.unique([id.partition("_")[0] for id in ids], return_inverse=True)[1]
    member = csr_matrix((np.ones(len(ids), np.float32), (np.arange(len(ids)), owners)))
    sizes = np.asarray(member.sum(axis=0)).ravel()
    return csr_matrix(member @ member.multiply(1 / sizes).T)


def cross_validated(found: Measures, shipped: tuple[Any, ...]) -> Mapping[str, Any]:
    """Measure on each fold the constants chosen on the other four, and compare the shipped ones."""
    queries_known = len(found[shipped])
    order = np.random.default_rng(SEED).permutation(queries_known)
    held_out, chosen = [], []
    for fold in np.array_split(order, FOLDS):
        rest = np.setdiff1d(order, fold)
        best = max(found, key=lambda each: float(found[each][rest].mean()))
        chosen.append(best)
        held_out.extend(found[best][fold].tolist())
    return {
        "queries": queries_known,
        "shipped": list(shipped),
        "with_what_ships": round(float(found[shipped].mean()), 4),
        "cross_validated": round(float(np.mean(held_out)), 4),
        "chosen": [list(each) for each in chosen],
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--titles", type=Path, action="append", default=[])
    parser.add_argument("--linking", type=Path, action="append", default=[])
    arguments = parser.parse_args()
    results: dict[str, Any] = {}
    with tempfile.TemporaryDirectory() as home:
        artefact = Path(home) / "similarity"
        ensure_model(artefact)
        space = Space(artefact)
        for folder in arguments.titles:
            found = titles(read_judgments(folder, DOCUMENTS["titles"]), space)
            results[f"titles {folder.name}, MAP"] = cross_validated(
                found, (head.PULL, queries.WORDS)
            )
            print(json.dumps(results, indent=2), flush=True)
        for folder in arguments.linking:
            found = linking(read_judgments(folder, DOCUMENTS["linking"]), space)
            shipped = (True, SHARED_WEIGHT, SINGLE)
            results[f"linking {folder.name}, MRR"] = cross_validated(found, shipped)
    write_results("crossvalidation", results)


if __name__ == "__main__":
    main()
