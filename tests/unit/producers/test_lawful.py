from __future__ import annotations

from datetime import UTC, datetime

import pytest

from producers import facts, lawful, simulator
from roost.errors import Unlawful
from roost.events.opening import OpeningContent


def opening(description: str) -> OpeningContent:
    return next(simulator.openings(1)).model_copy(update={"description": description})


@pytest.mark.parametrize(
    "text",
    [
        "限女性",
        "男士优先",
        "招聘女工",
        "年龄18-45岁",
        "35岁以下",
        "汉族优先",
        "本地户口优先",
        "已婚已育优先",
        "乙肝两对半阴性",
        "males only",
        "under 35 years old",
    ],
)
def test_an_opening_that_asks_for_what_the_law_forbids_is_refused(text: str) -> None:
    with pytest.raises(Unlawful) as refused:
        lawful.check_lawful(opening(f"工作稳定，{text}，包吃住"))
    assert refused.value.fields[0].field == "description"
    assert text[:2] in refused.value.fields[0].message


@pytest.mark.parametrize(
    "text",
    [
        "女装缝纫工",
        "年满18周岁",
        "男女不限",
        "招男女工",
        "招女装版师",
        "Women-owned business programme",
        "equal opportunity regardless of sex, race, religion or age",
        "services for people under 21 and families with children",
    ],
)
def test_words_that_make_no_demand_pass(text: str) -> None:
    lawful.check_lawful(opening(text))


def test_simulated_people_are_valid_and_the_same_every_time() -> None:
    at = datetime(2026, 11, 23, tzinfo=UTC)
    for language in ("zh", "en"):
        once = [
            facts.profile_put(each, at=at) for each in simulator.profiles(80, language=language)
        ]
        again = [
            facts.profile_put(each, at=at) for each in simulator.profiles(80, language=language)
        ]
        assert [made.value for _, made in once] == [made.value for _, made in again]
        assert len({profile.id for profile, _ in once}) == 80
