"""The import wizard: a file, its columns, the preview, the import, rejected rows, and the undo."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from io import BytesIO
from pathlib import Path

import orjson
import pytest
from openpyxl import load_workbook

from roost import ids
from roost.events.account import AccountRole
from roost.topics import IMPORT_MAPPINGS, OPENINGS
from tests.unit.api.console.import_wizard import HEADINGS, ROWS, Wizard, fields_of, workbook

CHOICES = {
    "企业名称": "employer",
    "招聘岗位": "title",
    "招聘人数": "headcount",
    "工资待遇": "wage",
    "工作地点": "place",
    "截止日期": "validThrough",
}
FILE = workbook(HEADINGS, ROWS)


@pytest.fixture
async def wizard(tmp_path: Path) -> AsyncIterator[Wizard]:
    made = Wizard(tmp_path, AccountRole.ASSOCIATION)
    await made.start()
    yield made
    await made.imports.close()


async def draft_of(wizard: Wizard, body: bytes = FILE, name: str = "岗位.xlsx") -> str:
    sent = await wizard.upload(name, body)
    assert sent.status_code == 201, sent.text
    return str(sent.json()["href"])


async def previewed(wizard: Wizard, where: str, **more: str) -> str:
    sent = await wizard.send(where, **fields_of(CHOICES), **more)
    assert sent.status_code == 303, sent.text
    return await wizard.followed(f"{where}/preview")


async def imported(wizard: Wizard, where: str) -> str:
    sent = await wizard.send(f"{where}/import")
    assert sent.status_code == 303, sent.text
    return str(sent.headers["location"])


async def test_the_columns_are_shown_with_samples_and_suggestions(wizard: Wizard) -> None:
    text = (await wizard.get(await draft_of(wizard))).text
    assert "headings in row 3, 6 columns" in text
    assert "缝纫工" in text
    for column, field in CHOICES.items():
        assert column in text
        assert f'<option value="{field}" selected>' in text
    assert "Sure" in text


async def test_the_preview_shows_what_each_row_becomes(wizard: Wizard) -> None:
    text = await previewed(wizard, await draft_of(wizard))
    assert "Import 2 rows" in text
    assert "Row 岗位表!6" in text
    assert "工资待遇" in text
    assert wizard.kafka.of(OPENINGS.name) == []


async def test_an_import_is_stored_with_its_rejected_rows_as_a_workbook(wizard: Wizard) -> None:
    where = await draft_of(wizard)
    await previewed(wizard, where)
    job = await imported(wizard, where)
    text = await wizard.followed(job)
    assert "Import complete: 2 records stored." in text
    assert len(wizard.kafka.of(OPENINGS.name)) == 2
    sent = await wizard.get(f"{job}/rejected.xlsx")
    sheet = load_workbook(BytesIO(sent.content))["岗位表"]
    rows = [[cell.value for cell in row] for row in sheet.iter_rows()]
    assert rows[0] == [*HEADINGS, "Reason for rejection", "Place in the file"]
    assert rows[1][:6] == ROWS[2]
    assert rows[1][6].startswith("工资待遇: ")
    assert rows[1][7] == "岗位表!6"
    again = await wizard.send(f"{where}/import")
    assert again.headers["location"] == job, "a second press imports nothing twice"


async def test_a_whole_import_is_undone(wizard: Wizard) -> None:
    where = await draft_of(wizard)
    await previewed(wizard, where)
    job = await imported(wizard, where)
    await wizard.followed(job)
    assert "2 new records are deleted" in (await wizard.get(f"{job}/undo")).text
    undo = (await wizard.send(f"{job}/undo")).headers["location"]
    assert "Undone: 2 records." in await wizard.followed(undo)
    posted, taken = wizard.kafka.of(OPENINGS.name)[:2], wizard.kafka.of(OPENINGS.name)[2:]
    assert {each.key for each in taken} == {each.key for each in posted}
    assert all(each.value is None for each in taken)
    refused = await wizard.get(f"{job}/undo")
    assert "has been undone" in refused.text
    assert (await wizard.send(f"{job}/undo")).status_code == 409


async def test_an_edited_record_prevents_the_undo(wizard: Wizard) -> None:
    where = await draft_of(wizard)
    await previewed(wizard, where)
    job = await imported(wizard, where)
    await wizard.followed(job)
    edited = wizard.kafka.of(OPENINGS.name)[0]
    [position] = wizard.kafka.publish_now([edited])
    wizard.given.latest.note(edited, position)
    assert "1 record has been edited since" in (await wizard.get(f"{job}/undo")).text
    assert (await wizard.send(f"{job}/undo")).status_code == 409


async def test_a_saved_mapping_is_proposed_for_files_of_the_same_shape(wizard: Wizard) -> None:
    where = await draft_of(wizard)
    chosen = {**CHOICES, "招聘人数": ""}
    await wizard.send(where, **fields_of(chosen), save_as="春季招聘会")
    assert len(wizard.kafka.of(IMPORT_MAPPINGS.name)) == 1
    text = (await wizard.get(await draft_of(wizard))).text
    assert "the saved mapping “春季招聘会” is used" in text
    row = text[text.index("招聘人数") :]
    assert 'value="headcount" selected' not in row[: row.index("</select>")]
    other = workbook([*HEADINGS, "备注"], [[*each, "x"] for each in ROWS])
    text = (await wizard.get(await draft_of(wizard, other))).text
    assert "is used" not in text
    assert "春季招聘会" in text


async def test_missing_and_repeated_fields_are_named_at_their_columns(wizard: Wizard) -> None:
    where = await draft_of(wizard)
    text = (await wizard.send(where, **fields_of({**CHOICES, "招聘岗位": ""}))).text
    assert "No column is chosen for the required field “Job title”" in text
    sent = await wizard.send(where, **fields_of({**CHOICES, "招聘人数": "title"}))
    assert sent.status_code == 422
    assert re.search(r'href="#field-2">招聘人数: is read into the same field', sent.text)
    assert 'aria-describedby="field-2-error"' in sent.text


async def test_days_with_two_readings_are_asked_once_per_column(wizard: Wizard) -> None:
    rows = [[*each[:5], day] for each, day in zip(ROWS, ("1/5/2027", "3/4/2027", ""), strict=True)]
    where = await draft_of(wizard, workbook(HEADINGS, rows))
    page = await wizard.get(where)
    assert "The days have two readings (1/5/2027)" in page.text
    sent = await wizard.send(where, **fields_of(CHOICES))
    assert "choose whether the day or the month is first" in sent.text
    text = await previewed(wizard, where, **{"order-5": "day-first"})
    assert "2027-05-01" in text


@pytest.mark.parametrize(
    ("name", "body", "said"),
    [
        ("a.pdf", b"%PDF-1.7 x", "files of the kind PDF are not read"),
        ("a.xlsx", b"", "the file is empty"),
        ("a.zip", b"PK\x03\x04rubbish", "cannot be read"),
    ],
)
async def test_a_file_that_cannot_be_read_is_refused_once(
    wizard: Wizard, name: str, body: bytes, said: str
) -> None:
    sent = await wizard.upload(name, body)
    assert sent.status_code in (415, 422)
    assert said in sent.json()["message"]
    assert wizard.files() == [], "nothing of it is kept"


async def test_a_form_without_script_uploads_as_well(wizard: Wizard) -> None:
    sent = await wizard.client.post(
        "/console/imports",
        data={"csrf": wizard._csrf, "kind": "openings"},
        files={"file": ("岗位.xlsx", FILE)},
    )
    assert sent.status_code == 303, sent.text
    assert "招聘岗位" in (await wizard.get(sent.headers["location"])).text
    empty = await wizard.client.post(
        "/console/imports", data={"csrf": wizard._csrf, "kind": "openings"}, files={"x": b""}
    )
    assert empty.status_code == 422
    assert "choose a file" in empty.text


async def test_an_upload_without_the_token_is_refused_before_it_is_read(wizard: Wizard) -> None:
    sent = await wizard.client.post(
        "/console/imports/file", params={"kind": "openings", "name": "a.csv"}, content=b"x"
    )
    assert sent.status_code == 403


async def test_a_draft_is_its_owners_alone_and_can_be_discarded(wizard: Wizard) -> None:
    where = await draft_of(wizard)
    assert (await wizard.get("/console/imports/drafts/" + "0" * 32)).status_code == 404
    assert len(wizard.given.imports.samples) == 1
    await wizard.send(f"{where}/discard")
    assert (await wizard.get(where)).status_code == 404
    assert wizard.files() == []
    assert len(wizard.given.imports.samples) == 0


async def test_a_clerk_imports_a_roster_in_chinese(tmp_path: Path) -> None:
    station = ids.station_id("x")
    made = Wizard(tmp_path, AccountRole.CLERK, "zh", station_ids=(station,))
    await made.start()
    try:
        text = "编号,姓名,手机,家庭住址,务工地\n1,张三,13800001111,大同市,北京市\n"
        sent = await made.upload("花名册.csv", text.encode("gb18030"), "profiles")
        where = sent.json()["href"]
        text = (await made.get(where)).text
        assert "核对列" in text
        for field in ("identifier", "name", "phone", "home", "location"):
            assert f'<option value="{field}" selected>' in text
        choices = dict(
            zip(("编号", "姓名", "手机", "家庭住址", "务工地"),
                ("identifier", "name", "phone", "home", "location"), strict=True)
        )  # fmt: skip
        await made.send(where, **fields_of(choices))
        text = await made.followed(f"{where}/preview")
        assert "只能登记本站服务地区的人员" in text, "the station serves no place"
    finally:
        await made.imports.close()


async def test_an_employer_posts_for_itself_and_sees_no_field_for_another(tmp_path: Path) -> None:
    made = Wizard(tmp_path, AccountRole.EMPLOYER, employer_id="mine")
    await made.start()
    try:
        text = (await made.get("/console/imports")).text
        assert 'type="hidden" name="kind" value="openings"' in text
        where = await draft_of(made)
        assert '<option value="employer"' not in (await made.get(where)).text
        chosen = {name: field for name, field in CHOICES.items() if field != "employer"}
        await made.send(where, **fields_of({"企业名称": "", **chosen}))
        assert "Import 2 rows" in await made.followed(f"{where}/preview")
    finally:
        await made.imports.close()
    assert (await made.upload("x.csv", b"x", "profiles")).status_code == 422


async def test_days_whose_order_no_row_tells_are_asked_about_before_any_row(
    wizard: Wizard,
) -> None:
    rows = [[*ROWS[0][:5], "2027-03-01"] for _ in range(700)]
    where = await draft_of(wizard, workbook(HEADINGS, [*rows, [*ROWS[1][:5], "1/5/2027"]]))
    await wizard.send(where, **fields_of(CHOICES))
    text = await wizard.followed(f"{where}/preview")
    assert "How are the days written?" in text
    assert text.count('name="column-') == 1
    assert (await wizard.send(f"{where}/import")).status_code == 409
    wrong = {"column-0": "截止日期", "order-0": "backwards"}
    assert (await wizard.send(f"{where}/orders", **wrong)).status_code == 422
    sent = await wizard.send(f"{where}/orders", **{"column-0": "截止日期", "order-0": "day-first"})
    assert sent.status_code == 303
    text = await wizard.followed(f"{where}/preview")
    assert "How are the days written?" not in text
    await wizard.followed(await imported(wizard, where))
    days = {orjson.loads(each.value or b"")["validThrough"] for each in wizard.kafka.of("openings")}
    assert days == {"2027-03-01", "2027-05-01"}
