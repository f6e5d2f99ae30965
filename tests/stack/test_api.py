"""The API on real servers: accepted and refused requests, and the live queue."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from producers import simulator
from producers.admin import end_offsets
from producers.publisher import Publisher
from roost import ids
from roost.events.account import AccountRole
from roost.settings import Settings
from roost.topics import OPENINGS, PROFILES, STATIONS
from tests.stack.serving import headers_for, wait_known
from tests.stack.waiting import all_processed, until

pytestmark = [pytest.mark.stack, pytest.mark.usefixtures("stages")]
NOW = {"Prefer": "wait=20"}
STATION = ids.station_id("api-station")


def opening(reference: str, **changes: Any) -> dict[str, Any]:
    return next(simulator.openings(1)).to_dict() | {
        "identifier": reference,
        "hiringOrganization": {"id": "api-test", "name": "接口测试"},
        "jobLocation": {"name": "大同市"},
    } | changes  # fmt: skip


def worker(reference: str, **changes: Any) -> dict[str, Any]:
    title = next(simulator.openings(1)).title
    return {
        "identifier": reference,
        "name": "测试",
        "occupationsWanted": [title],
        "licences": ["焊工证", "电工证", "健康证", "B2驾驶证", "保安员证", "叉车证"],
        "home": {"name": "岚岭县"},
        "location": {"name": "大同市"},
    } | changes


async def test_a_post_is_acknowledged_and_waited_for_when_asked(api: httpx.AsyncClient) -> None:
    quick = await api.post("/v1/openings", json=opening("quick"))
    assert quick.status_code == 202
    waited = await api.post("/v1/openings", json=opening("waited"), headers=NOW)
    assert waited.status_code == 201
    read = await api.get(waited.headers["location"])
    assert read.json()["title"] == opening("waited")["title"]
    assert read.json()["version"] == waited.json()["version"]


@pytest.mark.parametrize(
    ("changes", "status", "field"),
    [
        ({"title": 5}, 422, "title"),
        ({"salary": 5}, 422, "salary"),
        ({"title": "a\u0007"}, 422, "title"),
        ({"baseSalary": {"minValue": -5}}, 422, "baseSalary.minValue"),
        ({"baseSalary": {"minValue": 9, "maxValue": 1}}, 422, "baseSalary"),
        ({"jobLocation": {"name": "无此地方"}}, 422, "jobLocation"),
        ({"validThrough": "2001-01-01"}, 422, "validThrough"),
        ({"description": "限女性，35岁以下"}, 422, "description"),
    ],
)
async def test_bad_input_is_refused_with_the_fields_name_and_nothing_is_stored(
    api: httpx.AsyncClient, settings: Settings, changes: dict[str, Any], status: int, field: str
) -> None:
    before = end_offsets(settings.bootstrap_servers, [OPENINGS])
    answer = await api.post("/v1/openings", json=opening("bad", **changes))
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"
    assert field in [each["field"] for each in answer.json()["errors"]]
    assert end_offsets(settings.bootstrap_servers, [OPENINGS]) == before


@pytest.mark.parametrize(
    ("body", "kind", "status"),
    [
        (b"{", "application/json", 400),
        (b'{"title": "\\ud800"}', "application/json", 422),
        (b"x" * 10_000_000, "application/json", 413),
        (b"[" * 1_000, "application/json", 422),
        (b"title=x", "application/x-www-form-urlencoded", 415),
        (b"\xff\xfe", "application/json", 400),
    ],
)
async def test_a_body_that_is_none_is_a_problem_and_not_a_crash(
    api: httpx.AsyncClient, body: bytes, kind: str, status: int
) -> None:
    answer = await api.post("/v1/openings", content=body, headers={"content-type": kind})
    assert answer.status_code == status
    assert answer.json()["status"] == status


async def test_problems_are_told_in_the_readers_language(api: httpx.AsyncClient) -> None:
    bad = opening("language", title=5)
    chinese = await api.post("/v1/openings", json=bad, headers={"accept-language": "zh-CN"})
    english = await api.post("/v1/openings", json=bad)
    assert chinese.json()["errors"][0]["message"] == "应为文本"
    assert "string" in english.json()["errors"][0]["message"]


async def test_somebody_elses_opening_cannot_be_edited(api: httpx.AsyncClient) -> None:
    posted = await api.post("/v1/openings", json=opening("mine"), headers=NOW)
    where = posted.headers["location"]
    theirs = opening("mine", hiringOrganization={"id": "other", "name": "他人"})
    answer = await api.put(where, json=theirs)
    assert answer.status_code == 409
    assert answer.json()["errors"][0]["field"] == "hiringOrganization.id"


async def test_an_employers_id_has_one_spelling(api: httpx.AsyncClient) -> None:
    def of(employer: str, reference: str) -> dict[str, Any]:
        return opening(reference, hiringOrganization={"id": employer, "name": "拼写测试"})

    first = await api.post("/v1/openings", json=of("Spelled-1", "s1"), headers=NOW)
    assert first.status_code == 201
    refused = await api.post("/v1/openings", json=of("sPELLED-1", "s2"))
    assert refused.status_code == 409
    assert "Spelled-1" in refused.json()["detail"]
    wide = await api.post("/v1/openings", json=of(" Ｓpelled－1", "s1"))
    assert wide.json()["id"] == first.json()["id"]
    other = await api.post("/v1/openings", json=of("spelled-12", "s2"))
    assert other.status_code == 202


async def test_a_profile_cannot_become_another_workers(api: httpx.AsyncClient) -> None:
    posted = await api.post("/v1/profiles", json=worker("first"), headers=NOW)
    where = posted.headers["location"]
    answer = await api.put(where, json=worker("second"))
    assert answer.status_code == 409
    assert answer.json()["errors"][0]["field"] == "identifier"
    assert (await api.get(where)).json()["identifier"] == "first"


async def test_the_documentation_loads_nothing_from_elsewhere(api: httpx.AsyncClient) -> None:
    page = (await api.get("/docs")).text
    assert "swagger" in page.lower()
    assert re.findall(r"""(?:src|href)=["']((?:https?:)?//[^"']+)""", page) == []


async def test_a_patch_changes_only_what_it_names(api: httpx.AsyncClient) -> None:
    posted = await api.post("/v1/openings", json=opening("patch"), headers=NOW)
    where = posted.headers["location"]
    assert (await api.patch(where, json={"totalJobOpenings": 9}, headers=NOW)).status_code == 200
    now = (await api.get(where)).json()
    assert (now["totalJobOpenings"], now["title"]) == (9, opening("patch")["title"])


async def test_an_erased_worker_is_gone(api: httpx.AsyncClient) -> None:
    posted = await api.post("/v1/profiles", json=worker("gone"), headers=NOW)
    where = posted.headers["location"]
    assert (await api.get(where)).status_code == 200
    assert (await api.delete(where, headers=NOW)).status_code == 200
    assert (await api.get(where)).status_code == 404


async def test_a_worker_is_told_what_training_their_openings_ask_for(
    api: httpx.AsyncClient, settings: Settings
) -> None:
    own = ["架子工操作证"]  # so that no other test's worker takes the opening's places
    here = {"name": "三亚市"}  # nor another test's opening one of the worker's places of today
    near = {"location": here, "willing": {"radiusKm": 5}}
    await all_processed(settings)
    person = worker("training", skills=["识图"], licences=own, **near)
    posted = await api.post("/v1/profiles", json=person, headers=NOW)
    where = posted.headers["location"]
    asking = opening("training", skills=["识图", "氩弧焊"], licencesRequired=own, jobLocation=here)
    wanted = await api.post("/v1/openings", json=asking, headers=NOW)

    async def told() -> list[dict[str, Any]]:
        items = (await api.get(f"{where}/training")).json()["items"]
        return [each for each in items if each["skill"] == "氩弧焊"]

    (course,) = await until("training suggested", told)
    assert wanted.headers["location"].rsplit("/", 1)[1] in course["exampleOpenings"]
    assert course["openings"] >= 1
    assert "氩弧焊" in course["en"]
    assert "氩弧焊" in course["zh"]
    missing = await api.get(f"/v1/profiles/{ids.worker_id('t', 'none')}/training")
    assert missing.status_code == 404


async def next_match(lines: AsyncIterator[str]) -> dict[str, Any]:
    """Return the next change from a live queue."""
    async for line in lines:
        if line.startswith("data: {"):
            return dict(json.loads(line.removeprefix("data: ")))
    raise AssertionError("the stream ended")


async def test_a_clerk_watches_the_queue_live_and_claims_a_match(
    api: httpx.AsyncClient, publisher: Publisher
) -> None:
    station = {
        "identifier": "api-station",
        "name": "接口测试站",
        "place": {"name": "大同市"},
        "serves": ["大同市"],
    }
    put = await api.put(f"/v1/stations/{STATION}", json=station, headers=NOW)
    assert put.status_code == 200
    async with api.stream("GET", f"/v1/stations/{STATION}/events") as stream:
        lines = stream.aiter_lines()
        ready = [await anext(lines) for _ in range(2)]
        assert "event: ready" in ready
        beginning = next(line for line in ready if line.startswith("id: ")).removeprefix("id: ")
        await api.post("/v1/profiles", json=worker("live"), headers=NOW)

        await api.post("/v1/openings", json=opening("live"), headers=NOW)
        match = await asyncio.wait_for(next_match(lines), 30)
    assert match["stationId"] == STATION
    back = {"Last-Event-ID": beginning}
    async with api.stream("GET", f"/v1/stations/{STATION}/events", headers=back) as stream:
        caught_up = await asyncio.wait_for(next_match(stream.aiter_lines()), 30)
    assert caught_up == match, "who comes back is told what was missed"
    where = f"/v1/matches/{match['id']}"
    first = await api.post(f"{where}/claim", json={"actor": {"id": "li"}}, headers=NOW)
    assert first.status_code == 200, first.text
    assert first.json()["assignedTo"] == "li"
    second = await api.post(f"{where}/claim", json={"actor": {"id": "wang"}}, headers=NOW)
    assert second.status_code == 409
    assert "li" in second.json()["detail"]

    async def claimed() -> list[dict[str, Any]]:
        found = await api.get(f"/v1/stations/{STATION}/queue", params={"state": "claimed"})
        return list(found.json()["items"])

    assert [each["id"] for each in await until("claimed", claimed)] == [match["id"]]


async def test_pages_follow_each_other_without_gap_or_repeat(api: httpx.AsyncClient) -> None:
    for number in range(7):
        await api.post("/v1/openings", json=opening(f"page-{number}"), headers=NOW)
    seen: list[str] = []
    cursor: str | None = None
    while True:
        params = {"employer": "api-test", "limit": 3} | ({"cursor": cursor} if cursor else {})
        page = (await api.get("/v1/openings", params=params)).json()
        seen += [each["id"] for each in page["items"]]
        cursor = page["next"]
        if cursor is None:
            break
    assert len(seen) == len(set(seen)) >= 7
    bad = await api.get("/v1/openings", params={"cursor": "nonsense!"})
    assert (bad.status_code, bad.json()["errors"][0]["field"]) == (400, "cursor")


async def test_a_clerk_cannot_take_over_a_record_of_another_station(
    api: httpx.AsyncClient, settings: Settings
) -> None:
    station = ids.station_id("api-taker")
    there = {"name": "阳泉市"}
    body = {"identifier": "api-taker", "name": "阳泉", "place": there, "serves": ["阳泉市"]}
    await api.put(f"/v1/stations/{station}", json=body, headers=NOW)
    posted = await api.post("/v1/openings", json=opening("taken"), headers=NOW)
    registered = await api.post("/v1/profiles", json=worker("taken"), headers=NOW)
    clerk = headers_for(settings, AccountRole.CLERK, station_ids=(station,))
    await asyncio.to_thread(wait_known, str(api.base_url), clerk)
    before = end_offsets(settings.bootstrap_servers, [OPENINGS, PROFILES])

    taking = opening("taken", jobLocation=there)
    for path, content in (
        ("openings", taking),
        ("profiles", worker("taken", home=there, location=there)),
    ):
        refused = await api.post(f"/v1/{path}", json=content, headers=clerk)
        assert refused.status_code == 409, refused.text
        assert refused.json()["errors"][0]["field"] == "identifier"
    for known, content in ((posted, taking), (registered, worker("taken"))):
        where = known.headers["location"]
        hidden = await api.put(where, json=content, headers=clerk | {"If-Match": '"0"'})
        assert hidden.status_code == 404, hidden.text

    rows = [taking, opening("not-taken", jobLocation=there)]
    sent = await api.post("/v1/imports", json=rows, headers=clerk)
    where = sent.headers["location"]

    async def finished() -> dict[str, Any]:
        job: dict[str, Any] = (await api.get(where)).json()
        return job if job["state"] == "done" else {}

    job = await until("the import has finished", finished)
    assert (job["published"], job["rejected"]) == (1, 1)
    (row,) = (await api.get(f"{where}/errors")).json()["items"]
    assert (row["row"], row["problems"][0]["field"]) == (1, "identifier")
    after = end_offsets(settings.bootstrap_servers, [OPENINGS, PROFILES])
    assert sum(after[OPENINGS.name].values()) == sum(before[OPENINGS.name].values()) + 1
    assert after[PROFILES.name] == before[PROFILES.name]


async def test_it_is_alive_and_ready(api: httpx.AsyncClient) -> None:
    assert (await api.get("/health/live")).status_code == 200
    assert (await api.get("/health/ready")).json()["parts"] == {
        "kafka": True,
        "elasticsearch": True,
        "identities": True,
    }
    assert (await api.get("/v1/openings/o-nonsense")).status_code == 422
    assert (await api.get(f"/v1/openings/{ids.opening_id('t', 'none')}")).status_code == 404


def test_the_names_of_topics_and_views_agree() -> None:
    assert {OPENINGS.name, PROFILES.name, STATIONS.name} == {"openings", "profiles", "stations"}
