"""Stops, preferences, inboxes, notices and timelines through the API on real servers.

Only the stage `index` runs: the tests write the other stages' documents to the views. The servers
are used by this module alone, so that no other module's stages send messages.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from deploy.local.processes import Process
from producers.admin import end_offsets
from producers.publisher import Publisher
from roost import ids
from roost.contact import stop_links
from roost.events.envelope import record
from roost.events.notification import DeliveryStatus, Hold, Step
from roost.events.notification import NotificationKind as Kind
from roost.events.preferences import ChannelKind
from roost.security.county_key import county_key
from roost.settings import Settings
from roost.topics import RECEIPTS, STOPS
from roost.views.elastic import Elastic, Write
from tests.stack.serving import Serving, served
from tests.stack.told import WAIT, answer_to, answered, match, next_told, put, records_of, register
from tests.stack.waiting import until
from tests.unit.api.builders import NOW, delivery, minutes, notification

pytestmark = pytest.mark.stack
FORM = {"List-Unsubscribe": "One-Click"}


@pytest.fixture(scope="module")
def settings(own_settings: Settings) -> Settings:
    return own_settings


@pytest.fixture(scope="module")
def publisher(settings: Settings) -> Iterator[Publisher]:
    with Publisher(settings.bootstrap_servers) as opened:
        yield opened


@pytest.fixture(scope="module")
def serving(settings: Settings, index: Process) -> Iterator[Serving]:
    with served(settings) as running:
        yield running


# --- stop


async def test_a_link_stops_a_worker_only_once_the_button_is_pressed(
    api: httpx.AsyncClient, settings: Settings
) -> None:
    worker = await register(api, "link")
    link = f"/v1/stop/{stop_links.stop_token(county_key(settings), worker)}"
    where = f"/v1/profiles/{worker}/stop"
    for _ in range(3):
        opened = await api.get(link)
        assert (opened.status_code, "<button" in opened.text) == (200, True)
    assert (await api.get(where)).json()["stopped"] is False
    for body in (FORM, {}, FORM):
        pressed = await api.post(link, data=body)
        assert (pressed.status_code, "已退订" in pressed.text) == (200, True)
    standing = (await api.get(where)).json()
    assert (standing["stopped"], standing["by"]) == (True, "link")
    assert len(records_of(settings, STOPS, worker)) == 1, "a repeat says nothing new"
    as_multipart = await api.post(link, files={"List-Unsubscribe": (None, "One-Click")})
    assert as_multipart.status_code == 200
    assert (await api.delete(where, headers=WAIT)).status_code == 200
    assert (await api.get(where)).json()["stopped"] is False
    assert (await api.put(where, headers=WAIT)).status_code == 200
    assert (await api.get(where)).json()["by"] == "api"


async def test_a_link_that_is_not_ours_is_told_to_a_person_and_stops_nobody(
    api: httpx.AsyncClient, settings: Settings
) -> None:
    before = end_offsets(settings.bootstrap_servers, [STOPS])
    token = stop_links.stop_token(b"x" * 32, ids.worker_id("t", "none"))
    for answer in (await api.get(f"/v1/stop/{token}"), await api.post(f"/v1/stop/{token}")):
        assert answer.status_code == 404
        assert answer.headers["content-type"].startswith("text/html")
        assert "链接不完整" in answer.text
    assert end_offsets(settings.bootstrap_servers, [STOPS]) == before


async def test_a_word_in_reply_stops_everybody_with_that_number_and_no_other(
    api: httpx.AsyncClient, elastic: Elastic
) -> None:
    sms = {"kind": "sms", "address": "138-0013-8000"}
    names = {"word-0": "王芳", "word-1": "李刚"}
    family = [await register(api, each, name=names[each], channels=[sms]) for each in names]
    other = await register(api, "word-other", channels=[sms | {"address": "13900139000"}])
    reply = {"channel": "sms", "address": "+86 138 0013 8000", "text": "退订"}
    asked = await api.post("/v1/replies", json=reply | {"text": "明天几点面试"})
    assert asked.json() == {"stopped": 0}
    assert (await api.post("/v1/replies", json=reply)).json() == {"stopped": 2}
    for worker in family:
        assert (await api.get(f"/v1/profiles/{worker}/stop")).json()["by"] == "word"
    assert (await api.get(f"/v1/profiles/{other}/stop")).json()["stopped"] is False
    document = await elastic.get("profiles", family[0])
    assert document is not None
    del document["fact"]
    assert "8000" not in json.dumps(document), "no telephone number is searched in clear"


# --- preferences


async def test_a_workers_own_preferences_hold_until_taken_back(api: httpx.AsyncClient) -> None:
    theirs = {"mutedKinds": ["policy_news"]}
    worker = await register(api, "preferences", preferences=theirs)
    where = f"/v1/profiles/{worker}/preferences"

    async def now() -> tuple[str, list[str]]:
        said = (await api.get(where)).json()
        return said["source"], said["preferences"]["mutedKinds"]

    assert await now() == ("profile", ["policy_news"])
    chosen = await api.put(where, json={"mutedKinds": ["new_match"]}, headers=WAIT)
    assert chosen.status_code == 200, chosen.text
    await register(api, "preferences", preferences=theirs)
    assert await now() == ("own", ["new_match"]), "an import undoes nothing"
    snoozed = await api.post(f"/v1/profiles/{worker}/snooze", json={"hours": 8}, headers=WAIT)
    assert snoozed.status_code == 200
    assert (await api.get(where)).json()["preferences"]["snoozedUntil"]
    assert await now() == ("own", ["new_match"]), "a snooze keeps the rest"
    assert (await api.delete(where, headers=WAIT)).status_code == 200
    assert await now() == ("profile", ["policy_news"])


@pytest.mark.parametrize(
    ("content", "field"),
    [
        ({"mutedKinds": ["weather"]}, "mutedKinds.0"),
        ({"channelsByKind": {"weather": ["sms"]}}, "channelsByKind.weather"),
        ({"timeZone": "Mars/Olympus"}, "timeZone"),
        ({"digest": {"weekday": 8}}, "digest.weekday"),
    ],
)
async def test_preferences_that_mean_nothing_are_refused_by_field(
    api: httpx.AsyncClient, content: dict[str, Any], field: str
) -> None:
    worker = await register(api, "wrong")
    answer = await api.put(f"/v1/profiles/{worker}/preferences", json=content)
    assert answer.status_code == 422
    assert field in [each["field"] for each in answer.json()["errors"]]
    if "weather" in json.dumps(content):
        assert "interview_set" in answer.json()["errors"][0]["message"]


# --- inbox


async def test_an_inbox_shows_what_was_sent_newest_first_in_words_written_now(
    api: httpx.AsyncClient, elastic: Elastic
) -> None:
    worker = await register(api, "shown")
    notice = await answer_to(api, worker)
    told = [answered(worker, notice, f"shown-{n}", caused_at=minutes(n)) for n in range(5)]
    sent = [delivery(each, at=minutes(n + 1)) for n, each in enumerate(told)]
    sent[0] = sent[0].model_copy(update={"read_at": minutes(9)})
    waiting = delivery(answered(worker, notice, "later"), status=DeliveryStatus.WAITING)
    by_sms = delivery(told[0], channel=ChannelKind.SMS)
    await put(elastic, *sent, waiting, by_sms)
    where = f"/v1/profiles/{worker}/inbox"
    first = (await api.get(where, params={"limit": 3})).json()
    rest = (await api.get(where, params={"limit": 3, "cursor": first["next"]})).json()
    shown = [each["id"] for each in (*first["items"], *rest["items"])]
    assert shown == [each.id for each in reversed(told)]
    assert (first["unread"], rest["next"]) == (4, None)
    assert "答复" in first["items"][0]["title"]
    assert first["items"][0]["noticeId"] == notice
    unread = (await api.get(where, params={"unread": True})).json()
    assert [each["id"] for each in unread["items"]] == shown[:4]
    assert (await api.get(f"{where}/{told[0].id}")).json()["read"] is True
    assert (await api.get(f"{where}/{waiting.notification.id}")).status_code == 404
    assert (await api.delete(f"/v1/notices/{notice}", headers=WAIT)).status_code == 200
    gone = (await api.get(f"{where}/{told[0].id}", params={"language": "en"})).json()
    assert "材料" not in json.dumps(gone, ensure_ascii=False)


async def test_a_receipt_is_given_by_the_recipient_alone(
    api: httpx.AsyncClient, elastic: Elastic, settings: Settings
) -> None:
    worker, other = await register(api, "reads"), await register(api, "peeps")
    notice = await answer_to(api, worker)
    told = [answered(worker, notice, f"reads-{n}") for n in range(3)]
    await put(elastic, *map(delivery, told))
    theirs = f"/v1/profiles/{worker}/inbox"
    assert (await api.get(f"/v1/profiles/{other}/inbox/{told[0].id}")).status_code == 404
    peeped = await api.post(f"/v1/profiles/{other}/inbox/{told[0].id}/read")
    assert peeped.status_code == 404
    assert (await api.post(f"{theirs}/{told[0].id}/forgotten")).status_code == 422
    for kind in ("read", "answered", "read"):
        answer = await api.post(f"{theirs}/{told[0].id}/{kind}")
        assert answer.status_code == 202, answer.text
    said = records_of(settings, RECEIPTS, told[0].id)
    assert [each["kind"] for each in said] == ["read", "answered", "read"]
    assert said[0]["id"] == said[2]["id"] == ids.derive("r", told[0].id, "read")
    assert said[0]["recipient"] == {"kind": "worker", "id": worker}
    seen = delivery(told[1], read_at=minutes(3), revision=2)
    await put(elastic, seen)
    assert (await api.post(f"{theirs}/{told[1].id}/read")).status_code == 200
    assert records_of(settings, RECEIPTS, told[1].id) == [], "it was read already"
    assert (await api.post(f"{theirs}/read")).json() == {"read": 2}
    assert len(records_of(settings, RECEIPTS, told[2].id)) == 1


async def test_a_stations_inbox_is_followed_live_and_caught_up(
    api: httpx.AsyncClient, elastic: Elastic, publisher: Publisher
) -> None:
    station = ids.station_id("inbox-station")
    content = {"identifier": "inbox-station", "name": "收件站", "place": {"name": "大同市"}}
    await api.put(f"/v1/stations/{station}", json=content, headers=WAIT)
    news = {
        "kind": "policy_news",
        "zh": {"title": "补贴", "body": "请知悉。"},
        "audience": {"stationIds": [station]},
    }
    notice = (await api.post("/v1/notices", json=news, headers=WAIT)).json()["id"]
    told = notification("live", station, kind=Kind.POLICY_NEWS, notice_id=notice)
    rows = [
        delivery(told, status=DeliveryStatus.WAITING),
        delivery(told, revision=2),
        delivery(told, revision=3, read_at=minutes(4)),
    ]
    where = f"/v1/stations/{station}/inbox"
    async with api.stream("GET", f"{where}/events") as stream:
        lines = stream.aiter_lines()
        ready = [await anext(lines) for _ in range(2)]
        beginning = next(line for line in ready if line.startswith("id: ")).removeprefix("id: ")
        said = [record(row, told.id, source="/test", at=NOW) for row in rows]
        await asyncio.to_thread(publisher.publish, said)
        coming = asyncio.create_task(next_told(lines))
        done, _ = await asyncio.wait([coming], timeout=1)
        assert not done, "the topic says it, but who asks for the inbox would not find it yet"
        await put(elastic, rows[1])
        entry = await asyncio.wait_for(coming, 30)
    assert (entry["id"], entry["read"]) == (told.id, False)
    assert "补贴" in entry["title"]
    back = {"Last-Event-ID": beginning}
    async with api.stream("GET", f"{where}/events", headers=back) as stream:
        assert await asyncio.wait_for(next_told(stream.aiter_lines()), 30) == entry
    assert [each["id"] for each in (await api.get(where)).json()["items"]] == [told.id]


async def test_a_queue_is_still_followed_live_and_caught_up(
    api: httpx.AsyncClient, publisher: Publisher
) -> None:
    here, elsewhere = ids.station_id("inbox-queue"), ids.station_id("inbox-elsewhere")
    content = {"identifier": "inbox-queue", "name": "队列站", "place": {"name": "大同市"}}
    await api.put(f"/v1/stations/{here}", json=content, headers=WAIT)
    where = f"/v1/stations/{here}/events"
    said = [
        record(match(each), match(each).id, source="/test", at=NOW) for each in (elsewhere, here)
    ]
    async with api.stream("GET", where) as stream:
        lines = stream.aiter_lines()
        ready = [await anext(lines) for _ in range(2)]
        beginning = next(line for line in ready if line.startswith("id: ")).removeprefix("id: ")
        await asyncio.to_thread(publisher.publish, said)
        told = await asyncio.wait_for(next_told(lines), 30)
    assert told == match(here).to_dict()
    async with api.stream("GET", where, headers={"Last-Event-ID": beginning}) as stream:
        assert await asyncio.wait_for(next_told(stream.aiter_lines()), 30) == told


# --- notices


async def test_a_notice_is_previewed_posted_and_withdrawn(api: httpx.AsyncClient) -> None:
    await register(api, "reached", home={"name": "大同市"}, location={"name": "北京市"})
    content = {
        "kind": "policy_news",
        "zh": {"title": "返乡补贴", "body": "可申领。"},
        "audience": {"places": ["大同市"]},
    }
    shown = (await api.post("/v1/notices/preview", json=content)).json()
    assert "返乡补贴" in shown["zh"]["title"]
    elsewhere = content | {"audience": {"places": ["拉萨市"]}}
    none = (await api.post("/v1/notices/preview", json=elsewhere)).json()["reached"]
    assert none["workers"] == 0 < shown["reached"]["workers"]
    posted = await api.post("/v1/notices", json=content, headers=WAIT)
    assert posted.status_code == 201
    again = await api.post("/v1/notices", json=content)
    assert (again.status_code, again.json()["id"]) == (200, posted.json()["id"])
    where = posted.headers["location"]
    assert (await api.get(where)).json()["zh"]["title"] == "返乡补贴"
    assert (await api.delete(where, headers=WAIT)).status_code == 200
    assert (await api.get(where)).status_code == 404


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"audience": {"places": ["无此地方"]}}, "audience.places.0"),
        ({"audience": {"workerIds": [ids.worker_id("t", "none")]}}, "audience.workerIds.0"),
        ({"audience": {}}, "audience"),
        ({"zh": None}, "(body)"),
    ],
)
async def test_a_notice_that_would_reach_nobody_is_refused(
    api: httpx.AsyncClient, changes: dict[str, Any], field: str
) -> None:
    content = {
        "kind": "policy_news",
        "zh": {"title": "x", "body": "y"},
        "audience": {"places": ["大同市"]},
    }
    answer = await api.post("/v1/notices", json=content | changes)
    assert answer.status_code == 422
    assert field in [each["field"] for each in answer.json()["errors"]]


# --- timelines


async def test_a_notification_tells_what_became_of_it_on_every_channel(
    api: httpx.AsyncClient, elastic: Elastic
) -> None:
    worker = await register(api, "timeline")
    told = answered(worker, await answer_to(api, worker), "timeline")
    in_app = delivery(
        told,
        history=(Step(at=minutes(1), status=DeliveryStatus.SENT),),
        read_at=minutes(7),
    )
    by_sms = delivery(
        told,
        channel=ChannelKind.SMS,
        status=DeliveryStatus.WAITING,
        held_by=Hold.QUIET,
        due_at=minutes(600),
    )
    parked = delivery(told, channel=ChannelKind.EMAIL, status=DeliveryStatus.PARKED)
    await put(elastic, in_app, by_sms, parked)
    story = (await api.get(f"/v1/notifications/{told.id}")).json()
    assert story["notification"]["id"] == told.id
    channels = {each["channel"]: each["timeline"] for each in story["channels"]}
    assert [each["what"] for each in channels["inbox"]] == ["created", "sent", "read"]
    held = channels["sms"][-1]
    assert (held["what"], held["why"]) == ("held", "quiet")
    assert held["until"] == by_sms.to_dict()["dueAt"]

    async def listed(**params: Any) -> set[str]:
        found = await api.get("/v1/deliveries", params={"limit": 200} | params)
        return {each["id"] for each in found.json()["items"]}

    assert parked.id in await listed(status="parked")
    assert by_sms.id not in await listed(status="parked")
    assert {parked.id, by_sms.id} <= await listed(status=["parked", "waiting"])
    assert await listed(status="failed", channel="sms") == set()
    assert (await api.get(f"/v1/notifications/{ids.derive('n', 'none')}")).status_code == 404
    nobodys = ids.match_id(ids.opening_id("t", "none"), worker)
    assert (await api.get(f"/v1/matches/{nobodys}/notifications")).status_code == 404


async def test_a_match_tells_who_was_told_of_it(api: httpx.AsyncClient, elastic: Elastic) -> None:
    worker = await register(api, "matched")
    match = ids.match_id(ids.opening_id("t", "matched"), worker)
    row = {"id": match, "version": 1, "worker_id": worker, "fact": {"id": match}}
    assert await elastic.write([Write("matches", match, 1, row)]) == []
    told = notification("matched", worker, match_id=match)
    await put(elastic, delivery(told))
    found = await api.get(f"/v1/matches/{match}/notifications")
    assert [each["id"] for each in found.json()["items"]] == [told.id]


# --- erasure


async def test_an_erased_worker_leaves_no_choice_no_stop_and_no_answer(
    api: httpx.AsyncClient, settings: Settings, elastic: Elastic
) -> None:
    worker = await register(api, "erased")
    where = f"/v1/profiles/{worker}"
    notice = await answer_to(api, worker, "只给一人")
    told = answered(worker, notice, "erased")
    await put(elastic, delivery(told))
    link = f"/v1/stop/{stop_links.stop_token(county_key(settings), worker)}"
    await api.put(f"{where}/preferences", json={"language": "en"}, headers=WAIT)
    assert (await api.post(link)).status_code == 200
    assert (await api.delete(where, headers=WAIT)).status_code == 200
    pages = ("", "/preferences", "/stop", "/inbox", f"/inbox/{told.id}")
    asked = [f"{where}{page}" for page in pages] + [f"/v1/notices/{notice}"]

    async def gone() -> bool:
        return all([(await api.get(each)).status_code == 404 for each in asked])

    await until("all of it gone", gone, 20)
    assert records_of(settings, STOPS, worker)[-1] is None
    for view, id in (("preferences", worker), ("stops", worker), ("notices", notice)):
        document = await elastic.get(view, id)
        assert document is not None
        assert "fact" not in document
    assert (await api.post(link)).status_code == 200
    assert records_of(settings, STOPS, worker)[-1] is None, "a late link brings nothing back"
