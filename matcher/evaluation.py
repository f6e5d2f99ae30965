"""How good rankings are: the measures of information retrieval, pure.

A ranking is the ids of all documents, the best first; relevance is yes or no, as in a TREC qrels
file. Queries without a relevant document in the collection are left out.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from roost.errors import Invalid
from roost.text.tokens import folded

CUT = 10


@dataclass(frozen=True, slots=True)
class Judged:
    """Queries, documents and what is relevant to what, as a folder of tab-separated files says."""

    queries: Mapping[str, str]
    documents: Mapping[str, str]
    relevant: Mapping[str, frozenset[str]]


@dataclass(frozen=True, slots=True)
class Figures:
    """Means over the queries, each between 0 and 1; the time in milliseconds a query."""

    map: float
    ndcg_at_10: float
    mrr: float
    recall_at_10: float
    ms_per_query: float


def read(folder: Path, documents: str) -> Judged:
    """Reads `queries.tsv`, `annotations.tsv` and the file of documents named.

    Raises Invalid when a file is missing, or names the line that cannot be read.
    """
    relevant: dict[str, set[str]] = {}
    for number, (query, _, document, grade) in _lines(folder / "annotations.tsv", 4):
        if not grade.lstrip("-").isdigit():
            raise Invalid(f"annotations.tsv line {number}: the grade {grade!r} is no whole number")
        if int(grade) > 0:
            relevant.setdefault(query, set()).add(document)
    return Judged(
        {id: text for _, (id, text) in _lines(folder / "queries.tsv", 2)},
        {id: text for _, (id, text) in _lines(folder / documents, 2)},
        {query: frozenset(found) for query, found in relevant.items()},
    )


def _lines(path: Path, columns: int) -> list[tuple[int, list[str]]]:
    if not path.is_file():
        raise Invalid(f"{path.name} is not in {path.parent}; the folder needs it")
    found = []
    for number, line in enumerate(path.read_text(encoding="utf-8-sig").splitlines(), start=1):
        if not line.strip():
            continue
        values = line.split("\t")
        if len(values) != columns:
            raise Invalid(
                f"{path.name} line {number}: {len(values)} columns; {columns} are needed, "
                "parted by tabs"
            )
        found.append((number, values))
    return found


def own_documents(judged: Judged) -> dict[str, frozenset[str]]:
    """For every query that has judgments the documents that are itself: its id, its very words."""
    said: dict[str, set[str]] = defaultdict(set)
    for id, words in judged.documents.items():
        said[folded(words)].add(id)
    return {
        query: frozenset({query} & judged.documents.keys() | said.get(folded(text), set()))
        for query, text in judged.queries.items()
        if judged.relevant.get(query)
    }


def measure(
    rankings: Mapping[str, Sequence[str]],
    relevant: Mapping[str, Collection[str]],
    ms_per_query: float,
) -> Figures:
    """The means over all queries that have a relevant document.

    A ranking may leave documents out: those are never found. Raises Invalid without any query.
    """
    rows = [
        (
            average_precision(ranking, relevant[query]),
            ndcg(ranking, relevant[query]),
            reciprocal_rank(ranking, relevant[query]),
            recall(ranking, relevant[query]),
        )
        for query, ranking in rankings.items()
        if relevant.get(query)
    ]
    if not rows:
        raise Invalid("No query has a relevant document; look at annotations.tsv")
    means = [round(sum(column) / len(rows), 4) for column in zip(*rows, strict=True)]
    return Figures(means[0], means[1], means[2], means[3], round(ms_per_query, 2))


def average_precision(ranking: Sequence[str], relevant: Collection[str]) -> float:
    """Precision at every relevant document, averaged over all relevant ones."""
    found, total = 0, 0.0
    for rank, id in enumerate(ranking, start=1):
        if id in relevant:
            found += 1
            total += found / rank
    return total / len(relevant)


def ndcg(ranking: Sequence[str], relevant: Collection[str], cut: int = CUT) -> float:
    """Discounted gain of the first `cut` against the best possible (Järvelin & Kekäläinen 2002)."""
    gain = sum(
        1 / math.log2(rank + 1) for rank, id in enumerate(ranking[:cut], start=1) if id in relevant
    )
    best = sum(1 / math.log2(rank + 1) for rank in range(1, min(cut, len(relevant)) + 1))
    return gain / best


def reciprocal_rank(ranking: Sequence[str], relevant: Collection[str]) -> float:
    return next((1 / rank for rank, id in enumerate(ranking, start=1) if id in relevant), 0.0)


def recall(ranking: Sequence[str], relevant: Collection[str], cut: int = CUT) -> float:
    return sum(id in relevant for id in ranking[:cut]) / len(relevant)
