"""Weights are learned from outcomes: towards the truth, within bounds, and from nothing else."""

from __future__ import annotations

import random
from dataclasses import fields, replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from matcher.learned import BOUNDS, values_of
from matcher.learning import Columns, _scored, fit_weights, group_by_opening, score_rows
from matcher.match_outcomes import OutcomeRow, Verdict, row_of
from matcher.ranking import Parts
from matcher.weights import STATED, Weights
from tests.unit.matcher.simulated import FIRST_DAY, TRUTH, distance_to_truth, simulated

share = st.floats(0, 1)


@st.composite
def parts(draw: st.DrawFn) -> Parts:
    return Parts(
        fit=draw(share),
        skills=draw(st.none() | share),
        wage=draw(share),
        nearness=draw(share),
        comfort=draw(share),
        experience=draw(share),
        education=draw(share),
        boost=False,
        away_km=None,
    )


def row(made: Parts) -> OutcomeRow:
    return row_of(Verdict("o", "w", 0.0, FIRST_DAY), made)


@given(parts())
def test_the_score_that_is_learned_from_is_the_one_that_ranks(made: Parts) -> None:
    assert score_rows([row(made)], STATED)[0] == pytest.approx(made.mutual, abs=1e-6)


@given(parts(), st.tuples(*(st.floats(*bounds) for bounds in BOUNDS.values())))
def test_with_any_weights_in_bounds_a_score_is_from_0_to_100(
    made: Parts, values: tuple[float, ...]
) -> None:
    weights = replace(STATED, **dict(zip(BOUNDS, values, strict=True)))
    assert 0 <= score_rows([row(made)], weights)[0] <= 100 + 1e-9


def test_every_weight_has_bounds_that_hold_the_stated_one() -> None:
    names = {field.name for field in fields(Weights)} - {"version", "precedents"}
    assert set(BOUNDS) == names
    for name, (least, most) in BOUNDS.items():
        assert least <= values_of(STATED)[name] <= most


def test_the_bounds_leave_each_side_at_most_one_and_something_to_the_fit() -> None:
    most = {name: bounds[1] for name, bounds in BOUNDS.items()}
    assert most["wage"] + most["nearness"] + most["comfort"] <= 0.8
    assert most["experience"] + most["education"] <= 0.8
    assert most["skills"] < 1


@pytest.mark.parametrize("seed", range(4))
def test_what_is_learned_lies_nearer_to_the_truth_than_what_was_stated(seed: int) -> None:
    learned = fit_weights(simulated(seed))
    assert distance_to_truth(learned) < 0.5 * distance_to_truth(STATED)
    assert learned.wage > STATED.wage
    assert learned.nearness < STATED.nearness
    assert learned.experience > STATED.experience


def test_more_outcomes_bring_it_nearer() -> None:
    few = [
        distance_to_truth(fit_weights(simulated(seed, openings=20, shown=6))) for seed in range(5)
    ]
    many = [distance_to_truth(fit_weights(simulated(seed, openings=200))) for seed in range(5)]
    assert np.mean(many) < np.mean(few)


def test_without_outcomes_that_differ_the_stated_weights_stay() -> None:
    for rows in ([], [replace(each, gain=0.6) for each in simulated(1, openings=3)]):
        assert values_of(fit_weights(rows)) == values_of(STATED)


def test_chance_alone_moves_the_weights_little() -> None:
    for seed in range(4):
        learned = fit_weights(simulated(seed, decided_by_score=False))
        moved = [abs(values_of(learned)[name] - values_of(STATED)[name]) for name in BOUNDS]
        assert max(moved) < 0.05


def test_the_same_rows_give_the_same_weights_in_any_order() -> None:
    rows = simulated(3, openings=40)
    mixed = rows[:]
    random.Random(1).shuffle(mixed)
    assert fit_weights(mixed) == fit_weights(rows)


def test_learned_weights_are_named_after_their_content() -> None:
    learned, other = fit_weights(simulated(1)), fit_weights(simulated(2))
    assert learned.version.startswith(f"{STATED.version}+")
    assert learned.version != other.version
    assert TRUTH.version != learned.version


def test_openings_whose_outcomes_are_all_the_same_teach_nothing() -> None:
    rows = simulated(1, openings=10)
    alike = [replace(each, query="x", gain=0.3) for each in rows[:5]]
    assert group_by_opening([*rows, *alike]) == group_by_opening(rows)


def test_the_gradient_is_the_slope_of_the_score() -> None:
    columns = Columns.of(simulated(5, openings=2))
    point = np.array([0.1, 0.25, 0.15, 0.4, 0.3, 0.05])
    slopes = _scored(columns, point)[1]
    for at in range(len(point)):
        step = np.zeros(len(point))
        step[at] = 1e-6
        above, below = _scored(columns, point + step)[0], _scored(columns, point - step)[0]
        assert slopes[:, at] == pytest.approx((above - below) / 2e-6, abs=1e-6)
