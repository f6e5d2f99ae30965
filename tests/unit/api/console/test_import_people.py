"""The import wizard asks whether a row describes a person who is stored already."""

from __future__ import annotations

import html
import re
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import orjson
import pytest

from api.console.imports.preview_words import _Words
from api.console.shell.translations import say_in
from producers import facts
from roost.events.account import AccountRole
from roost.events.common import Model
from roost.events.opening import Opening
from roost.events.profile import Profile, ProfileContent
from tests.unit.api.builders import NOW
from tests.unit.api.console.import_wizard import Wizard, fields_of
from tests.unit.api.two_stations import ELSEWHERE, HERE, MINE, Views, worker

COLUMNS = {
    "编号": "identifier",
    "姓名": "name",
    "手机": "phone",
    "家庭住址": "home",
    "务工地": "location",
}
ROWS = "B-2,示例甲,13800138000,太原市,太原市\nC-3,示例乙,13900139000,太原市,太原市\n"
PHONE = [{"kind": "inbox"}, {"kind": "sms", "address": "13800138000"}]


class Office:
    """A clerk at the wizard, whose station serves HERE, and one stored worker."""

    def __init__(self, folder: Path, language: str, place: Any = HERE) -> None:
        self.views = Views()
        content = ProfileContent.model_validate(
            worker(place, name="示例甲", channels=PHONE, summary="")
        )
        stored = facts.profile_put(content, at=NOW, source="zh-roster")[1]
        self.views.store(stored)
        self.stored = stored.key
        self.wizard = Wizard(
            folder,
            AccountRole.CLERK,
            language,
            self.views,  # type: ignore[arg-type]
            station_ids=(MINE,),
        )
        self.where = ""

    async def check(self, rows: str = ROWS) -> str:
        """Upload a roster and return the preview."""
        text = ",".join(COLUMNS) + "\n" + rows
        sent = await self.wizard.upload("花名册.csv", text.encode(), "profiles")
        self.where = sent.json()["href"]
        await self.wizard.send(self.where, **fields_of(COLUMNS))
        return await self.preview()

    async def preview(self) -> str:
        return html.unescape(await self.wizard.followed(f"{self.where}/preview"))

    async def decide(self, answer: str) -> str:
        """Answer the only question and return the new preview."""
        found = {
            name: re.search(f'name="{name}-0" value="([^"]*)"', await self.preview())
            for name in ("row", "alike")
        }
        form = {f"{name}-0": each[1] for name, each in found.items() if each}
        sent = await self.wizard.send(f"{self.where}/people", **form, **{"person-0": answer})
        assert sent.status_code == 303, sent.text
        return await self.preview()

    async def finish(self) -> list[dict[str, Any]]:
        """Import, and return the published profiles."""
        sent = await self.wizard.send(f"{self.where}/import")
        await self.wizard.followed(sent.headers["location"])
        published = self.wizard.kafka.of("profiles")
        return [{"id": each.key, **orjson.loads(each.value or b"{}")} for each in published]


@pytest.fixture
async def office(tmp_path: Path) -> AsyncIterator[Office]:
    made = Office(tmp_path, "zh")
    await made.wizard.start()
    yield made
    await made.wizard.imports.close()


async def test_the_preview_asks_and_names_the_signs(office: Office) -> None:
    text = await office.check()
    assert "请确认是否为同一人" in text
    assert f'href="/console/profiles/{office.stored}"' in text
    assert "电话相同" in text
    assert "导入 1 条" in text
    assert "otherNumbers" not in text


async def test_undecided_rows_are_left_out_and_can_be_downloaded(office: Office) -> None:
    await office.check()
    sent = await office.wizard.send(f"{office.where}/import")
    page = html.unescape(await office.wizard.followed(sent.headers["location"]))
    [fact] = [orjson.loads(each.value or b"") for each in office.wizard.kafka.of("profiles")]
    assert fact["name"] == "示例乙"
    assert "可能与其他编号的人员为同一人" in page
    assert "rejected.xlsx" in page


async def test_the_same_person_is_edited_and_keeps_the_number(office: Office) -> None:
    await office.check()
    text = await office.decide(office.stored)
    assert "请确认是否为同一人" not in text
    assert "otherNumbers" not in text
    assert "其他名册编号" in text
    published = {each["id"]: each for each in await office.finish()}
    assert published[office.stored]["otherNumbers"] == [{"source": "api", "identifier": "B-2"}]
    assert facts.referenced_worker("B-2") not in published


async def test_another_person_is_registered(office: Office) -> None:
    await office.check()
    text = await office.decide("another")
    assert "导入 2 条" in text
    published = {each["id"] for each in await office.finish()}
    assert published == {facts.referenced_worker(each) for each in ("B-2", "C-3")}


async def test_an_answer_that_the_page_does_not_offer_is_refused_or_counts_for_nothing(
    office: Office,
) -> None:
    await office.check()
    row = facts.referenced_worker("B-2")
    form = {"row-0": row, "person-0": "w-" + "a" * 26, "alike-0": ""}
    await office.wizard.send(f"{office.where}/people", **form)
    assert "请确认是否为同一人" in await office.preview()
    refused = await office.wizard.send(f"{office.where}/people", **form | {"person-0": "x"})
    assert refused.status_code == 422


async def test_a_person_out_of_reach_changes_nothing_in_the_preview(tmp_path: Path) -> None:
    texts = []
    for folder, place in (("there", ELSEWHERE), ("nowhere", None)):
        office = Office(tmp_path / folder, "zh", place or ELSEWHERE)
        if place is None:
            del office.views.documents["profiles", office.stored]
        await office.wizard.start()
        text = await office.check()
        await office.wizard.imports.close()
        texts.append(
            re.sub(r"[a-f0-9]{32}|nonce-\S+|value=\"[^\"]{40,}\"|content=\"[^\"]{40,}\"", "", text)
        )
    assert texts[0] == texts[1]
    assert "导入 2 条" in texts[0]


async def test_a_changed_name_is_asked_about_in_english(tmp_path: Path) -> None:
    office = Office(tmp_path, "en")
    content = ProfileContent.model_validate(worker(HERE, identifier="C-3", name="别人"))
    stored = facts.profile_put(content, at=NOW)[1]
    office.views.store(stored)
    await office.wizard.start()
    try:
        text = await office.check("C-3,示例乙,,太原市,太原市\n")
        assert "The same person, with a corrected name (so far 别人)" in text
        assert "Another person: register separately" not in text
        text = await office.decide(stored.key)
        assert "Import 1 row" in text
        assert [each["name"] for each in await office.finish()] == ["示例乙"]
    finally:
        await office.wizard.imports.close()


@pytest.mark.parametrize(("kind", "model"), [("profiles", Profile), ("openings", Opening)])
@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_field_has_a_name_for_clerks(kind: str, model: type[Model], language: str) -> None:
    """A change of any field can be shown, also of one that no column is read into."""
    words = _Words(kind, language, say_in(language))
    for name, info in model.model_fields.items():
        wire = info.alias or name
        assert words.field(wire) not in {"", wire}
