"""Likeness of a worker's and an opening's texts: late interaction in both directions.

A worker has a vector for each wanted occupation and each skill; an opening for its title, each
skill, and each requirement that only its text states. Two questions are asked:

- Are the worker's texts near the opening's? Wishes are compared with the title; skills with the
  nearest of title, skills and requirements. The five nearest skills count, weighted by how
  specific they are: one vector of forty skills is near everything, and 沟通能力 is near much. Words
  that both share are added, since only letters distinguish rare names (leno weaver, Hadoop).
- Are the opening's requirements near the worker's texts? Each is compared with the nearest one.

The vectors' numbers are whole and their sums below 2²⁴, so sums in single precision are exact. A
pair's likeness does not depend on the pairs it is computed with.

Source: Khattab and Zaharia, "ColBERT: Efficient and Effective Passage Search via Contextualized
Late Interaction over BERT", SIGIR 2020.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from matcher.features import OpeningFeatures, WorkerFeatures
from matcher.similarity import unpacked_vectors

BEST = 5
"""Skills that count: those nearest to the opening, by weight."""
WORDS_WEIGHT = 1.2
"""Weight of the words that the opening shares with the skills, added to the cosines' mean."""
DESCRIBED_WEIGHT, LENGTH_POWER = 1.5, 0.3
"""Factor of words outside the title, and power of the ratio of lengths that is undone."""
DESCRIBED_USUAL = 0.15
"""That product for unrelated pairs, whose descriptions share common words."""
NAMED = 0.1
"""Addition where a skill names the opening's occupation."""
ASKED_SHARE, READ_SHARE = 0.9, 0.6
"""Factors of the cosine with a stated skill, and with a requirement that only the text states.

That with the title counts fully.
"""
MIDDLE, SPREAD = 0.45, 0.15
"""Sum of these at which the likeness is one half, and the scale of the logistic curve.

Unrelated pairs have .2 to .5, related ones .4 to 1 (measured, see ADR 62).
"""
LEAST_NEAR = 0.5
"""Cosine from which a requirement is partly met; it is met at 1."""
ALIKE = 0.7
"""Cosine from which a reason names a requirement as near a text of the worker."""
STATED_WEIGHT, PREFERRED_WEIGHT, READ_WEIGHT = 1.0, 0.5, 0.25
"""Weights of requirements, as in `skills.coverage`."""

Floats = npt.NDArray[np.float32]
Numbers = npt.NDArray[np.float64]


class Likeness(NamedTuple):
    """Likeness of a worker's texts with an opening's."""

    wishes: float
    """Greatest cosine of a wanted occupation with the title, or with all of the opening."""
    skills: float
    """Likeness of the skills with the opening, 0 to 1."""
    asked: float
    """Share of the opening's requirements that are near one of the worker's texts, 0 to 1."""


def likeness_of(opening: OpeningFeatures, worker: WorkerFeatures) -> Likeness:
    """Return the likeness of one pair, the same as in `likenesses`."""
    return likenesses(opening, [worker])[0]


def likenesses(
    subject: OpeningFeatures | WorkerFeatures,
    candidates: Sequence[OpeningFeatures] | Sequence[WorkerFeatures],
) -> list[Likeness]:
    """Return the likeness of a subject with each candidate, which is of the other kind."""
    if not candidates:
        return []
    openings = [each for each in (subject, *candidates) if isinstance(each, OpeningFeatures)]
    workers = [each for each in (subject, *candidates) if isinstance(each, WorkerFeatures)]
    texts = _Texts(openings, workers)
    wishes, near, asked = texts.wishes(), texts.near_skills(), texts.asked()
    pairs = [(opening, worker) for opening in openings for worker in workers]
    return [
        Likeness(wish, _skills(opening, worker, skills), met)
        for (opening, worker), wish, skills, met in zip(
            pairs,
            wishes.ravel().tolist(),
            near.ravel().tolist(),
            asked.ravel().tolist(),
            strict=True,
        )
    ]


def nearest_skills(opening: OpeningFeatures, worker: WorkerFeatures, most: int) -> list[str]:
    """Return the worker's skills that are nearest to the opening, nearest first."""
    count = min(len(worker.skills), len(worker.skill_vectors))
    if not count:
        return []
    near = _Texts([opening], [worker]).weighted_skills()[0][:count]
    return [worker.skills[at] for at in np.argsort(-near, kind="stable")[:most].tolist()]


def near_requirements(opening: OpeningFeatures, worker: WorkerFeatures) -> list[tuple[str, str]]:
    """Return each requirement that is near a text of the worker, with that text, in order.

    The requirements are those of `requirement_vectors`; those that the text states come last.
    """
    asked = (*opening.skills, *opening.preferred_skills, *opening.read_skills)
    wishes = worker.wanted_words[: len(worker.wish_vectors)]
    theirs = (*wishes, *worker.skills[: len(worker.skill_vectors)])
    if not opening.requirement_vectors or not theirs:
        return []
    near = _Texts([opening], [worker]).requirements()[:, : len(theirs)]
    best = near.argmax(axis=1).tolist()
    return [(asked[row], theirs[at]) for row, at in enumerate(best) if near[row, at] >= ALIKE]


def _skills(opening: OpeningFeatures, worker: WorkerFeatures, near: float) -> float:
    """Return the likeness of the skills, from the mean of their cosines, words and occupations."""
    named = not set(worker.abilities).isdisjoint(opening.occupations)
    total = near + WORDS_WEIGHT * _words(opening, worker) + NAMED * named
    return 1 / (1 + math.exp((MIDDLE - total) / SPREAD)) if total > 0 else 0.0


def _words(opening: OpeningFeatures, worker: WorkerFeatures) -> float:
    """Return the cosine of the skills' words with the title's, or with all words of the opening.

    A cosine with many words is small. Part of this is undone, as in pivoted length normalisation.

    Source: Singhal, Buckley and Mitra, "Pivoted Document Length Normalization", SIGIR 1996.
    """
    known, title, terms = worker.skill_words, opening.title_terms, opening.terms
    shared = sum(weight * known[token] for token, weight in title.items() if token in known)
    if len(terms) <= len(title):
        return shared
    longer = (len(terms) / max(1, len(title))) ** LENGTH_POWER
    described = sum(weight * known[token] for token, weight in terms.items() if token in known)
    return max(shared, DESCRIBED_WEIGHT * longer * described - DESCRIBED_USUAL)


class _Texts:
    """Cosines of all vectors of some openings with all vectors of some workers.

    Rows: of each opening the whole, the title and its requirements. Columns: of each worker the
    wishes, the skills and a zero, so that no worker is without a column.
    """

    def __init__(
        self, openings: Sequence[OpeningFeatures], workers: Sequence[WorkerFeatures]
    ) -> None:
        rows = [(each.vector, each.title_vector, *each.requirement_vectors) for each in openings]
        columns = [(*each.wish_vectors, *each.skill_vectors, "") for each in workers]
        self._openings, self._workers = openings, workers
        self._first_row = _starts([len(each) for each in rows])
        self._first_column = _starts([len(each) for each in columns])
        vectors = unpacked_vectors([vector for each in (*rows, *columns) for vector in each])
        count = sum(len(each) for each in rows)
        self._cosines = np.maximum(_cosines(vectors[:count], vectors[count:]), 0)

    def wishes(self) -> Numbers:
        """Return the greatest cosine of a wish with the whole or the title, (openings, workers)."""
        first = self._first_row
        nearest = np.maximum(self._cosines[first], self._cosines[first + 1])
        return self._best_column(nearest * self._column_weights(1.0, None)).astype(np.float64)

    def weighted_skills(self) -> Numbers:
        """Return each skill's cosine with the nearest text of each opening, times its weight.

        The shape is (openings, columns); columns that are no skills are 0.
        """
        shares = [
            (
                0.0,
                1.0,
                *(READ_SHARE if weight == READ_WEIGHT else ASKED_SHARE for weight in weights),
            )
            for weights in map(_requirement_weights, self._openings)
        ]
        factors = np.array([share for each in shares for share in each])
        nearest = np.maximum.reduceat(self._cosines * factors[:, None], self._first_row, axis=0)
        return np.asarray(nearest * self._column_weights(0.0, "skills"))

    def requirements(self) -> Floats:
        """Return the cosines of all rows that are requirements."""
        kept = np.ones(len(self._cosines), bool)
        kept[self._first_row] = kept[self._first_row + 1] = False
        return np.asarray(self._cosines[kept])

    def near_skills(self) -> Numbers:
        """Return the root mean square of the best weighted cosines, (openings, workers)."""
        weighted = self.weighted_skills()
        found = np.zeros((len(self._openings), len(self._workers)))
        for at, worker in enumerate(self._workers):
            if count := len(worker.skill_vectors):
                start = self._first_column[at] + len(worker.wish_vectors)
                best = -np.sort(-weighted[:, start : start + count], axis=1)[:, :BEST]
                squares = sum(best[:, each] * best[:, each] for each in range(best.shape[1]))
                found[:, at] = np.sqrt(squares / min(count, BEST))
        return found

    def asked(self) -> Numbers:
        """Return the weighted share of the requirements that are met, (openings, workers)."""
        nearest = np.maximum.reduceat(self._cosines, self._first_column, axis=1)
        met = np.clip((nearest.astype(np.float64) - LEAST_NEAR) / (1 - LEAST_NEAR), 0, 1)
        found = np.zeros((len(self._openings), len(self._workers)))
        for at, opening in enumerate(self._openings):
            weights = _requirement_weights(opening)
            for row, weight in enumerate(weights, start=self._first_row[at] + 2):
                found[at] += weight * met[row]
            found[at] /= sum(weights) or 1
        return found

    def _best_column(self, values: Numbers) -> Numbers:
        return np.asarray(np.maximum.reduceat(values, self._first_column, axis=1))

    def _column_weights(self, wish: float, skills: str | None) -> Numbers:
        weights: list[float] = []
        for worker in self._workers:
            weights += [wish] * len(worker.wish_vectors)
            weights += worker.skill_weights if skills else [0.0] * len(worker.skill_vectors)
            weights.append(0.0)
        return np.array(weights)


def _requirement_weights(opening: OpeningFeatures) -> list[float]:
    """Return the weight of each requirement that has a vector."""
    weights = [STATED_WEIGHT] * len(opening.skills)
    weights += [PREFERRED_WEIGHT] * len(opening.preferred_skills)
    count = len(opening.requirement_vectors)
    return (weights + [READ_WEIGHT] * count)[:count]


def _starts(counts: Sequence[int]) -> npt.NDArray[np.intp]:
    return np.cumsum([0, *counts[:-1]])


def _cosines(some: Floats, others: Floats) -> Floats:
    """Return the cosine of each row with each of the others; 0 for a zero row."""
    lengths = np.sqrt((some * some).sum(axis=1))[:, None] * np.sqrt((others * others).sum(axis=1))
    products = some @ others.T
    return np.divide(products, lengths, out=np.zeros_like(products), where=lengths > 0)
