"""Faults of fields are worded in Chinese for every type of error, and for its limits."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any, Literal, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, Field, ValidationError
from pydantic_core import core_schema

from roost.events.envelope import invalid
from roost.events.opening import OpeningContent
from roost.events.validation_words import WORDS, chinese_words
from roost.wording.preferred_language import preferred_language

ROOT = Path(__file__).parents[3]
PACKAGES = ("roost", "api", "producers", "matcher", "streams")


@pytest.mark.parametrize("kind", get_args(core_schema.ErrorType))
def test_every_type_of_pydantics_errors_is_worded(kind: str) -> None:
    assert re.search(r"[\u4e00-\u9fff]", WORDS[kind])


def test_every_type_of_our_own_errors_is_worded() -> None:
    raised = {
        kind
        for package in PACKAGES
        for path in (ROOT / package).rglob("*.py")
        for kind in re.findall(r'PydanticCustomError\(\s*"(\w+)"', path.read_text("utf-8"))
    }
    assert raised
    assert raised <= WORDS.keys(), "add the words to roost/events/validation_words.py"


class Limited(BaseModel):
    """A model whose limits appear in its messages."""

    years: float = Field(0, ge=0, le=60)
    name: str = Field("x", max_length=3)
    shifts: tuple[str, ...] = Field((), max_length=2)
    unit: Literal["HOUR", "DAY"] = "DAY"


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"years": -1}, "years：应不小于 0"),
        ({"years": 61}, "years：应不大于 60"),
        ({"years": "很多"}, "years：应为数字"),
        ({"name": "abcd"}, "name：最多 3 个字符"),
        ({"shifts": ["a", "b", "c"]}, "shifts：最多 2 项"),
        ({"unit": "MINUTE"}, "unit：应为以下之一：HOUR、DAY"),
        ({"years": -1, "name": "abcd"}, "years：应不小于 0（另有 1 处）"),
    ],
)
def test_a_limit_is_named_in_chinese(values: dict[str, Any], words: str) -> None:
    with pytest.raises(ValidationError) as raised:
        Limited.model_validate(values)
    assert invalid(raised.value).message_zh == words


@given(
    st.dictionaries(
        st.sampled_from(sorted(OpeningContent.model_fields)),
        st.one_of(st.none(), st.text(max_size=5), st.integers(), st.lists(st.none(), max_size=2)),
        max_size=6,
    )
)
def test_no_fault_of_an_opening_is_left_in_english(values: dict[str, Any]) -> None:
    try:
        OpeningContent.model_validate(values)
    except ValidationError as error:
        for field in invalid(error).fields:
            assert re.search(r"[\u4e00-\u9fff]", field.message_zh), field
            assert not re.search(r"\b(should|must|required|valid)\b", field.message_zh, re.I)


def test_a_limit_that_is_missing_is_left_out() -> None:
    assert chinese_words("greater_than") == "内容无效"
    assert chinese_words("a type of a later release") == "内容无效"


@pytest.mark.parametrize(
    ("header", "language"),
    [
        ("", "en"),
        ("zh-CN,zh;q=0.9,en;q=0.8", "zh"),
        ("en-GB,en;q=0.9,zh;q=0.8", "en"),
        ("en;q=0.2, zh;q=0.9", "zh"),
        ("fr, zh;q=0.1", "zh"),
        ("fr", "en"),
        ("zh;q=0", "en"),
        ("*", "en"),
        ("zh;q=high, en;q=0.1", "en"),
        (";;q=,,", "en"),
        ("ZH-hant-TW", "zh"),
    ],
)
def test_the_language_is_the_one_with_the_higher_weight(header: str, language: str) -> None:
    assert preferred_language(header, default="en") == language


@given(st.text(max_size=200))
def test_any_header_chooses_a_language(header: str) -> None:
    assert preferred_language(header, default="zh") in {"zh", "en"}
