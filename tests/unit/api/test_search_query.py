"""The score of a hit names its reason, and better reasons come first."""

from __future__ import annotations

import pytest

from api.search.search_query import employer_ways, opening_ways, reason_of, search_body, worker_ways
from roost.text.search_terms import RANKED, FoundBy
from roost.views.answers import Hit


def hit(score: float) -> Hit:
    return Hit("w-1", None, {}, (score, 0, "w-1"))


@pytest.mark.parametrize("typed", ["张小明", "zxm", "138 0000", "A-17", "13800138000", "*", "'"])
def test_every_way_has_the_score_of_its_reason(typed: str) -> None:
    for ways in (worker_ways(typed), employer_ways(typed)):
        assert ways
        for _, score in ways:
            assert reason_of(hit(score))[1] is False
    own = dict.fromkeys(reason_of(hit(score)) for _, score in opening_ways(typed))
    assert {of_employer for _, of_employer in own} == {True, False} or typed in "*'"


def test_scores_fall_in_the_order_of_the_reasons() -> None:
    scores = {reason_of(hit(score))[0]: score for _, score in worker_ways("zxm")}
    ordered = sorted(scores, key=lambda reason: -scores[reason])
    assert ordered == sorted(scores, key=RANKED.index)
    assert ordered[0] is FoundBy.NUMBER


def test_a_title_comes_before_an_employers_name_found_in_the_same_way() -> None:
    scores = {reason_of(hit(score)): score for _, score in opening_ways("建筑")}
    assert scores[FoundBy.NAME, False] > scores[FoundBy.NAME, True]
    assert scores[FoundBy.NAME, True] > scores[FoundBy.NAME_START, False]


def test_a_search_keeps_the_filters_of_the_reach_and_leaves_the_erased_out() -> None:
    within = [{"terms": {"places": ["cn:140723"]}}]
    query = search_body(within, worker_ways("张"), 10)["query"]["bool"]
    assert query["filter"] == within
    assert query["must_not"] == [{"term": {"erased": True}}]
    assert query["must"], "a filter alone would find everybody"
