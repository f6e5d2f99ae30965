"""Writes of stations and notices through their services, with the views in memory."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

from api.access.policy import Forbidden
from api.access.principal import Principal
from api.guards.conditional import Expected, PreconditionFailed
from api.notices import service as notices
from api.ports.services import Services
from api.stations import service as stations
from roost import ids
from roost.errors import Conflict, NotFound
from roost.events.account import AccountRole
from roost.events.envelope import Record
from roost.events.notice import Audience, NoticeContent, NoticeKind, Words
from roost.events.station import StationContent
from roost.kafka.ports import Position
from roost.time.clock import FixedClock
from tests.unit.api.builders import NOW
from tests.unit.api.services import services_with

HERE, THERE = ids.station_id("here"), ids.station_id("there")
STATION = StationContent.model_validate(
    {"identifier": "here", "name": "大同站", "place": {"name": "大同市"}, "serves": ["大同市"]}
)


def person(role: AccountRole, *station_ids: str) -> Principal:
    return Principal("u-" + "a" * 26, role, "李娟", login="li", station_ids=station_ids)


class Memory:
    """Views in memory, and a publisher that counts; only what is published is known."""

    def __init__(self, **documents: dict[str, Any]) -> None:
        self.documents = documents
        self.records: list[Record] = []

    async def publish(self, records: Sequence[Record]) -> list[Position]:
        """Keep records."""
        first = len(self.records)
        self.records += records
        return [Position(each.topic.name, 0, first + at) for at, each in enumerate(records)]

    async def get(self, view: str, id: str) -> dict[str, Any] | None:
        """Return a document."""
        return self.documents.get(f"{view}/{id}")

    async def mget(self, keys: Any, fields: Any) -> dict[tuple[str, str], dict[str, Any]]:
        """Return the documents that exist."""
        found = {key: self.documents.get(f"{key[0]}/{key[1]}") for key in keys}
        return {key: document for key, document in found.items() if document is not None}


def services(memory: Memory) -> Services:
    return services_with(publisher=memory, elastic=memory, clock=FixedClock(NOW))


ASSOCIATION = person(AccountRole.ASSOCIATION)
SERVING = Memory(**{f"stations/{HERE}": {"serves": ["cn:1402"]}})


async def test_a_code_registers_one_station() -> None:
    memory = Memory()
    given = services(memory)
    written = await stations.register_station(given, ASSOCIATION, STATION)
    assert written.record.key == HERE
    with pytest.raises(Conflict) as refused:
        await stations.register_station(given, ASSOCIATION, STATION)
    assert [each.field for each in refused.value.fields] == ["identifier"]
    assert len(memory.records) == 1


async def test_a_version_is_expected_of_a_station_that_exists_only() -> None:
    given = services(Memory())
    expected = Expected(frozenset({'"7"'}))
    with pytest.raises(PreconditionFailed):
        await stations.put_station(given, ASSOCIATION, HERE, STATION, expected)
    await stations.put_station(given, ASSOCIATION, HERE, STATION)
    with pytest.raises(PreconditionFailed):
        await stations.put_station(given, ASSOCIATION, HERE, STATION, expected)


async def test_a_station_is_written_with_the_permission_only() -> None:
    memory = Memory()
    with pytest.raises(Forbidden):
        await stations.put_station(services(memory), person(AccountRole.CHIEF, HERE), HERE, STATION)
    assert not memory.records


def news(*places: str) -> NoticeContent:
    return NoticeContent(
        kind=NoticeKind.POLICY_NEWS,
        zh=Words(title="补贴", body="请咨询。"),
        audience=Audience(places=places),
    )


async def test_a_chief_posts_and_withdraws_only_what_their_station_serves() -> None:
    given = services(SERVING)
    here, elsewhere = person(AccountRole.CHIEF, HERE), person(AccountRole.CHIEF, THERE)
    written = await notices.post_notice(given, here, news("大同市"))
    with pytest.raises(Forbidden):
        await notices.post_notice(given, here, news("山西省"))
    with pytest.raises(NotFound):
        await notices.withdraw_notice(given, elsewhere, written.record.key)
    withdrawn = await notices.withdraw_notice(given, here, written.record.key)
    assert withdrawn.record.value is None


async def test_a_station_reads_a_notice_to_an_area_of_which_it_serves_a_part() -> None:
    province = {"audience": {"places": ["cn:14"]}}
    memory = Memory(
        **SERVING.documents, **{"notices/b-1": {"id": "b-1", "version": 1, "fact": province}}
    )
    given = services(memory)
    found = await notices.find_notice(given, person(AccountRole.CLERK, HERE), "b-1")
    assert found["id"] == "b-1"
    with pytest.raises(NotFound):
        await notices.find_notice(given, person(AccountRole.CLERK, THERE), "b-1")
