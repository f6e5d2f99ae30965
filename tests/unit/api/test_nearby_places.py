"""Places of one name are decided by the places that the caller's stations serve."""

from __future__ import annotations

import json
from typing import Any

import pytest

from api.access.nearby_places import context_for
from producers import facts
from producers.located_places import locate_place
from roost.errors import Invalid
from roost.events.account import AccountRole
from roost.events.common import Place
from roost.events.station import StationContent
from roost.places.resolutions import PlaceContext
from tests.unit.api.builders import NOW
from tests.unit.api.two_stations import (
    ELSEWHERE,
    HERE,
    County,
    opening,
    stored_opening,
    stored_worker,
    worker,
)

AMBIGUOUS, MEANT = "和平街道", "140109003"
"""Name of streets in many cities, and the code of the one in 太原市."""


@pytest.fixture
def county() -> County:
    return County()


def newest(county: County) -> dict[str, Any]:
    fact: dict[str, Any] = json.loads(county.log.records[-1].value or b"null")
    return fact


async def test_a_clerk_posts_at_a_place_near_the_station(county: County) -> None:
    body = opening(HERE, jobLocation={"name": AMBIGUOUS})
    answer = await county.send("POST", "/v1/openings", body)
    assert answer.status_code in (201, 202), answer.text
    assert newest(county)["jobLocation"]["code"] == MEANT
    answer = await county.send("POST", "/v1/openings/reach", body)
    assert answer.status_code != 422, answer.text


@pytest.mark.parametrize("method", ["PUT", "PATCH"])
async def test_a_clerk_moves_an_opening_to_a_place_near_the_station(
    county: County, method: str
) -> None:
    record = stored_opening(HERE)
    county.views.store(record)
    body = opening(HERE, jobLocation={"name": AMBIGUOUS})
    if method == "PATCH":
        body = {"jobLocation": {"name": AMBIGUOUS}}
    answer = await county.send(method, f"/v1/openings/{record.key}", body)
    assert answer.status_code in (200, 202), answer.text
    assert newest(county)["jobLocation"]["code"] == MEANT


@pytest.mark.parametrize("method", ["POST", "PUT"])
async def test_a_clerk_registers_a_worker_at_places_near_the_station(
    county: County, method: str
) -> None:
    record = stored_worker(HERE)
    county.views.store(record)
    at = {"name": AMBIGUOUS}
    body = worker(HERE, home=at, location=at, willing={"places": [AMBIGUOUS]})
    path = "/v1/profiles" if method == "POST" else f"/v1/profiles/{record.key}"
    answer = await county.send(method, path, body)
    assert answer.status_code in (200, 202), answer.text
    fact = newest(county)
    assert fact["home"]["code"] == fact["location"]["code"] == MEANT
    assert fact["willing"]["places"] == [f"cn:{MEANT}"]


async def test_a_notice_is_for_a_place_near_the_station() -> None:
    county = County(AccountRole.CHIEF)
    body = {
        "kind": "policy_news",
        "zh": {"title": "补贴", "body": "开始申领"},
        "audience": {"places": [AMBIGUOUS]},
    }
    answer = await county.send("POST", "/v1/notices", body)
    assert answer.status_code in (201, 202), answer.text
    assert newest(county)["audience"]["places"] == [f"cn:{MEANT}"]


async def test_the_administrator_has_no_station_and_is_asked() -> None:
    county = County(AccountRole.ADMIN)
    answer = await county.send(
        "POST", "/v1/openings", opening(HERE, jobLocation={"name": AMBIGUOUS})
    )
    assert answer.status_code == 422
    assert "names several places" in answer.text


async def test_no_view_is_read_for_a_clear_name(county: County) -> None:
    async def refuse(*_: Any) -> None:
        raise AssertionError("read")

    county.views.mget = refuse  # type: ignore[assignment]
    who = type("Who", (), {"station_ids": ("s",)})()
    assert await context_for(county.given, who, ("太原市", "cn:1401")) is None


def test_an_edit_of_the_name_alone_is_read_near_the_station() -> None:
    former = locate_place(Place(name="太原市"), "jobLocation")
    renamed = former.model_copy(update={"name": AMBIGUOUS})
    context = PlaceContext((HERE.key,))
    content = StationContent(identifier="s", name="站", place=renamed)
    station, _ = facts.station_put(content, at=NOW, former=former, context=context)
    assert station.place.code == MEANT


def test_a_stations_own_place_decides_the_places_that_it_serves() -> None:
    content = StationContent(
        identifier="s", name="站", place=Place(name="太原市"), serves=(AMBIGUOUS,)
    )
    station, _ = facts.station_put(content, at=NOW)
    assert station.serves == (f"cn:{MEANT}",)
    with pytest.raises(Invalid, match=r"serves\.0"):
        facts.station_put(content.model_copy(update={"place": Place(name=ELSEWHERE.key)}), at=NOW)
