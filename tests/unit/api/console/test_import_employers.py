"""The import wizard asks, once per name, whether an employer without a code is stored already."""

from __future__ import annotations

import html
import re
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import orjson
import pytest

from producers import facts
from roost.constraints.needs import locate
from roost.events.account import AccountRole
from roost.events.opening import OpeningContent
from roost.likeness.same_person import comparable_name
from roost.places.gazetteer import gazetteer
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

    async def check(self) -> str:
        text = ",".join(COLUMNS) + "\n" + ROWS
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
