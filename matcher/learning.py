"""Fits the weights of the score to outcomes.

Of two pairs of one opening the one that came further should have the higher score: a pairwise
logistic regression (as RankNet; Burges et al., ICML 2005) on the score itself, not on a stand-in
for it, so what is learned is exactly what is used. Comparing inside an opening cancels what the
opening brings along (season, pay, a diligent clerk). Each opening counts by its rows, not by its
pairs. A normal prior around the stated weights shrinks what the rows do not speak of; bounds are
`learned.BOUNDS`. The gradient is exact and nothing is drawn at random: the same rows give the
same weights, whatever their order.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import astuple, dataclass

import numpy as np
import numpy.typing as npt
from scipy.optimize import minimize
from scipy.special import expit

from matcher.learned import BOUNDS, values_of, versioned
from matcher.outcomes import OutcomeRow
from matcher.weights import STATED, Weights

Numbers = npt.NDArray[np.float64]
Indices = npt.NDArray[np.intp]

AROUND = ("wage", "nearness", "comfort")
ASKED = ("experience", "education")
LEARNED = (*AROUND, "skills", *ASKED)
SPREAD = 0.1
"""How far a weight is believed to be from the stated one (standard deviation)."""
FIRST_SLOPE, STEEPEST = 5.0, 40.0
"""How surely a difference of scores decides (of a score from 0 to 1); fitted, then forgotten."""
MOST_OF_ONE_OPENING = 60
"""Rows of one opening that are paired, the newest: pairs grow with their square."""


@dataclass(frozen=True, slots=True)
class Columns:
    """Rows as columns of numbers."""

    fit: Numbers
    skills: Numbers
    around: Numbers
    asked: Numbers

    @classmethod
    def of(cls, rows: Sequence[OutcomeRow]) -> Columns:
        return cls(
            np.array([row.fit for row in rows], np.float64),
            np.array([row.skills for row in rows], np.float64),
            _matrix(rows, AROUND),
            _matrix(rows, ASKED),
        )


@dataclass(frozen=True, slots=True)
class Preferences:
    """Pairs of rows of one opening: `better` came further than `worse`, and counts `weight`."""

    better: Indices
    worse: Indices
    weight: Numbers


def score(rows: Sequence[OutcomeRow], weights: Weights) -> Numbers:
    """The score of each row, 0 to 100, before any boost: as `ranking` has it."""
    values = values_of(weights)
    return 100 * _scored(Columns.of(rows), np.array([values[name] for name in LEARNED]))[0]


def by_opening(rows: Iterable[OutcomeRow]) -> list[list[OutcomeRow]]:
    """The rows of each opening whose outcomes differ; others say nothing about an order."""
    groups: dict[str, list[OutcomeRow]] = defaultdict(list)
    for row in rows:
        groups[row.query].append(row)
    return [groups[query] for query in sorted(groups) if len({r.gain for r in groups[query]}) > 1]


def fit(rows: Sequence[OutcomeRow]) -> Weights:
    """The weights under which the outcomes are most likely, given the stated ones as a prior."""
    groups = [_paired(group) for group in by_opening(rows)]
    if not groups:
        return versioned(values_of(STATED))
    columns = Columns.of([row for group in groups for row in group])
    preferences = _preferences(groups)
    stated = np.array([values_of(STATED)[name] for name in LEARNED])
    total = preferences.weight.sum()

    def loss(point: Numbers) -> tuple[float, Numbers]:
        value, slopes = _unlikelihood(columns, preferences, point)
        away = (point[:-1] - stated) / SPREAD
        slopes[:-1] += away / SPREAD
        return float(value + 0.5 * away @ away) / total, slopes / total

    bounds = [*(BOUNDS[name] for name in LEARNED), (0.0, STEEPEST)]
    found = minimize(loss, [*stated, FIRST_SLOPE], jac=True, bounds=bounds, method="L-BFGS-B")
    return versioned(dict(zip(LEARNED, found.x[:-1].tolist(), strict=True)))


def _unlikelihood(
    columns: Columns, preferences: Preferences, point: Numbers
) -> tuple[float, Numbers]:
    """Minus the log likelihood of the preferences at (weights, slope), and its gradient."""
    scores, slopes = _scored(columns, point[:-1])
    differences = scores[preferences.better] - scores[preferences.worse]
    margins = point[-1] * differences
    value = preferences.weight @ np.logaddexp(0.0, -margins)
    pull = -preferences.weight * expit(-margins)
    rows = len(scores)
    by_row = np.bincount(preferences.better, pull, rows) - np.bincount(
        preferences.worse, pull, rows
    )
    return float(value), np.append(point[-1] * (by_row @ slopes), pull @ differences)


def _scored(columns: Columns, weights: Numbers) -> tuple[Numbers, Numbers]:
    """(scores from 0 to 1, their gradient by each weight), a row each."""
    fit, lacks, unmet = columns.fit, columns.around - 1, columns.asked - 1
    gained = columns.skills - fit
    match = fit + weights[3] * gained
    enough = 1 + unmet @ weights[4:]
    worker, employer = fit * (1 + lacks @ weights[:3]), match * enough
    total = worker + employer
    share = np.divide(worker, total, out=np.zeros_like(total), where=total > 0)
    other = np.divide(employer, total, out=np.zeros_like(total), where=total > 0)
    by_worker, by_employer = 2 * other**2, 2 * share**2
    slopes = np.column_stack(
        (
            (by_worker * fit)[:, None] * lacks,
            by_employer * enough * gained,
            (by_employer * match)[:, None] * unmet,
        )
    )
    return 2 * share * employer, slopes


def _preferences(groups: Iterable[Sequence[OutcomeRow]]) -> Preferences:
    better, worse, weight = [], [], []
    first = 0
    for group in groups:
        gains = np.array([row.gain for row in group])
        ahead = gains[:, None] - gains[None, :]
        above, below = np.nonzero(ahead > 0)
        counts = ahead[above, below]
        better.append(first + above)
        worse.append(first + below)
        # As many comparisons as are independent of each other: one less than rows.
        weight.append(counts * ((len(group) - 1) / counts.sum()))
        first += len(group)
    return Preferences(np.concatenate(better), np.concatenate(worse), np.concatenate(weight))


def _paired(group: Sequence[OutcomeRow]) -> list[OutcomeRow]:
    """The newest rows of an opening, in an order that is theirs alone."""
    return sorted(group, key=_newest_first)[:MOST_OF_ONE_OPENING]


def _newest_first(row: OutcomeRow) -> tuple[object, ...]:
    return (-row.day.toordinal(), *astuple(row)[2:])


def _matrix(rows: Sequence[OutcomeRow], names: Sequence[str]) -> Numbers:
    values = [[getattr(row, name) for name in names] for row in rows]
    return np.array(values, np.float64).reshape(len(rows), len(names))
