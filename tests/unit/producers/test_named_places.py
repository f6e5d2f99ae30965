"""A code and a name of two places are refused; every name of one place is accepted."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from producers.located_places import locate_place
from roost.errors import Invalid
from roost.events.common import Place
from roost.places.gazetteer import gazetteer
from roost.places.resolving import former_names

DATONG = "1402"
DIVISIONS = sorted(each.key for each in gazetteer().coarse())


def place(name: str, key: str) -> Place:
    scheme, _, code = key.partition(":")
    return Place(name=name, code=code, scheme=scheme)


@pytest.mark.parametrize(
    ("name", "named"),
    [
        ("长治市", "山西省长治市"),
        ("山西长治", "山西省长治市"),
        ("山西省长治市潞州区太行街12号", "山西省长治市潞州区"),
        ("北京市朝阳区", "北京市朝阳区"),
        ("朝阳区", "朝阳区"),
        ("Changzhi", "山西省长治市"),
        ("cn:1404", "山西省长治市"),
    ],
)
def test_a_code_and_a_name_of_two_places_are_refused_naming_both(name: str, named: str) -> None:
    with pytest.raises(Invalid) as refused:
        locate_place(place(name, f"cn:{DATONG}"), "jobLocation")
    (fault,) = refused.value.fields
    assert fault.field == "jobLocation"
    for words in (fault.message, fault.message_zh):
        assert named in words
        assert "山西省大同市" in words
        assert DATONG in words


@pytest.mark.parametrize(
    "name",
    [
        "大同市",
        "大同",
        "山西省大同市",
        "山西大同",
        "Datong",
        "山西省",
        "大同市平城区二号工地",
        "长治路88号",
        "二号工地",
        "雁北地区",
    ],
)
def test_every_name_of_the_place_of_the_code_is_accepted(name: str) -> None:
    located = locate_place(place(name, f"cn:{DATONG}"), "jobLocation")
    assert (located.name, located.code) == (name, DATONG)


def test_a_stored_place_is_not_judged_again() -> None:
    stored = place("长治市", f"cn:{DATONG}")
    assert locate_place(stored, "jobLocation", stored=stored).code == DATONG


@settings(max_examples=300, deadline=None)
@given(st.sampled_from(DIVISIONS))
def test_the_own_names_of_every_division_are_accepted(key: str) -> None:
    known = gazetteer()
    for name in (known[key].name, known.full_name(key), known[key].name[:-1]):
        if len(name) > 1:
            assert locate_place(place(name, key), "home").key == key


def test_a_former_name_is_accepted_with_the_code_of_every_successor() -> None:
    known = gazetteer()
    for key, names in former_names().items():
        for name in names if key in known else ():
            assert locate_place(place(name, key), "home").key == key


@settings(max_examples=200, deadline=None)
@given(st.sampled_from(DIVISIONS), st.sampled_from(DIVISIONS))
def test_the_full_name_of_an_unrelated_place_is_refused(key: str, other: str) -> None:
    known = gazetteer()
    full = known.full_name(other)
    related = known.contains(key, other) or known.contains(other, key)
    if related or not full or key in {each for each in DIVISIONS if known.full_name(each) == full}:
        return
    if known.level(other) not in {"province", "prefecture", "city"} or full.startswith("台湾"):
        return
    with pytest.raises(Invalid):
        locate_place(place(full, key), "home")
