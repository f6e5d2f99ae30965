"""Webhooks at the API, with the view and the topic in memory."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from api.app import create_app
from api.webhooks.trials import CALLS_PER_WEBHOOK
from roost.contact.webhook_targets import is_internal
from roost.errors import Transient
from roost.events.account import AccountRole
from roost.events.envelope import Record, decode, value_of
from roost.events.notification import Answer, Delivery, DeliveryStatus
from roost.events.preferences import ChannelKind
from roost.events.receipt import Receipt, ReceiptKind
from roost.events.webhook import Outage, OutageCause, Webhook
from roost.kafka.ports import Position
from roost.security.county_key import county_key
from roost.security.signing import secret_of
from roost.settings import Settings
from roost.time.clock import FixedClock
from roost.topics import DELIVERIES, OUTAGES, RECEIPTS, WEBHOOKS
from roost.views.answers import Hit, Page
from roost.webhooks.guarded import TargetRefused
from tests.unit.api.builders import delivery, notification
from tests.unit.api.console.pages import Signed
from tests.unit.api.signed import Topics, given_to, headers_for

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
HOOK = {"url": "https://hr.example.com/roost", "employerId": "jianzhu", "kinds": ["match_placed"]}


class Memory:
    """Topic and view at once: what is published can be read."""

    def __init__(self) -> None:
        self.records: list[Record] = []
        self.receipts: list[Receipt] = []
        self.documents: dict[tuple[str, str], dict[str, Any]] = {}

    async def publish(self, records: Sequence[Record]) -> list[Position]:
        [record] = records
        if record.topic is RECEIPTS:
            self.receipts.append(decode(Receipt, value_of(record)))
            return [Position(record.topic.name, 0, 0)]
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

    async def mget(
        self, keys: Sequence[tuple[str, str]], fields: Sequence[str] | None = None
    ) -> dict[tuple[str, str], dict[str, Any]]:
        return {key: self.documents[key] for key in keys if key in self.documents}

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


class Poster:
    """A poster that keeps its calls."""

    def __init__(self) -> None:
        self.calls: list[tuple[str, bytes]] = []
        self.refuses = False

    async def post(
        self, webhook: Webhook, message_id: str, body: bytes, at: datetime
    ) -> tuple[Answer, None]:
        if self.refuses:
            raise TargetRefused("the address is not public", "非公网地址")
        self.calls.append((webhook.id, body))
        return Answer(at=at, status=418, elapsed_ms=3, excerpt="invalid signature"), None


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
def topics(memory: Memory) -> Topics:
    return Topics(memory)


@pytest.fixture
def poster() -> Poster:
    return Poster()


@pytest.fixture
async def api(
    memory: Memory, topics: Topics, settings: Settings, clock: FixedClock, poster: Poster
) -> AsyncIterator[httpx.AsyncClient]:
    app = create_app(settings)
    given_to(
        app,
        topics,
        settings=settings,
        elastic=memory,
        clock=clock,
        key=county_key(settings),
        webhook_poster=poster,
    )
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


async def test_a_test_call_shows_the_receivers_answer(
    api: httpx.AsyncClient, poster: Poster
) -> None:
    made = await registered(api)
    answer = await api.post(f"{made['self']}/test")
    assert answer.status_code == 200
    assert answer.json()["status"] == 418
    ((called, body),) = poster.calls
    assert called == made["id"]
    assert b'"type":"roost.test"' in body


async def test_a_webhook_is_read_and_tried_before_the_view_shows_it(
    api: httpx.AsyncClient, memory: Memory, poster: Poster
) -> None:
    made = await registered(api)
    memory.documents.clear()
    read = await api.get(made["self"])
    assert (read.status_code, read.json()["version"]) == (200, made["version"])
    assert (await api.post(f"{made['self']}/test")).status_code == 200
    assert [called for called, _ in poster.calls] == [made["id"]]


async def test_test_calls_are_bounded_by_day(api: httpx.AsyncClient, poster: Poster) -> None:
    made = await registered(api)
    answers = [await api.post(f"{made['self']}/test") for _ in range(CALLS_PER_WEBHOOK + 1)]
    assert [each.status_code for each in answers] == [200] * CALLS_PER_WEBHOOK + [429]
    assert len(poster.calls) == CALLS_PER_WEBHOOK


async def test_a_test_call_to_an_address_that_is_not_permitted_names_the_field(
    api: httpx.AsyncClient, poster: Poster
) -> None:
    made = await registered(api)
    poster.refuses = True
    answer = await api.post(f"{made['self']}/test")
    assert answer.status_code == 422
    assert answer.json()["detail"].startswith("url: ")


async def test_an_outage_is_shown_until_the_webhook_is_enabled_again(
    api: httpx.AsyncClient, memory: Memory
) -> None:
    made = await registered(api)
    assert (await api.get(made["self"])).json()["outage"] is None
    outage = Outage(
        webhook_id=made["id"], cause=OutageCause.FAILING, since=NOW - timedelta(days=3), at=NOW
    )
    memory.documents[OUTAGES.name, made["id"]] = {"fact": outage.to_dict()}
    shown = (await api.get(made["self"])).json()["outage"]
    assert shown["cause"] == "failing"
    listed = (await api.get("/v1/webhooks")).json()["items"]
    assert [each["outage"] for each in listed] == [shown]
    assert (await api.post(f"{made['self']}/enable")).status_code in {200, 202}
    assert (await api.get(made["self"])).json()["outage"] is None
    assert memory.webhook().enabling == 2


async def test_switching_it_off_and_on_ends_an_outage_as_well(
    api: httpx.AsyncClient, memory: Memory
) -> None:
    made = await registered(api)
    await api.patch(made["self"], json={"description": "HR"})
    assert memory.webhook().enabling == 1
    await api.patch(made["self"], json={"enabled": False})
    await api.patch(made["self"], json={"enabled": True})
    assert memory.webhook().enabling == 2


async def test_a_private_address_is_allowed_for_one_origin_only(
    api: httpx.AsyncClient, memory: Memory
) -> None:
    made = await registered(api)
    allowed = await api.post(f"{made['self']}/private", json={"url": "http://10.20.0.8/roost"})
    assert allowed.status_code in {200, 202}
    assert memory.webhook().private_origin == "http://10.20.0.8:80"
    other_path = {**HOOK, "url": "http://10.20.0.8/other"}
    assert (await api.put(made["self"], json=other_path)).status_code in {200, 202}
    for url in ("http://10.20.0.9/", "http://10.20.0.8:81/", "https://10.20.0.8/"):
        refused = await api.put(made["self"], json={**HOOK, "url": url})
        assert refused.status_code == 422, url
    assert (await api.put(made["self"], json=HOOK)).status_code in {200, 202}
    assert memory.webhook().private_origin is None
    assert (await api.put(made["self"], json=other_path)).status_code == 422


async def test_an_employer_cannot_allow_itself_a_private_address(
    api: httpx.AsyncClient, memory: Memory, topics: Topics
) -> None:
    made = await registered(api)
    employer = headers_for(topics, AccountRole.EMPLOYER, employer_id=HOOK["employerId"])
    path, body = f"{made['self']}/private", {"url": "http://10.20.0.8/roost"}
    assert (await api.post(path, json=body, headers=employer)).status_code == 403
    for field in ("privateOrigin", "enabling"):
        patched = await api.patch(made["self"], json={field: "http://10.0.0.1:80"})
        assert patched.status_code == 422
    assert memory.webhook().private_origin is None


@pytest.mark.parametrize(
    "address",
    ["127.0.0.1", "169.254.169.254", "::1", "fe80::1", "0.0.0.0", "224.0.0.1", "100.100.100.200"],
)
def test_no_permission_covers_the_host_itself_or_a_clouds_metadata(address: str) -> None:
    assert not is_internal(address)
    assert is_internal("10.0.0.8")
    assert is_internal("fd00::8")


async def deliver_to(memory: Memory, webhook_id: str, status: DeliveryStatus) -> Delivery:
    """Write a delivery to a webhook, as the deliver stage does."""
    told = notification("resend", webhook_id)
    row = delivery(told, channel=ChannelKind.WEBHOOK, status=status)
    memory.documents[DELIVERIES.name, row.id] = {"id": row.id, "fact": row.to_dict()}
    return row


@pytest.mark.parametrize("status", [DeliveryStatus.SENT, DeliveryStatus.FAILED])
async def test_an_owner_asks_for_a_message_again_and_nobody_for_anothers(
    api: httpx.AsyncClient, memory: Memory, topics: Topics, status: DeliveryStatus
) -> None:
    made, other = await registered(api), await registered(api)
    row = await deliver_to(memory, made["id"], status)
    path = f"deliveries/{row.notification.id}/resend"
    assert (await api.post(f"{other['self']}/{path}")).status_code == 404
    stranger = headers_for(topics, AccountRole.EMPLOYER, employer_id="another")
    assert (await api.post(f"{made['self']}/{path}", headers=stranger)).status_code == 404
    assert memory.receipts == []
    owner = headers_for(topics, AccountRole.EMPLOYER, employer_id=HOOK["employerId"])
    asked = await api.post(f"{made['self']}/{path}", headers=owner)
    assert (asked.status_code, asked.json()["status"]) == (202, status)
    (receipt,) = memory.receipts
    assert (receipt.kind, receipt.channel) == (ReceiptKind.RESEND, ChannelKind.WEBHOOK)
    assert receipt.recipient.id == made["id"]


async def test_a_message_in_flight_is_not_sent_again(
    api: httpx.AsyncClient, memory: Memory
) -> None:
    made = await registered(api)
    row = await deliver_to(memory, made["id"], DeliveryStatus.SENDING)
    answer = await api.post(f"{made['self']}/deliveries/{row.notification.id}/resend")
    assert answer.status_code == 409
    assert memory.receipts == []


@pytest.mark.parametrize(
    ("language", "text"),
    [("en", "1 of your webhooks is disabled"), ("zh", "因地址无响应已停用")],
)
async def test_an_employer_is_notified_of_disabled_webhooks_on_every_page_and_by_the_api(
    memory: Memory, language: str, text: str
) -> None:
    mine, other = (
        Signed(
            AccountRole.EMPLOYER,
            elastic=memory,
            others=memory,
            language=language,
            employer_id=employer,
        )
        for employer in ("jianzhu", "another")
    )
    hook = Webhook.from_stored({"id": "h-" + "a" * 26, **HOOK})
    document = {"id": hook.id, "version": 1, "fact": hook.to_dict()}
    memory.documents[WEBHOOKS.name, hook.id] = document
    assert (await mine.get("/v1/me")).json()["disabledWebhooks"] == []
    assert text not in (await mine.get("/console/account")).text
    outage = Outage(webhook_id=hook.id, cause=OutageCause.FAILING, since=NOW, at=NOW)
    memory.documents[OUTAGES.name, hook.id] = {"id": hook.id, "fact": outage.to_dict()}
    for path in ("/console/account", "/console/employer/webhooks", "/console/nowhere"):
        shown = (await mine.get(path)).text
        assert text in shown
        assert 'href="/console/employer/webhooks"' in shown
        assert text not in (await other.get(path)).text
    assert (await mine.get("/v1/me")).json()["disabledWebhooks"] == [hook.id]
    assert (await other.get("/v1/me")).json()["disabledWebhooks"] == []


class Unreadable(Memory):
    async def search(self, view: str, body: dict[str, Any]) -> Page:
        raise Transient("the views cannot be read", "视图不可读")


async def test_pages_that_need_no_view_are_shown_to_an_employer_while_none_can_be_read() -> None:
    mine = Signed(AccountRole.EMPLOYER, elastic=Unreadable(), employer_id="jianzhu")
    assert (await mine.get("/console/account")).status_code == 200
    assert (await mine.get("/v1/me")).json().get("disabledWebhooks") is None
