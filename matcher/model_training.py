"""Training of the similarity model from the shipped taxonomies; deterministic, takes minutes."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

from matcher.encoders import Floats
from matcher.head import DIMENSIONS, Translations, fit_head, join_vectors
from matcher.linking import token_idf
from matcher.similarity import COARSE, CODE, Encoders, Learned, embed_in_spaces, quantize
from roost.text.taxonomy import Taxonomy, Translation, taxonomy, translations
from roost.text.tokens import singular_words

CHUNK = 512
TRANSLATION_WEIGHTS = {"zh": 20.0, "ja": 5.0, "ko": 5.0}
"""Number of English names, of some 30,000, that a translated title counts for.

Chinese, the language of most texts, counts most. Above these weights left-out titles of all three
languages are further from their English titles (ADR 66).
"""
Progress = Callable[[int, int], object]


def train(encoders: Encoders, version: str, report: Progress = lambda done, of: None) -> Learned:
    """Learn the head from the shipped taxonomies and translated titles.

    `report` receives (names done, names in all).
    """
    known = taxonomy()
    names = known.names()
    esco = set(known.of_scheme("esco"))
    first = min(esco)
    english = [(at - first, singular_words(name)) for at, name in names if at in esco]
    texts = [text for _, text in english]
    parts: list[list[Floats]] = []
    for start in range(0, len(texts), CHUNK):
        chunk = texts[start : start + CHUNK]
        parts.append([encoders.bge(chunk), encoders.multilingual(chunk)])
        report(start + len(chunk), len(names))
    bge, multilingual = (np.concatenate([part[each] for part in parts]) for each in range(2))
    together = join_vectors([bge, multilingual])
    occupations = np.array([at for at, _ in english])
    head = fit_head(together, multilingual, occupations, _encoded(encoders, translations()))
    placed_english = head.drawn(head.blended(head.english(together), head.bridged(multilingual)))
    others = [singular_words(name) for at, name in names if at not in esco]
    vectors = np.concatenate([embed_in_spaces(encoders, head, others).shared, placed_english])
    report(len(names), len(names))
    return Learned(version, head, quantize(vectors), quantize(bge, COARSE), token_idf(known))


def _encoded(encoders: Encoders, known: Sequence[Translation]) -> Translations:
    """Encode translated titles, each with every English title that it translates."""
    pairs = [
        (singular_words(title), singular_words(english), TRANSLATION_WEIGHTS[each.language])
        for each in known
        for title in each.titles
        for english in each.english
    ]
    titles, english, weights = zip(*pairs, strict=True)
    counts = Counter(titles)
    shares = np.array([1 / counts[title] for title in titles], np.float32)
    return Translations(
        encoders.multilingual(titles),
        join_vectors([encoders.bge(english), encoders.multilingual(english)]),
        np.array(weights, np.float32) * shares,
    )


def expected_version(encoders: Path, known: Taxonomy) -> str:
    """Return the version that training with these encoder files on this taxonomy gives."""
    digest = hashlib.blake2b(f"{CODE}:{DIMENSIONS}".encode(), digest_size=5)
    for file in sorted(encoders.rglob("*")):
        if file.is_file():
            digest.update(f"{file.name}:{file.stat().st_size}\n".encode())
    for _, name in known.names():
        digest.update(f"{name}\n".encode())
    for each in translations():
        digest.update(f"{each.language}:{each.english}:{each.titles}\n".encode())
    return f"{CODE}-{digest.hexdigest()}"
