from __future__ import annotations

import pytest

from roost.places.gazetteer import distance_km, gazetteer
from roost.places.place_search import AmbiguousPlace, UnknownPlace, borough_of, find_place


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("cn:110105", "cn:110105"),
        ("北京市朝阳区", "cn:110105"),
        ("北京朝阳区", "cn:110105"),
        ("山西省大同市", "cn:1402"),
        ("太原", "cn:1401"),
        ("北京", "cn:11"),
        ("岭泉镇", "sample:lanling-101"),
        ("Brooklyn, NY", "nyc:brooklyn"),
        ("Manhattan, New York", "nyc:manhattan"),
    ],
)
def test_people_write_places_in_many_ways(text: str, key: str) -> None:
    assert find_place(text).key == key


def test_the_full_name_of_every_place_is_found_again() -> None:
    places = gazetteer()
    for scheme in ("nyc", "sample"):
        for division in places.of_scheme(scheme):
            assert find_place(places.full_name(division.key)).key == division.key


def test_a_name_of_several_places_is_refused_with_the_choices() -> None:
    with pytest.raises(AmbiguousPlace, match="北京市朝阳区"):
        find_place("朝阳区")


def test_an_unknown_place_is_refused_with_suggestions() -> None:
    with pytest.raises(UnknownPlace, match="大同市"):
        find_place("大铜市")


def test_a_place_lies_in_all_that_holds_it() -> None:
    assert gazetteer().ancestors("sample:lanling-101")[-3:] == ("cn:1402", "cn:14", "cn")
    assert gazetteer().contains("nyc:ny", "nyc:bronx")
    assert not gazetteer().contains("nyc:bronx", "nyc:ny")


def test_a_degree_of_latitude_is_111_kilometres() -> None:
    assert distance_km(0, 0, 1, 0) == pytest.approx(111.195, abs=0.01)


def test_every_chinese_division_has_a_point() -> None:
    places = gazetteer()
    assert all(places.coordinates(each.key) for each in places.of_scheme("cn"))


@pytest.mark.parametrize(
    ("address", "key"),
    [
        ("42-09 28th Street", "nyc:queens"),
        ("335 Adams Street, Brooklyn Ny", "nyc:brooklyn"),
        ("1 Centre St., N.Y.", "nyc:manhattan"),
        ("Not Used", "nyc:ny"),
    ],
)
def test_addresses_in_new_york_tell_their_borough(address: str, key: str) -> None:
    assert borough_of(address) == key
