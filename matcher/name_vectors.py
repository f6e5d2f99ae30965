"""Exact cosines of texts with all names of a taxonomy, and the ranking of names for a text.

Vectors are whole numbers whose products stay below 2²⁴, so sums in single precision are exact: the
cosines of a text are the same alone and together with others.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from matcher.encoders import Floats
from roost.text.tokens import plural_end

SHARED_WEIGHT = 0.1
"""Weight of the likeness in the space of all languages, added to that in the English space.

Similar names of one occupation are close together there.
"""
SINGLE = 0.02
"""Bonus, as a cosine, for a name of an occupation over that of a group.

It is little more than a tie-break.
"""

TOGETHER = 0.01
"""Weight of the mean likeness of all names of an occupation, added to that of each of its names.

Many names denote two occupations verbatim; only the other names tell which of them is meant.
"""

Vectors = npt.NDArray[np.int8]


@dataclass(frozen=True, slots=True)
class Meant:
    """The vectors of a text in the space of all languages and, for Latin letters, of English."""

    shared: Vectors
    english: Vectors | None
    is_english: bool
    """True if links are searched in the English space."""

    def packed(self) -> bytes:
        """Return one byte of flags, the shared vector and, where it exists, the English one."""
        english = b"" if self.english is None else self.english.tobytes()
        return bytes([self.is_english]) + self.shared.tobytes() + english

    @classmethod
    def unpacked(cls, stored: bytes, dimensions: int) -> Meant:
        """Restore the vectors; `dimensions` is the length of the shared one."""
        numbers = np.frombuffer(stored, np.int8, offset=1)
        english = numbers[dimensions:] if len(numbers) > dimensions else None
        return cls(numbers[:dimensions], english, bool(stored[0]))


class NameVectors:
    """Vectors of names, and their cosines with the vectors of texts."""

    def __init__(self, vectors: Vectors) -> None:
        self._vectors = np.ascontiguousarray(vectors.T, np.float32)  # (dimensions, names)
        self._lengths = _lengths(vectors)

    def cosines(self, vectors: Vectors) -> Floats:
        """Return the cosine of each vector with each name, (vectors, names)."""
        products = vectors.astype(np.float32) @ self._vectors
        products /= _lengths(vectors)[:, None]
        products /= self._lengths
        return products


class NameRanking:
    """Names ranked one by one for a text, by the vectors and weights of linking.

    `occupations` gives the occupation of each name. A name without a vector comes last. Among
    equally near names, those of occupations precede those of groups, and those whose occupation has
    further near names precede others.
    """

    def __init__(
        self, names: Sequence[str], meant: Sequence[Meant | None], occupations: Sequence[str]
    ) -> None:
        self._single = np.array([not names_group(name) for name in names], np.float32)
        self._shared = _names([each.shared if each else None for each in meant])
        self._english = _names([each.english if each else None for each in meant])
        _, self._owners, counts = np.unique(occupations, return_inverse=True, return_counts=True)
        self._sizes = counts.astype(np.float32)

    def order(self, asked: Meant) -> list[int]:
        """Return the positions of all names, nearest first; ties keep the order of the names."""
        likeness = self._shared.cosines(asked.shared[None])[0]
        if asked.english is not None and asked.is_english:
            english = self._english.cosines(asked.english[None])[0]
            likeness = english + SHARED_WEIGHT * likeness
        scores = likeness + SINGLE * self._single
        mean = np.bincount(self._owners, weights=scores) / self._sizes
        order = np.argsort(-(scores + TOGETHER * mean[self._owners]), kind="stable")
        return [int(at) for at in order]


def names_group(name: str) -> bool:
    """Return whether a name denotes a group of occupations: `Hotel managers`, not `hotel manager`.

    Source: ISCO-08 and the registers derived from it name groups in the plural, occupations in the
    singular.
    """
    return plural_end(name)


def _names(vectors: Sequence[Vectors | None]) -> NameVectors:
    """Return the vectors as rows; zero for a missing one."""
    dimensions = max((len(each) for each in vectors if each is not None), default=1)
    rows = np.zeros((len(vectors), dimensions), np.int8)
    for row, each in zip(rows, vectors, strict=True):
        if each is not None:
            row[:] = each
    return NameVectors(rows)


def _lengths(vectors: Vectors) -> Floats:
    """Return the length of each row; 1 for a zero row, whose cosines are 0."""
    squares = (vectors.astype(np.int32) ** 2).sum(axis=1)
    return np.sqrt(np.maximum(squares, 1)).astype(np.float32)
