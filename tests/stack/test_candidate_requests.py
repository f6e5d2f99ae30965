"""Requests for candidates on real servers: asked once, answered, fulfilled by referrals, quota."""

from __future__ import annotations

import asyncio
import secrets
from datetime import timedelta
from typing import Any

import httpx
import pytest

from api.candidate_requests.service import MOST_A_DAY
from roost import ids
from roost.events.account import AccountRole
from roost.places.gazetteer import gazetteer
from roost.rules.request_states import request_id
from roost.settings import Settings
from roost.time.clock import SystemClock, day_of
from roost.topics import CANDIDATE_REQUESTS
from roost.views.elastic import Elastic
from streams.index.entity_projection import EntityProjection
from streams.maintenance.rebuild import rebuild
from streams.views.model_files import installed_model
from tests.stack.serving import Serving, headers_for, wait_known
from tests.stack.test_api import opening
from tests.stack.test_slots import referred
from tests.stack.waiting import until

pytestmark = [pytest.mark.stack, pytest.mark.usefixtures("stages")]
WAIT = {"Prefer": "wait=20"}
RUN = secrets.token_hex(3)
EMPLOYER = f"asks-{RUN}"
STATION = ids.station_id(f"asks-{RUN}")
PLACE = {"name": "晋城市"}
SERVES = "cn:1405"
NOTE = f"只要早班{RUN}"
Headers = dict[str, str]


@pytest.fixture(scope="module")
def boss(settings: Settings, serving: Serving) -> Headers:
    headers = headers_for(settings, AccountRole.EMPLOYER, employer_id=EMPLOYER)
    wait_known(serving.url, headers)
    return headers


@pytest.fixture(scope="module")
def clerk(settings: Settings, serving: Serving) -> Headers:
    headers = headers_for(settings, AccountRole.CLERK, station_ids=(STATION,))
    wait_known(serving.url, headers)
    return headers


def day(settings: Settings, days: int) -> str:
    return (day_of(SystemClock().now(), settings.zone) + timedelta(days=days)).isoformat()


async def prepared(api: httpx.AsyncClient, reference: str, employer: str = EMPLOYER) -> str:
    content = {
        "identifier": f"asks-{RUN}",
        "name": "晋城服务站",
        "serves": [SERVES],
        "place": PLACE,
    }
    made = await api.put(f"/v1/stations/{STATION}", json=content, headers=WAIT)
    assert made.is_success, made.text
    about = {"hiringOrganization": {"id": employer, "name": "请求示例"}, "totalJobOpenings": 20}
    posted = await api.post(
        "/v1/openings",
        json=opening(f"{RUN}-{reference}", jobLocation=PLACE, **about),
        headers=WAIT,
    )
    assert posted.status_code == 201, posted.text
    return f"/v1/openings/{posted.json()['id']}/candidate-request"


async def test_a_request_is_asked_once_answered_and_fulfilled(
    api: httpx.AsyncClient,
    boss: Headers,
    clerk: Headers,
    settings: Settings,
    elastic: Elastic,
) -> None:
    where = await prepared(api, "1")
    opening_id = where.split("/")[3]
    wanted = {"wanted": 2, "neededBy": day(settings, 5), "note": NOTE}
    assert (await api.get(where, headers=boss)).status_code == 404
    late = await api.post(where, json=wanted | {"neededBy": day(settings, -1)}, headers=boss)
    assert (late.status_code, late.json()["errors"][0]["field"]) == (422, "neededBy")
    answers = await asyncio.gather(
        *(api.post(where, json=wanted, headers=boss | WAIT) for _ in range(6))
    )
    assert sorted(each.status_code for each in answers)[:2] == [201, 409]
    listed = (await api.get("/v1/candidate-requests", headers=clerk)).json()["items"]
    assert [(each["openingId"], each["state"]) for each in listed] == [(opening_id, "open")]

    early = await api.post(
        f"{where}/answer", json={"candidatesOn": day(settings, 6)}, headers=clerk
    )
    assert early.status_code == 422
    assert (
        await api.post(f"{where}/answer", json={"declinedBecause": "terms"}, headers=boss)
    ).status_code == 403
    yes = await api.post(
        f"{where}/answer", json={"candidatesOn": day(settings, 2)}, headers=clerk | WAIT
    )
    assert yes.is_success, yes.text
    shown = (await api.get(where, headers=boss)).json()
    assert (shown["state"], shown["candidatesOn"], shown["referred"]) == (
        "accepted",
        day(settings, 2),
        0,
    )
    for number in range(2):
        await referred(api, opening_id, f"asked-{number}", PLACE)

    async def fulfilled() -> bool:
        return bool((await api.get(where, headers=boss)).json()["state"] == "fulfilled")

    await until("the request is fulfilled", fulfilled)
    assert (await api.get("/v1/candidate-requests", headers=clerk)).json()["items"] == []
    again = await api.post(where, json=wanted, headers=boss)
    assert again.status_code == 409, "once a day"
    ended = await api.post(f"{where}/answer", json={"declinedBecause": "terms"}, headers=clerk)
    assert ended.status_code == 409

    before = await elastic.get(CANDIDATE_REQUESTS.name, request_id(opening_id))
    project = EntityProjection(installed_model(settings), gazetteer())
    await rebuild(elastic, settings.bootstrap_servers, project, views=(CANDIDATE_REQUESTS.name,))
    assert await elastic.get(CANDIDATE_REQUESTS.name, request_id(opening_id)) == before
    gone = await api.delete(where, headers=boss | WAIT)
    assert gone.is_success, gone.text
    assert NOTE not in (await api.get(where, headers=boss)).text


async def test_a_request_has_the_reach_of_its_opening_and_a_days_quota(
    api: httpx.AsyncClient, settings: Settings, serving: Serving
) -> None:
    employer = f"many-{RUN}"
    headers = headers_for(settings, AccountRole.EMPLOYER, employer_id=employer)
    stranger = headers_for(settings, AccountRole.EMPLOYER, employer_id=f"other-{RUN}")
    for each in (headers, stranger):
        wait_known(serving.url, each)
    content: dict[str, Any] = {"wanted": 1, "neededBy": day(settings, 3)}
    places = [await prepared(api, f"many-{number}", employer) for number in range(MOST_A_DAY + 1)]
    for method in ("GET", "POST", "DELETE"):
        body = content if method == "POST" else None
        answer = await api.request(method, places[0], json=body, headers=stranger)
        assert answer.status_code == 404, (method, answer.text)
    answers = [await api.post(each, json=content, headers=headers) for each in places]
    assert [each.status_code for each in answers] == [202] * MOST_A_DAY + [429]
