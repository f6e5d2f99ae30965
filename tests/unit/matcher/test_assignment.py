"""Assignment under places and shares: within every limit, near the optimum, reproducible."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import compress, product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bench.optimum import optimum
from matcher.assignment import TOLERANCE, Pair, assign, assign_greedily, total_score
from roost.rules.capacity import Capacity

LEAST, MOST = 35.0, 100.0


@dataclass(frozen=True, slots=True)
class Case:
    pairs: Sequence[Pair]
    places: Mapping[str, int]
    shares: Mapping[str, int]


@st.composite
def cases(draw: st.DrawFn) -> Case:
    openings = [f"o{number}" for number in range(draw(st.integers(1, 5)))]
    workers = [f"w{number}" for number in range(draw(st.integers(1, 6)))]
    # Few distinct scores cause ties; many let prices rise.
    scores = st.one_of(st.sampled_from([40.0, 60.0, 60.5]), st.floats(LEAST, MOST))
    possible = [(opening, worker) for opening in openings for worker in workers]
    chosen = draw(st.lists(st.sampled_from(possible), unique=True))
    return Case(
        [Pair(opening, worker, draw(scores)) for opening, worker in chosen],
        {opening: draw(st.integers(0, 4)) for opening in openings},
        {worker: draw(st.integers(0, 3)) for worker in workers},
    )


def assigned(case: Case) -> list[Pair]:
    return assign(case.pairs, case.places, case.shares)


@given(cases())
def test_no_limit_is_exceeded_and_nobody_is_paired_who_was_not_eligible(case: Case) -> None:
    found = assigned(case)
    assert set(found) <= set(case.pairs)
    assert len(set(found)) == len(found)
    for opening, count in Counter(pair.opening_id for pair in found).items():
        assert count <= case.places[opening]
    for worker, count in Counter(pair.worker_id for pair in found).items():
        assert count <= case.shares[worker]


@settings(max_examples=300)
@given(cases())
def test_the_total_is_between_greedy_and_the_optimum_and_near_the_optimum(case: Case) -> None:
    best = optimum(case.pairs, case.places, case.shares)
    found = total_score(assigned(case))
    assert found <= total_score(best) + 1e-6
    assert found >= total_score(assign_greedily(case.pairs, case.places, case.shares)) - 1e-6
    assert found >= total_score(best) - TOLERANCE * len(best) - 1e-6
    assert found >= (1 - TOLERANCE / LEAST) * total_score(best) - 1e-6, (
        "98.5 % where none is below 35"
    )


@settings(max_examples=50)
@given(cases())
def test_the_optimum_is_what_trying_everything_finds(case: Case) -> None:
    pairs = case.pairs[:9]
    best = 0.0
    for taken in product((False, True), repeat=len(pairs)):
        chosen = list(compress(pairs, taken))
        openings = Counter(pair.opening_id for pair in chosen)
        workers = Counter(pair.worker_id for pair in chosen)
        if all(openings[id] <= case.places[id] for id in openings) and all(
            workers[id] <= case.shares[id] for id in workers
        ):
            best = max(best, total_score(chosen))
    assert total_score(optimum(pairs, case.places, case.shares)) == pytest.approx(best)


@given(cases())
def test_no_pair_is_left_out_while_both_of_its_sides_have_room(case: Case) -> None:
    found = assigned(case)
    taken = Counter(pair.opening_id for pair in found)
    sent = Counter(pair.worker_id for pair in found)
    for pair in set(case.pairs) - set(found):
        full = taken[pair.opening_id] >= case.places[pair.opening_id]
        assert full or sent[pair.worker_id] >= case.shares[pair.worker_id]


@given(cases(), st.randoms(use_true_random=False))
def test_the_order_of_the_input_changes_nothing(case: Case, dice: random.Random) -> None:
    shuffled = list(case.pairs)
    dice.shuffle(shuffled)
    assert assigned(Case(shuffled, case.places, case.shares)) == assigned(case)


def test_where_greedy_spends_the_only_versatile_worker_the_auction_does_not() -> None:
    pairs = [Pair("a", "ann", 90.0), Pair("a", "bo", 85.0), Pair("b", "ann", 80.0)]
    one_each = {"a": 1, "b": 1}
    once = {"ann": 1, "bo": 1}
    assert total_score(assign_greedily(pairs, one_each, once)) == 90.0
    assert assign(pairs, one_each, once) == [Pair("a", "bo", 85.0), Pair("b", "ann", 80.0)]


def test_a_pair_named_twice_is_one_and_ties_go_by_id() -> None:
    pairs = [Pair("a", worker, 50.0) for worker in ("w2", "w1", "w1", "w3")]
    shares = dict.fromkeys(("w1", "w2", "w3"), 5)
    assert assign(pairs, {"a": 2}, shares) == [Pair("a", "w1", 50.0), Pair("a", "w2", 50.0)]


def test_the_best_looking_worker_is_not_sent_everything() -> None:
    pairs = [Pair(f"o{n}", "star", 95.0) for n in range(30)]
    pairs += [Pair(f"o{n}", f"w{n}", 60.0) for n in range(30)]
    shares = {pair.worker_id: 5 for pair in pairs}
    found = assign(pairs, {f"o{n}": 1 for n in range(30)}, shares)
    assert Counter(pair.worker_id for pair in found)["star"] == 5
    assert len(found) == 30, "the others get somebody all the same"


@pytest.mark.parametrize(
    ("headcount", "placed", "places"),
    [(1, 0, 3), (2, 0, 6), (2, 1, 3), (5, 0, 15), (500, 0, 20), (1, 1, 0), (1, 2, 0)],
)
def test_places_are_a_bounded_multiple_of_the_headcount_left(
    headcount: int, placed: int, places: int
) -> None:
    assert Capacity().places(headcount, placed) == places


def test_a_low_ceiling_wins_over_the_floor() -> None:
    assert Capacity(most=1).places(10, 0) == 1
