"""The import wizard asks, once per name, whether an employer without a code is stored already."""

from __future__ import annotations

import asyncio
import html
import re
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import orjson
import pytest

from producers import facts
from producers.importing.employer_name_facts import COMMAND_LINE, COUNTY, employer_name_decided
from producers.importing.recognition import IdentityDecision
from roost.constraints.needs import locate
from roost.events.account import AccountRole
from roost.events.envelope import Record
from roost.events.opening import OpeningContent
from roost.likeness.same_person import comparable_name
from roost.places.gazetteer import gazetteer
from roost.topics import EMPLOYER_NAMES
from roost_client.resources import form_of
from tests.unit.api.console.import_wizard import Wizard, fields_of
from tests.unit.api.two_stations import ELSEWHERE, HERE, MINE, Views

COLUMNS = {"岗位编号": "identifier", "岗位": "title", "单位": "employer", "地点": "place"}
ROWS = "1,焊工,岚岭 食品厂,太原市\n2,包装工,岚岭食品厂,太原市\n3,缝纫工,恒岳纺织厂,太原市\n"
CODED = "uscc:91110000100000000R"
ASKED = {"zh": "请确认是否为同一单位", "en": "Is it the same employer?"}


class Office:
    """A clerk at the wizard, whose station serves HERE, and one stored opening."""

    def __init__(self, folder: Path, language: str = "zh", place: Any = HERE) -> None:
        self.views = Views()
        content = OpeningContent.model_validate(
            {
                "identifier": "A",
                "title": "搬运工",
                "hiringOrganization": {"id": CODED, "name": "岚岭食品厂"},
                "jobLocation": {"name": place.key},
            }
        )
        at = datetime(2025, 11, 23, tzinfo=UTC)
        opening, record = facts.opening_posted(content, at=at, today=at.date())
        self.views.store(record)
        self.views.documents["openings", record.key] |= {
            "created_at": at.isoformat(),
            "employer_id": CODED,
            "employer_name": comparable_name("岚岭食品厂"),
            "places": locate(opening.job_location, gazetteer())[0],
        }
        self.wizard = Wizard(
            folder,
            AccountRole.CLERK,
            language,
            self.views,  # type: ignore[arg-type]
            station_ids=(MINE,),
        )
        self.where = self.result = ""

    async def check(self, rows: str = ROWS) -> str:
        text = ",".join(COLUMNS) + "\n" + rows
        sent = await self.wizard.upload("岗位表.csv", text.encode(), "openings")
        self.where = sent.json()["href"]
        sent = await self.wizard.send(self.where, **fields_of(COLUMNS))
        assert sent.status_code == 303, sent.text
        return await self.preview()

    async def preview(self) -> str:
        return html.unescape(await self.wizard.followed(f"{self.where}/preview"))

    async def decide(self, answer: str) -> str:
        found = {
            name: re.search(f'name="{name}-0" value="([^"]*)"', await self.preview())
            for name in ("name", "alike")
        }
        form = {f"{name}-0": each[1] for name, each in found.items() if each}
        form["employer-0"] = answer
        sent = await self.wizard.send(f"{self.where}/employers", **form)
        assert sent.status_code == 303, sent.text
        return await self.preview()

    async def finish(self) -> list[str]:
        """Import, and return the employers of the published openings."""
        sent = await self.wizard.send(f"{self.where}/import")
        self.result = html.unescape(await self.wizard.followed(sent.headers["location"]))
        published = self.wizard.kafka.of("openings")
        found = [orjson.loads(each.value or b"{}") for each in published]
        return sorted(each["hiringOrganization"]["id"] for each in found)


@pytest.fixture(params=["zh", "en"])
async def office(tmp_path: Path, request: pytest.FixtureRequest) -> AsyncIterator[Office]:
    made = Office(tmp_path, request.param)
    await made.wizard.start()
    yield made
    await made.wizard.imports.close()


async def test_the_preview_asks_once_for_a_name_and_leaves_its_rows_out(office: Office) -> None:
    text = await office.check()
    assert any(each in text for each in ASKED.values())
    assert text.count('name="name-0"') == 1
    assert 'name="name-1"' not in text
    assert CODED in text
    assert await office.finish() == ["恒岳纺织厂"]
    assert re.search("已登记单位同名|have the names of registered ones", office.result)
    assert "rejected.xlsx" in office.result


async def test_the_same_employer_gets_all_rows_of_the_name(office: Office) -> None:
    await office.check()
    text = await office.decide(CODED)
    assert not any(each in text for each in ASKED.values())
    assert await office.finish() == sorted([CODED, CODED, "恒岳纺织厂"])


async def test_another_employer_gets_its_own_id(office: Office) -> None:
    await office.check()
    await office.decide("(another)")
    found = await office.finish()
    assert CODED not in found
    assert len(found) == 3


async def test_an_answer_that_the_page_does_not_offer_counts_for_nothing(office: Office) -> None:
    await office.check()
    text = await office.decide("uscc:91110000100000000X")
    assert any(each in text for each in ASKED.values())
    form = {"name-0": "岚岭食品厂", "employer-0": "a b"}
    refused = await office.wizard.send(f"{office.where}/employers", **form)
    assert refused.status_code == 422


async def test_an_employer_out_of_reach_is_not_named(tmp_path: Path) -> None:
    office = Office(tmp_path, place=ELSEWHERE)
    await office.wizard.start()
    try:
        text = await office.check()
        assert ASKED["zh"] not in text
        assert CODED not in text
    finally:
        await office.wizard.imports.close()


NEXT = "11,焊工,岚岭食品厂,太原市\n12,包装工,岚岭食品厂,太原市\n"


async def test_the_next_file_follows_the_decision_until_it_is_taken_back(office: Office) -> None:
    await office.check()
    await office.decide(CODED)
    assert office.wizard.kafka.of(EMPLOYER_NAMES.name) == [], "nothing is kept before the import"
    await office.finish()
    text = await office.check(NEXT)
    assert not any(each in text for each in ASKED.values())
    assert re.search("按此前的确认归入单位|by an earlier decision", text)
    assert (await office.finish()).count(CODED) == 4

    listed = html.unescape((await office.wizard.get("/console/imports/employers")).text)
    assert "岚岭食品厂" in listed
    assert CODED in listed
    [kept] = office.wizard.given.employer_names.values()
    assert kept.owner == f"station:{MINE}"
    sent = await office.wizard.send(f"/console/imports/employers/{kept.id}/forget")
    assert sent.status_code == 303
    assert list(office.wizard.given.employer_names.values()) == []
    text = await office.check(NEXT.replace("1", "3"))
    assert any(each in text for each in ASKED.values())


async def test_a_refused_import_keeps_no_decision(office: Office) -> None:
    await office.check()
    await office.decide(CODED)
    places = office.wizard.imports.pending
    others = [f"u-{number}" for number in range(3)]
    for each in others:
        places.reserve(each)
    refused = await office.wizard.send(f"{office.where}/import")
    assert refused.status_code == 429
    assert office.wizard.kafka.of(EMPLOYER_NAMES.name) == []
    for each in others:
        places.release(each)
    await office.finish()
    assert len(office.wizard.kafka.of(EMPLOYER_NAMES.name)) == 1


async def test_a_program_whose_import_is_refused_leaves_no_decision(office: Office) -> None:
    await office.wizard.imports.close()
    decisions = {"employers": [{"name": "岚岭食品厂", "sameAs": CODED}]}
    body, kind = form_of(decisions, (FAIR + NEXT).encode(), "text/csv")
    headers = {"x-csrf-token": office.wizard._csrf, "content-type": kind}
    sent = await office.wizard.client.post(
        "/v1/imports", params={"mapping": "zh_job_fair"}, content=body, headers=headers
    )
    assert sent.status_code == 503, sent.text
    assert office.wizard.kafka.of(EMPLOYER_NAMES.name) == []


async def test_a_decision_of_another_station_is_neither_followed_nor_shown(office: Office) -> None:
    decision = IdentityDecision(same_as=CODED)
    foreign, record = employer_name_decided(
        "station:s-other", "岚岭食品厂", decision, by="u-x", at=datetime(2026, 1, 1, tzinfo=UTC)
    )
    office.wizard.kafka.publish_now([record])
    text = await office.check()
    assert any(each in text for each in ASKED.values())
    assert "岚岭食品厂" not in (await office.wizard.get("/console/imports/employers")).text
    sent = await office.wizard.send(f"/console/imports/employers/{foreign.id}/forget")
    assert sent.status_code == 404
    county = record_of_county(decision)
    office.wizard.kafka.publish_now([county])
    text = await office.check()
    assert not any(each in text for each in ASKED.values())


def record_of_county(decision: IdentityDecision) -> Record:
    at = datetime(2026, 1, 1, tzinfo=UTC)
    return employer_name_decided(COUNTY, "岚岭食品厂", decision, by=COMMAND_LINE, at=at)[1]


async def test_an_answer_that_the_check_did_not_find_is_not_kept(office: Office) -> None:
    await office.check()
    await office.decide("uscc:91110000100000000X")
    await office.finish()
    assert office.wizard.kafka.of(EMPLOYER_NAMES.name) == []


FAIR = "岗位编号,招聘岗位,单位名称,工作地点\n"


async def sent_by_api(office: Office, rows: str, **decisions: Any) -> tuple[Any, list[Any]]:
    """Send rows as a program does, with decisions; return the ended job and its errors."""
    body, kind = (FAIR + rows).encode(), "text/csv"
    if decisions:
        body, kind = form_of(decisions, body, kind)
    wizard = office.wizard
    headers = {"x-csrf-token": wizard._csrf, "content-type": kind}
    asked = {"mapping": "zh_job_fair"}
    sent = await wizard.client.post("/v1/imports", params=asked, content=body, headers=headers)
    assert sent.status_code == 202, sent.text
    where = sent.headers["location"]
    for _ in range(300):
        job = (await wizard.client.get(where)).json()
        if job["state"] in ("done", "failed"):
            return job, (await wizard.client.get(f"{where}/errors")).json()["items"]
        await asyncio.sleep(0.02)
    raise AssertionError("the import never ended")


async def test_a_program_decides_with_the_file(office: Office) -> None:
    rows = "1,焊工,岚岭食品厂,太原市\n2,包装工,岚岭食品厂,太原市\n"
    job, [first, second] = await sent_by_api(office, rows)
    assert (job["published"], job["undecided"]) == (0, 2)
    assert first["employers"] == [{"id": CODED, "name": "岚岭食品厂"}]
    assert first["employer"] == second["employer"]
    chosen = {"name": first["employer"], "sameAs": CODED}
    job, errors = await sent_by_api(office, rows, employers=[chosen])
    assert (job["published"], job["undecided"], errors) == (2, 0, [])
    job, _ = await sent_by_api(office, rows.replace("1,", "7,").replace("2,", "8,"))
    assert job["undecided"] == 0, "the decision is kept for the next file"

    listed = (await office.wizard.client.get("/v1/employer-names")).json()["items"]
    assert [each["sameAs"] for each in listed] == [CODED]
    where = f"/v1/employer-names/{listed[0]['id']}"
    headers = {"x-csrf-token": office.wizard._csrf}
    assert (await office.wizard.client.delete(where, headers=headers)).status_code == 204
    assert (await office.wizard.client.delete(where, headers=headers)).status_code == 404


async def test_a_program_chooses_among_the_places_of_one_name(office: Office) -> None:
    rows = "3,缝纫工,恒岳纺织厂,朝阳区\n"
    job, [error] = await sent_by_api(office, rows)
    assert job["rejected"] == 1
    [candidates] = [each["candidates"] for each in error["problems"] if each["candidates"]]
    assert {"cn:110105", "cn:220104"} <= set(candidates)
    chosen = {"text": "朝阳区", "key": "cn:220104"}
    _, [error] = await sent_by_api(office, rows, places=[chosen])
    assert not any(each["candidates"] for each in error["problems"]), "the place is decided"
    assert "station" in error["problems"][0]["en"], "a clerk of 太原 posts nothing in 长春"
