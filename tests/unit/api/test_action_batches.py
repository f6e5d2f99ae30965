"""Batches of actions on matches: each is authorised, answered and audited by itself."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import httpx
import orjson
import pytest

from api.app import create_app
from roost import ids
from roost.errors import Transient
from roost.events.account import AccountRole
from roost.events.audit import AuditEntry
from roost.events.envelope import Record
from roost.kafka.ports import Position
from roost.settings import Settings
from roost.views.elastic import Json
from tests.unit.api.signed import Topics, given_to, headers_for

STATION, OTHER = ids.station_id("here"), ids.station_id("there")


def match_of(number: int) -> str:
    return ids.match_id(ids.opening_id("t", "1"), ids.worker_id("t", str(number)))


OWN, OWN_TOO, FOREIGN, UNKNOWN = (match_of(number) for number in range(4))


class Views:
    """Elasticsearch with two matches of the station and one of another."""

    async def mget(
        self, keys: Sequence[tuple[str, str]], fields: Sequence[str] | None = None
    ) -> dict[tuple[str, str], Json]:
        stations = {OWN: STATION, OWN_TOO: STATION, FOREIGN: OTHER}
        return {
            (view, id): {
                "id": id,
                "version": 1,
                "revision": 3,
                "state": "proposed",
                "active": True,
                "worker_id": ids.split_match_id(id)[1],
                "station_id": stations[id],
            }
            for view, id in keys
            if id in stations
        }


@dataclass
class Published:
    records: list[Record] = field(default_factory=list)

    async def publish(self, records: Sequence[Record]) -> list[Position]:
        self.records += records
        return [Position(each.topic.name, 0, 0) for each in records]


class Trail:
    """Audit trail in memory."""

    def __init__(self) -> None:
        self.entries: list[AuditEntry] = []

    async def keep(self, entry: AuditEntry) -> None:
        self.entries.append(entry)

    note = keep

    def note_failed(self, entry: AuditEntry) -> None:
        self.entries.append(entry)


@dataclass
class Api:
    client: httpx.AsyncClient
    published: Published
    trail: Trail

    async def act(self, items: list[Any], **headers: str) -> httpx.Response:
        return await self.client.post("/v1/matches/actions", json={"items": items}, headers=headers)


@pytest.fixture
async def api() -> AsyncIterator[Api]:
    app, published, trail = create_app(Settings()), Published(), Trail()
    topics = Topics(published)
    given_to(app, topics, elastic=Views(), trail=trail)
    headers = headers_for(topics, AccountRole.CLERK, station_ids=(STATION,))
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(
        transport=transport, base_url="http://test", headers=headers
    ) as client:
        yield Api(client, published, trail)


MIXED = [
    {"matchId": OWN, "kind": "claim"},
    {"matchId": FOREIGN, "kind": "claim"},
    {"matchId": UNKNOWN, "kind": "claim"},
    {"matchId": OWN_TOO, "kind": "decline"},
    {"matchId": OWN_TOO, "kind": "contact", "details": {"contact": "reached"}},
]


async def test_each_action_is_answered_by_itself_and_a_refused_one_stops_no_other(
    api: Api,
) -> None:
    answer = await api.act(MIXED)
    assert answer.status_code == 200, answer.text
    items = answer.json()["items"]
    assert [each["matchId"] for each in items] == [each["matchId"] for each in MIXED]
    assert [each["status"] for each in items] == [202, 404, 404, 422, 202]
    assert [record.key for record in api.published.records] == [OWN, OWN_TOO]
    assert items[3]["problem"]["errors"][0]["field"] == "reason"
    assert items[1]["problem"]["instance"] == f"/v1/matches/{FOREIGN}"


async def test_an_acceptance_records_what_it_shares_and_nothing_else_does(api: Api) -> None:
    await api.act([{"matchId": OWN, "kind": "accept"}, {"matchId": OWN_TOO, "kind": "claim"}])
    shared = [orjson.loads(each.value or b"").get("shares") for each in api.published.records]
    assert shared == [["name", "contact"], None]
    stated = {"matchId": OWN, "kind": "accept", "details": {"shares": []}}
    assert (await api.act([stated])).status_code == 422, "nobody states it otherwise"


async def test_a_match_out_of_reach_looks_like_an_unknown_one(api: Api) -> None:
    foreign, unknown = (await api.act(MIXED[1:3])).json()["items"]
    assert foreign["problem"]["detail"].replace(FOREIGN, "") == unknown["problem"][
        "detail"
    ].replace(UNKNOWN, "")
    assert api.published.records == []


async def test_problems_are_in_the_language_of_the_request(api: Api) -> None:
    answer = await api.act(MIXED[1:2], **{"accept-language": "zh"})
    assert "没有该匹配" in answer.json()["items"][0]["problem"]["detail"]


async def test_a_batch_repeated_under_its_key_publishes_the_same_actions(api: Api) -> None:
    first = await api.act(MIXED, **{"idempotency-key": "one"})
    again = await api.act(MIXED, **{"idempotency-key": "one"})
    assert again.headers["idempotent-replayed"] == "true"
    assert first.json() == again.json()
    other = await api.act(MIXED, **{"idempotency-key": "two"})
    assert first.json()["items"][0]["action"] != other.json()["items"][0]["action"]
    reused = await api.act(MIXED[:1], **{"idempotency-key": "one"})
    assert reused.status_code == 409


async def test_two_calls_on_one_match_in_a_batch_are_two_actions(api: Api) -> None:
    calls = [
        {"matchId": OWN, "kind": "contact", "details": {"contact": each}}
        for each in ("no_answer", "reached")
    ]
    items = (await api.act(calls, **{"idempotency-key": "one"})).json()["items"]
    assert items[0]["action"] != items[1]["action"]


async def test_every_match_has_an_entry_in_the_audit_trail(api: Api) -> None:
    await api.act(MIXED)
    request, *entries = api.trail.entries
    assert request.route == "/v1/matches/actions"
    assert request.persons == (), "each worker is in the entry of the match"
    found = [(entry.objects[0].id, entry.status, entry.persons) for entry in entries]
    assert found == [
        (OWN, 202, (ids.split_match_id(OWN)[1],)),
        (FOREIGN, 404, ()),
        (UNKNOWN, 404, ()),
        (OWN_TOO, 422, ()),
        (OWN_TOO, 202, (ids.split_match_id(OWN_TOO)[1],)),
    ]
    assert {entry.request_id for entry in entries} == {request.request_id}


@pytest.mark.parametrize(
    "items",
    [[], [{"matchId": OWN, "kind": "claim"}] * 101, [{"matchId": "x", "kind": "claim"}], [{}]],
)
async def test_a_batch_is_bounded_and_well_formed(api: Api, items: list[Any]) -> None:
    assert (await api.act(items)).status_code == 422
    assert api.published.records == []


async def test_an_action_that_kafka_does_not_take_is_no_success(api: Api) -> None:
    async def refuse(records: Sequence[Record]) -> list[Position]:
        raise Transient("Kafka does not answer", "Kafka 无响应")

    api.published.publish = refuse  # type: ignore[method-assign]
    answer = await api.act(MIXED)
    assert answer.status_code == 503
    assert "retry-after" in answer.headers
