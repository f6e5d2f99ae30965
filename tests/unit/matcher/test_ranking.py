from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from matcher import boost, ranking
from matcher.eligibility import obstacle
from matcher.features import OpeningFeatures, WorkerFeatures
from matcher.parts import Parts
from matcher.weights import Weights
from producers import simulator
from roost.settings import Settings
from tests.unit.matcher.builders import TODAY, Builder


def test_both_directions_give_a_pair_the_same_score(
    openings: list[OpeningFeatures], workers: list[WorkerFeatures]
) -> None:
    seen = 0
    for opening in openings[:20]:
        for ranked in ranking.rank(opening, workers, TODAY, 10, 20.0):
            back = ranking.rank(ranked.candidate, openings, TODAY, len(openings), 20.0)
            assert (opening.id, ranked.score) in [(each.candidate.id, each.score) for each in back]
            assert ranking.evaluate(opening, ranked.candidate, TODAY).score == ranked.score
            seen += 1
    assert seen > 50


def test_the_pairs_of_an_opening_are_decided_together_as_alone(
    openings: list[OpeningFeatures], workers: list[WorkerFeatures]
) -> None:
    closed = replace(openings[0], active=False)
    for opening in (*openings[:10], closed, None):
        alone = [ranking.evaluate(opening, worker, TODAY) for worker in workers]
        assert ranking.evaluate_all(opening, workers, TODAY) == alone
    assert ranking.evaluate_all(openings[0], [], TODAY) == []


def test_the_points_of_the_reasons_add_up_to_the_score(
    openings: list[OpeningFeatures], workers: list[WorkerFeatures]
) -> None:
    for opening in openings:
        for worker in workers:
            found = ranking.evaluate(opening, worker, TODAY)
            if found.eligible and found.score:
                total = sum(reason.points for reason in found.reasons)
                assert round(total, 6) == found.score


def test_the_wanted_occupation_scores_high_and_an_unrelated_one_low(
    openings: list[OpeningFeatures], workers: list[WorkerFeatures]
) -> None:
    same, other = [], []
    for opening in openings:
        for worker in workers:
            found = ranking.evaluate(opening, worker, TODAY)
            if found.eligible:
                wanted = opening.title_words in worker.wanted_words
                (same if wanted else other).append(found.score)
    assert min(same) > 35
    assert sorted(other)[len(other) // 2] < 35


def test_an_obstacle_leaves_no_score(
    openings: list[OpeningFeatures], workers: list[WorkerFeatures]
) -> None:
    closed = replace(openings[0], active=False)
    assert ranking.evaluate(closed, workers[0], TODAY) == ranking.Evaluation("closed")
    assert ranking.rank(closed, workers, TODAY, 10, 0) == []


def test_a_wage_below_the_wish_is_an_obstacle_after_conversion(
    openings: list[OpeningFeatures], workers: list[WorkerFeatures]
) -> None:
    opening = replace(openings[0], wage_high=5000.0, currency="CNY", places=workers[0].places)
    worker = replace(workers[0], willing=[], radius_km=None, near_home_only=False)
    wishing = replace(worker, wage_floor=5001.0, currency="CNY")
    assert obstacle(opening, wishing, TODAY) == "wage"


@given(st.floats(0, 1), st.floats(0, 1), st.floats(0, 1), st.booleans())
def test_a_score_stays_between_nothing_and_a_hundred(
    fit: float, skills: float, wage: float, entitled: bool
) -> None:
    parts = Parts(fit, skills, wage, 0.5, 0.5, 1.0, 1.0, entitled, 3.0)
    assert 0 <= parts.score <= 100
    assert parts.boosted <= boost.BOOST


def test_the_boost_is_bounded_and_only_for_consenting_households(
    openings: list[OpeningFeatures], workers: list[WorkerFeatures]
) -> None:
    shop = replace(openings[0], workplace="workshop")
    for worker in workers[:40]:
        without = ranking.evaluate(shop, replace(worker, boost=False), TODAY)
        with_it = ranking.evaluate(shop, replace(worker, boost=True), TODAY)
        assert 0 <= with_it.score - without.score <= boost.BOOST + 0.11
        assert with_it.unboosted == without.unboosted == without.score


def test_the_boost_brings_nobody_into_a_ranking(
    openings: list[OpeningFeatures], workers: list[WorkerFeatures]
) -> None:
    shop = replace(openings[0], workplace="workshop")
    without = [replace(each, boost=False) for each in workers]
    with_it = [replace(each, boost=True) for each in workers]
    scores = sorted(each.score for each in ranking.rank(shop, without, TODAY, 500, 0))
    least = scores[len(scores) // 2] + 0.1
    ranked = [ranking.rank(shop, each, TODAY, 500, least) for each in (without, with_it)]
    found = [{each.candidate.id for each in one} for one in ranked]
    assert found[0] == found[1]


parts = st.builds(
    Parts,
    st.floats(0, 1),
    st.none() | st.floats(0, 1),
    st.floats(0, 1),
    st.floats(0, 1),
    st.floats(0, 1),
    st.floats(0, 1),
    st.floats(0, 1),
    st.booleans(),
    st.none(),
)


@given(parts, st.sampled_from(list(Parts(*[0.5] * 7, False, None).as_row())), st.floats(0, 1))
def test_no_part_can_rise_and_the_score_fall(made: Parts, part: str, better: float) -> None:
    if getattr(made, part) is not None and better >= getattr(made, part):
        assert replace(made, **{part: better}).mutual >= made.mutual - 1e-9


@given(parts)
def test_a_row_holds_every_part_between_nothing_and_all(made: Parts) -> None:
    row = made.as_row()
    assert list(row) == [
        "fit", "skills", "wage", "nearness", "comfort", "experience", "education"
    ]  # fmt: skip
    assert all(0 <= value <= 1 for value in row.values())


@given(parts)
def test_the_row_alone_gives_the_score_before_the_boost(made: Parts) -> None:
    again = Parts(**made.as_row(), boost=False, away_km=None)
    assert again.mutual == pytest.approx(made.mutual, abs=1e-9)


def test_weights_move_the_score(
    openings: list[OpeningFeatures], workers: list[WorkerFeatures]
) -> None:
    skilled = Weights("t", wage=0, nearness=0, comfort=0, skills=1, experience=0, education=0)
    one = next(each for each in workers if not obstacle(openings[0], each, TODAY))
    stated = ranking.evaluate(openings[0], one, TODAY)
    assert ranking.evaluate(openings[0], one, TODAY, skilled).score != stated.score


@pytest.mark.parametrize("wrong", [{"wage": -0.1}, {"wage": 0.9, "nearness": 0.2}, {"skills": 2}])
def test_weights_that_are_no_shares_are_refused(wrong: dict[str, float]) -> None:
    with pytest.raises(ValueError, match="not shares"):
        Weights("t", **wrong)


@pytest.mark.parametrize(
    ("place", "skills", "proposed"),
    [
        ("sample:lanling-101", [], True),
        ("sample:lanling-204", [], True),
        ("sample:lanling-101", ["焊接"], False),
        ("深圳市", [], False),
    ],
)
def test_a_worker_without_wishes_and_skills_is_proposed_simple_work_near_home(
    make: Builder, place: str, skills: list[str], proposed: bool
) -> None:
    worker = make.worker(skills=[], occupationsWanted=[], wageWanted=None)
    opening = make.opening(title="普工", skills=skills, jobLocation={"name": place})
    found = ranking.rank(worker, [opening], TODAY, 1, Settings().least_score)
    assert bool(found) is proposed


def test_most_workers_with_skills_and_without_wishes_have_a_proposal(
    make: Builder, openings: list[OpeningFeatures]
) -> None:
    least = Settings().least_score

    def served(**changes: object) -> int:
        people = [each.model_copy(update=changes) for each in simulator.profiles(60)]
        return sum(
            bool(ranking.rank(make.worker_of(each), openings, TODAY, 1, least)) for each in people
        )

    assert served(occupations_wanted=()) > 0.7 * served()
