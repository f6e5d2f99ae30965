"""What Roost learns on top of the sentence encoders: one space for all languages.

1. Within and between occupations. The names of one ESCO occupation are one class; linear
   discriminant analysis (Fisher 1936; Rao 1948) on the encoders' joined vectors keeps the 128
   directions in which names of one occupation agree and occupations differ. Words of rank
   (senior, assistant, manager) vary inside an occupation, so they count for little.
2. The bridge. Only the multilingual encoder understands every language. A ridge regression from
   its vectors to that space, learned on the English names, carries other languages over.
3. Drawn to what is known. A vector moves a little towards the occupations that it resembles
   (softmax over all of them), so that two titles meet in an occupation that neither names.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.linalg import eigh, solve

from matcher.encoders import Floats, unit

DIMENSIONS = 128
SHRINKAGE = 1.0
"""Of the scatter within occupations towards its mean variance."""
RIDGE = 1.0
PULL, SHARPNESS = 0.35, 0.05
"""How far a vector moves towards occupations, and the softmax's temperature."""
STRANGE, ENGLISH = 0.55, 0.70
"""Cosine of the English and the bridged vector: at most STRANGE for a language that the English
encoders do not know, at least ENGLISH for one that they do."""

Classes = npt.NDArray[np.intp]


@dataclass(frozen=True, slots=True)
class Head:
    centre: Floats  # (joined,)
    projection: Floats  # (joined, dimensions)
    bridge: Floats  # (multilingual + 1, dimensions), the constant last
    occupations: Floats  # (occupations, dimensions), unit vectors

    def english(self, joined: Floats) -> Floats:
        """Joined vectors of all encoders, brought into the space."""
        return unit((joined - self.centre) @ self.projection)

    def bridged(self, multilingual: Floats) -> Floats:
        return unit(multilingual @ self.bridge[:-1] + self.bridge[-1])

    def trust(self, english: Floats, bridged: Floats) -> Floats:
        """(n,): 1 where both agree on what is meant, so that it is English; 0 where it is not."""
        agreement = np.einsum("ij,ij->i", english, bridged)
        return np.clip((agreement - STRANGE) / (ENGLISH - STRANGE), 0, 1)

    def blended(self, english: Floats, bridged: Floats) -> Floats:
        """The English vector where both agree on what is meant, the bridged one where not."""
        trust = self.trust(english, bridged)[:, None]
        return unit(trust * english + (1 - trust) * bridged)

    def drawn(self, vectors: Floats, pull: float = PULL) -> Floats:
        """Vectors moved towards the occupations that they resemble."""
        likeness = vectors @ self.occupations.T / SHARPNESS
        weights = np.exp(likeness - likeness.max(axis=1, keepdims=True))
        weights /= weights.sum(axis=1, keepdims=True)
        return unit(vectors + pull * unit(weights @ self.occupations))


def fit(joined: Floats, multilingual: Floats, classes: Classes) -> Head:
    """Learns the head from vectors of names; `classes` says whose name each is.

    `joined` are the vectors of all encoders side by side, `multilingual` those of the one alone.
    """
    centre = joined.mean(axis=0)
    projection = discriminants(joined - centre, classes, DIMENSIONS)
    placed = unit((joined - centre) @ projection)
    return Head(
        centre.astype(np.float32),
        projection.astype(np.float32),
        _bridge(multilingual, placed).astype(np.float32),
        unit(means(placed, classes)),
    )


def discriminants(centred: Floats, classes: Classes, dimensions: int) -> Floats:
    """(n, dimensions): the directions of linear discriminant analysis, the strongest first."""
    exact = centred.astype(np.float64)
    middles = means(exact, classes)
    inside = exact - middles[classes]
    within = inside.T @ inside / len(exact)
    within += SHRINKAGE * np.trace(within) / len(within) * np.eye(len(within))
    counts = np.bincount(classes)[:, None]
    between = middles.T @ (middles * counts) / len(exact)
    size = len(within)
    _, directions = eigh(between, within, subset_by_index=(size - dimensions, size - 1))
    strongest = directions[:, ::-1]
    # A direction and its opposite serve as well: the one whose largest part is positive is kept.
    largest = np.abs(strongest).argmax(axis=0)
    signs = np.sign(strongest[largest, np.arange(dimensions)])
    return (strongest * signs).astype(np.float32)


def means(vectors: npt.NDArray[Any], classes: Classes) -> npt.NDArray[Any]:
    """(classes, dimensions): the middle of each class."""
    sums = np.zeros((int(classes.max()) + 1, vectors.shape[1]), vectors.dtype)
    np.add.at(sums, classes, vectors)
    return sums / np.bincount(classes)[:, None].astype(vectors.dtype)


def _bridge(multilingual: Floats, placed: Floats) -> Floats:
    centre, target = multilingual.mean(axis=0), placed.mean(axis=0)
    offset = (multilingual - centre).astype(np.float64)
    gram = offset.T @ offset + RIDGE * np.eye(offset.shape[1])
    weights = solve(gram, offset.T @ (placed - target), assume_a="pos")
    return np.vstack([weights, target - centre @ weights])


def joined(vectors: Sequence[Floats]) -> Floats:
    """The vectors of several encoders side by side."""
    return np.concatenate(vectors, axis=1)
