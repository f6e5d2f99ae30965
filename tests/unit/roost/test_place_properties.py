"""Properties of resolving, over the divisions of the gazetteer."""

from __future__ import annotations

import random
from itertools import islice

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from roost.places.gazetteer import Division, gazetteer
from roost.places.name_forms import NAMELESS, division_forms, is_zone, township_stem
from roost.places.place_folding import fold_place
from roost.places.resolutions import Candidates, Resolved
from roost.places.resolving import resolver

EVERY = 9
"""Stride through the townships; all coarser divisions are tested."""
STREETS = (
    "太原街12号",
    "上海路5号",
    "南京西路",
    "北京大道",
    "朝阳街3号",
    "中山大道西238号",
    "长安大厦",
)
KNOWN = gazetteer()


def path_of(division: Division) -> list[str]:
    """Return the names from the province to the division."""
    path: list[str] = []
    for key in reversed(KNOWN.ancestors(division.key)):
        name = KNOWN[key].name if key in KNOWN else None
        if name and name not in NAMELESS and name not in path[-1:]:
            path.append(name)
    return path


def sampled() -> list[Division]:
    coarse = [each for each in KNOWN.coarse() if each.scheme == "cn" and each.name not in NAMELESS]
    townships = KNOWN.townships("cn")
    assert townships is not None
    codes = [code for code, _ in townships.within("")]
    return coarse + [KNOWN[f"cn:{code}"] for code in islice(codes, 0, None, EVERY)]


DIVISIONS = sampled()


def is_same(found: str, expected: Division) -> bool:
    """Return whether a key denotes the division, or the one whose name it repeats (东莞市)."""
    other = KNOWN[found]
    return found == expected.key or (
        other.name == expected.name and expected.key in (other.parent, *KNOWN.parts(found))
    )


def short(name: str) -> str:
    forms = [form for form, full in division_forms(name) if not full]
    return forms[0] if forms else name


def test_there_are_41352_townships() -> None:
    townships = KNOWN.townships("cn")
    assert townships is not None
    assert sum(1 for _ in townships.within("")) == 41_352


@pytest.mark.parametrize("between", ["", " ", "·", "-", "/"])
def test_the_full_path_of_every_division_names_it(between: str) -> None:
    wrong = []
    for division in DIVISIONS:
        found = resolver().resolve(between.join(path_of(division)))
        if not (isinstance(found, Resolved) and is_same(found.place.key, division)):
            wrong.append((division, found))
    assert wrong == []


def test_a_street_named_after_another_place_changes_nothing() -> None:
    dice, wrong = random.Random(7), []
    for division in DIVISIONS:
        street = dice.choice(STREETS)
        found = resolver().resolve("".join(path_of(division)) + street)
        if (
            not (isinstance(found, Resolved) and is_same(found.place.key, division))
            or found.street != street
        ):
            wrong.append((division, found))
    assert wrong == []


def test_names_without_their_kinds_name_the_division_or_are_asked() -> None:
    astray, asked = [], 0
    ordinary = [each for each in DIVISIONS if not is_zone(each.code[:6])]
    for division in ordinary:
        path = path_of(division)
        last = township_stem(path[-1]) if KNOWN.level(division.key) == "township" else ""
        text = "".join((*map(short, path[:-1]), last or short(path[-1])))
        found = resolver().resolve(text)
        if isinstance(found, Candidates):
            asked += any(is_same(each.key, division) for each in found.places)
        elif not (isinstance(found, Resolved) and is_same(found.place.key, division)):
            astray.append(text)
    # Some names run into each other: 松原宁江新区街道 reads as 松原, 宁江新区.
    assert len(astray) < len(ordinary) * 0.005, astray[:20]
    assert asked < len(ordinary) * 0.02


@given(st.text(max_size=60))
@settings(max_examples=400)
def test_any_text_has_an_answer_and_its_street_is_part_of_it(text: str) -> None:
    found = resolver().resolve(text)
    if isinstance(found, Resolved):
        assert found.street in text
        assert found.place.key in KNOWN


@given(
    st.sampled_from(DIVISIONS),
    st.text("路街号村北京上海省市区县镇·,- 0123456789大厦", max_size=12),
)
@settings(max_examples=300)
def test_text_after_a_division_never_leads_out_of_it(division: Division, after: str) -> None:
    found = resolver().resolve("".join(path_of(division)) + "路" + after)
    if isinstance(found, Resolved):
        line = KNOWN.ancestors(found.place.key)
        assert division.key in line or found.place.key in KNOWN.ancestors(division.key)


@given(st.text(max_size=200))
def test_folding_keeps_the_length(text: str) -> None:
    assert len(fold_place(text)) == len(text)
