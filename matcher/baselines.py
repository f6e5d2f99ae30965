"""Baseline rankers that `roost evaluate` compares with the deployed search."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt
from sklearn.feature_extraction.text import TfidfVectorizer

from matcher.encoders import Encoder
from roost.text.tokens import CJK, WORD, folded

Scores = npt.NDArray[np.floating]


class Ranker(Protocol):
    """Scores of all documents for one query, in the order of the documents."""

    def __call__(self, query: str) -> Scores:
        """Return one score for each document."""
        ...


def written_in_cjk(texts: Sequence[str]) -> bool:
    """Return whether most of the texts contain Chinese, Japanese or Korean."""
    return sum(bool(CJK.search(text)) for text in texts) * 2 > len(texts)


def word_tfidf(documents: Sequence[str]) -> Ranker:
    """Build a ranker by TF-IDF of words; each Chinese, Japanese or Korean character is a word.

    Source: Spärck Jones, "A statistical interpretation of term specificity and its application in
    retrieval", Journal of Documentation 28 (1972).
    """
    return _tfidf(documents, TfidfVectorizer(analyzer=_words))


def char_tfidf(documents: Sequence[str]) -> Ranker:
    """Build a ranker by TF-IDF of character n-grams.

    The n-grams have 1 to 2 characters in Chinese, and 2 to 4 within words elsewhere.
    """
    cjk = written_in_cjk(documents)
    analyzer, sizes = ("char", (1, 2)) if cjk else ("char_wb", (2, 4))
    return _tfidf(documents, TfidfVectorizer(analyzer=analyzer, ngram_range=sizes))


def sentence_model(documents: Sequence[str], encode: Encoder) -> Ranker:
    """Build a ranker by the cosine of sentence vectors, without any further training."""
    vectors = encode(documents)
    return lambda query: vectors @ encode([query])[0]


def _tfidf(documents: Sequence[str], vectorizer: Any) -> Ranker:
    matrix = vectorizer.fit_transform(documents).T.tocsr()
    return lambda query: (vectorizer.transform([query]) @ matrix).toarray()[0]


def _words(text: str) -> list[str]:
    words: list[str] = []
    for run in WORD.findall(folded(text)):
        words += run if CJK.match(run) else [run]
    return words
