"""What people would use instead: rankers for `roost evaluate` to be measured against."""

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
    """Scores of all documents for one query."""

    def __call__(self, query: str) -> Scores: ...


def written_in_cjk(texts: Sequence[str]) -> bool:
    """Whether most of the texts hold Chinese, Japanese or Korean."""
    return sum(bool(CJK.search(text)) for text in texts) * 2 > len(texts)


def word_tfidf(documents: Sequence[str]) -> Ranker:
    """Words; of Chinese, Japanese and Korean every character is one."""
    return _tfidf(documents, TfidfVectorizer(analyzer=_words))


def char_tfidf(documents: Sequence[str]) -> Ranker:
    """Character n-grams: 1 to 2 of Chinese, 2 to 4 within words elsewhere."""
    cjk = written_in_cjk(documents)
    analyzer, sizes = ("char", (1, 2)) if cjk else ("char_wb", (2, 4))
    return _tfidf(documents, TfidfVectorizer(analyzer=analyzer, ngram_range=sizes))


def sentence_model(documents: Sequence[str], encode: Encoder) -> Ranker:
    """A sentence encoder as it is: cosines."""
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
