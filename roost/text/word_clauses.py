"""Search clauses for typed words: each is a part of a title or name, or in a document's text."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from roost.text.search_terms import Subject, sought_in_text
from roost.text.tokens import joined

Json = dict[str, Any]
MOST_WORDS = 10
"""Most words of a search; the others are not looked for."""


def words_of(typed: str | None) -> list[str]:
    """Return the words that are looked for."""
    return (typed or "").split()[:MOST_WORDS]


def word_clauses(typed: str | None, subjects: Sequence[Subject]) -> list[Json]:
    """Return a clause for each word: a part of a title or a name of these, or in the text."""
    return [
        {
            "bool": {
                "should": [
                    *(
                        {"prefix": {"sought": each.term}}
                        for subject in subjects
                        for each in sought_in_text(subject, word)
                    ),
                    {"match": {"words": {"query": joined(word), "operator": "and"}}},
                ],
                "minimum_should_match": 1,
            }
        }
        for word in words_of(typed)
    ]
