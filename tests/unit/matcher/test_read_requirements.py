"""Requirements that only the text of an opening states: they count less and are marked."""

from __future__ import annotations

from typing import Any

import pytest

from matcher import ranking
from matcher.features import OpeningFeatures
from tests.unit.matcher.builders import TODAY, Builder


def evaluated(make: Builder, opening: dict[str, Any], **worker: Any) -> ranking.Evaluation:
    found = ranking.evaluate(make.opening(**opening), make.worker(**worker), TODAY)
    assert found.eligible, found.obstacle
    return found


def said(found: ranking.Evaluation, part: str) -> str:
    return next((each.zh for each in found.reasons if each.part == part), "")


BARE: dict[str, Any] = {"title": "普工", "skills": []}


def test_a_skill_of_the_text_helps_the_worker_who_has_it_and_harms_nobody(make: Builder) -> None:
    text = BARE | {"description": "会焊接、砌墙"}
    welder, other = {"skills": ["焊接"]}, {"skills": ["养猪"]}
    assert evaluated(make, text, **welder).score > evaluated(make, BARE, **welder).score
    assert evaluated(make, text, **other).score == evaluated(make, BARE, **other).score


def test_a_stated_skill_counts_more_than_one_of_the_text(make: Builder) -> None:
    stated = evaluated(make, BARE | {"skills": ["焊接"]})
    read = evaluated(make, BARE | {"description": "会焊接"})
    assert stated.score > read.score
    assert "（据岗位说明）" in said(read, "skills")
    assert "（据岗位说明）" not in said(stated, "skills")


@pytest.mark.parametrize(
    ("words", "field", "lacking", "part"),
    [
        ("须3年以上经验", {"experienceRequirements": 3}, {"experienceYears": 1}, "experience"),
        ("大专以上学历", {"educationRequirements": "college"}, {}, "education"),
    ],
)
def test_a_requirement_of_the_text_weighs_half_of_a_stated_one(
    make: Builder, words: str, field: dict[str, Any], lacking: dict[str, Any], part: str
) -> None:
    none = evaluated(make, BARE, **lacking)
    read = evaluated(make, BARE | {"description": words}, **lacking)
    stated = evaluated(make, BARE | field, **lacking)
    assert none.score > read.score > stated.score
    assert "（据岗位说明）" in said(read, part)


def test_lodging_meals_and_shifts_of_the_text_count_half(make: Builder) -> None:
    wishes: dict[str, Any] = {"shifts": ["night"]}
    none = evaluated(make, BARE, **wishes)
    read = evaluated(make, BARE | {"description": "夜班，包吃住"}, **wishes)
    stated = evaluated(make, BARE | {"lodging": True, "meals": True, "shifts": ["night"]}, **wishes)
    assert none.score < read.score < stated.score
    assert said(read, "comfort").count("（据岗位说明）") >= 2


def test_the_points_still_add_up_to_the_score(make: Builder) -> None:
    read = evaluated(make, {"description": "会砌墙，3年经验，高中学历，两班倒，包吃住"})
    assert round(sum(each.points for each in read.reasons), 1) == read.score


def test_a_view_keeps_what_was_read_and_a_stated_skill_is_not_read_again(make: Builder) -> None:
    found = OpeningFeatures.unpacked(make.opening(description="会砌墙，包住").packed())
    assert (found.read_skills, found.read_lodging) == (["砌墙"], True)
    assert make.opening(skills=["砌墙"], lodging=True, description="会砌墙，包住").read_skills == []


def test_protected_attributes_enter_nothing(make: Builder) -> None:
    assert make.opening(description="限女性，35岁以下，汉族").read_skills == []
