"""Manual matching on real servers: find, relax, propose, refer; the same live and rebuilt."""

from __future__ import annotations

import secrets
import time
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from producers import facts
from producers.publisher import Publisher
from roost import ids
from roost.events.account import AccountRole
from roost.events.station import StationContent
from roost.places.gazetteer import gazetteer
from roost.settings import Settings
from roost.time.clock import SystemClock
from roost.views.elastic import Elastic
from streams.index.entity_projection import EntityProjection
from streams.maintenance.rebuild import rebuild
from streams.views.model_files import installed_model
from tests.stack.serving import Serving, headers_for, wait_known
from tests.stack.test_api import opening, worker
from tests.stack.waiting import all_processed, until

pytestmark = [pytest.mark.stack, pytest.mark.usefixtures("stages")]
WAIT = {"Prefer": "wait=20"}
RUN = secrets.token_hex(3)
HERE, AWAY = "朔州市", "吕梁市"
"""Places that no station of another module serves: it would get the matches."""
STATION, OTHER = ids.station_id(f"hand-{RUN}"), ids.station_id(f"hand-other-{RUN}")
COUNTER = {"why": "at_counter"}


@pytest.fixture(scope="module")
def keys(settings: Settings, serving: Serving) -> list[dict[str, str]]:
    """Headers of clerks of the station that serves HERE, and of another one."""
    at = SystemClock().now()
    with Publisher(settings.bootstrap_servers) as publisher:
        for code, place in ((f"hand-{RUN}", HERE), (f"hand-other-{RUN}", AWAY)):
            content = StationContent(
                identifier=code,
                name=code,
                place={"name": place},
                serves=(place,),
            )
            publisher.publish([facts.station_put(content, at=at, source="test")[1]])
    made = [
        headers_for(settings, AccountRole.CLERK, station_ids=(station,))
        for station in (STATION, OTHER)
    ]
    for headers in made:
        wait_known(serving.url, headers)
    return made


@pytest.fixture
async def clerks(
    settings: Settings, serving: Serving, keys: list[dict[str, str]]
) -> AsyncIterator[tuple[httpx.AsyncClient, httpx.AsyncClient]]:
    await all_processed(settings)
    mine, others = (
        httpx.AsyncClient(base_url=serving.url, headers=each, timeout=60) for each in keys
    )
    async with mine, others:
        yield mine, others


async def posted(api: httpx.AsyncClient, reference: str, **changes: Any) -> str:
    body = opening(f"{RUN}-{reference}", jobLocation={"name": HERE}, **changes)
    answer = await api.post("/v1/openings", json=body, headers=WAIT)
    assert answer.status_code == 201, answer.text
    return str(answer.json()["id"])


async def registered(clerk: httpx.AsyncClient, reference: str, **changes: Any) -> str:
    body = worker(f"{RUN}-{reference}", home={"name": HERE}, location={"name": HERE}, **changes)
    answer = await clerk.post("/v1/profiles", json=body, headers=WAIT)
    assert answer.status_code == 201, answer.text
    return str(answer.json()["id"])


async def found(clerk: httpx.AsyncClient, path: str, **query: Any) -> dict[str, Any]:
    answer = await clerk.get(path, params=query)
    assert answer.status_code == 200, answer.text
    content: dict[str, Any] = answer.json()
    return content


async def proposed(clerk: httpx.AsyncClient, body: dict[str, Any]) -> httpx.Response:
    """Propose a pair, and return the match once it is decided, or the refusal."""
    answer = await clerk.post("/v1/matches", json=body, headers=WAIT)
    if answer.status_code != 202:
        return answer
    decided: list[httpx.Response] = []

    async def known() -> bool:
        decided[:] = [await clerk.get(answer.json()["self"])]
        return decided[0].status_code == 200

    await until("the proposal is decided", known)
    return decided[0]


async def test_a_walk_in_learns_what_would_give_openings_and_is_referred_at_once(
    api: httpx.AsyncClient,
    clerks: tuple[httpx.AsyncClient, httpx.AsyncClient],
    settings: Settings,
    elastic: Elastic,
) -> None:
    clerk, other = clerks
    employer = f"hand-{RUN}"
    of_employer = {"hiringOrganization": {"id": employer, "name": "人工匹配示例"}}
    pay = {"baseSalary": {"currency": "CNY", "minValue": 4_000, "maxValue": 4_500}}
    ids_of = [await posted(api, f"pay-{n}", **of_employer, **pay) for n in range(3)]
    began = time.monotonic()
    person = await registered(
        clerk, "walk-in", wageWanted={"minValue": 60_000}, willing={"places": [HERE]}
    )
    where = f"/v1/profiles/{person}/fitting-openings"
    first = await found(clerk, where, employer=employer)
    print(f"registered and first answer: {time.monotonic() - began:.2f} s")
    assert (first["items"], first["whyNone"]) == ([], "conditions")
    [wage] = [each for each in first["wouldHelp"] if each["criterion"] == "wage"]
    assert (wage["gain"], wage["wage"]) == (3, 4_500)

    shown = await found(clerk, where, employer=employer, blocked=True)
    assert {each["id"] for each in shown["items"]} == set(ids_of)
    assert all(each["blockedBy"] == ["wage"] and each["reasons"] for each in shown["items"])
    assert all(each["mayPropose"] for each in shown["items"])

    chosen = ids_of[0]
    propose = "/v1/matches"
    refused = await clerk.post(
        propose, json={"openingId": chosen, "workerId": person, **COUNTER}, headers=WAIT
    )
    assert (refused.status_code, refused.json()["type"].rsplit("/", 1)[-1]) == (
        409,
        "proposal-wage",
    )
    assert [each["field"] for each in refused.json()["errors"]] == ["waives"]
    unknown = await other.post(propose, json={"openingId": chosen, "workerId": person, **COUNTER})
    assert unknown.status_code == 404

    asked = {"openingId": chosen, "workerId": person, **COUNTER, "waives": ["wage"], "refer": True}
    answers = [await proposed(clerk, asked) for _ in range(2)]
    assert answers[0].status_code == 200, answers[0].text
    assert answers[1].status_code == 409, "it is matched by now"
    match = answers[0].json()
    assert (match["state"], match["stationId"]) == ("referred", STATION)
    assert match["byHand"]["waives"] == ["wage"]
    assert [each["kind"] for each in match["history"]] == ["claim", "refer"]
    assert match["changes"][0]["why"] == "at_counter"

    again = await found(clerk, where, employer=employer, blocked=True)
    assert [each["match"]["state"] for each in again["items"] if each["match"]] == ["referred"]
    assert again["newToday"] == 1

    async def told() -> bool:
        inbox = await api.get(f"/v1/profiles/{person}/inbox")
        return any(each["kind"] == "match_claimed" for each in inbox.json()["items"])

    await until("the worker is notified", told)
    shortlist = (await api.get(f"/v1/openings/{chosen}/shortlist")).json()["items"]
    assert [("byHand" in each, "changes" in each) for each in shortlist] == [(False, False)]

    await api.put(
        f"/v1/openings/{chosen}",
        json=opening(
            f"{RUN}-pay-0", jobLocation={"name": HERE}, description="班车接送", **of_employer, **pay
        ),
        headers=WAIT,
    )
    await all_processed(settings)
    live = await elastic.get("matches", match["id"])
    assert live is not None
    assert live["state"] == "referred", "the wish stays aside when the pair is judged again"
    await rebuild(
        elastic,
        settings.bootstrap_servers,
        EntityProjection(installed_model(settings), gazetteer()),
        views=("matches",),
    )
    assert await elastic.get("matches", match["id"]) == live


async def test_people_are_found_within_reach_and_the_day_may_be_exceeded_but_not_a_pause(
    api: httpx.AsyncClient, clerks: tuple[httpx.AsyncClient, httpx.AsyncClient]
) -> None:
    clerk, other = clerks
    person = await registered(clerk, "full-day")
    made = [
        await posted(
            api, f"day-{n}", hiringOrganization={"id": f"hand-{RUN}-{n}", "name": f"示例{n}"}
        )
        for n in range(7)
    ]
    where = f"/v1/openings/{made[-1]}/fitting-workers"
    mine = await found(clerk, where, limit=50)
    assert person in {each["id"] for each in mine["items"]}
    assert (await other.get(where)).status_code == 404
    answers = []
    for each in made:
        asked = {"openingId": each, "workerId": person, "why": "worker_asked"}
        answers.append(await proposed(clerk, asked))
    by_hand = [each.json() for each in answers if each.status_code == 200]
    assert len(by_hand) + sum(each.status_code == 409 for each in answers) == len(made)
    assert any(each["byHand"].get("over") for each in by_hand), "a limit was exceeded and named"

    closed = made[-1]
    await api.post(f"/v1/openings/{closed}/pause", headers=WAIT)
    second = await registered(clerk, "second", identifier=f"{RUN}-second-2", name="另一人")
    body: dict[str, Any] = {
        "openingId": closed,
        "workerId": second,
        **COUNTER,
        "waives": ["place", "wage"],
    }
    refused = await clerk.post("/v1/matches", json=body)
    assert refused.status_code in {404, 409}
    if refused.status_code == 409:
        assert refused.json()["type"].endswith("proposal-paused")
