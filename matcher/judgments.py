"""Relevance judgments: queries, documents and the relevant pairs, as a folder of TSV files.

Relevance is binary. Files of annotations have the format of TREC qrels.

Source: TREC, `trec_eval` qrels format (query, iteration, document, grade).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from roost.errors import Invalid
from roost.text.tokens import folded


@dataclass(frozen=True, slots=True)
class Judgments:
    """Queries, documents and the relevant documents of each query, by id."""

    queries: Mapping[str, str]
    documents: Mapping[str, str]
    relevant: Mapping[str, frozenset[str]]


def read_judgments(folder: Path, documents: str) -> Judgments:
    """Read `queries.tsv`, `annotations.tsv` and the named file of documents from a folder.

    Raises Invalid for a missing file or for an unreadable line, which the message names.
    """
    relevant: dict[str, set[str]] = {}
    for number, (query, _, document, grade) in _lines(folder / "annotations.tsv", 4):
        if not grade.lstrip("-").isdigit():
            raise Invalid(f"annotations.tsv line {number}: the grade {grade!r} is not an integer")
        if int(grade) > 0:
            relevant.setdefault(query, set()).add(document)
    return Judgments(
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
                "separated by tabs"
            )
        found.append((number, values))
    return found


def own_documents(judgments: Judgments) -> dict[str, frozenset[str]]:
    """Return, for every judged query, the documents that repeat it: same id or same words."""
    by_words: dict[str, set[str]] = defaultdict(set)
    for id, words in judgments.documents.items():
        by_words[folded(words)].add(id)
    return {
        query: frozenset({query} & judgments.documents.keys() | by_words.get(folded(text), set()))
        for query, text in judgments.queries.items()
        if judgments.relevant.get(query)
    }
