"""Comparison of learned and current weights on held-out days; in doubt the current ones stay.

The newest days are held out, as in use: weights learn from the past and decide the future. Each
opening there gives two measures for either weights: nDCG@10, and the share of its pairs in the
right order (AUC within an opening). The interval of the difference comes from a bootstrap over
openings, since the rows of one opening depend on each other.

Source: Järvelin and Kekäläinen, "Cumulated gain-based evaluation of IR techniques", ACM TOIS 20
(2002), for nDCG; Efron, "Bootstrap methods: another look at the jackknife", Annals of Statistics 7
(1979).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

import numpy as np
from sklearn.metrics import ndcg_score

from matcher.learning import Numbers, group_by_opening, score_rows
from matcher.match_outcomes import GOOD, OutcomeRow
from matcher.weights import Weights
from roost.errors import Invalid

HELD_OUT = 0.2
"""Least share of the rows that is held out, in whole days."""
TOP = 10
"""Rank at which nDCG is cut."""
DRAWS = 2_000
"""Bootstrap samples."""
INTERVAL = (2.5, 97.5)
"""Percentiles that bound the 95 % interval."""
LEAST_DIFFERENCE = 0.005
"""Least gain of nDCG: a smaller one does not justify a change of the visible scores."""
LEAST_OPENINGS = 10
"""Least number of held-out openings for an acceptance."""


@dataclass(frozen=True, slots=True)
class Count:
    """An amount of evidence, and the least amount that a decision requires."""

    what: str
    has: int
    least: int

    @property
    def missing(self) -> int:
        """Amount still missing; 0 when there is enough."""
        return max(0, self.least - self.has)


@dataclass(frozen=True, slots=True)
class MeanMeasures:
    """Means over openings, each between 0 and 1; more is better."""

    ndcg: float
    in_order: float


@dataclass(frozen=True, slots=True)
class Comparison:
    """Measures of the current and the candidate weights on the same held-out days."""

    current: MeanMeasures
    candidate: MeanMeasures
    low: float
    high: float
    """Bounds of the 95 % interval of the candidate's nDCG minus the current one's."""
    rows: int
    openings: int
    first_day: date
    last_day: date

    @property
    def difference(self) -> float:
        """The candidate's nDCG minus the current one's."""
        return self.candidate.ndcg - self.current.ndcg

    def as_dict(self) -> dict[str, Any]:
        """Return plain values, fit for JSON."""
        days = {"first_day": str(self.first_day), "last_day": str(self.last_day)}
        return asdict(self) | {"difference": self.difference} | days


def split_by_day(rows: Sequence[OutcomeRow]) -> tuple[list[OutcomeRow], list[OutcomeRow]]:
    """Return (rows to learn from, held-out rows): the newest days, at least a fifth of all rows."""
    first = date.max
    held = 0
    for day in sorted({row.day for row in rows}, reverse=True):
        if held >= HELD_OUT * len(rows):
            break
        first = day
        held += sum(row.day == day for row in rows)
    return [row for row in rows if row.day < first], [row for row in rows if row.day >= first]


def count_evidence(rows: Sequence[OutcomeRow]) -> tuple[Count, ...]:
    """Count the available evidence, with the least amount of each kind."""
    training, held_out = split_by_day(rows)
    return (
        Count("outcomes", len(rows), 200),
        Count("outcomes of referred or better", sum(row.gain >= GOOD for row in rows), 50),
        Count("openings whose outcomes differ", len(group_by_opening(rows)), 30),
        Count("days with outcomes", len({row.day for row in rows}), 7),
        Count("such openings in the days to learn from", len(group_by_opening(training)), 20),
        Count(
            "such openings in the days held out", len(group_by_opening(held_out)), LEAST_OPENINGS
        ),
    )


def has_enough_evidence(rows: Sequence[OutcomeRow]) -> bool:
    """Return whether every kind of evidence reaches its least amount."""
    return not any(count.missing for count in count_evidence(rows))


def compare_weights(
    current: Weights, candidate: Weights, held_out: Sequence[OutcomeRow], seed: int = 1
) -> Comparison:
    """Measure both weights on held-out rows.

    Raises Invalid when no opening there has outcomes that differ.
    """
    groups = group_by_opening(held_out)
    if not groups:
        raise Invalid("No opening of the days held out has outcomes that differ")
    now, then = _measures(groups, current), _measures(groups, candidate)
    low, high = _interval(then[:, 0] - now[:, 0], seed)
    days = [row.day for row in held_out]
    return Comparison(
        current=MeanMeasures(*now.mean(axis=0).tolist()),
        candidate=MeanMeasures(*then.mean(axis=0).tolist()),
        low=low,
        high=high,
        rows=len(held_out),
        openings=len(groups),
        first_day=min(days),
        last_day=max(days),
    )


def accepts_candidate(comparison: Comparison) -> bool:
    """Return whether the candidate is better by nDCG beyond chance, and not worse by order.

    The gain must also reach `LEAST_DIFFERENCE`, on at least `LEAST_OPENINGS` openings.
    """
    return (
        comparison.openings >= LEAST_OPENINGS
        and comparison.low > 0
        and comparison.difference >= LEAST_DIFFERENCE
        and comparison.candidate.in_order >= comparison.current.in_order
    )


def keeps_candidate(comparison: Comparison) -> bool:
    """Return whether a model of a kind that is in force stays: better, if not beyond chance.

    Otherwise a model would come and go with the chance of a day.
    """
    return (
        comparison.difference >= LEAST_DIFFERENCE
        and comparison.candidate.in_order >= comparison.current.in_order
    )


def _measures(groups: Sequence[Sequence[OutcomeRow]], weights: Weights) -> Numbers:
    """Return (nDCG, share of pairs in order), one row an opening; ties count half."""
    found = []
    for group in groups:
        gains = np.array([row.gain for row in group])
        # Scores are shown with one decimal; the order of equal ones is arbitrary.
        scores = score_rows(group, weights).round(1)
        ahead = np.sign(scores[:, None] - scores[None, :])[gains[:, None] > gains[None, :]]
        found.append((ndcg_score(gains[None], scores[None], k=TOP), (ahead.mean() + 1) / 2))
    return np.array(found)


def _interval(differences: Numbers, seed: int) -> tuple[float, float]:
    draw = np.random.default_rng(seed)
    size = len(differences)
    means = [differences[draw.integers(0, size, size)].mean() for _ in range(DRAWS)]
    low, high = np.percentile(means, INTERVAL)
    return float(low), float(high)
