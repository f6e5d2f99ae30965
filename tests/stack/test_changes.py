"""The change feed on real servers: long polling, live, from memory and from the topics."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import aclosing
from typing import Any

import httpx
import pytest

from roost.events.account import AccountRole
from roost.settings import Settings
from tests.stack.serving import headers_for, served, wait_known
from tests.stack.test_requests import opening

pytestmark = [pytest.mark.stack, pytest.mark.usefixtures("stages")]
WITHIN_S = 60


async def cursor_of(api: httpx.AsyncClient, **headers: str) -> str:
    return str((await api.get("/v1/changes", headers=headers)).json()["next"])


async def found(api: httpx.AsyncClient, since: str, **asked: Any) -> list[dict[str, Any]]:
    params = {"since": since, "types": "opening", "wait": 20} | asked
    answer = await api.get("/v1/changes", params=params)
    assert answer.status_code == 200, answer.text
    return list(answer.json()["items"])


async def test_a_change_is_waited_for_and_told_once(api: httpx.AsyncClient) -> None:
    since = await cursor_of(api)
    waiting = asyncio.create_task(
        api.get("/v1/changes", params={"since": since, "types": "opening", "wait": 30})
    )
    posted = (await api.post("/v1/openings", json=opening("change"))).json()
    page = (await waiting).json()
    (change,) = page["items"]
    assert (change["type"], change["id"]) == ("opening", posted["id"])
    assert change["version"] == posted["version"] == change["data"]["version"]
    after = await api.get("/v1/changes", params={"since": page["next"], "types": "opening"})
    assert (after.json()["items"], after.json()["more"]) == ([], False)


async def test_a_process_that_started_later_reads_the_topics(
    api: httpx.AsyncClient, settings: Settings
) -> None:
    since = await cursor_of(api)
    ids = [
        (await api.post("/v1/openings", json=opening(f"older-{number}"))).json()["id"]
        for number in range(5)
    ]
    same_key = {"authorization": api.headers["authorization"]}  # a cursor serves its caller only
    with served(settings) as later:
        async with httpx.AsyncClient(base_url=later.url, headers=same_key, timeout=60) as other:
            told: list[str] = []
            at, more = since, True
            while more:
                answer = await other.get(
                    "/v1/changes", params={"since": at, "types": "opening", "limit": 2}
                )
                page = answer.json()
                told += [each["id"] for each in page["items"]]
                at, more = page["next"], page["more"]
    assert sorted(told) == sorted(ids)


async def test_live_changes_go_on_after_the_last_one_that_was_read(
    api: httpx.AsyncClient,
) -> None:
    since = await cursor_of(api)
    first = (await api.post("/v1/openings", json=opening("live-1"))).json()["id"]
    second = (await api.post("/v1/openings", json=opening("live-2"))).json()["id"]

    async def events(last: str) -> AsyncIterator[tuple[str, str]]:
        headers = {"Last-Event-ID": last}
        async with api.stream("GET", "/v1/changes/events?types=opening", headers=headers) as answer:
            id = ""
            async for line in answer.aiter_lines():
                id = line[4:] if line.startswith("id: ") else id
                if line.startswith("data: {"):
                    yield id, json.loads(line[6:])["id"]

    async with asyncio.timeout(WITHIN_S):
        seen: list[str] = []
        for _ in range(2):
            async with aclosing(events(since)) as stream:
                since, id = await anext(stream)
                seen.append(id)
    assert sorted(seen) == sorted([first, second])


async def test_an_employer_is_told_of_its_own_openings_only(
    api: httpx.AsyncClient, settings: Settings
) -> None:
    theirs = headers_for(settings, AccountRole.EMPLOYER, employer_id="feed-employer")
    await asyncio.to_thread(wait_known, str(api.base_url), theirs)
    since = await cursor_of(api)
    theirs_since = await cursor_of(api, **theirs)
    own = opening("own", hiringOrganization={"id": "feed-employer", "name": "本单位"})
    posted = (await api.post("/v1/openings", json=own)).json()["id"]
    await api.post("/v1/openings", json=opening("others"))
    both = await found(api, since)
    async with httpx.AsyncClient(base_url=api.base_url, headers=theirs, timeout=60) as employer:
        only = await found(employer, theirs_since)
        assert [each["id"] for each in only] == [posted]
        assert await found(employer, theirs_since, types="profile", wait=0) == []
        foreign = await employer.get("/v1/changes", params={"since": since})
        assert (foreign.status_code, foreign.json()["errors"][0]["field"]) == (400, "since")
    assert posted in [each["id"] for each in both]


async def test_of_workers_ids_are_told_and_nothing_else(api: httpx.AsyncClient) -> None:
    since = await cursor_of(api)
    body = {
        "identifier": "feed",
        "name": "示例人员",
        "home": {"name": "岚岭县"},
        "location": {"name": "大同市"},
    }
    posted = (await api.post("/v1/profiles", json=body)).json()["id"]
    answer = await api.get("/v1/changes", params={"since": since, "types": "profile", "wait": 20})
    assert posted in answer.text
    assert "示例人员" not in answer.text


@pytest.mark.parametrize(
    ("asked", "field", "status"),
    [
        ({"since": "x"}, "since", 400),
        ({"since": "0." * 23 + "0"}, "since", 400),
        ({"types": "worker"}, "types", 422),
        ({"types": ""}, "types", 422),
    ],
)
async def test_what_is_no_cursor_or_type_is_refused(
    api: httpx.AsyncClient, asked: dict[str, str], field: str, status: int
) -> None:
    answer = await api.get("/v1/changes", params=asked)
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (status, field)
