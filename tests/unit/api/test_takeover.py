"""No write replaces the record of another station's worker or opening."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from typing import Any

import orjson
import pytest

from api.access.principal import Principal
from api.inbox.live_inbox import live_entries
from api.inbox.owners import Owner
from api.ports.live_messages import LiveChange, LiveKind
from roost.events.account import AccountRole
from roost.events.notification import NotificationKind
from roost.kafka.ports import Partition
from tests.unit.api.builders import NOW, delivery, notification
from tests.unit.api.two_stations import (
    ELSEWHERE,
    HERE,
    MINE,
    County,
    opening,
    stored_opening,
    stored_worker,
    worker,
)


@pytest.fixture
def county() -> County:
    return County()


FEATURES = [
    pytest.param("/v1/profiles", worker, stored_worker, id="profiles"),
    pytest.param("/v1/openings", opening, stored_opening, id="openings"),
]
CHANGED = {"/v1/profiles": {"skills": ["砌筑"]}, "/v1/openings": {"title": "砌筑工"}}


@pytest.mark.parametrize(("path", "body", "stored"), FEATURES)
async def test_a_post_with_anothers_identifier_is_refused_and_publishes_nothing(
    county: County, path: str, body: Any, stored: Any
) -> None:
    county.views.store(stored(ELSEWHERE))
    answer = await county.send("POST", path, body(HERE))
    assert answer.status_code == 409, answer.text
    assert answer.json()["errors"][0]["field"] == "identifier"
    assert county.log.records == []


SPELLINGS = ["a-1", "Ａ-1", "A-1\u200b", " A-1 ", "'A-1", '="A-1"', "A–1"]


@pytest.mark.parametrize("spelling", SPELLINGS)
async def test_another_spelling_of_anothers_number_is_refused(
    county: County, spelling: str
) -> None:
    county.views.store(stored_worker(ELSEWHERE))
    answer = await county.send("POST", "/v1/profiles", worker(HERE, identifier=spelling))
    assert answer.status_code == 409, answer.text
    assert county.log.records == []


@pytest.mark.parametrize("spelling", ["2026-1\ufeff", "２０２６-1", '="2026-1"'])
async def test_another_spelling_of_anothers_reference_is_refused(
    county: County, spelling: str
) -> None:
    county.views.store(stored_opening(ELSEWHERE))
    answer = await county.send("POST", "/v1/openings", opening(HERE, identifier=spelling))
    assert answer.status_code == 409, answer.text
    assert county.log.records == []


@pytest.mark.parametrize("spelling", SPELLINGS)
async def test_another_spelling_of_ones_own_number_edits_the_same_worker(
    county: County, spelling: str
) -> None:
    record = stored_worker(HERE)
    county.views.store(record)
    for method, path in (("POST", "/v1/profiles"), ("PUT", f"/v1/profiles/{record.key}")):
        changed = worker(HERE, identifier=spelling, skills=[method])
        answer = await county.send(method, path, changed)
        assert answer.status_code == 202, answer.text
    assert {each.key for each in county.log.records} == {record.key}
    assert {orjson.loads(each.value)["identifier"] for each in county.log.records} == {"A-1"}


@pytest.mark.parametrize(("path", "body", "stored"), FEATURES)
async def test_a_post_with_ones_own_identifier_edits_the_record(
    county: County, path: str, body: Any, stored: Any
) -> None:
    record = stored(HERE)
    county.views.store(record)
    answer = await county.send("POST", path, body(HERE, **CHANGED[path]))
    assert answer.status_code == 202, answer.text
    assert [each.key for each in county.log.records] == [record.key]


@pytest.mark.parametrize(("path", "body", "stored"), FEATURES)
async def test_a_new_record_has_to_be_in_a_place_that_the_station_serves(
    county: County, path: str, body: Any, stored: Any
) -> None:
    answer = await county.send("POST", path, body(ELSEWHERE))
    assert answer.status_code == 403, answer.text
    assert county.log.records == []


async def test_an_opening_that_was_erased_belongs_to_nobody(county: County) -> None:
    record = stored_opening(ELSEWHERE)
    county.views.documents[record.topic.name, record.key] = {"erased": True, "version": 9}
    answer = await county.send("POST", "/v1/openings", opening(HERE))
    assert answer.status_code == 202, answer.text


@pytest.mark.parametrize(("path", "body", "stored"), FEATURES)
async def test_a_record_that_this_process_published_counts_before_a_view_shows_it(
    county: County, path: str, body: Any, stored: Any
) -> None:
    record = stored(ELSEWHERE)
    [position] = await county.log.publish([record])
    county.given.latest.note(record, position)
    county.log.records.clear()
    answer = await county.send("POST", path, body(HERE))
    assert answer.status_code == 409, answer.text
    assert county.log.records == []


@pytest.mark.parametrize(("path", "body", "stored"), FEATURES)
async def test_concurrent_posts_of_one_identifier_run_one_after_the_other(
    county: County, path: str, body: Any, stored: Any
) -> None:
    ((name, _),) = CHANGED[path].items()
    bodies = [body(HERE, **{name: ["甲"] * n if name == "skills" else "甲" * n}) for n in (1, 2, 3)]
    answers = await asyncio.gather(*(county.send("POST", path, each) for each in bodies))
    assert {each.status_code for each in answers} == {202}
    assert county.log.most_writing == 1
    versions = [each.json()["version"] for each in answers]
    assert len(set(versions)) == 3


@pytest.mark.parametrize(("path", "body", "stored"), FEATURES)
@pytest.mark.parametrize("match", ['"7"', '"99"'])
async def test_an_edit_out_of_reach_is_unknown_whatever_version_it_names(
    county: County, path: str, body: Any, stored: Any, match: str
) -> None:
    record = stored(ELSEWHERE)
    county.views.store(record)
    answer = await county.send("PUT", f"{path}/{record.key}", body(HERE), **{"If-Match": match})
    assert answer.status_code == 404, answer.text
    assert county.log.records == []


@pytest.mark.parametrize(("path", "body", "stored"), FEATURES)
async def test_an_edit_of_an_older_version_is_refused(
    county: County, path: str, body: Any, stored: Any
) -> None:
    record = stored(HERE)
    county.views.store(record)
    where = f"{path}/{record.key}"
    answer = await county.send("PUT", where, body(HERE), **{"If-Match": '"6"'})
    assert answer.status_code == 412, answer.text
    assert county.log.records == []


@pytest.mark.parametrize(("path", "body", "stored"), FEATURES)
@pytest.mark.parametrize("unwanted", ["*", '"7"', 'W/"7"'])
async def test_a_write_that_must_create_replaces_nothing(
    county: County, path: str, body: Any, stored: Any, unwanted: str
) -> None:
    record = stored(HERE)
    county.views.store(record)
    where = f"{path}/{record.key}"
    answer = await county.send("PUT", where, body(HERE), **{"If-None-Match": unwanted})
    assert answer.status_code == 412, answer.text
    assert "If-None-Match" in answer.json()["detail"]
    assert county.log.records == []


async def test_a_station_may_record_that_its_worker_has_moved_away(county: County) -> None:
    record = stored_worker(HERE)
    county.views.store(record)
    moved = await county.send("PUT", f"/v1/profiles/{record.key}", worker(ELSEWHERE))
    assert moved.status_code == 202, moved.text
    again = await county.send("PUT", f"/v1/profiles/{record.key}", worker(HERE))
    assert again.status_code == 404, again.text


async def test_a_station_may_edit_a_worker_in_its_queue(county: County) -> None:
    county.views.queued = 1
    county.views.store(stored_worker(ELSEWHERE))
    answer = await county.send("POST", "/v1/profiles", worker(HERE))
    assert answer.status_code == 202, answer.text


ENDED_MATCH = [
    ("GET", "", None),
    ("PUT", "", worker(HERE)),
    ("DELETE", "", None),
    ("GET", "/export", None),
    ("GET", "/training", None),
    ("GET", "/preferences", None),
    ("PUT", "/preferences", {}),
    ("POST", "/snooze", {"hours": 8}),
    ("GET", "/stop", None),
    ("PUT", "/stop", {}),
    ("GET", "/inbox", None),
    ("GET", "/matches", None),
]


@pytest.mark.parametrize(("method", "path", "body"), ENDED_MATCH)
@pytest.mark.parametrize("role", [AccountRole.CLERK, AccountRole.CHIEF])
async def test_an_ended_match_gives_no_access_to_the_worker(
    method: str, path: str, body: Any, role: AccountRole
) -> None:
    county = County(role)
    county.views.ended = 3
    record = stored_worker(ELSEWHERE)
    county.views.store(record)
    answer = await county.send(method, f"/v1/profiles/{record.key}{path}", body)
    forbidden = role is AccountRole.CLERK and (method == "DELETE" or path == "/export")
    assert answer.status_code == (403 if forbidden else 404), answer.text
    assert county.log.records == []


async def test_an_ended_match_does_not_make_anothers_number_ones_own(county: County) -> None:
    county.views.ended = 1
    county.views.store(stored_worker(ELSEWHERE))
    answer = await county.send("POST", "/v1/profiles", worker(HERE))
    assert answer.status_code == 409, answer.text
    assert county.log.records == []


async def test_another_workers_number_is_no_edit_of_this_one(county: County) -> None:
    record = stored_worker(HERE)
    county.views.store(record)
    where = f"/v1/profiles/{record.key}"
    answer = await county.send("PUT", where, worker(HERE, identifier="A-2"))
    assert answer.status_code == 409, answer.text


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("PUT", "preferences", {}),
        ("DELETE", "preferences", {}),
        ("POST", "snooze", {"hours": 8}),
        ("PUT", "stop", {}),
        ("DELETE", "stop", {}),
    ],
)
async def test_the_settings_of_another_stations_worker_are_unknown(
    county: County, method: str, path: str, body: dict[str, Any]
) -> None:
    theirs, mine = stored_worker(ELSEWHERE), stored_worker(HERE)
    county.views.store(theirs)
    refused = await county.send(method, f"/v1/profiles/{theirs.key}/{path}", body)
    assert refused.status_code == 404, refused.text
    assert county.log.records == []
    county.views.store(mine)
    accepted = await county.send(method, f"/v1/profiles/{mine.key}/{path}", body)
    assert accepted.status_code == 202, accepted.text


class LiveInbox:
    """Hub with two changes; the worker's last match ends between them."""

    def __init__(self, county: County, delivery: str) -> None:
        self._county, self._delivery = county, delivery

    async def resumed(self, last_id: str | None) -> str:
        return "0"

    async def watch(
        self, channel: str, since: str, still: Callable[[], bool]
    ) -> AsyncIterator[LiveChange]:
        place = Partition("deliveries", 0)
        yield LiveChange("1", LiveKind.ENTRY, self._delivery, "k", place, 0, NOW)
        self._county.views.queued, self._county.views.ended = 0, 1
        yield LiveChange("2", LiveKind.ENTRY, self._delivery, "k", place, 1, NOW)


async def test_an_open_inbox_closes_once_the_last_match_has_ended(county: County) -> None:
    record = stored_worker(ELSEWHERE)
    county.views.store(record)
    county.views.queued = 1
    news = delivery(notification(kind=NotificationKind.POLICY_NEWS))
    county.views.documents["deliveries", news.id] = {"version": news.revision}
    given = replace(county.given, live=LiveInbox(county, news.to_json().decode()))
    who = Principal("u-1", AccountRole.CLERK, "x", station_ids=(MINE,))
    owner = Owner(record.key, "zh")
    events = [each async for each in live_entries(given, who, owner, None, lambda: True)]
    assert [each.event for each in events] == ["ready", "entry"]
