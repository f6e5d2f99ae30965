"""Saved replies over the API and in the console: who reads and writes them, titles, quota."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from api.app import create_app
from api.saved_replies import service
from producers import reply_facts
from roost import ids
from roost.events.account import AccountRole
from roost.events.saved_reply import SavedReplyContent
from roost.settings import Settings
from roost.views.answers import Hit, Page
from tests.unit.api.builders import NOW
from tests.unit.api.console.pages import Signed
from tests.unit.api.services import EmptyViews
from tests.unit.api.signed import Topics, given_to, headers_for

HERE, THERE = ids.station_id("here"), ids.station_id("there")
REPLY = {"title": "面试材料", "text": "请带身份证原件。"}
OF_HERE = f"/v1/stations/{HERE}/saved-replies"


class Api:
    """The API in memory; callers of any role."""

    def __init__(self) -> None:
        self.app, self.topics = create_app(Settings()), Topics()
        given_to(self.app, self.topics)

    def of(self, role: AccountRole, **confined: Any) -> httpx.AsyncClient:
        return httpx.AsyncClient(
            transport=httpx.ASGITransport(app=self.app),
            base_url="http://test",
            headers=headers_for(self.topics, role, **confined),
        )

    def clerk(self, station: str = HERE) -> httpx.AsyncClient:
        return self.of(AccountRole.CLERK, station_ids=(station,))


async def added(client: httpx.AsyncClient, **changes: str) -> str:
    answer = await client.post(OF_HERE, json=REPLY | changes)
    assert answer.status_code == 201, answer.text
    assert answer.headers["location"] == f"/v1/saved-replies/{answer.json()['id']}"
    return str(answer.json()["id"])


async def titles(client: httpx.AsyncClient) -> list[str]:
    return [each["title"] for each in (await client.get(OF_HERE)).json()["items"]]


async def test_a_reply_is_added_changed_listed_and_removed() -> None:
    clerk = Api().clerk()
    id = await added(clerk)
    await added(clerk, title="路线")
    where = f"/v1/saved-replies/{id}"
    assert (await clerk.put(where, json=REPLY | {"text": "带证"})).json()["text"] == "带证"
    assert (await clerk.get(where)).json()["text"] == "带证"
    assert await titles(clerk) == ["路线", "面试材料"]
    assert (await clerk.delete(where)).status_code == 204
    assert await titles(clerk) == ["路线"]
    for answer in (await clerk.get(where), await clerk.delete(where)):
        assert answer.status_code == 404


@pytest.mark.parametrize("title", ["面试材料", " 面试材料 ", "面試材料"])
async def test_two_replies_of_a_station_have_different_titles(title: str) -> None:
    clerk = Api().clerk()
    await added(clerk)
    other = await added(clerk, title="路线")
    for answer in (
        await clerk.post(OF_HERE, json=REPLY | {"title": title}),
        await clerk.put(f"/v1/saved-replies/{other}", json=REPLY | {"title": title}),
    ):
        assert answer.status_code == 409
        assert [each["field"] for each in answer.json()["errors"]] == ["title"]


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"title": ""}, "title"),
        ({"title": "x" * 61}, "title"),
        ({"text": ""}, "text"),
        ({"text": "x" * 1_001}, "text"),
        ({"stationId": THERE}, "stationId"),
    ],
)
async def test_a_wrong_field_is_named(wrong: dict[str, str], field: str) -> None:
    answer = await Api().clerk().post(OF_HERE, json=REPLY | wrong)
    assert answer.status_code == 422
    assert [each["field"] for each in answer.json()["errors"]] == [field]


async def test_the_number_of_a_stations_replies_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(service, "MOST_OF_STATION", 1)
    clerk = Api().clerk()
    id = await added(clerk)
    answer = await clerk.post(OF_HERE, json=REPLY | {"title": "路线"})
    assert (answer.status_code, answer.json()["type"]) == (409, "/problems/quota-reached")
    assert (await clerk.put(f"/v1/saved-replies/{id}", json=REPLY)).status_code == 200


async def test_another_stations_replies_are_neither_read_nor_written() -> None:
    api = Api()
    id = await added(api.clerk())
    far, where = api.clerk(THERE), f"/v1/saved-replies/{id}"
    for answer in (
        await far.get(OF_HERE),
        await far.post(OF_HERE, json=REPLY),
        await far.get(where),
        await far.put(where, json=REPLY),
        await far.delete(where),
    ):
        assert answer.status_code == 404
    unknown = ids.derive("y", "unknown")
    said = (await far.get(where)).json()["detail"].replace(id, unknown)
    assert (await far.get(f"/v1/saved-replies/{unknown}")).json()["detail"] == said


@pytest.mark.parametrize(
    ("role", "confined"),
    [
        (AccountRole.WORKER, {"worker_id": ids.worker_id("t", "1")}),
        (AccountRole.EMPLOYER, {"employer_id": "acme"}),
        (AccountRole.AUDITOR, {}),
        (AccountRole.DEPARTMENT, {}),
    ],
)
async def test_others_than_staff_have_no_saved_replies(
    role: AccountRole, confined: dict[str, str]
) -> None:
    api = Api()
    id = await added(api.clerk())
    client = api.of(role, **confined)
    for method, path in (("GET", OF_HERE), ("POST", OF_HERE), ("GET", f"/v1/saved-replies/{id}")):
        assert (await client.request(method, path, json=REPLY)).status_code == 403


class OneStation(EmptyViews):
    """Views with one station."""

    async def search(self, view: str, body: Any) -> Page:
        """Return the station."""
        return Page((Hit(HERE, None, {"fact": {"name": "本站"}}, (HERE,)),), 1)


@pytest.mark.parametrize("language", ["zh", "en"])
async def test_the_console_adds_changes_and_removes_a_reply(language: str) -> None:
    browser = Signed(
        AccountRole.CLERK, elastic=OneStation(), language=language, station_ids=(HERE,)
    )
    pages = "/console/saved-replies"
    assert f"{pages}/stations/{HERE}/new" in (await browser.get(pages)).text
    wrong = await browser.send(f"{pages}/stations/{HERE}/new", title="", text="x")
    assert wrong.status_code == 422
    assert 'id="title-error"' in wrong.text
    made = await browser.send(f"{pages}/stations/{HERE}/new", **REPLY)
    assert made.status_code == 303
    [reply] = browser.topics.saved_replies.values()
    assert REPLY["text"] in (await browser.get(pages)).text
    assert REPLY["text"] in (await browser.get(f"{pages}/{reply.id}")).text
    await browser.send(f"{pages}/{reply.id}", title="路线", text="坐三路车")
    assert [each.title for each in browser.topics.saved_replies.values()] == ["路线"]
    assert (await browser.send(f"{pages}/{reply.id}/remove")).status_code == 303
    assert list(browser.topics.saved_replies.values()) == []


async def test_another_stations_form_is_not_shown() -> None:
    browser = Signed(AccountRole.CLERK, elastic=OneStation(), station_ids=(HERE,))
    content = SavedReplyContent.model_validate(REPLY)
    _, record = reply_facts.reply_saved(content, THERE, by="u-1", at=NOW)
    browser.topics.put(record)
    for path in (record.key, f"stations/{THERE}/new"):
        assert (await browser.get(f"/console/saved-replies/{path}")).status_code == 404
    assert REPLY["text"] not in (await browser.get("/console/saved-replies")).text
