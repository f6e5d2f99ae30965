"""Sources over the API and in the console: defined, watched, read at once, confirmed, removed."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import Any

import httpx
import pytest

from api.access.principal import Principal
from api.app import create_app
from api.imports.saved_mappings import MOST_OF_GROUP, group_of, mappings_of, save_mapping
from api.ports.services import Services
from api.sources import service
from producers import source_facts
from roost.events.account import AccountRole
from roost.events.envelope import Record
from roost.events.import_mapping import ChosenColumn, SavedMapping
from roost.events.source import (
    HeldReason,
    RowProblem,
    RunFault,
    RunOutcome,
    Source,
    SourceRun,
    SourceState,
)
from roost.kafka.ports import Position
from roost.settings import Settings
from tests.unit.api.builders import NOW
from tests.unit.api.console.pages import Signed
from tests.unit.api.signed import Topics, given_to, headers_for
from tests.unit.producers.sources.partner import saved_mapping

LISTING = {"name": "City jobs", "url": "https://jobs.example.com/all.csv", "mapping": "nyc_jobs"}


ENDS = {
    "zh": ("确认后将终止 4 项", "届时将终止 4 项正在跟进的匹配", "（终止了 3 项"),
    "en": ("4 matches in progress end.", "This ends 4 matches in progress", "(3 matches in"),
}
"""Statements of a source's page about matches: of held withdrawals, twice, and of a run."""


def held(source: Source, language: str = "en") -> SourceState:
    """Return the state of a source whose last runs failed and were held."""
    failed = SourceRun(
        started_at=NOW,
        ended_at=NOW,
        outcome=RunOutcome.FAILED,
        fault=RunFault.STATUS,
        why="The server answered with the status 404.",
        why_zh="服务器返回状态码 404。",
    )
    last = SourceRun(
        started_at=NOW, ended_at=NOW, outcome=RunOutcome.HELD, read=9, rejected=1, ended_matches=3
    )
    problem = {"row": 3, "problems": [{"field": "工资", "en": "is unclear", "zh": "不明确"}]}
    return SourceState(
        source_id=source.id,
        definition="x",
        due_at=NOW,
        held=7,
        held_reason=HeldReason.SHARE,
        held_matches=4,
        listed=10,
        runs=(failed, last),
        problems=(RowProblem.model_validate(problem),),
    )


class Api:
    """The API in memory with a caller of a role."""

    def __init__(self, role: AccountRole = AccountRole.ASSOCIATION) -> None:
        app, self.topics = create_app(Settings()), Topics()
        self.given = given_to(app, self.topics)
        self.client = httpx.AsyncClient(
            transport=httpx.ASGITransport(app=app),
            base_url="http://test",
            headers=headers_for(self.topics, role),
        )

    async def ask(self, method: str, path: str, **given: Any) -> httpx.Response:
        return await self.client.request(method, f"/v1/sources{path}", **given)

    async def added(self, **changes: Any) -> dict[str, Any]:
        answer = await self.ask("POST", "", json={**LISTING, **changes})
        assert answer.status_code == 201, answer.text
        assert answer.headers["location"] == f"/v1/sources/{answer.json()['id']}"
        return dict(answer.json())


async def test_a_source_is_added_changed_listed_and_removed() -> None:
    api = Api()
    id = (await api.added())["id"]
    changed = await api.ask("PUT", f"/{id}", json={**LISTING, "schedule": {"at": ["06:30"]}})
    assert changed.json()["schedule"] == {"at": ["06:30"]} | changed.json()["schedule"]
    listed = (await api.ask("GET", "")).json()["items"]
    assert [each["name"] for each in listed] == ["City jobs"]
    assert (await api.ask("DELETE", f"/{id}")).status_code == 204
    assert (await api.ask("GET", f"/{id}")).status_code == 404
    assert (await api.ask("DELETE", f"/{id}")).status_code == 404


async def test_the_number_of_sources_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(service, "MOST_SOURCES", 1)
    api = Api()
    id = (await api.added())["id"]
    answer = await api.ask("POST", "", json=LISTING)
    assert (answer.status_code, answer.json()["type"]) == (409, "/problems/quota-reached")
    assert (await api.ask("PUT", f"/{id}", json=LISTING)).status_code == 200
    assert (await api.ask("DELETE", f"/{id}")).status_code == 204
    await api.added()


async def test_a_run_is_requested_and_withdrawals_are_confirmed() -> None:
    api = Api()
    id = (await api.added())["id"]
    assert (await api.ask("POST", f"/{id}/run")).json()["runAskedAt"]
    assert (await api.ask("POST", f"/{id}/confirm")).status_code == 409
    source = api.topics.sources.get(id)
    assert source is not None
    api.topics.put(source_facts.state_record(held(source), at=NOW))
    assert (await api.ask("GET", f"/{id}")).json()["state"]["held"] == 7
    assert (await api.ask("POST", f"/{id}/confirm")).json()["confirmedWithdrawals"] == 7


@pytest.mark.parametrize(
    "wrong",
    [
        {"url": "http://jobs.example.com/x"},
        {"url": "https://10.0.0.1/x"},
        {"url": "https://localhost/x"},
        {"url": None},
        {"folder": "partner"},
        {"url": None, "folder": "../etc"},
        {"url": None, "folder": "/etc"},
        {"mapping": "/etc/passwd.yaml"},
        {"schedule": {"everyMinutes": 1}},
        {"schedule": {"everyMinutes": 60, "at": ["06:30"]}},
        {"removal": {"field": "status", "values": ["x"]}},
        {"unknown": 1},
    ],
)
async def test_a_source_that_cannot_be_read_is_refused(wrong: dict[str, Any]) -> None:
    answer = await Api().ask("POST", "", json={**LISTING, **wrong})
    assert answer.status_code == 422, answer.text


def keep(given: Services, *mappings: SavedMapping) -> None:
    for offset, each in enumerate(mappings):
        given.import_mappings.apply(each.id.encode(), each.to_json(), offset)


async def test_a_source_names_a_saved_mapping_by_its_name_or_id() -> None:
    api, saved = Api(), saved_mapping(name="招聘会岗位表")
    keep(api.given, saved)
    added = await api.added(mapping=saved.name)
    assert added["mapping"] == saved.id
    changed = await api.ask("PUT", f"/{added['id']}", json={**LISTING, "mapping": saved.id})
    assert changed.json()["mapping"] == saved.id


async def test_a_saved_mapping_that_is_incomplete_or_not_the_only_one_is_refused() -> None:
    api = Api()
    keep(
        api.given,
        saved_mapping({"岗位": "title"}, name="缺列"),
        saved_mapping(name="同名"),
        saved_mapping(name="同名", owner="station:s-west"),
    )
    for name in ("缺列", "同名"):
        answer = await api.ask("POST", "", json={**LISTING, "mapping": name})
        assert answer.status_code == 422
        assert answer.json()["errors"][0]["field"] == "mapping"


async def test_the_form_offers_saved_mappings_by_their_names() -> None:
    person, saved = Signed(AccountRole.ASSOCIATION), saved_mapping()
    keep(person.given, saved, saved_mapping({"姓名": "name"}, name="名册", kind="profiles"))
    shown = (await person.get("/console/sources/new")).text
    assert f'<option value="{saved.id}">招聘会 岗位表</option>' in shown
    assert '<option value="nyc_jobs">nyc_jobs</option>' in shown
    assert "名册" not in shown


async def test_a_mapping_that_a_source_uses_is_not_replaced_by_another_one() -> None:
    api = Api()
    who = Principal(id="u-x", role=AccountRole.ASSOCIATION, name="x")
    columns = [ChosenColumn(column="岗位", field="title")]
    saved = [saved_mapping(name=f"表{n}", owner=group_of(who)) for n in range(MOST_OF_GROUP)]
    keep(api.given, *saved)
    used = mappings_of(api.given, who, "openings")[-1]
    await api.added(mapping=used.id)
    given = dataclasses.replace(api.given, publisher=Kept(api.given.import_mappings))
    replaced = await save_mapping(given, who, "openings", "新表", columns)
    assert replaced.id != used.id
    assert len(mappings_of(given, who, "openings")) == MOST_OF_GROUP


class Kept:
    """Publisher of saved mappings."""

    def __init__(self, table: Any) -> None:
        self._table = table

    async def publish(self, records: Sequence[Record]) -> list[Position]:
        for each in records:
            self._table.apply(each.key.encode(), each.value, 1_000)
        return [Position(each.topic.name, 0, 1_000) for each in records]


@pytest.mark.parametrize(
    ("role", "reads", "writes"),
    [
        (AccountRole.ADMIN, 200, 201),
        (AccountRole.ASSOCIATION, 200, 201),
        (AccountRole.DEPARTMENT, 200, 403),
        (AccountRole.AUDITOR, 403, 403),
    ],
)
async def test_sources_are_for_the_association_and_departments_see_them(
    role: AccountRole, reads: int, writes: int
) -> None:
    api = Api(role)
    assert (await api.ask("GET", "")).status_code == reads
    assert (await api.ask("POST", "", json=LISTING)).status_code == writes


FORM = {"name": "City jobs", "url": "https://jobs.example.com/all.csv", "mode": "listing"}


@pytest.mark.parametrize("language", ["en", "zh"])
async def test_the_console_shows_the_health_of_each_source(language: str) -> None:
    person = Signed(AccountRole.ASSOCIATION, language=language)
    form = {**FORM, "schedule.at": "06:30、12:30"}
    added = await person.send("/console/sources/new", **form)
    assert added.status_code == 303, added.text
    (source,) = person.topics.sources.values()
    assert [f"{each:%H:%M}" for each in source.schedule.at] == ["06:30", "12:30"]
    person.topics.put(source_facts.state_record(held(source), at=NOW))
    listed = await person.get("/console/sources")
    assert "City jobs" in listed.text
    shown = (await person.get(f"/console/sources/{source.id}")).text
    for text in ("404", "工资", "10", "7"):
        assert text in shown
    assert ("不明确" if language == "zh" else "is unclear") in shown
    held_ends, confirm_ends, ended = ENDS[language]
    for text in (held_ends, confirm_ends, ended):
        assert text in shown
    confirmed = await person.send(f"/console/sources/{source.id}/confirm")
    assert confirmed.headers["location"].endswith("done=source_confirmed")
    asked = await person.send(f"/console/sources/{source.id}/run")
    assert (await person.get(asked.headers["location"])).status_code == 200
    removed = await person.send(f"/console/sources/{source.id}/remove")
    assert removed.headers["location"] == "/console/sources?done=removed"


async def test_a_mistake_in_the_form_stands_at_its_field_and_nothing_is_lost() -> None:
    person = Signed(AccountRole.ASSOCIATION)
    wrong = await person.send("/console/sources/new", **{**FORM, "url": "https://10.0.0.1/"})
    assert wrong.status_code == 422
    assert 'id="url-error"' in wrong.text
    await person.send(
        "/console/sources/new",
        **FORM | {"mode": "changes", "url": "https://jobs.example.com/?since={cursor}"},
        **{"cursor.field": "next", "removal.field": "status", "removal.values": "INACTIVE, GONE"},
    )
    (source,) = person.topics.sources.values()
    assert source.removal is not None
    assert source.removal.values == ("INACTIVE", "GONE")
    where = f"/console/sources/{source.id}"
    refused = await person.send(f"{where}/confirm")
    assert refused.status_code == 422
    assert "No withdrawals wait" in refused.text
    clerk = Signed(AccountRole.DEPARTMENT)
    assert (await clerk.get("/console/sources")).status_code == 200
    assert (await clerk.get("/console/sources/new")).status_code == 403
