"""Ambiguous places in the import wizard: the station decides, or the preview asks."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from api.access.principal import Principal
from api.guards.idempotency.answer_cache import KeyReused
from api.imports import service
from api.imports.upload_body import UploadBody
from roost import ids
from roost.errors import Invalid
from roost.events.account import AccountRole
from roost.events.import_job import ImportJob
from roost.topics import OPENINGS, STATIONS
from tests.unit.api.console.import_wizard import Views, Wizard, fields_of

COLUMNS = {"企业名称": "employer", "招聘岗位": "title", "工作地点": "place"}
STATION = ids.station_id("x")
IN_CHANGCHUN = Views(
    {
        (STATIONS.name, STATION): {
            "serves": ["cn:2201"],
            "version": 1,
            "fact": {
                "id": STATION,
                "place": {"name": "长春市", "code": "2201", "scheme": "cn"},
                "serves": ["cn:2201"],
            },
        }
    }
)


@pytest.fixture
async def wizard(tmp_path: Path) -> AsyncIterator[Wizard]:
    made = Wizard(tmp_path, AccountRole.ASSOCIATION)
    await made.start()
    yield made
    await made.imports.close()


async def preview_of(wizard: Wizard, *places: str) -> tuple[str, str]:
    """Upload openings at some places; return the draft's address and its preview."""
    rows = "".join(f"恒岳厂,工人{n},{place}\n" for n, place in enumerate(places))
    sent = await wizard.upload("a.csv", f"企业名称,招聘岗位,工作地点\n{rows}".encode())
    where = str(sent.json()["href"])
    await wizard.send(where, **fields_of(COLUMNS))
    return where, await wizard.followed(f"{where}/preview")


async def codes_of_import(wizard: Wizard, where: str) -> list[str]:
    sent = await wizard.send(f"{where}/import")
    await wizard.followed(sent.headers["location"])
    facts = [json.loads(each.value or b"null") for each in wizard.kafka.of(OPENINGS.name)]
    return sorted(each["jobLocation"]["code"] for each in facts)


async def test_the_preview_asks_and_the_answer_decides(wizard: Wizard) -> None:
    where, text = await preview_of(wizard, "朝阳区", "朝阳区", "太原市")
    assert "“朝阳区” (2 times) means" in text
    assert '<option value="cn:220104">吉林省长春市朝阳区</option>' in text
    assert "Import 1 row" in text
    sent = await wizard.send(
        f"{where}/places", **{"text-0": "朝阳区", "place-0": "cn:220104", "place-1": "cn:1"}
    )
    assert sent.status_code == 303
    text = await wizard.followed(f"{where}/preview")
    assert "Import 3 rows" in text
    assert "means" not in text
    assert await codes_of_import(wizard, where) == ["1401", "220104", "220104"]


async def test_an_open_answer_leaves_the_rows_rejected(wizard: Wizard) -> None:
    where, _ = await preview_of(wizard, "朝阳区", "太原市")
    await wizard.send(f"{where}/places", **{"text-0": "朝阳区", "place-0": ""})
    assert "“朝阳区” (1 time) means" in await wizard.followed(f"{where}/preview")


@pytest.mark.parametrize("key", ["cn:999999", "x", "cn:" + "1" * 99, "<b>:1"])
async def test_an_answer_that_is_no_place_is_refused(wizard: Wizard, key: str) -> None:
    where, _ = await preview_of(wizard, "朝阳区", "太原市")
    sent = await wizard.send(f"{where}/places", **{"text-0": "朝阳区", "place-0": key})
    assert sent.status_code == 422


async def test_the_other_rows_decide_and_the_preview_says_so(wizard: Wizard) -> None:
    where, text = await preview_of(wizard, "朝阳区", "长春市南关区")
    assert "is read as 吉林省长春市朝阳区" in text
    assert await codes_of_import(wizard, where) == ["220102", "220104"]


async def test_the_clerks_station_decides(tmp_path: Path) -> None:
    made = Wizard(tmp_path, AccountRole.CLERK, views=IN_CHANGCHUN, station_ids=(STATION,))
    await made.start()
    try:
        where, text = await preview_of(made, "朝阳区")
        assert "is read as 吉林省长春市朝阳区" in text
        assert await codes_of_import(made, where) == ["220104"]
    finally:
        await made.imports.close()


async def sent_by_api(wizard: Wizard, near: str | None, key: str = "k") -> ImportJob:
    """Send one opening in 朝阳区 as `POST /v1/imports` does; return the ended job."""
    row = {
        "identifier": "1",
        "title": "工人",
        "hiringOrganization": {"id": "hengyue", "name": "恒岳厂"},
        "jobLocation": "朝阳区",
    }

    async def body() -> AsyncIterator[bytes]:
        yield json.dumps(row).encode()

    who = Principal("u-1", AccountRole.ADMIN, "Admin")
    begun = await service.begin_import(
        wizard.given,
        who,
        UploadBody(body(), "application/x-ndjson"),
        mapping=None,
        dry_run=False,
        idempotency_key=key,
        near=near,
    )
    for _ in range(300):
        job = wizard.imports.jobs.get(begun.job.id, wizard.given.clock.now())
        if job is not None and job.state.over:
            return job
        await asyncio.sleep(0.02)
    raise AssertionError("the import never ended")


async def test_the_api_decides_by_the_place_that_the_request_names(wizard: Wizard) -> None:
    assert (await sent_by_api(wizard, None, "a")).rejected == 1
    assert (await sent_by_api(wizard, "长春市", "b")).published == 1
    [posted] = wizard.kafka.of(OPENINGS.name)
    assert json.loads(posted.value or b"null")["jobLocation"]["code"] == "220104"
    with pytest.raises(KeyReused):  # the same key with another place is another import
        await sent_by_api(wizard, "北京市", "b")


async def test_an_unknown_place_nearby_is_refused(wizard: Wizard) -> None:
    with pytest.raises(Invalid, match="near"):
        await sent_by_api(wizard, "朝阳区")
