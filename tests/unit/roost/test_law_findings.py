"""Unlawful demands: every wording is found, and nothing that only looks like one."""

from __future__ import annotations

from collections.abc import Iterable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from opencc import OpenCC

from roost.law.age import number
from roost.law.findings import CRITERIA, all_demanded
from tests.unit.roost import (
    law_advertisements,
    law_phrases,
    law_phrases_everyday,
    law_phrases_held_out,
    law_sentences,
)

TABLES = (
    law_phrases.UNLAWFUL,
    law_phrases_held_out.UNLAWFUL,
    law_phrases_everyday.UNLAWFUL,
)
UNLAWFUL = [
    (criterion, phrase)
    for table in TABLES
    for criterion, phrases in table.items()
    for phrase in phrases
]
LAWFUL = [*law_phrases.LAWFUL, *law_phrases_held_out.LAWFUL, *law_phrases_everyday.LAWFUL]
HAN = [(criterion, phrase) for criterion, phrase in UNLAWFUL if not phrase.isascii()]
traditional = OpenCC("s2t").convert


def criteria_of(text: str) -> set[str]:
    return {each.criterion.name for each in all_demanded(text)}


def framed(phrase: str) -> Iterable[str]:
    yield phrase
    yield f"Good pay. {phrase}. Free lunch." if phrase.isascii() else f"待遇好，{phrase}，包吃住"
    yield f"- {phrase}\n- 五险一金 insurance\n"


def wide(text: str) -> str:
    return "".join(chr(ord(each) + 0xFEE0) if "!" <= each <= "~" else each for each in text)


@pytest.mark.parametrize(("criterion", "phrase"), UNLAWFUL)
def test_a_demand_is_found_by_itself_and_in_a_text(criterion: str, phrase: str) -> None:
    for text in framed(phrase):
        assert criterion in criteria_of(text)


@pytest.mark.parametrize("phrase", LAWFUL)
def test_a_text_that_only_looks_like_a_demand_is_none(phrase: str) -> None:
    for text in framed(phrase):
        assert criteria_of(text) == set()


@pytest.mark.parametrize(("criterion", "phrase"), HAN)
def test_a_demand_is_found_in_every_script_and_spacing(criterion: str, phrase: str) -> None:
    for text in (
        traditional(phrase),
        wide(phrase),
        "\u200b".join(phrase),
        " ".join(phrase) if not any(each.isascii() for each in phrase) else phrase,
    ):
        assert criterion in criteria_of(text), text


@pytest.mark.parametrize("phrase", [each for each in LAWFUL if not each.isascii()])
def test_traditional_characters_make_no_demand_of_a_harmless_text(phrase: str) -> None:
    assert criteria_of(traditional(phrase)) == set()


@pytest.mark.parametrize("text", law_sentences.UNLAWFUL)
def test_a_requirement_as_advertisements_write_it_is_found(text: str) -> None:
    assert criteria_of(text)


@pytest.mark.parametrize("text", law_sentences.LAWFUL)
def test_a_remark_as_advertisements_write_it_is_none(text: str) -> None:
    assert criteria_of(text) == set()


@pytest.mark.parametrize("line", law_advertisements.UNLAWFUL)
def test_the_demand_of_an_advertisement_is_found(line: str) -> None:
    criterion, _, text = line.partition("|")
    assert criterion in criteria_of(text)


@pytest.mark.parametrize("text", law_advertisements.LAWFUL)
def test_a_lawful_advertisement_makes_no_demand(text: str) -> None:
    assert criteria_of(text) == set()


@settings(max_examples=200)
@given(
    st.sampled_from(UNLAWFUL),
    st.text("的是在。\n 包吃住abc\u200b𠮷", max_size=12),
    st.text("\n", min_size=1, max_size=2),
)
def test_a_finding_marks_its_words_in_the_text_as_written(
    demand: tuple[str, str], before: str, line: str
) -> None:
    criterion, phrase = demand
    text = f"{before}{line}{phrase}{line}{before}"
    found = [each for each in all_demanded(text) if each.criterion.name == criterion]
    assert found
    for each in found:
        assert each.words == text[each.start : each.end]
        assert each.words.strip()
    assert any(
        each.start < len(before + line + phrase) and each.end > len(before + line) for each in found
    )


@given(st.text(max_size=80))
def test_any_text_at_all_can_be_searched(text: str) -> None:
    for each in all_demanded(text):
        assert text[each.start : each.end] == each.words


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("工作稳定，３５ 周 歲 以 下，包吃住", "３５ 周 歲 以 下"),
        ("㎡厂房，限女性", "限女性"),
        ("Waiters wanted, must be under 35.", "must be under 35"),
        ("招聘女工5名", "招聘女工5名"),
    ],
)
def test_the_words_are_shown_as_written(text: str, words: str) -> None:
    assert words in {each.words for each in all_demanded(text)}


def test_every_demand_of_a_text_is_found_and_each_once() -> None:
    found = all_demanded("限女性。工作轻松。女士优先，35岁以下。under 35 only")
    assert [(each.criterion.name, each.words) for each in found] == [
        ("sex", "限女性"),
        ("sex", "女士优先"),
        ("age", "35岁以下"),
        ("age", "under 35 only"),
    ]


@pytest.mark.parametrize("criterion", CRITERIA)
def test_every_criterion_has_a_remedy_in_both_languages(criterion: object) -> None:
    assert criterion.remedy  # type: ignore[attr-defined]
    assert criterion.remedy_zh  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("35", 35),
        ("3 5", 35),
        ("三十五", 35),
        ("十八", 18),
        ("四十", 40),
        ("廿五", 25),
        ("卅", 30),
        ("thirty-five", 35),
        ("Forty", 40),
    ],
)
def test_an_age_is_read_in_every_spelling(written: str, value: int) -> None:
    assert number(written) == value
