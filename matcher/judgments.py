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
    relevant = read_relevant(folder / "annotations.tsv")
    return Judgments(read_texts(folder / "queries.tsv"), read_texts(folder / documents), relevant)


def read_texts(path: Path) -> dict[str, str]:
    """Read a file of ids and texts. Raises Invalid as `read_judgments` does."""
    return {id: text for _, (id, text) in _lines(path, 2)}


def read_relevant(path: Path) -> dict[str, frozenset[str]]:
    """Read the relevant documents of each query from qrels. Raises Invalid as `read_judgments`."""
    relevant: dict[str, set[str]] = {}
    for number, (query, _, document, grade) in _lines(path, 4):
        if not grade.strip().lstrip("-").isdigit():
            raise Invalid(f"{path.name} line {number}: the grade {grade!r} is not an integer")
        if int(grade) > 0:
            relevant.setdefault(query, set()).add(document)
    return {query: frozenset(found) for query, found in relevant.items()}


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
