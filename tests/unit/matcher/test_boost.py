from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from matcher import boost, ranking
from matcher.boost import Move, displacements
from matcher.features import OpeningFeatures, WorkerFeatures
from tests.unit.matcher.builders import TODAY, Builder

HOUSEHOLD = {"registered": True, "consent": True}


def test_the_boost_tells_whom_it_raised_and_whom_it_displaced() -> None:
    moved = displacements(["b", "a", "d"], ["a", "b", "c"])
    assert moved.raised == (Move("b", 2, 1), Move("d", None, 3))
    assert moved.displaced == (Move("a", 1, 2), Move("c", 3, None))


@given(st.lists(st.integers(0, 9).map(str), unique=True))
def test_an_order_that_nothing_changed_moved_nobody(ids: list[str]) -> None:
    assert displacements(ids, ids) == boost.Displacements()


def test_only_those_entitled_are_raised(
    openings: list[OpeningFeatures], workers: list[WorkerFeatures]
) -> None:
    raised = 0
    for opening in (replace(each, workplace="workshop") for each in openings):
        ranked = ranking.rank(opening, workers, TODAY, 99, 35)
        without = sorted(ranked, key=lambda each: (-each.unboosted, each.candidate.id))
        moved = displacements(
            *([each.candidate.id for each in order[:8]] for order in (ranked, without))
        )
        entitled = {worker.id for worker in workers if worker.boost}
        assert {move.id for move in moved.raised} <= entitled
        raised += len(moved.raised)
    assert raised


def test_priority_is_for_workshops_and_near_home_only(make: Builder) -> None:
    worker = make.worker(registeredHousehold=HOUSEHOLD)
    away = {"name": "cn:1101"}
    for changes, added in (
        ({}, True),
        ({"jobLocation": away}, False),
        ({"jobLocation": away, "workplace": "workshop"}, True),
    ):
        opening = make.opening(**changes)
        with_it = ranking.evaluate(opening, worker, TODAY)
        without = ranking.evaluate(opening, replace(worker, boost=False), TODAY)
        parts = {reason.part: reason.points for reason in with_it.reasons}
        assert ("priority" in parts) == added
        assert 0 <= with_it.score - without.score <= boost.BOOST + 0.05
        assert "priority" not in {reason.part for reason in without.reasons}


@given(st.floats(0, 100))
def test_the_boost_stays_within_its_bounds_and_the_hundred(mutual: float) -> None:
    assert 0 <= boost.points_for(mutual) <= boost.BOOST
    assert mutual + boost.points_for(mutual) <= 100
