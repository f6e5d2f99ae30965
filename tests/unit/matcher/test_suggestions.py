from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from matcher import ranking
from matcher.suggestions import Suggestion, suggest_training
from tests.unit.matcher.builders import TODAY, Builder


def test_the_points_of_a_skill_are_what_learning_it_would_add(make: Builder) -> None:
    worker, opening = make.worker(), make.opening()
    before = ranking.evaluate(opening, worker, TODAY).score
    taught = replace(worker, skills=[*worker.skills, "识图"])
    after = ranking.evaluate(opening, taught, TODAY).score
    found = suggest_training(worker, [opening], TODAY)
    assert found == [Suggestion("识图", 0, round(after - before, 1))]


def test_what_unlocks_most_openings_comes_first(make: Builder) -> None:
    worker = make.worker(skills=[], occupationsWanted=["焊工"])
    openings = [make.opening(skills=["切割"]) for _ in range(2)]
    openings += [make.opening(skills=["识图"], title="焊工")]
    assert all(ranking.evaluate(each, worker, TODAY).eligible for each in openings)
    least = max(ranking.evaluate(each, worker, TODAY).score for each in openings) + 1
    found = suggest_training(worker, openings, TODAY, least_score=least)
    assert [(each.skill, each.openings_unlocked) for each in found] == [("切割", 2), ("识图", 1)]


def test_a_licence_that_is_the_only_obstacle_is_suggested(make: Builder) -> None:
    worker = make.worker(skills=["焊接", "识图"])
    locked = make.opening(licencesRequired=["焊工证"])
    twice = make.opening(licencesRequired=["焊工证", "健康证"])
    [found] = suggest_training(worker, [locked, twice], TODAY)
    assert (found.skill, found.openings_unlocked, found.kind) == ("焊工", 1, "licence")
    assert "焊工" in found.words()[1]


def test_nothing_is_suggested_for_what_another_obstacle_keeps_away(make: Builder) -> None:
    closed = make.opening(status="closed")
    assert suggest_training(make.worker(), [closed], TODAY) == []


@pytest.mark.parametrize(
    ("opening", "worker", "chinese"),
    [
        ({}, {}, "参加“识图”培训可提高"),
        ({"baseSalary": None}, {}, "推荐前先向用工单位问清工资：期望 5,000 元/月"),
        (
            {"baseSalary": {"minValue": 2, "unitText": "PIECE"}},
            {},
            "推荐前先向用工单位问清每天一般件数：期望 5,000 元/月",
        ),
        (
            {"skills": ["焊接"], "experienceRequirements": 3},
            {"experienceYears": 1},
            "询问用工单位 1 年工作经验是否可以",
        ),
        ({"skills": ["焊接"], "educationRequirements": "senior"}, {}, "询问用工单位学历能否放宽"),
        ({"skills": ["焊接"]}, {}, "岗位要求均已具备，请联系本人"),
    ],
)
def test_every_match_ends_with_a_next_step(
    make: Builder, opening: dict[str, Any], worker: dict[str, Any], chinese: str
) -> None:
    found = ranking.evaluate(make.opening(**opening), make.worker(**worker), TODAY)
    step = found.reasons[-1]
    assert (step.part, step.points) == ("next_step", 0)
    assert step.zh.startswith(chinese)
    assert step.en
