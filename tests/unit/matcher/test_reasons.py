from __future__ import annotations

import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from matcher import ranking, reasons, wages
from matcher.parts import Parts
from matcher.weights import Weights
from roost.text.tokens import shared_words, tokens
from tests.unit.matcher.builders import TODAY, Builder

share = st.floats(0, 1)
weights = st.builds(
    Weights,
    st.just("t"),
    *[st.floats(0, 1 / 3)] * 3,
    share,
    *[st.floats(0, 0.5)] * 2,
)


def reason(make: Builder, part: str, opening: Any = None, worker: Any = None) -> tuple[str, str]:
    found = ranking.evaluate(make.opening(**opening or {}), make.worker(**worker or {}), TODAY)
    told = {each.part: each for each in found.reasons}
    return told[part].en, told[part].zh


@given(share, st.none() | share, share, share, share, share, share, st.booleans(), weights)
def test_the_points_add_up_to_the_score_exactly(
    fit: float,
    skills: float | None,
    wage: float,
    nearness: float,
    comfort: float,
    experience: float,
    education: float,
    boosted: bool,
    weighed: Weights,
) -> None:
    parts = Parts(
        fit, skills, wage, nearness, comfort, experience, education, boosted, None, weighed
    )
    tenths = reasons._tenths(parts)
    assert sum(tenths.values()) == round(10 * parts.score)
    assert all(each >= 0 for each in tenths.values())


def test_every_part_has_a_reason_even_one_that_adds_nothing(make: Builder) -> None:
    found = ranking.evaluate(
        make.opening(baseSalary=None), make.worker(occupationsWanted=["电焊工"]), TODAY
    )
    told = {each.part: each.points for each in found.reasons}
    parts = "occupation skills wage distance comfort experience education next_step"
    assert set(told) == set(parts.split())
    assert told["wage"] == 0
    assert found.reasons[-1].part == "next_step"


def test_the_words_that_met_are_named(make: Builder) -> None:
    english, chinese = reason(make, "occupation")
    assert "相同词语：焊工" in chinese
    assert "words in common: 焊工" in english


def test_an_occupation_is_said_in_words_and_the_points_are_the_number(make: Builder) -> None:
    """`100 %` of everybody told no two candidates apart."""
    same = reason(make, "occupation", worker={"occupationsWanted": ["电焊工"]})
    assert same[0].startswith("Matches the work wanted (电焊工)")
    assert same[1].startswith("与求职意向（电焊工）一致")
    unlike = reason(make, "occupation", worker={"occupationsWanted": ["会计"], "skills": []})
    assert unlike[1].startswith("与求职意向（会计）差别较大")
    none = reason(make, "occupation", worker={"occupationsWanted": []})
    assert none[1].startswith("未填求职意向")
    assert "%" not in "".join((*same, *unlike, *none))


def test_only_occupations_that_a_person_would_call_the_same_are_named(make: Builder) -> None:
    general = {"title": "普工"}, {"occupationsWanted": ["普工"]}
    for text in reason(make, "occupation", *general):
        assert "砌筑工" not in text
        assert "镗工" not in text


@pytest.mark.parametrize(
    ("text", "other", "words"),
    [
        ("高级电焊工", "电焊工人", ["电焊工"]),
        ("电焊工", "瓦工", ["工"]),
        ("Senior Software Developers", "software developer", ["software", "developers"]),
        ("厨师", "保安", []),
    ],
)
def test_shared_words_read_as_people_write_them(text: str, other: str, words: list[str]) -> None:
    assert shared_words(text, set(tokens(other))) == words


def test_skills_met_and_missing_are_named(make: Builder) -> None:
    assert reason(make, "skills") == (
        "1 of 2 skills: 焊接; missing: 识图",
        "技能符合 1/2：焊接；缺少：识图",
    )


@pytest.mark.parametrize(
    ("offered", "wished", "chinese", "english"),
    [
        (
            {"minValue": 200, "unitText": "DAY"},
            {"minValue": 4000},
            "工资 200 元/天 ≈ 4,350 元/月，期望 4,000 元/月",
            "Pays CNY 200 a day ≈ 4,350 a month; wish CNY 4,000 a month",
        ),
        (
            {"minValue": 0.15, "unitText": "PIECE", "piecesPerDay": 1200},
            None,
            "工资 0.15 元/件 ≈ 3,915 元/月，未提工资期望",
            "Pays CNY 0.15 a piece ≈ 3,915 a month; no wish is stated",
        ),
        (
            {"minValue": 6000, "maxValue": 7000},
            {"minValue": 25.5, "unitText": "HOUR"},
            "工资 6,000–7,000 元/月，期望 25.5 元/小时 ≈ 4,437 元/月",
            "Pays CNY 6,000–7,000 a month; wish CNY 25.5 an hour ≈ 4,437 a month",
        ),
        (
            {"minValue": 2, "unitText": "PIECE"},
            {"minValue": 4000},
            "计件工资 2 元/件，未说明每天件数；期望 4,000 元/月，尚无法核对，请先问清",
            "Pays CNY 2 a piece, pieces a day not stated; the wish of CNY 4,000 a month could not "
            "be checked: ask first",
        ),
        (
            None,
            {"minValue": 4000},
            "工资面议；期望 4,000 元/月，尚无法核对，请先问清",
            "The wage is to be agreed; the wish of CNY 4,000 a month could not be checked: "
            "ask first",
        ),
    ],
)
def test_the_wage_is_shown_as_stated_and_by_the_month(
    make: Builder, offered: Any, wished: Any, chinese: str, english: str
) -> None:
    told = wages.against(make.opening(baseSalary=offered), make.worker(wageWanted=wished))
    assert told == (english, chinese)


@pytest.mark.parametrize(
    ("lives", "chinese"),
    [
        ("sample:lanling-101", "同一地点，家门口就业"),
        ("sample:lanling-102", "距现居住地 8 公里，同一区县，家门口就业"),
        ("cn:1402", "同城，家门口就业"),
        ("cn:1401", "同省，家门口就业"),
        ("cn:1101", "同在国内，家门口就业"),
        ("nowhere at all", "距离未知"),
    ],
)
def test_distance_is_shown_in_kilometres_and_by_the_common_place(
    make: Builder, lives: str, chinese: str
) -> None:
    home = {"home": {"name": "cn:1101"}} if "nowhere" in lives else {}
    willing = {"willing": {"places": ["cn:1402"]}}
    told = reason(make, "distance", worker={"location": {"name": lives}, **home, **willing})[1]
    assert told.endswith(chinese)


def test_no_reason_says_who_is_a_registered_household(make: Builder) -> None:
    household = {"registeredHousehold": {"registered": True, "consent": True}}
    worker = make.worker(**household)
    told = ranking.evaluate(make.opening(), worker, TODAY).reasons
    assert "priority" in {each.part for each in told}
    words = " ".join(f"{each.en} {each.zh}" for each in told)
    assert not re.search(
        r"household|register|poor|poverty|income|建档|立卡|贫困|低收入|扶贫", words
    )
