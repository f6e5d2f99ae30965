"""Measures of information retrieval for binary relevance; pure.

A ranking is a sequence of document ids, best first.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from roost.errors import Invalid

CUT = 10
"""Rank after which nDCG and recall ignore documents."""


@dataclass(frozen=True, slots=True)
class RankingMeasures:
    """Means over the queries, each between 0 and 1; the time is in milliseconds a query."""

    map: float
    ndcg_at_10: float
    mrr: float
    recall_at_10: float
    ms_per_query: float


def measure_rankings(
    rankings: Mapping[str, Sequence[str]],
    relevant: Mapping[str, Collection[str]],
    ms_per_query: float,
) -> RankingMeasures:
    """Average the measures over all queries that have a relevant document.

    Documents missing from a ranking count as never found. Raises Invalid when no query has a
    relevant document.

    Source: Manning, Raghavan and Schütze, "Introduction to Information Retrieval" (2008), chapter
    8.
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
    return RankingMeasures(means[0], means[1], means[2], means[3], round(ms_per_query, 2))


def average_precision(ranking: Sequence[str], relevant: Collection[str]) -> float:
    """Return the precision at each relevant document, averaged over all relevant ones.

    Source: Buckley and Voorhees, "Evaluating evaluation measure stability", SIGIR 2000.
    """
    found, total = 0, 0.0
    for rank, id in enumerate(ranking, start=1):
        if id in relevant:
            found += 1
            total += found / rank
    return total / len(relevant)


def ndcg(ranking: Sequence[str], relevant: Collection[str], cut: int = CUT) -> float:
    """Return the discounted gain of the first `cut` documents, relative to the best possible.

    Source: Järvelin and Kekäläinen, "Cumulated gain-based evaluation of IR techniques", ACM TOIS 20
    (2002).
    """
    gain = sum(
        1 / math.log2(rank + 1) for rank, id in enumerate(ranking[:cut], start=1) if id in relevant
    )
    best = sum(1 / math.log2(rank + 1) for rank in range(1, min(cut, len(relevant)) + 1))
    return gain / best


def reciprocal_rank(ranking: Sequence[str], relevant: Collection[str]) -> float:
    """Return 1 / rank of the first relevant document; 0 without one.

    Source: Voorhees, "The TREC-8 Question Answering Track Report" (1999).
    """
    return next((1 / rank for rank, id in enumerate(ranking, start=1) if id in relevant), 0.0)


def recall(ranking: Sequence[str], relevant: Collection[str], cut: int = CUT) -> float:
    """Return the share of the relevant documents among the first `cut`."""
    return sum(id in relevant for id in ranking[:cut]) / len(relevant)
