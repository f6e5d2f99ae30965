"""No write replaces the record of somebody else's worker or opening."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

import httpx
import orjson
import pytest

from api.app import create_app
from api.ports.services import Services
from producers import facts, simulator
from producers.publisher import Position
from roost import ids
from roost.events.account import AccountRole
from roost.events.envelope import Record
from roost.events.opening import OpeningContent
from roost.events.profile import ProfileContent
from roost.places.gazetteer import gazetteer
from roost.settings import Settings
from roost.views.elastic import Json
from tests.unit.api.builders import NOW
from tests.unit.api.signed import Topics, given_to, headers_for

HERE, ELSEWHERE = gazetteer().find("太原市"), gazetteer().find("大同市")
MINE, OTHERS = ids.station_id("mine"), ids.station_id("others")
EMPLOYER = "site-1"


class Log:
    """A publisher that keeps its records; another request may run while it writes."""

    def __init__(self) -> None:
        self.records: list[Record] = []
        self.writing = self.most_writing = 0
        self._ends: Counter[str] = Counter()

    def publish(self, records: Sequence[Record]) -> list[Position]:
        return [self._put(each) for each in records]

    async def apublish(self, record: Record) -> Position:
        self.writing += 1
        self.most_writing = max(self.most_writing, self.writing)
        await asyncio.sleep(0.01)
        self.writing -= 1
        return self._put(record)

    def _put(self, record: Record) -> Position:
        self.records.append(record)
        self._ends[record.topic.name] += 1
        return Position(record.topic.name, 0, 10 + self._ends[record.topic.name])


class Views:
    """The views of two stations, and of the facts that a test stores."""

    def __init__(self) -> None:
        self.documents: dict[tuple[str, str], Json] = {
            ("stations", MINE): {"serves": [HERE.key], "version": 1},
            ("stations", OTHERS): {"serves": [ELSEWHERE.key], "version": 1},
        }
        self.queued = 0
        """Matches of the worker or opening in the caller's queues."""

    def store(self, record: Record) -> None:
        fact = orjson.loads(record.value or b"null")
        self.documents[record.topic.name, record.key] = {
            "id": record.key,
            "version": 7,
            "fact": fact,
        }

    async def get(self, view: str, id: str) -> Json | None:
        return self.documents.get((view, id))

    async def mget(
        self, keys: Sequence[tuple[str, str]], fields: Sequence[str] | None = None
    ) -> dict[tuple[str, str], Json]:
        return {key: self.documents[key] for key in keys if key in self.documents}

    async def count(self, view: str, query: Json | None = None) -> int:
        return self.queued

    async def refresh(self, *views: str) -> None:
        return None


class County:
    """The API in memory, asked by a clerk of the station that serves HERE."""

    def __init__(self) -> None:
        self.log, self.views = Log(), Views()
        topics = Topics(self.log)
        app = create_app(Settings())
        self.given: Services = given_to(app, topics, elastic=self.views)
        self._headers = headers_for(topics, AccountRole.CLERK, station_ids=(MINE,))
        self.client = httpx.AsyncClient(
            transport=httpx.ASGITransport(app), base_url="http://127.0.0.1:8000"
        )

    async def send(
        self, method: str, path: str, body: Mapping[str, Any], **headers: str
    ) -> httpx.Response:
        return await self.client.request(method, path, json=body, headers=self._headers | headers)


@pytest.fixture
def county() -> County:
    return County()


def worker(place: Any, **changes: Any) -> dict[str, Any]:
    content = next(simulator.profiles(1)).to_dict()
    at = {"name": place.key}
    return content | {"identifier": "A-1", "home": at, "location": at} | changes


def opening(place: Any, **changes: Any) -> dict[str, Any]:
    content = next(simulator.openings(1)).to_dict()
    content.pop("validThrough", None)
    content |= {"identifier": "2026-1", "jobLocation": {"name": place.key}}
    content["hiringOrganization"] = {"id": EMPLOYER, "name": "示例单位"}
    return content | changes


def stored_worker(place: Any) -> Record:
    content = ProfileContent.model_validate(worker(place))
    return facts.profile_put(content, at=NOW)[1]


def stored_opening(place: Any) -> Record:
    content = OpeningContent.model_validate(opening(place))
    return facts.opening_posted(content, at=NOW, today=NOW.date())[1]


FEATURES = [
    pytest.param("/v1/profiles", worker, stored_worker, id="profiles"),
    pytest.param("/v1/openings", opening, stored_opening, id="openings"),
]


@pytest.mark.parametrize(("path", "body", "stored"), FEATURES)
async def test_a_post_with_anothers_identifier_is_refused_and_publishes_nothing(
    county: County, path: str, body: Any, stored: Any
) -> None:
    county.views.store(stored(ELSEWHERE))
    answer = await county.send("POST", path, body(HERE))
    assert answer.status_code == 409, answer.text
    assert answer.json()["errors"][0]["field"] == "identifier"
    assert county.log.records == []


@pytest.mark.parametrize(("path", "body", "stored"), FEATURES)
async def test_a_post_with_ones_own_identifier_replaces_the_record(
    county: County, path: str, body: Any, stored: Any
) -> None:
    record = stored(HERE)
    county.views.store(record)
    answer = await county.send("POST", path, body(HERE))
    assert answer.status_code == 202, answer.text
    assert [each.key for each in county.log.records] == [record.key]


@pytest.mark.parametrize(("path", "body", "stored"), FEATURES)
async def test_a_new_record_has_to_be_in_a_place_that_the_station_serves(
    county: County, path: str, body: Any, stored: Any
) -> None:
    answer = await county.send("POST", path, body(ELSEWHERE))
    assert answer.status_code == 403, answer.text
    assert county.log.records == []


@pytest.mark.parametrize(("path", "body", "stored"), FEATURES)
async def test_a_record_that_was_erased_belongs_to_nobody(
    county: County, path: str, body: Any, stored: Any
) -> None:
    record = stored(ELSEWHERE)
    county.views.documents[record.topic.name, record.key] = {"erased": True, "version": 9}
    answer = await county.send("POST", path, body(HERE))
    assert answer.status_code == 202, answer.text


@pytest.mark.parametrize(("path", "body", "stored"), FEATURES)
async def test_a_record_that_this_process_published_counts_before_a_view_shows_it(
    county: County, path: str, body: Any, stored: Any
) -> None:
    record = stored(ELSEWHERE)
    county.given.latest.note(record, county.log.publish([record])[0])
    county.log.records.clear()
    answer = await county.send("POST", path, body(HERE))
    assert answer.status_code == 409, answer.text
    assert county.log.records == []


@pytest.mark.parametrize(("path", "body", "stored"), FEATURES)
async def test_concurrent_posts_of_one_identifier_run_one_after_the_other(
    county: County, path: str, body: Any, stored: Any
) -> None:
    answers = await asyncio.gather(*(county.send("POST", path, body(HERE)) for _ in range(3)))
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
