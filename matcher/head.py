"""The learned head on top of the sentence encoders: one vector space for all languages.

1. Within and between occupations. The names of one ESCO occupation are one class. Linear
   discriminant analysis on the encoders' joined vectors keeps the 128 directions in which names
   of one occupation agree and occupations differ. Words of rank (senior, assistant, manager)
   vary inside an occupation, so they count for little.
2. The bridges. Only the multilingual encoder understands every language. A ridge regression from
   its vectors to that space, learned on the English names, carries other languages over. A second
   one, for Chinese, Japanese and Korean, is learned on translated titles as well.
3. The pull. A vector moves a little towards the occupations that it resembles (softmax over all
   of them), so that two titles meet in an occupation that neither names.

Source: Fisher, "The use of multiple measurements in taxonomic problems", Annals of Eugenics 7
(1936), and Rao, "The utilization of multiple measurements in problems of biological
classification", JRSS B 10 (1948), for the discriminants; Hoerl and Kennard, "Ridge regression",
Technometrics 12 (1970), for the bridges.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from matcher.encoders import Floats, unit_vectors

DIMENSIONS = 128
SHRINKAGE = 0.3
"""Shrinkage of the scatter within occupations towards its mean variance."""
RIDGE = 1.0
"""Penalty of the ridge regressions."""
TRANSLATION_PULL = 1.0
"""Length of the move towards occupations of an English title, as the target of its translations.

A translation has the sense of a title rather than its words.
"""
SAME_SCRIPT = 0.3
"""Length of a direction that Chinese, Japanese and Korean texts share, added to their targets.

It is the direction in which the first bridge sets them apart from English. Without it cosines of
two such texts would be lower by .1, and the thresholds of links and matches would exclude more.
"""
PULL, SHARPNESS = 0.35, 0.05
"""Length of the move towards occupations, and the softmax's temperature."""
STRANGE, ENGLISH = 0.55, 0.70
"""Cosine of the English and the bridged vector.

It is at most STRANGE in a language that the English encoders do not know, and at least ENGLISH in
English.
"""

Classes = npt.NDArray[np.intp]
Flags = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Head:
    """The learned matrices; shapes are noted at each field."""

    centre: Floats  # (joined,)
    projection: Floats  # (joined, dimensions)
    bridge: Floats  # (multilingual + 1, dimensions), the constant last
    eastern: Floats  # the same for Chinese, Japanese and Korean
    occupations: Floats  # (occupations, dimensions), unit vectors

    def english(self, joined: Floats) -> Floats:
        """Project joined vectors of all encoders, (n, joined), into the space."""
        return unit_vectors((joined - self.centre) @ self.projection)

    def bridged(self, multilingual: Floats, is_eastern: Flags | None = None) -> Floats:
        """Map vectors of the multilingual encoder, (n, multilingual), into the space.

        `is_eastern`, (n,), marks those of Chinese, Japanese and Korean texts; none without it.
        """
        vectors = multilingual @ self.bridge[:-1] + self.bridge[-1]
        if is_eastern is not None and is_eastern.any():
            vectors[is_eastern] = multilingual[is_eastern] @ self.eastern[:-1] + self.eastern[-1]
        return unit_vectors(vectors)

    def trust(self, english: Floats, bridged: Floats) -> Floats:
        """Return from 0 to 1, shape (n,), how far the English and the bridged vectors agree.

        Agreement means that the text is English.
        """
        agreement = np.einsum("ij,ij->i", english, bridged)
        return np.clip((agreement - STRANGE) / (ENGLISH - STRANGE), 0, 1)

    def blended(self, english: Floats, bridged: Floats) -> Floats:
        """Mix both vectors by `trust`: the English one in agreement, the bridged one otherwise."""
        trust = self.trust(english, bridged)[:, None]
        return unit_vectors(trust * english + (1 - trust) * bridged)

    def drawn(self, vectors: Floats, pull: float = PULL) -> Floats:
        """Move vectors towards the occupations that they resemble."""
        likeness = vectors @ self.occupations.T / SHARPNESS
        weights = np.exp(likeness - likeness.max(axis=1, keepdims=True))
        weights /= weights.sum(axis=1, keepdims=True)
        return unit_vectors(vectors + pull * unit_vectors(weights @ self.occupations))


@dataclass(frozen=True, slots=True)
class Translations:
    """Translated titles: how the encoders place each, and its English title."""

    multilingual: Floats  # (n, multilingual), of the translation
    english: Floats  # (n, joined), of the English title
    weights: Floats  # (n,), number of English names that each counts for


def fit_head(
    joined: Floats, multilingual: Floats, classes: Classes, translated: Translations
) -> Head:
    """Learn the head from vectors of names; `classes` gives the occupation of each.

    `joined` are the concatenated vectors of all encoders, `multilingual` those of that encoder
    alone.
    """
    centre = joined.mean(axis=0)
    projection = discriminants(joined - centre, classes, DIMENSIONS)
    placed = unit_vectors((joined - centre) @ projection)
    bridge = _bridge(multilingual, placed, np.ones(len(placed)))
    occupations = unit_vectors(class_means(placed, classes))
    head = Head(
        centre.astype(np.float32), projection.astype(np.float32), bridge, bridge, occupations
    )
    targets = head.drawn(head.english(translated.english), TRANSLATION_PULL)
    apart = translated.weights @ (head.bridged(translated.multilingual) - targets)
    targets = unit_vectors(targets + SAME_SCRIPT * apart / np.linalg.norm(apart))
    eastern = _bridge(
        np.concatenate([multilingual, translated.multilingual]),
        np.concatenate([placed, targets]),
        np.concatenate([np.ones(len(placed)), translated.weights]),
    )
    return replace(head, eastern=eastern)


def discriminants(centred: Floats, classes: Classes, dimensions: int) -> Floats:
    """Return the directions of linear discriminant analysis, (n, dimensions), strongest first.

    Source: Fisher (1936), Rao (1948); see the module.
    """
    from scipy.linalg import eigh

    exact = centred.astype(np.float64)
    middles = class_means(exact, classes)
    inside = exact - middles[classes]
    within = inside.T @ inside / len(exact)
    within += SHRINKAGE * np.trace(within) / len(within) * np.eye(len(within))
    counts = np.bincount(classes)[:, None]
    between = middles.T @ (middles * counts) / len(exact)
    size = len(within)
    _, directions = eigh(between, within, subset_by_index=(size - dimensions, size - 1))
    strongest = directions[:, ::-1]
    # The sign of a direction is arbitrary: keep the one whose largest component is positive.
    largest = np.abs(strongest).argmax(axis=0)
    signs = np.sign(strongest[largest, np.arange(dimensions)])
    return (strongest * signs).astype(np.float32)


def class_means(vectors: npt.NDArray[Any], classes: Classes) -> npt.NDArray[Any]:
    """Return the mean of each class, shape (classes, dimensions)."""
    sums = np.zeros((int(classes.max()) + 1, vectors.shape[1]), vectors.dtype)
    np.add.at(sums, classes, vectors)
    return sums / np.bincount(classes)[:, None].astype(vectors.dtype)


def _bridge(multilingual: Floats, placed: Floats, weights: npt.NDArray[Any]) -> Floats:
    """Return the weighted ridge regression from one space to the other, the constant last."""
    from scipy.linalg import solve

    share = (weights / weights.sum())[:, None].astype(np.float64)
    centre, target = (share * multilingual).sum(axis=0), (share * placed).sum(axis=0)
    offset = (multilingual - centre).astype(np.float64)
    weighed = offset * weights[:, None]
    gram = weighed.T @ offset + RIDGE * np.eye(offset.shape[1])
    found = solve(gram, weighed.T @ (placed - target), assume_a="pos")
    return np.vstack([found, target - centre @ found]).astype(np.float32)


def join_vectors(vectors: Sequence[Floats]) -> Floats:
    """Concatenate the vectors of several encoders."""
    return np.concatenate(vectors, axis=1)
