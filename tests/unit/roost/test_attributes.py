from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from roost.law.attributes import without_attributes
from tests.unit.roost.phrases import PERSONAL, TRADES


@pytest.mark.parametrize("phrase", PERSONAL)
def test_nothing_is_left_of_what_may_not_decide(phrase: str) -> None:
    assert without_attributes(phrase) == ""


@pytest.mark.parametrize("trade", TRADES)
def test_a_trade_that_only_sounds_alike_stays(trade: str) -> None:
    assert without_attributes(trade) == trade


@given(
    st.sampled_from(PERSONAL),
    st.sampled_from(["，", "、", "/", "；", ", ", "; ", "（", " ("]),
    st.sampled_from(["电焊工", "焊接", "砌筑工", "auto mechanic", "C++", "B2驾驶证"]),
    st.booleans(),
)
def test_the_rest_of_a_text_is_what_it_was_without_it(
    phrase: str, mark: str, text: str, first: bool
) -> None:
    closing = {"（": "）", " (": ")"}.get(mark)
    if closing:
        said = f"{text}{mark}{phrase}{closing}"
    else:
        said = f"{phrase}{mark}{text}" if first else f"{text}{mark}{phrase}"
    assert without_attributes(said) == text


@given(st.text(max_size=60))
def test_taking_out_twice_takes_out_no_more(text: str) -> None:
    once = without_attributes(text)
    assert without_attributes(once) == once


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("缝纫女工", "缝纫工"),
        ("焊工，女，35岁，已婚", "焊工"),
        ("招聘女服务员", "招聘服务员"),
        ("male nurse", "nurse"),
        ("ｆｅｍａｌｅ welder", "welder"),
        ("焊工，女\u200b性", "焊工"),
        ("电工，汉族，焊工", "电工，焊工"),
        ("电工+女", "电工"),
    ],
)
def test_what_hides_or_stands_between_is_found(written: str, kept: str) -> None:
    assert without_attributes(written) == kept


@pytest.mark.parametrize("phrase", ["本地户口", "农村户口", "大同户口"])
def test_a_household_registration_ends_with_its_line(phrase: str) -> None:
    assert without_attributes(f"{phrase}\n会焊接，能吃苦") == "会焊接，能吃苦"
