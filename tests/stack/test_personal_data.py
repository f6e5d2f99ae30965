"""Audit, export and erasure of personal data, on real servers.

The servers are used by this module alone: topics are compacted within moments, not within a day.
"""

from __future__ import annotations

import asyncio
import itertools
import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest
from kafka import KafkaAdminClient
from kafka.admin import ConfigResource, ConfigResourceType

from deploy.environment import AT_ANY_HOUR
from deploy.local.processes import Process
from producers.publisher import Publisher
from roost import ids
from roost.events.account import AccountRole
from roost.events.envelope import Record, tombstone
from roost.settings import Settings
from roost.topics import TOPICS, Topic
from roost.views.elastic import Elastic
from roost.views.mappings import VIEWS
from tests.stack.serving import Serving, headers_for, served, wait_known
from tests.stack.stages import running
from tests.stack.waiting import all_processed, until

pytestmark = [pytest.mark.stack, pytest.mark.timeout(1_200)]
WAIT = {"Prefer": "wait=25"}
NAME, PHONE, SKILL, ANSWER, LOGIN, NOTE, REASON, PLACE = (
    "独孤玄机",
    "+8613900001357",
    "绝无仅有之手艺",
    "仅供其本人之答复",
    "dugu.xuanji",
    "只记在备注里的话",
    "另有隐衷不便前往",
    "后山第九间会客室",
)
NEEDLES = [each.encode() for each in (NAME, PHONE, SKILL, ANSWER, LOGIN, NOTE, REASON, PLACE)]
AT_ONCE = {
    "segment.ms": "100",
    "min.cleanable.dirty.ratio": "0.001",
    "max.compaction.lag.ms": "100",
    "delete.retention.ms": "100",
    "file.delete.delay.ms": "100",
}


@pytest.fixture(scope="module")
def settings(own_settings: Settings) -> Settings:
    return own_settings.model_copy(update=AT_ANY_HOUR)


@pytest.fixture(scope="module")
def running_stages(settings: Settings) -> Iterator[list[Process]]:
    with running(settings) as processes:
        yield list(processes.values())


@pytest.fixture(scope="module")
def serving(settings: Settings, running_stages: list[Process]) -> Iterator[Serving]:
    with served(settings) as serving:
        yield serving


async def register(api: httpx.AsyncClient, reference: str, **changes: Any) -> str:
    content = {
        "identifier": reference,
        "name": "测试",
        "home": {"name": "大同市"},
        "location": {"name": "大同市"},
        "willing": {"radiusKm": 20},
    } | changes
    answer = await api.post("/v1/profiles", json=content, headers=WAIT)
    assert answer.status_code == 201, answer.text
    return str(answer.json()["id"])


async def post_opening(api: httpx.AsyncClient, reference: str, **changes: Any) -> str:
    content = {
        "identifier": reference,
        "title": "电焊工",
        "hiringOrganization": {"id": "e-test", "name": "测试单位"},
        "jobLocation": {"name": "大同市"},
        "totalJobOpenings": 2,
    } | changes
    answer = await api.post("/v1/openings", json=content, headers=WAIT)
    assert answer.status_code == 201, answer.text
    return str(answer.json()["id"])


def as_worker(serving: Serving, settings: Settings, worker: str) -> dict[str, str]:
    headers = headers_for(settings, AccountRole.WORKER, worker_id=worker)
    wait_known(serving.url, headers)
    return headers


async def audit_of(api: httpx.AsyncClient, object: str, **filters: str) -> list[dict[str, Any]]:
    answer = await api.get("/v1/audit", params={"object": object, **filters})
    assert answer.status_code == 200, answer.text
    return list(answer.json()["items"])


# --- audit


async def test_what_was_seen_and_changed_can_be_asked_for(
    api: httpx.AsyncClient, serving: Serving, settings: Settings
) -> None:
    worker = await register(api, "seen")
    key = (await api.get("/v1/me")).json()["id"]
    assert (await api.get(f"/v1/profiles/{worker}")).status_code == 200

    async def both() -> bool:
        return {each["method"] for each in await audit_of(api, worker)} == {"POST", "GET"}

    await until("the entries of a change and a read", both)
    newest, oldest = await audit_of(api, worker)
    assert (newest["route"], newest["persons"]) == ("/v1/profiles/{id}", [worker])
    assert (oldest["method"], oldest["status"]) == ("POST", 201)
    assert {newest["who"], oldest["who"]} == {key}
    assert len({newest["requestId"], oldest["requestId"]}) == 2
    assert await audit_of(api, worker, by=key, since=oldest["at"], until=newest["at"]) == [oldest]
    assert await audit_of(api, worker, by="k-nobody") == []

    own = as_worker(serving, settings, worker)
    theirs = await api.get(f"/v1/profiles/{worker}/audit", headers=own)
    assert [each["method"] for each in theirs.json()["items"]] == ["GET", "POST"]
    other = as_worker(serving, settings, ids.worker_id("t", "other"))
    refused = await api.get(f"/v1/profiles/{worker}/audit", headers=other)
    assert refused.status_code == 404
    assert (await api.get("/v1/audit", headers=own)).status_code == 403


async def test_a_list_says_of_everybody_whom_it_showed(
    api: httpx.AsyncClient, settings: Settings
) -> None:
    workers = {await register(api, f"listed-{number}", skills=["焊接"]) for number in range(2)}
    opening = await post_opening(api, "listed", skills=["焊接"])

    async def matched() -> bool:
        listed = (await api.get(f"/v1/openings/{opening}/matches")).json()["items"]
        return {each["workerId"] for each in listed} >= workers

    await until("matches of both", matched)

    async def told() -> bool:
        entries = [entry for worker in workers for entry in await audit_of(api, worker)]
        return any(workers <= set(entry["persons"]) for entry in entries)

    await until("an entry that names both", told)


async def test_a_search_names_whom_it_shows_and_forgets_the_erased(api: httpx.AsyncClient) -> None:
    channels = [{"kind": "sms", "address": "+8613900004321"}]
    worker = await register(api, "sought-1", name="欧阳询", channels=channels)
    ways = {
        "欧阳询": "name",
        "欧阳": "name_start",
        "阳询": "name_part",
        "ouyang x": "sound",
        "oyx": "initials",
        "yangxun": "sound_part",
        "00004321": "telephone_part",
        "139 0000 4321": "telephone",
        "sought-1": "number",
        "sought-": "number_start",
    }
    for typed, way in ways.items():
        [found] = await found_workers(api, typed)
        assert (found["id"], found["foundBy"]) == (worker, way), typed
    assert await found_workers(api, "432") == []

    async def told() -> bool:
        entries = await audit_of(api, worker)
        return any(entry["route"] == "/v1/search" for entry in entries)

    await until("the search in the audit", told)
    answer = await api.delete(f"/v1/profiles/{worker}", headers=WAIT)
    assert answer.status_code == 200, answer.text
    for typed in ways:
        assert await found_workers(api, typed) == [], typed


async def found_workers(api: httpx.AsyncClient, typed: str) -> list[dict[str, Any]]:
    answer = await api.post("/v1/search", json={"q": typed, "kinds": ["workers"]})
    assert answer.status_code == 200, answer.text
    return list(answer.json()["workers"]["items"])


async def test_a_noisy_key_is_refused_while_a_quiet_one_is_answered(settings: Settings) -> None:
    with served(settings.model_copy(update={"rate_per_principal_per_minute": 60})) as limited:
        quiet = headers_for(settings)
        wait_known(limited.url, quiet)
        async with httpx.AsyncClient(base_url=limited.url, timeout=60) as api:
            asked = [await api.get("/v1/me", headers=limited.headers) for _ in range(60)]
            refused = [each for each in asked if each.status_code == 429]
            assert refused
            assert int(refused[0].headers["retry-after"]) >= 1
            assert (await api.get("/v1/me", headers=quiet)).status_code == 200


# --- export


async def test_a_worker_takes_away_all_that_is_held_on_them(
    api: httpx.AsyncClient, serving: Serving, settings: Settings
) -> None:
    worker = await register(
        api,
        "export",
        name="出口",
        channels=[{"kind": "sms", "address": "+8613800000000"}],
        skills=["砌墙"],
    )
    await post_opening(api, "export", title="砌筑工", skills=["砌墙"])
    await answer_to(api, worker, "您的问题已答复")
    await reply_from(api, "+8613800000000", "明天几点面试？")
    noted = await api.post(
        f"/v1/profiles/{worker}/notes", json={"text": "白天不便接听"}, headers=WAIT
    )
    assert noted.status_code == 201, noted.text
    own = as_worker(serving, settings, worker)

    async def complete() -> dict[str, Any]:
        answer = await api.get(f"/v1/profiles/{worker}/export", headers=own)
        assert answer.status_code == 200, answer.text
        said = dict(answer.json())
        parts = (
            "matches",
            "notifications",
            "deliveries",
            "conversation",
            "notes",
            "notices",
            "audit",
        )
        return said if all(said[part] for part in parts) else {}

    said = await until("an export with every part", complete)
    assert said["profile"]["name"] == "出口"
    assert said["matches"][0]["reasons"]
    assert said["notices"][0]["zh"]["body"] == "您的问题已答复"
    assert [each["text"] for each in said["conversation"]] == ["明天几点面试？"]
    assert [each["text"] for each in said["notes"]] == ["白天不便接听"]
    assert {each["notification"]["recipient"]["id"] for each in said["deliveries"]} == {worker}
    assert all(set(each["persons"]) <= {worker} for each in said["audit"])
    other = as_worker(serving, settings, ids.worker_id("t", "other"))
    assert (await api.get(f"/v1/profiles/{worker}/export", headers=other)).status_code == 404


async def answer_to(api: httpx.AsyncClient, worker: str, body: str) -> None:
    content = {
        "kind": "request_answered",
        "zh": {"title": "答复", "body": body},
        "audience": {"workerIds": [worker]},
    }
    answer = await api.post("/v1/notices", json=content, headers=WAIT)
    assert answer.status_code == 201, answer.text


# --- erasure


async def test_nothing_of_an_erased_person_is_left_anywhere(
    api: httpx.AsyncClient, settings: Settings, elastic: Elastic, publisher: Publisher
) -> None:
    worker = await everything_about_a_person(api, settings)
    await all_processed(settings, within_s=300)
    assert await asyncio.to_thread(files_with_needles, settings.data), "there is nothing to erase"

    asked = await api.delete(f"/v1/profiles/{worker}", headers=WAIT)
    assert asked.status_code == 409, asked.text
    confirmed = {"confirmEnds": asked.json()["inProgress"]}
    answer = await api.delete(f"/v1/profiles/{worker}", headers=WAIT, params=confirmed)
    assert answer.status_code == 200, answer.text
    await all_processed(settings, within_s=300)

    assert await documents_with_needles(elastic) == []
    await asyncio.to_thread(compact_within_moments, settings)
    turns = itertools.count()

    async def clean() -> bool:
        await asyncio.to_thread(publisher.publish, fillers(next(turns)))
        return not await asyncio.to_thread(files_with_needles, settings.data)

    try:
        await until("nothing left in any file", clean, within_s=240)
    except AssertionError:
        left = await asyncio.to_thread(files_with_needles, settings.data)
        raise AssertionError(f"still there: {left}") from None
    assert await documents_with_needles(elastic) == []


@pytest.fixture
def publisher(settings: Settings) -> Iterator[Publisher]:
    with Publisher(settings.bootstrap_servers) as opened:
        yield opened


async def everything_about_a_person(api: httpx.AsyncClient, settings: Settings) -> str:
    """Create a worker with data in every view, topic and file."""
    worker = await register(
        api,
        NAME,
        name=NAME,
        skills=[SKILL, "焊接"],
        channels=[{"kind": "inbox"}, {"kind": "sms", "address": PHONE}],
    )
    opening = await post_opening(api, "erase", skills=["焊接"])
    account = {
        "login": LOGIN,
        "name": NAME,
        "role": "worker",
        "workerId": worker,
    }
    made = await api.post("/v1/accounts", json=account)
    assert made.status_code == 201, made.text
    signed = await api.post(
        "/v1/sign-in", json={"login": LOGIN, "password": made.json()["password"]}
    )
    assert signed.status_code == 200, signed.text
    chosen = {"language": "zh", "mutedKinds": ["policy_news"]}
    preferred = await api.put(f"/v1/profiles/{worker}/preferences", json=chosen, headers=WAIT)
    assert preferred.is_success, preferred.text
    await answer_to(api, worker, ANSWER)
    await reply_from(api, PHONE, f"{NAME}想换班")
    match = ids.match_id(opening, worker)

    async def claimed() -> bool:
        content = {"actor": {"role": "clerk", "id": "li"}}
        answer = await api.post(f"/v1/matches/{match}/claim", json=content, headers=WAIT)
        return answer.status_code == 200

    await until("the match to be claimed", claimed)
    await texts_about(api, worker, match)
    other = ids.match_id(await post_opening(api, "erase-too", skills=["焊接"]), worker)

    async def declined() -> bool:
        content = {"reason": "other", "reasonText": REASON}
        answer = await api.post(f"/v1/matches/{other}/decline", json=content, headers=WAIT)
        return answer.status_code == 200

    await until("another match to be declined", declined)
    outbox = settings.data / "outbox" / "messages.jsonl"
    await until("the answer in the outbox", lambda: asyncio.to_thread(_holds, outbox, ANSWER))
    await until("the interview in the outbox", lambda: asyncio.to_thread(_holds, outbox, PLACE))
    return worker


async def texts_about(api: httpx.AsyncClient, worker: str, match: str) -> None:
    """Write notes on a worker and a match, and arrange an interview with its details."""
    for where in (f"/v1/profiles/{worker}", f"/v1/matches/{match}"):
        noted = await api.post(f"{where}/notes", json={"text": NOTE}, headers=WAIT)
        assert noted.status_code == 201, noted.text
    clerk = {"actor": {"role": "clerk", "id": "li"}}
    details = {"interview": {"place": PLACE, "contact": NAME, "documents": "身份证"}}
    for kind, more in (("contact", {"contact": "reached"}), ("interview", details)):
        acted = await api.post(f"/v1/matches/{match}/{kind}", json=clerk | more, headers=WAIT)
        assert acted.status_code == 200, acted.text


async def reply_from(api: httpx.AsyncClient, number: str, text: str) -> None:
    """Forward a reply as the gateway does."""
    content = {"channel": "sms", "address": number, "text": text, "messageId": text}
    answer = await api.post("/v1/replies", json=content)
    assert answer.status_code == 200, answer.text


def _holds(file: Path, words: str) -> bool:
    return file.exists() and words.encode() in file.read_bytes()


async def documents_with_needles(elastic: Elastic) -> list[str]:
    await elastic.refresh(*VIEWS)
    return [
        f"{view}/{id}"
        for view in VIEWS
        async for id, _, document in elastic.scan(view)
        if _needles_in(json.dumps(document, ensure_ascii=False).encode())
    ]


def files_with_needles(data: Path) -> list[str]:
    """Return the logs, the outbox, caches and topic segments on disk that hold a needle.

    Elasticsearch's files are excluded: replaced documents disappear when it merges.
    """
    apart = data / "elasticsearch" / "data"
    found = []
    for file in data.rglob("*"):
        if file.is_file() and not file.is_relative_to(apart):
            try:
                held = _needles_in(file.read_bytes())
            except FileNotFoundError:  # a segment that was compacted at this moment
                continue
            if held:
                found.append(f"{file.relative_to(data)}: {b' '.join(held).decode()}")
    return found


def _needles_in(text: bytes) -> list[bytes]:
    return [needle for needle in NEEDLES if needle in text]


def compact_within_moments(settings: Settings) -> None:
    client = KafkaAdminClient(bootstrap_servers=settings.bootstrap_servers)
    try:
        client.alter_configs(
            [
                ConfigResource(ConfigResourceType.TOPIC, topic.name, AT_ONCE)
                for topic in TOPICS
                if topic.compacted
            ]
        )
    finally:
        client.close()


def fillers(turn: int) -> list[Record]:
    """Append a record to every partition, so that the previous segment can be compacted."""
    return [
        _filler(topic, partition, turn)
        for topic in TOPICS
        if topic.compacted
        for partition in range(topic.partitions)
    ]


def _filler(topic: Topic, partition: int, turn: int) -> Record:
    for number in itertools.count():
        key = _key(topic, f"{turn}/{number}")
        if topic.partition_of(key) == partition:
            return tombstone(topic, key, source="/tests", at=datetime.now(UTC))
    raise AssertionError("there is always one")


def _key(topic: Topic, reference: str) -> str:
    if topic.name == "matches":
        return ids.match_id(ids.opening_id("f", reference), ids.worker_id("f", reference))
    return ids.derive(topic.name[0], "filler", reference)
