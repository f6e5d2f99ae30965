"""Replies, conversations and answers on real servers, with the stages index, notify and deliver.

The county's channels are not configured, so the outbox file records what each channel receives.
"""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from api.conversations.daily_limit import MOST_A_DAY
from deploy.environment import AT_ANY_HOUR
from roost import ids
from roost.events.account import AccountRole as R
from roost.settings import Settings
from roost.topics import CONVERSATIONS, STOPS
from roost.views.elastic import Elastic
from tests.stack.serving import Serving, headers_for, served
from tests.stack.stages import running
from tests.stack.told import WAIT, records_of, register
from tests.stack.waiting import until

pytestmark = pytest.mark.stack
DATONG, CHANGZHI = ids.station_id("talks-datong"), ids.station_id("talks-changzhi")


@pytest.fixture(scope="module")
def settings(own_settings: Settings) -> Settings:
    return own_settings.model_copy(update=AT_ANY_HOUR)


@pytest.fixture(scope="module")
def serving(settings: Settings) -> Iterator[Serving]:
    with running(settings, "index", "notify", "deliver"), served(settings) as serving:
        with httpx.Client(base_url=serving.url, headers=serving.headers, timeout=60) as admin:
            for id, code, place in (
                (DATONG, "talks-datong", "大同市"),
                (CHANGZHI, "talks-changzhi", "长治市"),
            ):
                content = {
                    "identifier": code,
                    "name": f"{place}服务站",
                    "place": {"name": place},
                    "serves": [place],
                }
                made = admin.put(f"/v1/stations/{id}", json=content, headers=WAIT)
                assert made.is_success, made.text
        yield serving


@pytest.fixture
def clerk(settings: Settings, serving: Serving) -> dict[str, str]:
    return headers_for(settings, R.CLERK, station_ids=(DATONG,))


@pytest.fixture
def stranger(settings: Settings, serving: Serving) -> dict[str, str]:
    """A clerk of a station that serves another place."""
    return headers_for(settings, R.CLERK, station_ids=(CHANGZHI,))


_numbers = iter(range(13_900_000_000, 13_900_001_000))


async def worker_with_number(api: httpx.AsyncClient, reference: str) -> tuple[str, str]:
    """Register a worker of Datong under a new number."""
    number = str(next(_numbers))
    sms = [{"kind": "sms", "address": number}]
    return await register(api, f"talk-{reference}", channels=sms), number


async def reply(api: httpx.AsyncClient, number: str, text: str, id: str | None = None) -> Any:
    content = {"channel": "sms", "address": number, "text": text}
    answer = await api.post("/v1/replies", json=content | ({"messageId": id} if id else {}))
    assert answer.status_code == 200, answer.text
    return answer.json()


async def conversation(
    api: httpx.AsyncClient, worker: str, headers: dict[str, str]
) -> dict[str, Any]:
    answer = await api.get(f"/v1/profiles/{worker}/conversation", headers=headers)
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


async def texts_of(api: httpx.AsyncClient, worker: str, headers: dict[str, str]) -> list[str]:
    return [each["text"] for each in (await conversation(api, worker, headers))["items"]]


async def has_texts(
    api: httpx.AsyncClient, worker: str, headers: dict[str, str], *texts: str
) -> None:
    async def shown() -> bool:
        return await texts_of(api, worker, headers) == list(texts)

    await until(f"the conversation to hold {len(texts)}", shown)


async def known(api: httpx.AsyncClient, *keys: dict[str, str]) -> None:
    async def accepted() -> bool:
        return all([(await api.get("/v1/me", headers=each)).is_success for each in keys])

    await until("the keys to be known", accepted)


def received(outbox: Path, worker: str) -> list[str]:
    """Return the texts that the worker's channels have received."""
    if not outbox.exists():
        return []
    lines = [json.loads(each) for each in outbox.read_text("utf-8").splitlines()]
    return [json.dumps(each, ensure_ascii=False) for each in lines if worker in json.dumps(each)]


async def test_a_reply_reaches_the_clerk_and_the_answer_reaches_the_worker_once(
    api: httpx.AsyncClient,
    clerk: dict[str, str],
    stranger: dict[str, str],
    outbox: Path,
    settings: Settings,
) -> None:
    await known(api, clerk, stranger)
    worker, number = await worker_with_number(api, "answered")
    said = "明天几点面试？"
    answers = await asyncio.gather(*(reply(api, number, said, "gw-1") for _ in range(5)))
    assert answers == [{"stopped": 0}] * 5
    await has_texts(api, worker, clerk, said)
    before = await conversation(api, worker, clerk)
    assert (before["waiting"], before["channels"], before["stopped"]) == (1, ["sms"], False)
    (asked,) = before["items"]
    assert (asked["author"], asked["channel"], asked["shortened"]) == ("worker", "sms", False)

    waiting = (await api.get("/v1/conversations", headers=clerk)).json()
    assert (worker, said) in [(each["workerId"], each["text"]) for each in waiting["items"]]
    assert (await api.get("/v1/conversations", headers=stranger)).json()["items"] == []
    where = f"/v1/profiles/{worker}/conversation"
    assert (await api.get(where, headers=stranger)).status_code == 404
    refused = await api.post(where, json={"text": "您好"}, headers=stranger)
    assert refused.status_code == 404

    content = {"text": "上午九点，请带身份证。", "through": asked["id"]}
    key = clerk | WAIT | {"Idempotency-Key": "answer-one"}
    written = [await api.post(where, json=content, headers=key) for _ in range(3)]
    assert all(each.is_success for each in written), [each.text for each in written]
    assert len({each.json()["id"] for each in written}) == 1

    async def delivered() -> bool:
        newest = (await conversation(api, worker, clerk))["items"][0]
        return (newest["delivery"], newest.get("deliveredOn")) == ("delivered", "sms")

    await until("the answer to be delivered", delivered)
    (once,) = received(outbox, worker)
    assert content["text"] in once

    async def settled() -> bool:
        return int((await conversation(api, worker, clerk))["waiting"]) == 0

    await until("the reply to be settled", settled)
    answer, asked = (await conversation(api, worker, clerk))["items"]
    assert (asked["answerId"], bool(answer["by"])) == (answer["id"], True)
    waiting = (await api.get("/v1/conversations", headers=clerk)).json()
    assert worker not in [each["workerId"] for each in waiting["items"]]
    assert len(records_of(settings, CONVERSATIONS, asked["id"])) == 2, "asked, then settled"


async def test_an_unknown_sender_gets_the_same_answer_and_leaves_nothing(
    api: httpx.AsyncClient, elastic: Elastic
) -> None:
    before = await elastic.count("conversations")
    assert await reply(api, "13800099999", "你好", "unknown-1") == {"stopped": 0}
    assert await reply(api, "not a number", "你好", "unknown-2") == {"stopped": 0}
    assert await reply(api, "13800099999", "   ", "unknown-3") == {"stopped": 0}
    await elastic.refresh("conversations")
    assert await elastic.count("conversations") == before


async def test_a_stop_word_stops_and_is_no_message(
    api: httpx.AsyncClient, clerk: dict[str, str], settings: Settings
) -> None:
    await known(api, clerk)
    worker, number = await worker_with_number(api, "stops")
    assert await reply(api, number, "退订，谢谢", "stop-1") == {"stopped": 1}
    assert records_of(settings, STOPS, worker)
    assert await texts_of(api, worker, clerk) == []
    await api.post(f"/v1/profiles/{worker}/conversation", json={"text": "您好"}, headers=clerk)

    async def stopped() -> bool:
        found = await conversation(api, worker, clerk)
        states = [each["delivery"] for each in found["items"]]
        return found["stopped"] and states == ["stopped"]

    await until("the answer to be held back by the stop", stopped)


async def test_an_answer_without_a_channel_says_that_the_worker_has_to_be_called(
    api: httpx.AsyncClient, clerk: dict[str, str]
) -> None:
    await known(api, clerk)
    worker = await register(api, "talk-inbox")
    await api.post(f"/v1/profiles/{worker}/conversation", json={"text": "您好"}, headers=clerk)

    async def in_inbox() -> bool:
        found = await conversation(api, worker, clerk)
        return found["channels"] == [] and [each["delivery"] for each in found["items"]] == [
            "inbox"
        ]

    await until("the answer in the inbox alone", in_inbox)


async def test_a_message_after_the_answer_stays_open(
    api: httpx.AsyncClient, clerk: dict[str, str]
) -> None:
    await known(api, clerk)
    worker, number = await worker_with_number(api, "later")
    await reply(api, number, "第一条", "later-1")
    await has_texts(api, worker, clerk, "第一条")
    read = (await conversation(api, worker, clerk))["items"][0]["id"]
    await reply(api, number, "第二条", "later-2")
    await has_texts(api, worker, clerk, "第二条", "第一条")
    where = f"/v1/profiles/{worker}/conversation"
    content = {"text": "答复第一条", "through": read}
    assert (await api.post(where, json=content, headers=clerk | WAIT)).is_success

    async def one_waits() -> bool:
        return int((await conversation(api, worker, clerk))["waiting"]) == 1

    await until("one message to wait", one_waits)
    closed = await api.post(f"{where}/close", json={}, headers=clerk)
    assert closed.json() == {"closed": 1}
    unknown = await api.post(f"{where}/close", json={"through": "d-" + "a" * 26}, headers=clerk)
    assert unknown.status_code == 404


async def test_a_worker_writes_on_their_own_page_and_sees_no_account(
    api: httpx.AsyncClient, clerk: dict[str, str], settings: Settings, serving: Serving
) -> None:
    worker, _ = await worker_with_number(api, "own")
    own = headers_for(settings, R.WORKER, worker_id=worker)
    employer = headers_for(settings, R.EMPLOYER, employer_id="talks")
    await known(api, own, clerk, employer)
    where = f"/v1/profiles/{worker}/conversation"
    assert (await api.post(where, json={"text": "我想换班"}, headers=own)).is_success
    assert (await api.post(where, json={"text": "可以"}, headers=clerk)).is_success
    await has_texts(api, worker, own, "可以", "我想换班")
    seen = (await conversation(api, worker, own))["items"]
    assert [(each["author"], each.get("by")) for each in seen] == [
        ("station", None),
        ("worker", None),
    ]
    assert (await api.get(where, headers=employer)).status_code == 403
    assert (await api.get("/v1/conversations", headers=employer)).status_code == 403


async def test_the_messages_of_a_day_are_bounded(
    api: httpx.AsyncClient, clerk: dict[str, str], settings: Settings
) -> None:
    worker, number = await worker_with_number(api, "flood")
    own = headers_for(settings, R.WORKER, worker_id=worker)
    await known(api, own, clerk)
    answers = await asyncio.gather(
        *(reply(api, number, f"第{n}条", f"flood-{n}") for n in range(MOST_A_DAY + 20))
    )
    assert answers == [{"stopped": 0}] * (MOST_A_DAY + 20)

    async def kept() -> bool:
        answer = await api.get(
            f"/v1/profiles/{worker}/conversation",
            params={"limit": 200, "total": "true"},
            headers=clerk,
        )
        return int(answer.json()["total"]) == MOST_A_DAY

    await until("a day's messages", kept)
    refused = await api.post(
        f"/v1/profiles/{worker}/conversation", json={"text": "还有"}, headers=own
    )
    assert refused.status_code == 429
    assert await reply(api, number, "退订", "flood-stop") == {"stopped": 1}


async def test_a_number_of_two_people_replies_for_the_one_who_was_messaged_last(
    api: httpx.AsyncClient, clerk: dict[str, str]
) -> None:
    await known(api, clerk)
    first, number = await worker_with_number(api, "family-1")
    sms = {"kind": "sms", "address": number}
    second = await register(api, "talk-family-2", name="王芳", channels=[sms])
    for worker in (first, second):
        where = f"/v1/profiles/{worker}/conversation"
        await api.post(where, json={"text": "您好"}, headers=clerk)

        async def sent(worker: str = worker) -> bool:
            found = (await conversation(api, worker, clerk))["items"]
            return [each["delivery"] for each in found] == ["delivered"]

        await until("the message to be sent", sent)
    await reply(api, number, "我是第二个", "family-reply")
    await has_texts(api, second, clerk, "我是第二个", "您好")
    assert await texts_of(api, first, clerk) == ["您好"]


async def test_an_erasure_leaves_no_message(
    api: httpx.AsyncClient, elastic: Elastic, settings: Settings, clerk: dict[str, str]
) -> None:
    await known(api, clerk)
    worker, number = await worker_with_number(api, "erased")
    secret = "我住在测试暗号七号"
    await reply(api, number, secret, "erased-1")
    await has_texts(api, worker, clerk, secret)
    exported = (await api.get(f"/v1/profiles/{worker}/export")).json()
    assert [each["text"] for each in exported["conversation"]] == [secret]
    id = exported["conversation"][0]["id"]
    # Messages that cross the erasure are erased too.
    late = [reply(api, number, f"{secret}{n}", f"erased-late-{n}") for n in range(10)]
    erased, *_ = await asyncio.gather(api.delete(f"/v1/profiles/{worker}", headers=WAIT), *late)
    assert erased.is_success, erased.text

    async def gone() -> bool:
        await elastic.refresh("conversations")
        left = [each async for _, _, each in elastic.scan("conversations")]
        return secret not in json.dumps(left, ensure_ascii=False)

    await until("the messages to be erased", gone)
    assert records_of(settings, CONVERSATIONS, id)[-1] is None
    where = f"/v1/profiles/{worker}/conversation"
    assert (await api.get(where, headers=clerk)).status_code == 404
    assert await reply(api, number, secret, "erased-1") == {"stopped": 0}
    assert await gone()


async def test_reading_and_writing_is_in_the_workers_audit(
    api: httpx.AsyncClient, clerk: dict[str, str]
) -> None:
    await known(api, clerk)
    worker, number = await worker_with_number(api, "audited")
    await reply(api, number, "您好", "audited-1")
    await has_texts(api, worker, clerk, "您好")
    await api.post(f"/v1/profiles/{worker}/conversation", json={"text": "您好"}, headers=clerk)

    async def noted() -> bool:
        entries = (await api.get(f"/v1/profiles/{worker}/audit")).json()["items"]
        seen = Counter((each["method"], each["route"]) for each in entries)
        where = "/v1/profiles/{id}/conversation"
        return all(
            seen[each] for each in (("GET", where), ("POST", where), ("POST", "/v1/replies"))
        )

    await until("the entries of the audit", noted)
