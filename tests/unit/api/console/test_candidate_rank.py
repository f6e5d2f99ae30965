"""Rank of a match among the candidates of its opening, consistent with the points as shown."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.console.employer.shortlist_pages import compared
from api.console.match.candidate_rank import (
    difference_words,
    rank_among,
    rank_words,
)
from api.console.shell.translations import catalogue, say_in
from matcher import wording
from roost import ids
from roost.events.match import Match, Reason
from tests.made import a_match
from tests.unit.api.builders import NOW

OPENING = ids.opening_id("t", "1")


def candidate(number: int, **points: float) -> Match:
    reasons = tuple(Reason(part=part, points=each, en="", zh="") for part, each in points.items())
    return a_match(
        OPENING,
        ids.worker_id("t", str(number)),
        NOW,
        reasons=reasons,
        score=round(sum(points.values()), 1),
    )


def test_a_match_is_compared_with_the_one_above_it() -> None:
    best = candidate(1, occupation=40.0, distance=10.0, wage=5.0)
    second = candidate(2, occupation=40.0, distance=8.5, wage=5.6)
    last = candidate(3, occupation=20.0, distance=8.5, wage=5.6)
    everybody = [last, best, second]
    words = {each.id: rank_words(rank_among(each, everybody), say_in("en")) for each in everybody}
    assert words[second.id] == (
        "Rank 2 of the 3 candidates that you can see. "
        "0.9 points behind the one above: Distance \N{MINUS SIGN}1.5, Wage +0.6."
    )
    assert words[best.id].endswith(
        "0.9 points ahead of the next: Distance +1.5, Wage \N{MINUS SIGN}0.6."
    )
    assert rank_words(rank_among(last, everybody), say_in("zh")) == (
        "在您可查看的 3 名候选人中排第 3。比前一名低 20.0 分：职业 \N{MINUS SIGN}20.0。"
    )


def test_equal_points_are_one_rank_and_still_explained() -> None:
    one = candidate(1, occupation=30.0, distance=5.0)
    other = candidate(2, occupation=29.0, distance=6.0)
    same = candidate(3, occupation=30.0, distance=5.0)
    found = [rank_among(each, [one, other, same]) for each in (one, other, same)]
    assert {each.rank for each in found if each} == {1}
    assert "same score with other parts" in rank_words(rank_among(one, [one, other]), say_in("en"))
    assert "equal those" in rank_words(rank_among(one, [one, same]), say_in("en"))
    assert rank_words(rank_among(one, [one]), say_in("en")) == ""


@given(st.lists(st.tuples(st.integers(0, 400), st.integers(0, 400)), min_size=2, max_size=8))
def test_ranks_follow_the_scores_as_shown_and_all_differences_add_up(
    points: list[tuple[int, int]],
) -> None:
    matches = [
        candidate(number, occupation=first / 10, distance=second / 10)
        for number, (first, second) in enumerate(points)
    ]
    shown = {each.id: f"{each.score:.1f}" for each in matches}
    for match in matches:
        standing = rank_among(match, matches)
        assert standing is not None
        assert standing.rank == 1 + sum(float(each) > match.score for each in shown.values())
        total = sum(delta for _, delta in standing.parts)
        assert f"{total:.1f}" in {f"{standing.points:.1f}", f"{standing.points or -0.0:.1f}"}


def test_an_employer_sees_a_comparison_of_what_both_candidates_share() -> None:
    say = say_in("en")

    def shown(**points: float) -> dict[str, Any]:
        return {"reasons": [{"part": part, "points": each} for part, each in points.items()]}

    above, below = shown(skills=20.0, experience=4.0), shown(skills=16.0, experience=5.2)
    assert compared(below, above, say) == (
        "Compared with the one above: Skills \N{MINUS SIGN}4.0, Experience +1.2"
    )
    assert "Equal to the one above" in compared(above, above, say)
    assert compared(above, None, say) == compared(above, {}, say) == ""


@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_part_of_a_score_has_a_name(language: str) -> None:
    known = catalogue(language)
    assert [part for part in wording._SAY if f"match.parts.{part}" not in known] == []
    assert difference_words([(part, 1.0) for part in wording._SAY], say_in(language))
