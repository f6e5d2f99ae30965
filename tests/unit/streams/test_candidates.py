"""Assignment of places: the newcomers' bonus, and the audit of priority."""

from __future__ import annotations

from collections.abc import Mapping

from matcher.exploration import KNOWN_AFTER
from roost.rules.capacity import Capacity
from streams.match.candidates import Assignment, Candidates
from streams.views.counts import MatchCounts
from tests.unit.streams.test_capacity import MIDNIGHT, OPENING, opening, worker

ONE = Capacity(per_place=1, least=1)
LEAST = 35.0


def assigned(
    scores: Mapping[int, float], shown: Mapping[int, int], unboosted: Mapping[int, float]
) -> Assignment:
    """Assign one place by scores, exposures and scores without priority, each by worker number."""
    found = Candidates(MIDNIGHT, LEAST)
    for number, score in scores.items():
        found.add(OPENING, opening(), worker(number).id, score, unboosted.get(number))
    seen = {worker(number).id: times for number, times in shown.items()}
    return found.assign(MatchCounts(shown=seen), ONE)


def chosen(scores: Mapping[int, float], shown: Mapping[int, int]) -> list[str]:
    return list(assigned(scores, shown, {}).by_subject[OPENING][OPENING])


def test_a_newcomer_is_chosen_over_somebody_slightly_better_who_was_often_shown() -> None:
    assert chosen({1: 70.0, 2: 68.5}, {1: KNOWN_AFTER}) == [worker(2).id]


def test_a_newcomer_is_not_chosen_over_somebody_much_better() -> None:
    assert chosen({1: 70.0, 2: 66.0}, {1: KNOWN_AFTER}) == [worker(1).id]


def test_of_two_who_were_often_shown_the_better_is_chosen() -> None:
    assert chosen({1: 70.0, 2: 69.9}, {1: KNOWN_AFTER, 2: 5 * KNOWN_AFTER}) == [worker(1).id]


def test_who_was_moved_by_priority_is_told_where_it_decided() -> None:
    moved = assigned({1: 70.0, 2: 72.0}, {}, {2: 67.0}).priority[OPENING]
    assert moved.gained == (worker(2).id,)
    assert moved.lost == (worker(1).id,)


def test_priority_that_decided_nothing_is_not_told() -> None:
    assert assigned({1: 70.0, 2: 69.0}, {}, {2: 64.0}).priority == {}
    assert assigned({1: 70.0, 2: 75.0}, {}, {2: 71.0}).priority == {}


def test_who_reaches_the_least_score_by_priority_alone_was_raised_and_displaced_nobody() -> None:
    moved = assigned({1: LEAST + 1}, {}, {1: LEAST - 2}).priority[OPENING]
    assert (moved.gained, moved.lost) == ((worker(1).id,), ())
