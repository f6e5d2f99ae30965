"""Likeness of a worker's and an opening's texts: of wishes as a whole, of skills one by one.

Wishes are compared by one vector of each side. Skills are compared by late interaction: the vector
of each skill with that of the title, and the root mean square of the best five cosines. One vector
of forty skills is near everything. Words that the title shares with the skills are added, since
only letters distinguish rare names (leno weaver, Hadoop).

The vectors' numbers are whole and their sums below 2²⁴, so sums in single precision are exact. A
pair's likeness does not depend on the pairs it is computed with.

Source: Khattab and Zaharia, "ColBERT: Efficient and Effective Passage Search via Contextualized
Late Interaction over BERT", SIGIR 2020.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from matcher.features import OpeningFeatures, WorkerFeatures
from matcher.similarity import cosines, unpacked_vectors

BEST = 5
"""Skills that count: those nearest to the title."""
WORDS_WEIGHT = 0.5
"""Weight of the words that the title shares with the skills, added to the cosines' mean."""

Floats = npt.NDArray[np.float32]


class Likeness(NamedTuple):
    """Likeness of a worker's texts with an opening's."""

    wishes: float
    """Cosine of the vectors of both sides, -1 to 1."""
    skills: float
    """Likeness of the skills with the title, from 0; it may exceed 1 where the words are equal."""


def likeness_of(opening: OpeningFeatures, worker: WorkerFeatures) -> Likeness:
    """Return the likeness of one pair, the same as in `likenesses`."""
    return likenesses(opening, [worker])[0]


def likenesses(
    subject: OpeningFeatures | WorkerFeatures,
    candidates: Sequence[OpeningFeatures] | Sequence[WorkerFeatures],
) -> list[Likeness]:
    """Return the likeness of a subject with each candidate, which is of the other kind."""
    wishes = cosines(subject.vector, [each.vector for each in candidates]).tolist()
    openings = [each for each in (subject, *candidates) if isinstance(each, OpeningFeatures)]
    workers = [each for each in (subject, *candidates) if isinstance(each, WorkerFeatures)]
    near = _near_skills(openings, workers)
    words = [_words(opening, worker) for opening in openings for worker in workers]
    return [
        Likeness(wish, skills + WORDS_WEIGHT * shared)
        for wish, skills, shared in zip(wishes, near, words, strict=True)
    ]


def nearest_skills(opening: OpeningFeatures, worker: WorkerFeatures, most: int) -> list[str]:
    """Return the worker's skills that are nearest to the title, nearest first."""
    vectors = worker.skill_vectors[: len(worker.skills)]
    if not vectors:
        return []
    near = _cosines(unpacked_vectors([opening.title_vector]), unpacked_vectors(vectors))[0]
    return [worker.skills[at] for at in np.argsort(-near, kind="stable")[:most].tolist()]


def _near_skills(
    openings: Sequence[OpeningFeatures], workers: Sequence[WorkerFeatures]
) -> list[float]:
    """Return the mean of the best cosines of every opening with every worker, 0 without skills."""
    titles = unpacked_vectors([each.title_vector for each in openings])
    skills = [unpacked_vectors(each.skill_vectors) for each in workers]
    counts = np.array([len(each) for each in skills])
    if not counts.any():
        return [0.0] * (len(openings) * len(workers))
    cosine = _cosines(titles, np.concatenate(skills))
    width = max(BEST, int(counts.max()))
    padded = np.zeros((len(openings), len(workers), width), np.float32)
    padded[:, np.arange(width) < counts[:, None]] = np.maximum(cosine, 0)
    best = -np.sort(-padded, axis=2)[:, :, :BEST].astype(np.float64)
    squares = sum(best[:, :, at] * best[:, :, at] for at in range(BEST))
    means = np.sqrt(squares / np.clip(counts, 1, BEST))
    return list(means.ravel().tolist())


def _cosines(some: Floats, others: Floats) -> Floats:
    """Return the cosine of each row with each of the others; 0 for a zero row."""
    lengths = np.sqrt((some * some).sum(axis=1))[:, None] * np.sqrt((others * others).sum(axis=1))
    products = some @ others.T
    return np.divide(products, lengths, out=np.zeros_like(products), where=lengths > 0)


def _words(opening: OpeningFeatures, worker: WorkerFeatures) -> float:
    """Return the cosine of the words of the title with those of all skills, by their weights."""
    known = worker.skill_words
    return sum(weight * known[token] for token, weight in opening.title.items() if token in known)
