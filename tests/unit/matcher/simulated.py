"""Simulated outcomes: pairs with known true weights, and the decisions about them."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import numpy as np

from matcher.learned import values_of, versioned_weights
from matcher.learning import score_rows
from matcher.match_outcomes import OutcomeRow
from matcher.weights import Weights

FIRST_DAY = date(2026, 10, 1)
LADDER = (0.0, 0.3, 0.6, 0.8, 1.0)
TRUTH = versioned_weights(
    {
        "wage": 0.3,
        "nearness": 0.0,
        "comfort": 0.1,
        "skills": 0.3,
        "experience": 0.35,
        "education": 0.0,
    }
)
"""Weights of workers who care about the wage, not the distance, and of employers who want
experience.
"""


def simulated(
    seed: int,
    *,
    openings: int = 200,
    shown: int = 15,
    days: int = 20,
    noise: float = 1.0,
    decided_by_score: bool = True,
) -> list[OutcomeRow]:
    """Simulate an outcome for every shown pair; each stage is reached by true score and by chance.

    `noise` is the scale of chance against five points of score; without `decided_by_score` outcomes
    are pure chance.
    """
    draw = np.random.default_rng(seed)
    rows = []
    for opening in range(openings):
        lodging = float(draw.choice((0.0, 0.5, 1.0)))
        for _ in range(shown):
            fit = float(draw.uniform(0.5, 1.0))
            rows.append(
                OutcomeRow(
                    query=f"{opening:016x}",
                    day=FIRST_DAY + timedelta(days=opening * days // openings),
                    gain=0.0,
                    comfort=lodging,
                    education=float(draw.choice((0.5, 0.75, 1.0))),
                    experience=float(draw.uniform(0.3, 1)),
                    fit=fit,
                    nearness=float(draw.uniform(0, 1)),
                    skills=fit if opening % 4 == 0 else float(draw.uniform(0, 1)),
                    wage=float(draw.uniform(0, 1)),
                )
            )
    strengths = score_rows(rows, TRUTH) if decided_by_score else np.zeros(len(rows))
    strengths = strengths / 5 + draw.logistic(0, noise, len(rows))
    rungs = np.searchsorted(np.quantile(strengths, (0.5, 0.75, 0.9, 0.96)), strengths)
    return [replace(row, gain=LADDER[rung]) for row, rung in zip(rows, rungs.tolist(), strict=True)]


def distance_to_truth(weights: Weights) -> float:
    values, true = values_of(weights), values_of(TRUTH)
    return float(sum((values[name] - true[name]) ** 2 for name in true) ** 0.5)
