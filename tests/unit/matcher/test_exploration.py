"""A new profile gets exposure, at a stated and bounded cost."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from matcher.exploration import KNOWN_AFTER, MOST_POINTS, add_bonuses, bonus

Orders = Callable[[Sequence[float], Sequence[int]], Sequence[float]]
DAYS, PLACES = 60, 5


def test_the_bonus_falls_from_its_most_to_nothing() -> None:
    points = [bonus(exposures) for exposures in range(KNOWN_AFTER + 5)]
    assert points[0] == MOST_POINTS
    assert points[: KNOWN_AFTER + 1] == sorted(set(points[: KNOWN_AFTER + 1]), reverse=True)
    assert points[KNOWN_AFTER:] == [0.0] * 5


def test_of_equals_the_one_shown_less_often_comes_first() -> None:
    known, new = add_bonuses([70.0, 70.0], [25, 0])
    assert new > known


def test_what_is_clearly_better_stays_ahead_of_a_newcomer() -> None:
    known, new = add_bonuses([70.0, 66.9], [25, 0])
    assert known > new


def test_scores_and_exposures_belong_together() -> None:
    with pytest.raises(ValueError, match="zip"):
        add_bonuses([70.0], [1, 2])


@given(
    st.lists(st.tuples(st.floats(0, 100), st.integers(0, 50)), min_size=1, max_size=30),
    st.integers(1, 30),
)
def test_no_place_in_a_list_loses_more_than_the_most_points(
    candidates: list[tuple[float, int]], places: int
) -> None:
    scores, exposures = [each[0] for each in candidates], [each[1] for each in candidates]
    order = add_bonuses(scores, exposures)
    chosen = sorted(range(len(scores)), key=lambda at: -order[at])[:places]
    best = sorted(scores, reverse=True)[:places]
    shown = sorted((scores[at] for at in chosen), reverse=True)
    assert all(top - got <= MOST_POINTS + 1e-9 for top, got in zip(best, shown, strict=True))


@dataclass(frozen=True)
class Course:
    first_wait_days: float
    """Days from joining to the first exposure; the remaining period without one."""
    never_shown: float
    mean_score: float
    """Mean over all shown pairs."""


def simulate(orders: Orders, seed: int) -> Course:
    """Simulate 60 days, each with 2 newcomers among 100 known workers and 6 openings of 5 places.

    Newcomers are as good as the others; a score is the worker's own level plus random luck of the
    pair.
    """
    draw = np.random.default_rng(seed)
    joined = np.array([0] * 100 + [day for day in range(DAYS) for _ in range(2)])
    level = draw.normal(70, 4, len(joined))
    exposures = np.where(np.arange(len(joined)) < 100, 20, 0)
    first = np.full(len(joined), DAYS)
    shown: list[float] = []
    for day in range(DAYS):
        for _ in range(6):
            luck = draw.normal(
                0, 4, len(joined)
            )  # drawn for all, so that both courses share the same luck
            fits = (draw.random(len(joined)) < 0.3) & (joined <= day)
            scores = (level + luck).clip(0, 100).round(1)
            candidates = np.flatnonzero(fits)
            values = orders(scores[candidates].tolist(), exposures[candidates].tolist())
            order = sorted(range(len(candidates)), key=lambda at: (-values[at], at))
            chosen = candidates[order[:PLACES]]
            shown += scores[chosen].tolist()
            exposures[chosen] += 1
            first[chosen] = np.minimum(first[chosen], day)
    new = slice(100, len(joined) - 20)  # the last ones had no time to be found
    return Course(
        float((first[new] - joined[new]).mean()),
        float((first[new] == DAYS).mean()),
        float(np.mean(shown)),
    )


def as_they_are(scores: Sequence[float], exposures: Sequence[int]) -> Sequence[float]:
    return scores


def test_newcomers_wait_less_and_quality_falls_by_less_than_a_hundredth() -> None:
    pairs = [(simulate(as_they_are, seed), simulate(add_bonuses, seed)) for seed in range(6)]
    for without, with_bonus in pairs:
        assert with_bonus.first_wait_days < without.first_wait_days
        assert with_bonus.mean_score > 0.99 * without.mean_score
        assert with_bonus.never_shown < without.never_shown
    waits = [(w.first_wait_days, b.first_wait_days) for w, b in pairs]
    before, after = np.mean(waits, axis=0)
    assert after < 0.7 * before
