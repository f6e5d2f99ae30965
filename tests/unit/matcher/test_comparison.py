"""Held-out days decide: better weights are accepted, worse and doubtful ones refused."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

import pytest

from matcher.comparison import (
    Comparison,
    MeanMeasures,
    accepts_candidate,
    compare_weights,
    count_evidence,
    has_enough_evidence,
    split_by_day,
)
from matcher.learned import values_of, versioned_weights
from matcher.lessons import Decision, learn
from matcher.match_outcomes import OutcomeRow
from matcher.weights import STATED
from roost.errors import Invalid
from tests.unit.matcher.simulated import FIRST_DAY, TRUTH, simulated

WRONG = versioned_weights(
    {
        "wage": 0.0,
        "nearness": 0.3,
        "comfort": 0.1,
        "skills": 0.9,
        "experience": 0.0,
        "education": 0.35,
    }
)


@pytest.mark.parametrize("seed", range(4))
def test_weights_learned_from_real_outcomes_are_accepted(seed: int) -> None:
    lesson = learn(STATED, simulated(seed))
    assert lesson.decision is Decision.ACCEPTED
    assert lesson.comparison is not None
    assert lesson.comparison.low > 0
    assert lesson.comparison.candidate.in_order > lesson.comparison.current.in_order


@pytest.mark.parametrize("seed", range(8))
def test_weights_learned_from_chance_are_refused(seed: int) -> None:
    lesson = learn(STATED, simulated(seed, decided_by_score=False))
    assert lesson.decision is Decision.REFUSED


@pytest.mark.parametrize("seed", range(4))
def test_what_is_worse_is_refused_and_the_other_way_round_accepted(seed: int) -> None:
    _, held_out = split_by_day(simulated(seed))
    assert not accepts_candidate(compare_weights(TRUTH, WRONG, held_out))
    assert accepts_candidate(compare_weights(WRONG, TRUTH, held_out))


def test_the_same_weights_are_not_better_than_themselves() -> None:
    _, held_out = split_by_day(simulated(1))
    comparison = compare_weights(STATED, STATED, held_out)
    assert (comparison.difference, comparison.low, comparison.high) == (0, 0, 0)
    assert not accepts_candidate(comparison)


def test_a_difference_that_nobody_would_notice_is_not_worth_a_change() -> None:
    figures = MeanMeasures(0.9, 0.9), MeanMeasures(0.904, 0.91)
    days = FIRST_DAY, FIRST_DAY
    small = Comparison(*figures, 0.001, 0.007, 600, 40, *days)
    assert not accepts_candidate(small)
    assert accepts_candidate(replace(small, candidate=MeanMeasures(0.91, 0.91)))
    assert not accepts_candidate(replace(small, candidate=MeanMeasures(0.91, 0.89)))
    assert not accepts_candidate(replace(small, candidate=MeanMeasures(0.91, 0.91), low=-0.001))


def test_a_comparison_is_the_same_every_time() -> None:
    _, held_out = split_by_day(simulated(1))
    assert compare_weights(STATED, TRUTH, held_out) == compare_weights(STATED, TRUTH, held_out)


def test_a_few_held_out_openings_convince_nobody() -> None:
    rows = simulated(1, openings=9)
    comparison = compare_weights(WRONG, TRUTH, rows)
    assert comparison.openings < 10
    assert not accepts_candidate(comparison)


def test_the_last_days_are_held_out_whole_and_at_least_a_fifth() -> None:
    rows = simulated(1)
    training, held_out = split_by_day(rows)
    assert len(training) + len(held_out) == len(rows)
    assert max(row.day for row in training) < min(row.day for row in held_out)
    assert 0.2 * len(rows) <= len(held_out) < 0.3 * len(rows)


def test_nothing_can_be_split_out_of_nothing() -> None:
    assert split_by_day([]) == ([], [])


def test_no_opening_that_can_be_ordered_cannot_be_compared_on() -> None:
    alike = [replace(row, gain=0.3) for row in simulated(1, openings=2)]
    with pytest.raises(Invalid, match="days held out"):
        compare_weights(STATED, TRUTH, alike)


def lacks(rows: Sequence[OutcomeRow]) -> set[str]:
    return {count.what for count in count_evidence(rows) if count.missing}


def test_what_is_missing_is_named_with_its_count() -> None:
    rows = simulated(1)
    assert has_enough_evidence(rows)
    assert lacks(rows[:150]) >= {"outcomes", "openings whose outcomes differ"}
    none_good = [replace(row, gain=min(row.gain, 0.3)) for row in rows]
    assert lacks(none_good) == {"outcomes of referred or better"}
    in_three_days = [replace(row, day=FIRST_DAY + timedelta(days=row.day.day % 3)) for row in rows]
    assert lacks(in_three_days) == {"days with outcomes"}


def test_most_outcomes_on_the_last_day_are_too_few_to_learn_from() -> None:
    rows = simulated(1)
    late = [replace(row, day=FIRST_DAY + timedelta(days=40)) for row in rows[100:]]
    assert lacks([*rows[:100], *late]) >= {"such openings in the days to learn from"}


def test_too_few_outcomes_change_nothing() -> None:
    lesson = learn(STATED, simulated(1, openings=5))
    assert lesson.decision is Decision.TOO_FEW
    assert lesson.missing
    assert lesson.candidate is None


def test_a_second_lesson_from_the_same_outcomes_changes_nothing() -> None:
    rows = simulated(2)
    first = learn(STATED, rows)
    assert first.candidate is not None
    again = learn(first.candidate, rows)
    assert again.decision is Decision.REFUSED
    assert again.candidate is not None
    assert values_of(again.candidate) == values_of(first.candidate)
