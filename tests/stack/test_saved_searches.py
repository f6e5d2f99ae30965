"""Saved searches over the real API and stages, and the alert stage alone on Elasticsearch."""

from __future__ import annotations

import asyncio
import json
import secrets
from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import httpx
import pytest

from producers import saved_search_facts
from roost import ids
from roost.contact.search_links import PATH, search_token
from roost.events.envelope import Record, decode, record
from roost.events.notification import Notification
from roost.events.saved_search import SavedSearch
from roost.events.searchable import EntityKind, Searchable
from roost.kafka.incoming import Fact, Incoming, decode_fact
from roost.kafka.ports import Position
from roost.places.gazetteer import gazetteer
from roost.security.county_key import county_key
from roost.settings import Settings
from roost.time.clock import FixedClock
from roost.topics import NOTIFICATIONS, OPENINGS, PROFILES, SAVED_SEARCHES, SEARCHABLE
from roost.views.elastic import Elastic
from streams.alert.alert_stage import AlertStage
from streams.alert.announced_pairs import MOST_A_DAY
from streams.index.entity_projection import EntityProjection
from streams.maintenance.rebuild import rebuild
from streams.views.model_files import installed_model
from tests.stack.kept import Healed, Kept
from tests.stack.serving import Serving
from tests.stack.test_pipeline import opening as opening_fact
from tests.stack.told import WAIT, records_of, register
from tests.stack.waiting import all_processed, undisturbed, until

pytestmark = [pytest.mark.stack, pytest.mark.timeout(600)]
RUN = secrets.token_hex(3)
FORM = {"content-type": "application/x-www-form-urlencoded"}
UNPAID = {"currency": "CNY", "minValue": 900_000, "unitText": "MONTH"}
"""A wish that no opening here pays, so that the matcher proposes nothing."""
NUMBERS = iter(range(13_720_000_000, 13_720_001_000))


async def seeker(api: httpx.AsyncClient, name: str, **changes: Any) -> str:
    channels = [{"kind": "inbox"}, {"kind": "sms", "address": str(next(NUMBERS))}]
    content = {"wageWanted": UNPAID, "channels": channels} | changes
    return await register(api, f"search-{RUN}-{name}", **content)


async def saved(api: httpx.AsyncClient, worker: str, **content: Any) -> str:
    where = f"/v1/profiles/{worker}/saved-searches"
    answer = await api.post(where, json=content, headers=WAIT)
    assert answer.status_code == 201, answer.text
    return str(answer.json()["id"])


async def posted(api: httpx.AsyncClient, title: str, **changes: Any) -> str:
    content = {
        "identifier": f"search-{RUN}-{title}",
        "title": title,
        "hiringOrganization": {"id": f"search-{RUN}", "name": f"订阅示例厂{RUN}"},
        "jobLocation": {"name": "大同市"},
        "baseSalary": {"currency": "CNY", "minValue": 4_500, "unitText": "MONTH"},
    } | changes
    answer = await api.post("/v1/openings", json=content, headers=WAIT)
    assert answer.is_success, answer.text
    return str(answer.json()["id"])


async def told(settings: Settings, worker: str) -> list[dict[str, Any]]:
    """Return the notifications of saved searches to a worker, in order."""
    found = await asyncio.to_thread(records_of, settings, NOTIFICATIONS, worker)
    return [each for each in found if each["kind"] == "saved_search"]


@pytest.mark.usefixtures("stages")
async def test_a_new_opening_is_announced_with_the_reason_and_one_tap_ends_it(
    api: httpx.AsyncClient, settings: Settings, serving: Serving
) -> None:
    worker = await seeker(api, "tap")
    word = f"绗缝{RUN}"
    search = await saved(api, worker, words=word, place="大同市", wage=4_000, name="绗缝工作")
    await posted(api, f"{word}工")
    await posted(api, f"平车{RUN}工")
    cheap = {"currency": "CNY", "minValue": 3_000, "unitText": "MONTH"}
    await posted(api, f"{word}学徒", baseSalary=cheap)

    async def entries() -> list[dict[str, Any]]:
        found = (await api.get(f"/v1/profiles/{worker}/inbox")).json()["items"]
        return [each for each in found if each["kind"] == "saved_search"]

    [entry] = await until("the opening to be announced", entries)
    assert f"{word}工" in entry["title"]
    assert "绗缝工作" in entry["title"]
    for reason in (word, "山西省大同市", "4,000"):
        assert reason in entry["body"]
    assert word not in json.dumps(await told(settings, worker), ensure_ascii=False), "ids alone"
    found = (await api.get(f"/v1/saved-searches/{search}/openings")).json()
    assert [each["title"] for each in found["items"]] == [f"{word}工"]

    link = f"{PATH}/{search_token(county_key(settings), search)}"
    async with httpx.AsyncClient(base_url=serving.url, timeout=60) as anybody:
        for _ in range(2):
            assert "停用此订阅" in (await anybody.get(link)).text
        assert (await api.get(f"/v1/saved-searches/{search}")).json()["paused"] is False
        for _ in range(2):
            ended = await anybody.post(link, headers=FORM)
            assert ended.status_code == 200, ended.text
            assert "绗缝工作" in ended.text
        assert (await anybody.post(f"{link[:-1]}~", headers=FORM)).status_code == 404
    assert (await api.get(f"/v1/saved-searches/{search}")).json()["paused"] is True
    await posted(api, f"{word}组长")
    await all_processed(settings)
    assert len(await told(settings, worker)) == 1
    change = await api.patch(f"/v1/saved-searches/{search}", json={"paused": False}, headers=WAIT)
    assert change.status_code == 200, change.text
    await posted(api, f"{word}主管")

    async def twice() -> bool:
        return len(await told(settings, worker)) == 2

    await until("the resumed search to announce the next opening", twice)


@pytest.mark.usefixtures("stages")
async def test_an_opening_that_is_changed_is_announced_once(
    api: httpx.AsyncClient, settings: Settings
) -> None:
    word = f"钩编{RUN}"
    worker = await seeker(api, "changed")
    await saved(api, worker, words=word)
    asked = {"skills": [word], "baseSalary": None}
    await posted(api, "缝纫工", **asked)

    async def announced() -> bool:
        return len(await told(settings, worker)) == 1

    await until("the opening to be announced", announced)
    await posted(api, "缝纫工", **asked | {"skills": [word, "缝盘"]})
    await all_processed(settings)
    assert len(await told(settings, worker)) == 1


@pytest.mark.usefixtures("stages")
async def test_wrong_searches_are_refused_by_field_and_counted(api: httpx.AsyncClient) -> None:
    worker = await seeker(api, "wrong")
    where = f"/v1/profiles/{worker}/saved-searches"
    for content, field in (
        ({}, "words"),
        ({"name": "空"}, "words"),
        ({"words": "？ 、"}, "words"),
        ({"words": "a" * 101}, "words"),
        ({"words": "缝纫", "place": "不存在的地方"}, "place"),
        ({"occupation": "zh:0"}, "occupation"),
        ({"wage": -1}, "wage"),
        ({"withinKm": 0}, "withinKm"),
        ({"withinKm": 5_001}, "withinKm"),
        ({"shift": "never"}, "shift"),
        ({"words": "缝纫", "notice": "soon"}, "notice"),
        ({"words": "缝纫", "salary": 1}, "salary"),
        ({"words": "缝纫", "name": "订" * 41}, "name"),
    ):
        answer = await api.post(where, json=content)
        assert answer.status_code == 422, (content, answer.text)
        assert field in {each["field"] for each in answer.json()["errors"]}, content
    made = [await saved(api, worker, words=f"缝纫 {number}") for number in range(20)]
    full = await api.post(where, json={"words": "缝纫"})
    assert (full.status_code, full.json()["type"].rpartition("/")[2]) == (
        409,
        "saved-searches-full",
    )
    gone = await api.delete(f"/v1/saved-searches/{made[0]}", headers=WAIT)
    assert gone.is_success, gone.text
    key = {"Idempotency-Key": f"again-{RUN}"} | WAIT
    first, again = [await api.post(where, json={"words": "缝纫"}, headers=key) for _ in range(2)]
    assert first.json()["id"] == again.json()["id"]
    listed = (await api.get(where)).json()
    assert (len(listed["items"]), listed["most"]) == (20, 20)


@pytest.mark.usefixtures("stages")
async def test_an_erasure_leaves_no_search_and_the_view_is_rebuilt_byte_for_byte(
    api: httpx.AsyncClient, settings: Settings, elastic: Elastic
) -> None:
    kept = await seeker(api, "kept", location={"name": "大同市"})
    await saved(api, kept, words="缝纫 锁边", place="大同市", withinKm=20, nearHome=True)
    worker = await seeker(api, "erased")
    secret = f"仅供一人{RUN}"
    search = await saved(api, worker, words=secret)
    assert secret in (await api.get(f"/v1/profiles/{worker}/export")).text
    erased = await api.delete(f"/v1/profiles/{worker}", headers=WAIT, params={"confirmEnds": 10})
    assert erased.is_success, erased.text

    async def snapshot() -> dict[str, Any]:
        await elastic.refresh(SAVED_SEARCHES.name)
        found = elastic.scan(SAVED_SEARCHES.name)
        return {id: (version, each) async for id, version, each in found}

    async def gone() -> bool:
        return secret not in json.dumps(await snapshot(), ensure_ascii=False)

    await until("the search to be erased", gone)
    assert (await asyncio.to_thread(records_of, settings, SAVED_SEARCHES, search))[-1] is None
    assert (await api.get(f"/v1/saved-searches/{search}")).status_code == 404
    project = EntityProjection(installed_model(settings), gazetteer())

    async def rebuilt() -> bool:
        before = await snapshot()
        views = (SAVED_SEARCHES.name,)
        await rebuild(elastic, settings.bootstrap_servers, project, views=views)
        return bool(before) and await snapshot() == before

    assert await undisturbed(settings, rebuilt)


NOW = datetime(2031, 3, 5, 9, tzinfo=UTC)
"""Years from now, so that no stage running alongside acts on these documents."""
ZONE = ZoneInfo("Asia/Shanghai")
PLACE = "cn:5425"


class Killed(Exception):
    """Stands for the end of the process."""


class Dies(Kept):
    """A sender whose process is killed before it publishes."""

    async def publish(self, records: Sequence[Record]) -> list[Position]:
        raise Killed


class Decided:
    """Stages that have decided on every opening."""

    async def follow(self, facts: Sequence[Fact[Any]]) -> None:
        """Return at once."""


@pytest.fixture
async def project(settings: Settings, elastic: Elastic) -> AsyncIterator[EntityProjection]:
    """Return the projection; rebuild the views afterwards, as documents here are in no topic."""
    made = EntityProjection(installed_model(settings), gazetteer())
    yield made
    views = (SAVED_SEARCHES.name, OPENINGS.name, PROFILES.name, NOTIFICATIONS.name)
    await rebuild(elastic, settings.bootstrap_servers, made, views=views)


def alert_stage(elastic: Elastic, sender: Kept, now: datetime = NOW) -> AlertStage:
    return AlertStage(elastic, sender, FixedClock(now), ZONE, Healed(), Decided())  # type: ignore[arg-type]


def searchable(number: int, at: datetime = NOW) -> Fact[Any]:
    id = opening_id(number)
    event = Searchable(kind=EntityKind.OPENING, id=id, version=1, posted_at=at)
    made = record(event, id, source="/test", at=at)
    return decode_fact(Incoming(SEARCHABLE, 0, number, id.encode(), made.value, at))


def opening_id(number: int) -> str:
    return ids.opening_id(f"alert-{RUN}", str(number))


def search_of(number: int, **changes: Any) -> SavedSearch:
    return SavedSearch.model_validate(
        {
            "id": ids.derive("q", RUN, str(number)),
            "worker_id": ids.worker_id(f"alert-{RUN}", str(number)),
            "name": "订阅",
            "place": PLACE,
            "counts_from": NOW - timedelta(days=1),
            "by": "u-1",
            "created_at": NOW - timedelta(days=1),
        }
        | changes
    )


async def written(elastic: Elastic, project: EntityProjection, *made: Record) -> None:
    facts = [
        decode_fact(Incoming(each.topic, 0, 0, each.key.encode(), each.value, NOW)) for each in made
    ]
    assert await elastic.write(project(facts), refresh=True) == []


async def described(
    elastic: Elastic, project: EntityProjection, openings: int, *searches: SavedSearch
) -> None:
    """Write searches and openings into the views."""
    await written(
        elastic,
        project,
        *(saved_search_facts.search_saved(each, at=NOW) for each in searches),
    )
    for number in range(openings):
        where = {"name": "阿里地区", "scheme": "cn", "code": PLACE.removeprefix("cn:")}
        made, _ = opening_fact(f"alert-{RUN}-{number}", jobLocation=where, validThrough=None)
        moved = made.model_copy(update={"id": opening_id(number)})
        await written(elastic, project, record(moved, moved.id, source="/test", at=NOW))


def announced_by(sender: Kept) -> list[Notification]:
    return [decode(Notification, each.value or b"") for each in sender.records]


async def test_a_kill_before_the_publication_loses_and_repeats_nothing(
    elastic: Elastic, project: EntityProjection
) -> None:
    await described(elastic, project, 3, *(search_of(number) for number in range(4)))
    batch = [searchable(number) for number in range(3)]
    with pytest.raises(Killed):
        await alert_stage(elastic, Dies()).handle(batch)
    sender = Kept()
    for _ in range(2):
        await alert_stage(elastic, sender).handle(batch)
    pairs = [(each.saved_search_id, each.opening_id) for each in announced_by(sender)]
    assert sorted(pairs) == sorted(
        (search_of(search).id, opening_id(number)) for search in range(4) for number in range(3)
    )


async def test_openings_beyond_the_limit_of_a_day_are_counted_once_at_night(
    elastic: Elastic, project: EntityProjection
) -> None:
    paused = search_of(2, paused=True)
    elsewhere = search_of(3, place="cn:5404")
    await described(elastic, project, MOST_A_DAY + 4, search_of(1), paused, elsewhere)
    sender = Kept()
    for number in range(MOST_A_DAY + 4):
        await alert_stage(elastic, sender).handle([searchable(number)])
    assert len(announced_by(sender)) == MOST_A_DAY
    night = Kept()
    early = datetime(2031, 3, 5, 16, 20, tzinfo=UTC)  # 0:20 in Shanghai
    await alert_stage(elastic, night, early).housekeeping()
    assert announced_by(night) == []
    for _ in range(2):
        await alert_stage(elastic, night, early + timedelta(minutes=20)).housekeeping()
    [counted] = announced_by(night)
    assert (counted.saved_search_id, counted.further) == (search_of(1).id, 4)
    assert (counted.opening_id, counted.in_digest) == (None, True)
