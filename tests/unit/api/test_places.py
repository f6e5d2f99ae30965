"""The endpoint of places, on an application without servers."""

from __future__ import annotations

from collections.abc import AsyncIterator

import httpx
import pytest

from api.console.profiles.profile_form import STAFF
from roost.places.gazetteer import gazetteer
from roost.places.place_search import find_place
from roost.places.suggesting import suggester
from roost.places.written_names import country_key, written_name
from tests.unit.api.signed import client_of_administrator
from tests.unit.api.two_stations import County


@pytest.fixture
async def client() -> AsyncIterator[httpx.AsyncClient]:
    async with client_of_administrator() as asking:
        yield asking


async def test_a_place_is_described_and_followed_by_its_parts(client: httpx.AsyncClient) -> None:
    items = (await client.get("/v1/places", params={"q": "太原", "limit": 3})).json()["items"]
    assert [each["fullName"] for each in items] == [
        "山西省太原市",
        "山西省太原市小店区",
        "山西省太原市迎泽区",
    ]
    assert items[1] == {
        "key": "cn:140105",
        "code": "140105",
        "name": "小店区",
        "fullName": "山西省太原市小店区",
        "level": "county",
        "latitude": pytest.approx(37.74, abs=0.1),
        "longitude": pytest.approx(112.56, abs=0.1),
        "pointOf": "cn:140105",
    }


@pytest.mark.parametrize(
    ("typed", "first"),
    [
        ("太原市小", "山西省太原市小店区"),
        ("小店区坞", "山西省太原市小店区坞城街道"),
        ("taiy", "山西省太原市"),
        ("ty", "山西省太原市"),
        ("大同县", "山西省大同市云州区"),
        ("望京", "北京市朝阳区望京街道"),
        ("Asto", "Astoria, Queens, New York"),
        ("岭泉", "山西省大同市岚岭县岭泉镇"),
    ],
)
def test_the_likeliest_place_comes_first(typed: str, first: str) -> None:
    found = suggester().suggest(typed)
    assert gazetteer().full_name(found[0].key) == first


@pytest.mark.parametrize("typed", ["", " ", "b", "的确良", "<script>", "\u0000", "市" * 100])
def test_a_text_that_begins_no_name_finds_nothing(typed: str) -> None:
    assert suggester().suggest(typed) == []


async def test_texts_and_answers_are_bounded(client: httpx.AsyncClient) -> None:
    for asked in ({}, {"q": ""}, {"q": "太" * 101}, {"q": "太", "limit": 21}):
        assert (await client.get("/v1/places", params=asked)).status_code == 422
    found = (await client.get("/v1/places", params={"q": "长安", "limit": 20})).json()["items"]
    assert len(found) == 20


@pytest.mark.parametrize(
    ("near", "first"),
    [
        ("平凉市庄浪县", "甘肃省平凉市静宁县城关镇"),
        ("成都市", "甘肃省陇南市文县城关镇"),
        ("兰州市", "甘肃省兰州市榆中县城关镇"),
    ],
)
def test_the_nearest_of_the_townships_with_one_name_comes_first(near: str, first: str) -> None:
    found = suggester().suggest("城关镇", near=(find_place(near).key,))
    assert gazetteer().full_name(found[0].key) == first


def test_townships_that_share_more_divisions_with_the_station_come_first() -> None:
    near = find_place("平凉市庄浪县").key
    around = set(gazetteer().ancestors(near))
    found = suggester().suggest("城关镇", near=(near,))
    shared = [len(around.intersection(gazetteer().ancestors(each.key))) for each in found]
    assert shared == sorted(shared, reverse=True)
    assert shared[0] > shared[-1]


def test_the_parts_of_a_place_keep_their_order() -> None:
    near = (find_place("太原市尖草坪区").key,)
    assert suggester().suggest("太原", 11, near) == suggester().suggest("太原", 11)


async def test_a_request_names_a_place_nearby(client: httpx.AsyncClient) -> None:
    asked = {"q": "城关镇", "limit": 1}
    [far] = (await client.get("/v1/places", params=asked)).json()["items"]
    [near] = (await client.get("/v1/places", params=asked | {"near": "庄浪县"})).json()["items"]
    assert near["fullName"] == "甘肃省平凉市静宁县城关镇" != far["fullName"]
    assert (await client.get("/v1/places", params=asked | {"near": "无此地"})).status_code == 422


async def test_places_near_the_callers_station_come_first() -> None:
    answer = await County().send("GET", "/v1/places?q=和平街道&limit=1", None)
    assert answer.json()["items"][0]["fullName"] == "山西省太原市万柏林区和平街道"


async def test_a_stranger_may_not_ask(client: httpx.AsyncClient) -> None:
    answer = await client.get("/v1/places", params={"q": "太原"}, headers={"authorization": ""})
    assert answer.status_code == 401


def test_a_form_shows_places_by_name_and_reads_the_names_again() -> None:
    keys = ["cn:11", "cn:140105", "cn:110105026", "nyc:astoria", "sample:lanling-101"]
    shown = STAFF.shown({"willing": {"places": [*keys, "cn"]}})["willing.places"]
    lines = shown.splitlines()
    assert lines[:2] == ["北京市", "山西省太原市小店区"]
    assert [find_place(each).key for each in lines[:-1]] == keys
    assert country_key(lines[-1]) == "cn"
    assert written_name("xx:unknown") == "xx:unknown"
