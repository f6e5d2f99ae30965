"""Names that a half-typed text may mean."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from roost.text.name_suggesting import MOST, NameSuggester, Term

WORDS = NameSuggester(
    (
        Term("welding", ("焊接", "电焊", "手工电弧焊")),
        Term("welding", ("welding", "arc welding")),
        Term("soldering", ("锡焊", "焊锡")),
        Term("driving", ("驾驶汽车", "开车")),
        Term("machines", ("挖掘机操作", "挖掘机驾驶")),
        Term("music", ("音乐",)),
        Term("tables", ("spreadsheets", "Excel")),
    )
)


def found(text: str, most: int = MOST) -> list[str]:
    return [each.names[0] for each in WORDS.suggest(text, most)]


@pytest.mark.parametrize(
    ("typed", "names"),
    [
        ("焊", ["焊接", "锡焊"]),
        ("焊接", ["焊接"]),
        ("电焊", ["焊接"]),
        ("hanj", ["焊接"]),
        ("hj", ["焊接"]),
        ("HANJIE", ["焊接"]),
        ("weld", ["welding"]),
        ("arc w", ["welding"]),
        ("excel", ["spreadsheets"]),
        ("ＥＸＣＥＬ", ["spreadsheets"]),
        ("驾驶", ["驾驶汽车", "挖掘机操作"]),
        ("yinyue", ["音乐"]),
        ("yinle", ["音乐"]),
        ("  焊接 ", ["焊接"]),
    ],
)
def test_a_term_is_found_by_part_of_any_of_its_names(typed: str, names: list[str]) -> None:
    assert found(typed) == names


@pytest.mark.parametrize("typed", ["", " ", "w", "没有", "\u0000", "%"])
def test_a_text_that_names_nothing_finds_nothing(typed: str) -> None:
    assert found(typed) == []


def test_no_more_are_suggested_than_asked() -> None:
    assert len(found("焊", 1)) == 1


@given(st.text(max_size=80))
def test_any_text_finds_each_term_once(text: str) -> None:
    keys = [each.key for each in WORDS.suggest(text)]
    assert len(keys) == len(set(keys)) <= MOST


@given(st.lists(st.text(alphabet="焊接电工砌墙", min_size=1, max_size=6), min_size=1, unique=True))
def test_every_name_finds_its_own_term_first(names: list[str]) -> None:
    terms = [Term(str(at), (name,)) for at, name in enumerate(names)]
    suggester = NameSuggester(terms)
    for term in terms:
        assert suggester.suggest(term.names[0])[0] == term
