"""Webhooks at the API, with the view and the topic in memory."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from api.app import create_app
from roost.events.envelope import Record, decode, value_of
from roost.events.webhook import Webhook
from roost.kafka.ports import Position
from roost.security.county_key import county_key
from roost.security.signing import secret_of
from roost.settings import Settings
from roost.time.clock import FixedClock
from roost.topics import WEBHOOKS
from roost.views.answers import Hit, Page
from tests.unit.api.signed import Topics, given_to, headers_for

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
HOOK = {"url": "https://hr.example.com/roost", "employerId": "jianzhu", "kinds": ["match_placed"]}


class Memory:
    """Topic and view at once: what is published can be read."""

    def __init__(self) -> None:
        self.records: list[Record] = []
        self.documents: dict[tuple[str, str], dict[str, Any]] = {}

    async def publish(self, records: Sequence[Record]) -> list[Position]:
        [record] = records
        assert record.topic is WEBHOOKS
        position = Position(record.topic.name, 0, len(self.records))
        self.records.append(record)
        document: dict[str, Any] = {"id": record.key, "version": position.version}
        if record.value is None:
            document["erased"] = True
        else:
            document["fact"] = decode(Webhook, value_of(record)).to_dict()
        self.documents[record.topic.name, record.key] = document
        return [position]

    async def get(self, view: str, id: str) -> dict[str, Any] | None:
        return self.documents.get((view, id))

    async def search(self, view: str, body: dict[str, Any]) -> Page:
        """Return webhooks by id after the cursor, of one employer if named, without erased ones."""
        wanted = [each["term"]["employer_id"] for each in body["query"]["bool"]["filter"]]
        after = body.get("search_after", [""])[0]
        assert body["query"]["bool"]["must_not"] == [{"term": {"erased": True}}]
        found = [
            Hit(id, None, document, (id,))
            for (of, id), document in sorted(self.documents.items())
            if of == view
            and id > after
            and "fact" in document
            and wanted in ([], [document["fact"].get("employerId")])
        ]
        return Page(tuple(found[: body["size"]]), len(found))

    async def count(self, view: str, query: dict[str, Any] | None = None) -> int:
        return len((await self.search(view, {"query": query, "size": 1_000})).hits)

    def webhook(self) -> Webhook:
        return decode(Webhook, value_of(self.records[-1]))


@pytest.fixture
def memory() -> Memory:
    return Memory()


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(data=tmp_path)


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock(NOW)


@pytest.fixture
async def api(
    memory: Memory, settings: Settings, clock: FixedClock
) -> AsyncIterator[httpx.AsyncClient]:
    app = create_app(settings)
    topics = Topics(memory)
    given_to(app, topics, settings=settings, elastic=memory, clock=clock, key=county_key(settings))
    headers = headers_for(topics)
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(
        transport=transport, base_url="http://test", headers=headers
    ) as client:
        yield client


async def registered(api: httpx.AsyncClient) -> dict[str, Any]:
    answer = await api.post("/v1/webhooks", json=HOOK)
    assert answer.status_code == 202, answer.text
    return dict(answer.json())


async def test_the_secret_is_answered_once_and_stands_nowhere(
    api: httpx.AsyncClient, memory: Memory, settings: Settings
) -> None:
    answer = await api.post("/v1/webhooks", json=HOOK)
    made = answer.json()
    assert answer.headers["location"] == made["self"] == f"/v1/webhooks/{made['id']}"
    assert answer.headers["cache-control"] == "no-store"
    assert made["secret"] == secret_of(county_key(settings), made["id"], 1)
    shown = await api.get(made["self"])
    assert shown.status_code == 200
    assert shown.json()["url"] == HOOK["url"]
    bare = made["secret"].removeprefix("whsec_")
    assert bare not in shown.text
    assert bare.encode() not in value_of(memory.records[-1])


async def test_the_same_webhook_registered_twice_has_two_ids_and_two_secrets(
    api: httpx.AsyncClient,
) -> None:
    first, second = await registered(api), await registered(api)
    assert first["id"] != second["id"]
    assert first["secret"] != second["secret"]


async def test_the_list_comes_in_pages_and_never_shows_a_secret(api: httpx.AsyncClient) -> None:
    made = [await registered(api) for _ in range(3)]
    first = await api.get("/v1/webhooks", params={"limit": 2})
    then = await api.get("/v1/webhooks", params={"limit": 2, "cursor": first.json()["next"]})
    listed = [*first.json()["items"], *then.json()["items"]]
    assert [each["id"] for each in listed] == sorted(each["id"] for each in made)
    assert then.json()["next"] is None
    for each in made:
        assert each["secret"] not in first.text + then.text
    await api.delete(made[0]["self"])
    others = await api.get("/v1/webhooks", params={"employer": HOOK["employerId"]})
    assert len(others.json()["items"]) == 2
    nobodys = await api.get("/v1/webhooks", params={"employer": "another"})
    assert nobodys.json()["items"] == []


@pytest.mark.parametrize(
    "url",
    [
        "http://hr.example.com/",
        "https://user:hush@hr.example.com/",
        "https://127.0.0.1/",
        "https://2130706433/",
        "https://[::ffff:7f00:1]/",
        "https://localhost/",
        "ftp://hr.example.com/",
        "nowhere",
    ],
)
async def test_a_url_that_may_not_be_reached_is_refused_at_the_door(
    api: httpx.AsyncClient, memory: Memory, url: str
) -> None:
    made = await registered(api)
    for method, path in (("POST", "/v1/webhooks"), ("PUT", made["self"]), ("PATCH", made["self"])):
        answer = await api.request(method, path, json={"url": url})
        assert answer.status_code == 422, (method, answer.text)
        assert answer.json()["errors"][0]["field"] == "url"
        assert "hush" not in answer.text
    assert len(memory.records) == 1


async def test_the_refusal_is_told_in_chinese(api: httpx.AsyncClient) -> None:
    answer = await api.post(
        "/v1/webhooks", json={"url": "https://10.0.0.1/"}, headers={"accept-language": "zh-CN"}
    )
    assert "公网" in answer.json()["detail"]


async def test_rotating_answers_the_next_secret_and_keeps_the_rest(
    api: httpx.AsyncClient, memory: Memory, clock: FixedClock, settings: Settings
) -> None:
    made = await registered(api)
    clock.moment = NOW + timedelta(hours=1)
    turned = await api.post(f"{made['self']}/rotate")
    assert turned.status_code == 202
    assert turned.json()["secret"] == secret_of(county_key(settings), made["id"], 2)
    assert turned.json()["secret"] != made["secret"]
    webhook = memory.webhook()
    assert (webhook.secret_number, webhook.rotated_at) == (2, clock.moment)
    assert webhook.to_dict().items() >= HOOK.items()


@pytest.mark.parametrize("method", ["PUT", "PATCH"])
async def test_an_edit_keeps_the_secret_that_it_has(
    api: httpx.AsyncClient, memory: Memory, method: str
) -> None:
    made = await registered(api)
    await api.post(f"{made['self']}/rotate")
    changed = await api.request(method, made["self"], json={**HOOK, "enabled": False})
    assert changed.status_code == 202
    assert "secret" not in changed.json()
    webhook = memory.webhook()
    assert (webhook.id, webhook.enabled) == (made["id"], False)
    assert (webhook.secret_number, webhook.rotated_at) == (2, NOW)


async def test_a_patch_changes_what_it_names_only(api: httpx.AsyncClient, memory: Memory) -> None:
    made = await registered(api)
    await api.patch(made["self"], json={"kinds": None, "description": "HR"})
    webhook = memory.webhook()
    assert (webhook.kinds, webhook.description) == ((), "HR")
    assert (str(webhook.url), webhook.employer_id) == (HOOK["url"], HOOK["employerId"])


@pytest.mark.parametrize("field", ["secretNumber", "rotatedAt", "id"])
async def test_nobody_sets_what_the_secret_is_made_of(
    api: httpx.AsyncClient, memory: Memory, field: str
) -> None:
    made = await registered(api)
    for method in ("PUT", "PATCH"):
        answer = await api.request(method, made["self"], json={**HOOK, field: 1})
        assert answer.status_code == 422
    assert len(memory.records) == 1


async def test_a_removed_webhook_is_gone_for_every_verb(
    api: httpx.AsyncClient, memory: Memory
) -> None:
    made = await registered(api)
    assert (await api.delete(made["self"])).status_code == 202
    assert (memory.records[-1].key, memory.records[-1].value) == (made["id"], None)
    for method, path in (
        ("GET", made["self"]),
        ("PUT", made["self"]),
        ("PATCH", made["self"]),
        ("DELETE", made["self"]),
        ("POST", f"{made['self']}/rotate"),
    ):
        body = None if method == "GET" else HOOK
        answer = await api.request(method, path, json=body)
        assert answer.status_code == 404, (method, answer.text)
    assert len(memory.records) == 2
