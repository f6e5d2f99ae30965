"""Fit of the score's weights to outcomes.

Of two pairs of one opening, the one that advanced further should have the higher score. This is a
pairwise logistic regression on the score itself, not on a proxy, so that learning and use agree
exactly. Comparison within an opening cancels the effects of the opening (season, pay, a diligent
clerk). Each opening counts by its rows, not by its pairs. A normal prior around the stated weights
shrinks those that the rows do not inform; `learned.BOUNDS` bounds them. The gradient is exact and
nothing is random: the same rows give the same weights in any order.

Source: Burges et al., "Learning to Rank using Gradient Descent", ICML 2005 (RankNet); Byrd et al.,
"A limited memory algorithm for bound constrained optimization", SIAM J. Sci. Comput. 16 (1995), for
L-BFGS-B.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import astuple, dataclass

import numpy as np
import numpy.typing as npt
from scipy.optimize import minimize
from scipy.special import expit

from matcher.learned import BOUNDS, values_of, versioned_weights
from matcher.match_outcomes import OutcomeRow
from matcher.precedents import bounded
from matcher.weights import STATED, Weights

Numbers = npt.NDArray[np.float64]
Indices = npt.NDArray[np.intp]

CIRCUMSTANCES = ("wage", "nearness", "comfort")
REQUIREMENTS = ("experience", "education")
LEARNED = (*CIRCUMSTANCES, "skills", *REQUIREMENTS)
SPREAD = 0.1
"""Standard deviation of the prior around each stated weight."""
FIRST_SLOPE, STEEPEST = 5.0, 40.0
"""Initial and largest slope of the logistic curve, for scores from 0 to 1.

The slope is fitted along with the weights, then discarded.
"""
MOST_OF_ONE_OPENING = 60
"""Newest rows of one opening that are paired, since pairs grow with their square."""


@dataclass(frozen=True, slots=True)
class Columns:
    """Rows as columns of numbers; `circumstances` and `requirements` have shape (rows, weights)."""

    fit: Numbers
    skills: Numbers
    circumstances: Numbers
    requirements: Numbers

    @classmethod
    def of(cls, rows: Sequence[OutcomeRow]) -> Columns:
        """Convert rows to columns."""
        return cls(
            np.array([row.fit for row in rows], np.float64),
            np.array([row.skills for row in rows], np.float64),
            _matrix(rows, CIRCUMSTANCES),
            _matrix(rows, REQUIREMENTS),
        )


@dataclass(frozen=True, slots=True)
class Preferences:
    """Pairs of rows of one opening; `better` advanced further, and `weight` weighs the pair."""

    better: Indices
    worse: Indices
    weight: Numbers


def score_rows(rows: Sequence[OutcomeRow], weights: Weights) -> Numbers:
    """Return the score of each row, 0 to 100, before any boost, as `ranking` computes it."""
    values = values_of(weights)
    scores = 100 * _scored(Columns.of(rows), np.array([values[name] for name in LEARNED]))[0]
    if not weights.precedents.lifts:
        return scores
    found = [weights.precedents.between(row.skill_items, row.work_items) for row in rows]
    added = [
        bounded(each.points, score) if each else 0.0
        for each, score in zip(found, scores.tolist(), strict=True)
    ]
    return scores + np.array(added)


def group_by_opening(rows: Iterable[OutcomeRow]) -> list[list[OutcomeRow]]:
    """Group rows by opening, and keep the openings whose outcomes differ.

    Equal outcomes carry no information about an order.
    """
    groups: dict[str, list[OutcomeRow]] = defaultdict(list)
    for row in rows:
        groups[row.query].append(row)
    return [groups[query] for query in sorted(groups) if len({r.gain for r in groups[query]}) > 1]


def fit_weights(rows: Sequence[OutcomeRow]) -> Weights:
    """Return the weights of greatest posterior likelihood, with the stated ones as the prior.

    Source: see the module.
    """
    groups = [_paired(group) for group in group_by_opening(rows)]
    if not groups:
        return versioned_weights(values_of(STATED))
    columns = Columns.of([row for group in groups for row in group])
    preferences = _preferences(groups)
    stated = np.array([values_of(STATED)[name] for name in LEARNED])
    total = preferences.weight.sum()

    def loss(point: Numbers) -> tuple[float, Numbers]:
        value, slopes = _negative_log_likelihood(columns, preferences, point)
        away = (point[:-1] - stated) / SPREAD
        slopes[:-1] += away / SPREAD
        return float(value + 0.5 * away @ away) / total, slopes / total

    bounds = [*(BOUNDS[name] for name in LEARNED), (0.0, STEEPEST)]
    found = minimize(loss, [*stated, FIRST_SLOPE], jac=True, bounds=bounds, method="L-BFGS-B")
    return versioned_weights(dict(zip(LEARNED, found.x[:-1].tolist(), strict=True)))


def _negative_log_likelihood(
    columns: Columns, preferences: Preferences, point: Numbers
) -> tuple[float, Numbers]:
    """Return the negative log likelihood at (weights, slope), and its gradient."""
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
    """Return the scores from 0 to 1, and their gradient by weight, one row each."""
    fit, lacks, unmet = columns.fit, columns.circumstances - 1, columns.requirements - 1
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
        # The number of independent comparisons is one less than the number of rows.
        weight.append(counts * ((len(group) - 1) / counts.sum()))
        first += len(group)
    return Preferences(np.concatenate(better), np.concatenate(worse), np.concatenate(weight))


def _paired(group: Sequence[OutcomeRow]) -> list[OutcomeRow]:
    """Return the newest rows of an opening, in an order that does not depend on the input."""
    return sorted(group, key=_newest_first)[:MOST_OF_ONE_OPENING]


def _newest_first(row: OutcomeRow) -> tuple[object, ...]:
    return (-row.day.toordinal(), *astuple(row)[2:])


def _matrix(rows: Sequence[OutcomeRow], names: Sequence[str]) -> Numbers:
    values = [[getattr(row, name) for name in names] for row in rows]
    return np.array(values, np.float64).reshape(len(rows), len(names))
