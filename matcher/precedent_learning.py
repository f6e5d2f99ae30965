"""Fit of precedents to outcomes: one ridge regression of gains, compared within openings.

The gain of a row is explained by its score, by each item of its worker (everywhere) and by each
pair of items (there alone). Only the pairs are kept. The score is not penalised, so pairs explain
what the content does not. An item that does well everywhere says something about people or clerks,
not about a kind of work: no lift comes from it. All columns are centred within the opening, which
cancels its effects (pay, season, a diligent clerk). The penalty shrinks a pair with few outcomes
towards the content.

Pairs of items with fewer than `LEAST_PEOPLE` people are no columns, and placements of fewer people
are not counted. A lift is stated in points of the score: the gain that it adds, divided by the gain
of a point. The solution is exact and nothing is random: the same rows give the same model in any
order.

Source: Hoerl and Kennard, "Ridge Regression", Technometrics 12 (1970); Ning and Karypis, ICDM 2011,
and Steck, WWW 2019 (see `precedents`), for item-to-item regression with a closed form.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import astuple, dataclass

import numpy as np
from scipy.linalg import cho_factor, cho_solve
from scipy.sparse import csr_matrix

from matcher.learning import Indices, Numbers, group_by_opening, score_rows
from matcher.match_outcomes import GAIN, OutcomeRow
from matcher.precedents import (
    DIGITS,
    LEAST_PEOPLE,
    MOST_LIFT,
    NO_PRECEDENTS,
    Lift,
    Pair,
    Precedents,
    scale,
    versioned_precedents,
)
from matcher.weights import Weights
from roost.events.match import MatchState
from roost.rules.rounded_counts import bucket

PENALTY = 30.0
"""Penalty of a lift: the number of outcomes after which half of a difference is believed."""
OF_ITEMS, OF_SCORE = 0.1, 1e-6
"""Penalties of an item's effect everywhere and of the score: they only keep the sums solvable."""
LEAST_WORTH = 0.005
"""Least gain of one point of score that is assumed: half a placement for 100 points."""
MOST_PAIRS = 3_000
"""Pairs of items with the most people that are columns; the time grows with the cube."""
PLACED = GAIN[MatchState.PLACED]


@dataclass(frozen=True, slots=True)
class Evidence:
    """Numbers of people behind each pair of items."""

    acted: Mapping[Pair, int]
    """People with an outcome, whatever it was."""
    placed: Mapping[Pair, int]


def fit_precedents(rows: Sequence[OutcomeRow], weights: Weights) -> Precedents:
    """Return the model that these rows give for scores by these weights."""
    groups = [sorted(group, key=astuple) for group in group_by_opening(rows)]
    ordered = [row for group in groups for row in group]
    counted = count_people(rows)
    pairs = _columns(counted)
    if not ordered or not pairs:
        return NO_PRECEDENTS
    openings = np.repeat(np.arange(len(groups)), [len(group) for group in groups])
    design = _design(ordered, pairs, score_rows(ordered, weights))
    gains = np.array([row.gain for row in ordered])
    found = _ridge(design, gains, openings, len(pairs))
    worth = max(float(found[0]), LEAST_WORTH)
    lifts = {}
    for pair, gained in zip(pairs, found[-len(pairs) :].tolist(), strict=True):
        points = round(min(MOST_LIFT, max(-MOST_LIFT, gained / worth)), DIGITS)
        if points:
            lifts[pair] = Lift(points, bucket(counted.placed.get(pair, 0)))
    return versioned_precedents(lifts)


def count_people(rows: Sequence[OutcomeRow]) -> Evidence:
    """Count the distinct people behind each pair of items."""
    acted: dict[Pair, set[int]] = defaultdict(set)
    placed: dict[Pair, set[int]] = defaultdict(set)
    for row in rows:
        for skill in row.skill_items:
            for kind in row.work_items:
                acted[skill, kind].add(row.person)
                if row.gain >= PLACED:
                    placed[skill, kind].add(row.person)
    return Evidence(
        {pair: len(people) for pair, people in acted.items()},
        {pair: len(people) for pair, people in placed.items()},
    )


def _columns(counted: Evidence) -> list[Pair]:
    """Return the pairs of items with enough people, those with the most people at most."""
    enough = [pair for pair, people in counted.acted.items() if people >= LEAST_PEOPLE]
    most = sorted(enough, key=lambda pair: (-counted.acted[pair], pair))[:MOST_PAIRS]
    return sorted(most)


def _design(rows: Sequence[OutcomeRow], pairs: Sequence[Pair], scores: Numbers) -> csr_matrix:
    """Return the columns: the score, each item of a worker in `pairs`, each pair."""
    skills = {skill: at for at, skill in enumerate(sorted({skill for skill, _ in pairs}), 1)}
    columns = {pair: at for at, pair in enumerate(pairs, 1 + len(skills))}
    values: list[float] = []
    places: list[tuple[int, int]] = []
    for at, (row, score) in enumerate(zip(rows, scores.tolist(), strict=True)):
        entries = {0: score}
        for skill in row.skill_items:
            if skill in skills:
                entries[skills[skill]] = scale(row.skill_items, ("",))
        for pair in ((skill, kind) for skill in row.skill_items for kind in row.work_items):
            if pair in columns:
                entries[columns[pair]] = scale(row.skill_items, row.work_items)
        values += entries.values()
        places += [(at, column) for column in entries]
    across, down = zip(*places, strict=True)
    return csr_matrix((values, (across, down)), shape=(len(rows), 1 + len(skills) + len(pairs)))


def _ridge(design: csr_matrix, gains: Numbers, openings: Indices, pairs: int) -> Numbers:
    """Return the coefficients of the columns, centred within openings; the last are the pairs.

    Centring would fill the sparse matrix, so the sums of products are corrected instead.
    """
    count = len(gains)
    members = csr_matrix((np.ones(count), (openings, np.arange(count))))
    sizes = np.asarray(members.sum(axis=1)).ravel()
    sums = (members @ design).multiply(1 / np.sqrt(sizes)[:, None]).tocsr()
    own = gains - (members.T @ ((members @ gains) / sizes))
    products = (design.T @ design - sums.T @ sums).toarray()
    penalty = np.full(len(products), PENALTY)
    penalty[: len(products) - pairs] = OF_ITEMS
    penalty[0] = OF_SCORE
    products[np.diag_indices_from(products)] += penalty
    return np.asarray(cho_solve(cho_factor(products), design.T @ own))
