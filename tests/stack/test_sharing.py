"""The question about sharing on real servers: link, reply, deadline, and the employer's view."""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta
from typing import Any

import httpx
import pytest

from producers.publisher import Publisher
from roost import ids
from roost.contact.sharing_links import PATH, Question, sharing_token
from roost.events.account import AccountRole
from roost.security.county_key import county_key
from roost.settings import Settings
from roost.time.clock import SystemClock
from roost.views.elastic import Elastic
from streams.queue.sharing_deadlines import lapsed_questions, lapses
from tests.stack.serving import Serving, headers_for, wait_known
from tests.stack.test_api import opening, worker
from tests.stack.waiting import until

pytestmark = [pytest.mark.stack, pytest.mark.usefixtures("stages")]
WAIT = {"Prefer": "wait=20"}
RUN = secrets.token_hex(3)
EMPLOYER = f"sharing-{RUN}"
FORM = {"content-type": "application/x-www-form-urlencoded"}


@pytest.fixture(scope="module")
def boss(settings: Settings, serving: Serving) -> dict[str, str]:
    """Headers of a key of the employer."""
    headers = headers_for(settings, AccountRole.EMPLOYER, employer_id=EMPLOYER)
    wait_known(serving.url, headers)
    return headers


async def matched(api: httpx.AsyncClient, name: str, **changes: Any) -> str:
    """Return the match of a new worker with the employer's only opening."""
    asked = {"hiringOrganization": {"id": EMPLOYER, "name": "分享示例"}, "totalJobOpenings": 50}
    posted = await api.post("/v1/openings", json=opening(RUN, **asked), headers=WAIT)
    person = worker(f"{RUN}-{name}", name=f"分享{name}", **changes)
    made = await api.post("/v1/profiles", json=person, headers=WAIT)
    assert posted.is_success, posted.text
    assert made.status_code == 201, made.text
    id = ids.match_id(posted.json()["id"], made.json()["id"])
    # By hand: openings of other modules may have filled the person's day.
    pair = {"openingId": posted.json()["id"], "workerId": made.json()["id"]}
    asked_for = await api.post("/v1/matches", json=pair | {"why": "worker_asked"}, headers=WAIT)
    assert asked_for.status_code in {200, 202, 409}, asked_for.text

    async def found() -> bool:
        return (await api.get(f"/v1/matches/{id}")).status_code == 200

    await until("the match is proposed", found)
    return id


async def shown(api: httpx.AsyncClient, id: str, boss: dict[str, str]) -> dict[str, Any]:
    answer = await api.get(f"/v1/matches/{id}", headers=boss)
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


async def asked_by(api: httpx.AsyncClient, id: str, headers: dict[str, str], **body: Any) -> None:
    answer = await api.post(f"/v1/matches/{id}/ask_sharing", json=body, headers=headers | WAIT)
    assert answer.status_code == 200, answer.text


async def link_of(api: httpx.AsyncClient, id: str, settings: Settings) -> str:
    at = datetime.fromisoformat((await api.get(f"/v1/matches/{id}")).json()["sharingAskedAt"])
    return f"{PATH}/{sharing_token(county_key(settings), Question(id, at))}"


async def test_a_worker_answers_by_a_link_without_signing_in(
    api: httpx.AsyncClient, serving: Serving, settings: Settings, boss: dict[str, str]
) -> None:
    id = await matched(api, "link")
    await asked_by(api, id, boss)
    before = await shown(api, id, boss)
    assert "name" not in before["worker"]
    assert not {"sharing", "answerBy", "sharingAnsweredAt"} & before.keys()
    assert before["sharingAskedAt"]
    again = await api.post(f"/v1/matches/{id}/ask_sharing", json={}, headers=boss | WAIT)
    assert again.status_code == 409

    link = await link_of(api, id, settings)
    async with httpx.AsyncClient(base_url=serving.url, timeout=60) as anybody:
        page = await anybody.get(link)
        assert page.status_code == 200
        assert "分享示例" in page.text
        assert "分享link" not in page.text, "the page names the employer, not the worker"
        assert "name" not in (await shown(api, id, boss))["worker"], "opening it answers nothing"
        for answer, name in (("yes", "分享link"), ("yes", "分享link"), ("no", None)):
            told = await anybody.post(link, content=f"answer={answer}", headers=FORM)
            assert told.status_code == 200, told.text
            assert (await shown(api, id, boss))["worker"].get("name") == name
        assert (await anybody.post(link, content="answer=maybe", headers=FORM)).status_code == 422
        wrong = await anybody.get(f"{PATH}/{'a' * 26}.{'b' * 26}.1.{'c' * 22}")
        assert wrong.status_code == 404
        assert wrong.headers["content-type"].startswith("text/html")
    history = (await api.get(f"/v1/matches/{id}")).json()["history"]
    assert [each["kind"] for each in history] == ["ask_sharing", "share", "withhold"]
    assert [each["actor"]["role"] for each in history] == ["employer", "worker", "worker"]


async def test_a_reply_with_the_words_answers_the_only_question(
    api: httpx.AsyncClient, boss: dict[str, str]
) -> None:
    address = f"+86139{int(RUN, 16) % 10**8:08d}"
    id = await matched(api, "reply", channels=[{"kind": "sms", "address": address}])
    await asked_by(api, id, boss)
    reply = {"channel": "sms", "address": address, "messageId": f"sharing-{RUN}"}
    for text, number in (("好的", 1), ("同意", 2), ("同意", 2)):
        sent = reply | {"text": text, "messageId": f"sharing-{RUN}-{number}"}
        assert (await api.post("/v1/replies", json=sent)).json() == {"stopped": 0}

    async def named() -> bool:
        return "name" in (await shown(api, id, boss))["worker"]

    await until("the reply is in force", named)
    history = (await api.get(f"/v1/matches/{id}")).json()["history"]
    assert [each["kind"] for each in history] == ["ask_sharing", "share"]


async def test_who_shares_by_default_is_not_asked(
    api: httpx.AsyncClient, boss: dict[str, str]
) -> None:
    id = await matched(api, "open", shownToEmployers={"name": True, "contact": True})
    alone = await api.post(f"/v1/matches/{id}/ask_sharing", json={}, headers=boss)
    assert alone.status_code == 409
    batch = {"items": [{"matchId": id, "kind": "ask_sharing"}]}
    answer = await api.post("/v1/matches/actions", json=batch, headers=boss)
    assert [each["status"] for each in answer.json()["items"]] == [409], answer.text


async def test_no_answer_in_time_counts_as_no_once_however_many_workers_see_the_deadline(
    api: httpx.AsyncClient, elastic: Elastic, settings: Settings, boss: dict[str, str]
) -> None:
    id = await matched(api, "late")
    until_at = SystemClock().now() + timedelta(hours=2)
    bad = await api.post(
        f"/v1/matches/{id}/ask_sharing",
        json={"answerBy": (until_at + timedelta(days=30)).isoformat()},
        headers=boss,
    )
    assert bad.status_code == 422
    await asked_by(api, id, boss, answerBy=until_at.isoformat())
    passed = until_at + timedelta(minutes=1)

    async def due() -> Any:
        return [each for each in await lapsed_questions(elastic, passed) if each.id == id]

    [hit] = await until("the deadline is found", due)
    assert id not in {each.id for each in await lapsed_questions(elastic, until_at - timedelta(1))}
    with Publisher(settings.bootstrap_servers) as publisher:
        for _ in range(2):
            publisher.publish(lapses([hit], "/streams/queue", passed))

    async def ended() -> bool:
        return bool((await api.get(f"/v1/matches/{id}")).json().get("sharing") == "unanswered")

    await until("the question has ended", ended)
    match = (await api.get(f"/v1/matches/{id}")).json()
    assert [each["kind"] for each in match["history"]] == ["ask_sharing", "lapse"]
    assert match["history"][-1]["actor"] == {"role": "system", "id": "queue"}
    assert "name" not in (await shown(api, id, boss))["worker"]
