"""Tokens of rare, foreign and differently written characters."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from roost.text.lookup_form import lookup_form
from roost.text.skill_names import skill_key
from roost.text.tokens import CJK, folded, tokens

HAN = st.text(st.characters(min_codepoint=0x4E00, max_codepoint=0x9FA5), min_size=1)
BESIDE = "éΩЖß𠮷𬭊㐀々ｶ한1aZµΔ😀①Ⅳ"


@pytest.mark.parametrize(
    ("title", "words"),
    [
        ("𠮷野家店员", {"店员", "野家"}),
        ("𬭊化工操作员", {"操作", "作员", "化工"}),
        ("é店长", {"é", "店长"}),
        ("Ω级焊工", {"ω", "焊工"}),
        ("店长é", {"店长", "é"}),
        ("人々の店員", {"店员", "人々"}),
        ("Node.js工程师", {"node", "js", "工程", "程师"}),
        ("café naïve", {"café", "naïve"}),
        ("e\u0301店长", {"é", "店长"}),
        ("😀店员", {"店员"}),
        ("ＣＮＣ操作工", {"cnc", "操作"}),
        ("電焊工", {"电焊", "焊工"}),
        ("⼤⻄洋", {"大西", "西洋"}),
        ("C++/C#工程师", {"c++", "c#", "工程"}),
    ],
)
def test_a_letter_does_not_swallow_its_neighbours(title: str, words: set[str]) -> None:
    assert words <= set(tokens(title))


@given(HAN, st.text(BESIDE, min_size=1, max_size=3), HAN)
def test_every_pair_of_chinese_characters_is_a_token(before: str, other: str, after: str) -> None:
    found = set(tokens(before + other + after))
    for run in (folded(before), folded(after)):
        assert {run[at : at + 2] for at in range(len(run) - 1)} <= found


@given(st.text(max_size=60))
def test_tokens_hold_no_blank_and_are_stable(text: str) -> None:
    found = tokens(text)
    assert all(each and not any(map(str.isspace, each)) for each in found)
    assert all(len(each) <= 2 for each in found if CJK.match(each))


@given(st.text(max_size=60))
def test_the_form_for_lookup_is_its_own_form(text: str) -> None:
    once = lookup_form(text)
    assert lookup_form(once) == once


def test_skills_meet_in_traditional_characters_and_full_width() -> None:
    assert skill_key("電焊") == skill_key("电焊") == skill_key("焊接") is not None
    assert skill_key("ＣＮＣ") == skill_key("cnc")
