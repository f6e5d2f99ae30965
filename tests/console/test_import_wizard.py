"""The import wizard in a real browser: by mouse and by keyboard, in both languages."""

from __future__ import annotations

import csv
import io
import os
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from openpyxl import Workbook, load_workbook
from playwright.sync_api import Locator, Page, expect

from roost.events.account import AccountRole
from tests.console.accounts import SignsIn
from tests.console.conftest import PHONE, Opens
from tests.console.county import STATION, County
from tests.console.holding import holds
from tests.console.looking import faults
from tests.stack.serving import Serving

HERE = "/console/imports"
SOON_MS = 60_000
HEADINGS = ["序号", "企业名称", "招聘岗位", "人数", "工资待遇", "工作地点", "截止日期", "其他"]
ROWS = [
    [
        1,
        "大同市恒岳纺织有限公司",
        "缝纫工",
        "5人",
        "4000-6000元/月",
        "岭泉镇",
        "1/5/2027",
        "甲",
    ],
    [2, "岚岭食品厂", "包装工", "10", "200元/天", "岚岭县", "3/4/2027", "乙"],
    [3, "岚岭食品厂", "搬运工", "2", "面包", "岚岭县", "3/4/2027", "丙"],
]
ROSTER = ["编号", "姓名", "手机", "家庭住址", "务工地", "学历"]


@pytest.fixture(scope="module", autouse=True)
def county(serving: Serving, signs_in: SignsIn) -> Iterator[County]:
    county = County(serving)
    county.station()
    signs_in.account("li", "李娜", AccountRole.CLERK, station_ids=(STATION,))
    signs_in.account("fang", "王芳", AccountRole.CLERK, station_ids=(STATION,))
    signs_in.account("boss", "大同建筑公司", AccountRole.EMPLOYER, employer_id="console-test")
    signs_in.account("auditor", "审计", AccountRole.AUDITOR)
    yield county
    county.close()


def workbook(folder: Path, name: str, number: str) -> Path:
    """Write a job-fair list as counties keep it: a title, and headings in the third row."""
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = "岗位表"
    sheet.append(["2027年春季招聘会岗位表"])
    sheet.append([])
    sheet.append(HEADINGS)
    for row in ROWS:
        sheet.append([*row[:2], f"{row[2]}{number}", *row[3:]])
    hidden = book.create_sheet("去年")
    hidden.append(HEADINGS)
    hidden.sheet_state = "hidden"
    path = folder / name
    book.save(path)
    return path


def roster(folder: Path, rows: list[list[str]]) -> Path:
    """Write a roster as CSV in GB 18030."""
    text = io.StringIO()
    csv.writer(text).writerows([ROSTER, *rows])
    path = folder / "花名册.csv"
    path.write_bytes(text.getvalue().encode("gb18030"))
    return path


def choice(page: Page, column: str) -> Locator:
    return page.get_by_label(column, exact=True)


def test_a_clerk_imports_a_list_by_mouse_in_chinese(opens: Opens, tmp_path: Path) -> None:
    page = opens("li", "zh")
    page.goto("/console")
    page.get_by_role("link", name="导入", exact=True).click()
    assert faults(page) == []
    page.get_by_label("岗位", exact=True).check()
    page.get_by_label("表格文件").set_input_files(workbook(tmp_path, "春季.xlsx", "甲"))
    page.get_by_role("button", name="上传并核对列").click()

    page.wait_for_url("**/drafts/*")
    expect(page.get_by_text("表头在第 3 行，共 8 列")).to_be_visible()
    expect(page.get_by_text("隐藏的工作表未读取：去年")).to_be_visible()
    expect(choice(page, "招聘岗位")).to_have_value("title")
    expect(choice(page, "工资待遇")).to_have_value("wage")
    expect(choice(page, "序号")).to_have_value("")
    assert faults(page) == []
    page.get_by_role("button", name="预览").click()

    expect(page.get_by_role("alert")).to_contain_text("含有两种读法的日期")
    assert page.get_by_role("alert").evaluate("each => each === document.activeElement")
    assert faults(page) == []
    page.get_by_label(re.compile("日期有两种读法")).select_option("day-first")
    page.get_by_label("保存对应关系，名称").fill("春季招聘会")
    page.get_by_role("button", name="预览").click()

    expect(page.get_by_role("button", name="导入 2 条")).to_be_visible(timeout=SOON_MS)
    expect(page.get_by_role("heading", name="不能导入 1")).to_be_visible()
    expect(page.get_by_text("第 岗位表!6 行").first).to_be_visible()
    expect(page.get_by_text("2027-05-01").first).to_be_visible()
    assert faults(page) == []
    page.get_by_role("button", name="导入 2 条").click()

    expect(page.get_by_text("导入完成，已写入 2 条。")).to_be_visible(timeout=SOON_MS)
    assert faults(page) == []
    with page.expect_download() as downloading:
        page.get_by_role("link", name="下载未导入的行").click()
    rejected = load_workbook(io.BytesIO(downloading.value.path().read_bytes()))["岗位表"]
    rows = [[cell.value for cell in row] for row in rejected.iter_rows()]
    assert rows[0][-2:] == ["未导入原因", "原文件位置"]
    assert str(rows[1][-2]).startswith("工资待遇：")

    page.get_by_role("link", name="撤销本次导入").click()
    expect(page.get_by_text("删除本次新增的 2 条")).to_be_visible()
    assert faults(page) == []
    page.get_by_role("button", name="确认撤销").click()
    expect(page.get_by_text("已撤销，共处理 2 条。")).to_be_visible(timeout=SOON_MS)
    page.get_by_role("link", name="返回导入记录").click()
    expect(page.get_by_text("已撤销", exact=True)).to_be_visible()


def pressed(page: Page, target: Locator) -> None:
    """Move the focus with Tab to a target, which a keyboard reaches within the page."""
    for _ in range(120):
        if target.evaluate("each => each === document.activeElement"):
            return
        page.keyboard.press("Tab")
    raise AssertionError("the keyboard does not reach it")


def test_a_colleague_imports_by_keyboard_in_english_with_the_saved_mapping(
    opens: Opens, tmp_path: Path
) -> None:
    page = opens("fang", "en")
    page.goto(HERE)
    openings = page.get_by_label("Openings", exact=True)
    pressed(page, openings)
    page.keyboard.press("Space")
    file = page.get_by_label("Spreadsheet", exact=True)
    pressed(page, file)
    with page.expect_file_chooser() as choosing:
        page.keyboard.press("Space")
    choosing.value.set_files(workbook(tmp_path, "autumn.xlsx", "乙"))
    pressed(page, page.get_by_role("button", name="Upload and check the columns"))
    page.keyboard.press("Enter")

    page.wait_for_url("**/drafts/*")
    expect(page.get_by_text("the saved mapping “春季招聘会” is used")).to_be_visible()
    other = choice(page, "其他")
    pressed(page, other)
    page.keyboard.type("Desc")
    expect(other).to_have_value("description")
    pressed(page, page.get_by_role("button", name="Preview", exact=True))
    page.keyboard.press("Enter")

    button = page.get_by_role("button", name="Import 2 rows")
    expect(button).to_be_visible(timeout=SOON_MS)
    assert page.locator("#check [data-focus]").evaluate("each => each === document.activeElement")
    pressed(page, button)
    page.keyboard.press("Enter")
    expect(page.get_by_text("Import complete: 2 records stored.")).to_be_visible(timeout=SOON_MS)
    assert page.locator("#job [data-focus]").evaluate("each => each === document.activeElement")
    pressed(page, page.get_by_role("link", name="Undo this import"))
    page.keyboard.press("Enter")
    pressed(page, page.get_by_role("button", name="Undo the import"))
    page.keyboard.press("Enter")
    expect(page.get_by_text("Undone: 2 records.")).to_be_visible(timeout=SOON_MS)


def imported(page: Page, file: Path) -> None:
    """Import a roster with the proposed columns."""
    page.goto(HERE)
    page.get_by_label("务工人员", exact=True).check()
    page.get_by_label("表格文件").set_input_files(file)
    page.get_by_role("button", name="上传并核对列").click()
    page.wait_for_url("**/drafts/*")
    page.get_by_role("button", name="预览").click()


def test_a_roster_shows_its_changes_field_by_field_on_a_phone(opens: Opens, tmp_path: Path) -> None:
    page = opens("li", "zh", PHONE)
    first = [["W-1", "赵一", "13700001111", "岚岭县", "大同市", "初中"]]
    imported(page, roster(tmp_path, first))
    page.get_by_role("button", name="导入 1 条").click(timeout=SOON_MS)
    expect(page.get_by_text("导入完成，已写入 1 条。")).to_be_visible(timeout=SOON_MS)

    second = [[*first[0][:5], "大专"], ["W-2", "钱二", "", "广州市", "广州市", "高中"]]
    imported(page, roster(tmp_path, second))
    expect(page.get_by_role("button", name="导入 1 条")).to_be_visible(timeout=SOON_MS)
    changes = page.locator(".changes")
    expect(changes.locator("del")).to_contain_text("初中")
    expect(changes.locator("ins")).to_contain_text("大专")
    expect(page.get_by_text("只能登记本站服务地区的人员").first).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    assert faults(page) == []
    page.get_by_role("button", name="导入 1 条").click()
    expect(page.get_by_text("导入完成，已写入 1 条。")).to_be_visible(timeout=SOON_MS)
    page.get_by_role("link", name="撤销本次导入").click()
    expect(page.get_by_text("将本次更改的 1 条恢复为导入前的内容")).to_be_visible()
    page.get_by_role("button", name="确认撤销").click()
    expect(page.get_by_text("已撤销，共处理 1 条。")).to_be_visible(timeout=SOON_MS)


def test_a_clerk_decides_whether_a_row_describes_a_registered_person(
    opens: Opens, tmp_path: Path
) -> None:
    page = opens("li", "zh")
    known = ["K-1", "孙五", "13700005555", "岚岭县", "大同市", "初中"]
    imported(page, roster(tmp_path, [known]))
    page.get_by_role("button", name="导入 1 条").click(timeout=SOON_MS)
    expect(page.get_by_text("导入完成，已写入 1 条。")).to_be_visible(timeout=SOON_MS)
    found_by(page, "k-1")

    rows = [["K-2", *known[1:5], "大专"], ["K-3", "周六", known[2], *known[3:]]]
    imported(page, roster(tmp_path, rows))
    question = page.get_by_role("heading", name=re.compile("请确认是否为同一人"))
    expect(question).to_be_visible(timeout=SOON_MS)
    expect(page.get_by_text("没有需要导入的数据")).to_be_visible()
    assert faults(page) == []
    first, second = (page.get_by_role("group", name=re.compile(each)) for each in ("K-2", "K-3"))
    expect(first.get_by_text("电话相同")).to_be_visible()
    pressed(page, first.get_by_role("radio", name="暂不导入"))
    page.keyboard.press("ArrowUp")
    page.keyboard.press("ArrowUp")
    expect(first.get_by_role("radio", name=re.compile("同一人：更新 孙五"))).to_be_checked()
    second.get_by_role("radio", name="另一人：单独登记").check()
    if pictures := os.environ.get("ROOST_PICTURES"):
        page.screenshot(path=Path(pictures) / "import-people.png", full_page=True)
    page.get_by_role("button", name="按选择重新核对").click()

    expect(page.get_by_role("button", name="导入 2 条")).to_be_visible(timeout=SOON_MS)
    expect(question).to_have_count(0)
    expect(page.get_by_text("其他名册编号").first).to_be_visible()
    page.get_by_role("button", name="导入 2 条").click()
    expect(page.get_by_text("导入完成，已写入 2 条。")).to_be_visible(timeout=SOON_MS)
    found_by(page, "K-2")
    expect(page.locator("#name")).to_have_value("孙五")
    expect(page.get_by_text("其他名册编号：")).to_be_visible()
    assert faults(page) == []

    page.goto("/console/profiles/new")
    page.get_by_label("名册编号").fill("K-9")
    page.locator("#name").fill("周六")
    page.get_by_label("手机号码").fill("137 0000 5555")
    page.get_by_label("家乡（乡镇）").fill("岚岭县")
    page.get_by_label("现居住地").fill("大同市")
    page.get_by_role("button", name="保存").click()
    alert = page.get_by_role("alert")
    expect(alert).to_contain_text("该人员可能已登记")
    assert alert.evaluate("each => each === document.activeElement")
    expect(alert.get_by_role("link", name="周六")).to_be_visible()
    if pictures:
        page.screenshot(path=Path(pictures) / "register-known.png", full_page=True)
    assert faults(page) == []


LIST = ["岗位编号", "招聘岗位", "单位名称", "工作地点"]
CODE = "uscc:91110000100000000R"


def listed(folder: Path, *rows: tuple[str, str, str]) -> Path:
    """Write a list of openings in the station's county: reference, title and employer."""
    text = io.StringIO()
    csv.writer(text).writerows([LIST, *((*row, "岚岭县") for row in rows)])
    path = folder / f"{rows[0][0]}.csv"
    path.write_text(text.getvalue(), "utf-8")
    return path


def checked(page: Page, file: Path, words: tuple[str, str, str, str]) -> None:
    """Send a list with the proposed columns, and wait for the preview."""
    openings, sheet, upload, preview = words
    page.goto(HERE)
    page.get_by_label(openings, exact=True).check()
    page.get_by_label(sheet, exact=True).set_input_files(file)
    page.get_by_role("button", name=upload).click()
    page.wait_for_url("**/drafts/*")
    page.get_by_role("button", name=preview, exact=True).click()


ZH = ("岗位", "表格文件", "上传并核对列", "预览")
EN = ("Openings", "Spreadsheet", "Upload and check the columns", "Preview")


def test_a_clerk_decides_by_mouse_in_chinese_that_a_name_is_a_stored_employers(
    opens: Opens, county: County, tmp_path: Path
) -> None:
    coded = {"id": CODE, "name": "岚岭山货合作社"}
    county.opening(hiringOrganization=coded, jobLocation={"name": "岚岭县"})
    page = opens("li", "zh")
    rows = [("F-1", "分拣工", "岚岭山货 合作社"), ("F-2", "包装工", "岚岭山货合作社")]
    checked(page, listed(tmp_path, *rows), ZH)
    question = page.get_by_role("heading", name=re.compile("请确认是否为同一单位"))
    expect(question).to_be_visible(timeout=SOON_MS)
    expect(page.get_by_text("没有需要导入的数据")).to_be_visible()
    groups = page.get_by_role("group", name=re.compile("共 2 行"))
    expect(groups).to_have_count(1)
    assert faults(page) == []
    groups.get_by_role("radio", name=re.compile("同一单位：岚岭山货合作社")).check()
    if pictures := os.environ.get("ROOST_PICTURES"):
        page.screenshot(path=Path(pictures) / "import-employers.png", full_page=True)
    page.get_by_role("button", name="按选择重新核对").click()

    expect(page.get_by_role("button", name="导入 2 条")).to_be_visible(timeout=SOON_MS)
    expect(question).to_have_count(0)
    page.get_by_role("button", name="导入 2 条").click()
    expect(page.get_by_text("导入完成，已写入 2 条。")).to_be_visible(timeout=SOON_MS)

    checked(page, listed(tmp_path, ("F-3", "搬运工", "岚岭山货合作社")), ZH)
    expect(page.get_by_role("button", name="导入 1 条")).to_be_visible(timeout=SOON_MS)
    expect(page.get_by_text(f"按此前的确认归入单位 {CODE}")).to_be_visible()
    expect(question).to_have_count(0)


def test_a_colleague_takes_the_decision_back_by_keyboard_in_english(
    opens: Opens, tmp_path: Path
) -> None:
    page = opens("fang", "en")
    page.goto(HERE)
    pressed(page, page.get_by_role("link", name="Decided names of employers"))
    page.keyboard.press("Enter")
    expect(page.get_by_role("rowheader", name="岚岭山货合作社")).to_be_visible()
    expect(page.get_by_text(CODE)).to_be_visible()
    assert faults(page) == []
    pressed(page, page.get_by_role("button", name="Take back"))
    page.keyboard.press("Enter")
    expect(page.get_by_text("No names are decided yet.")).to_be_visible()
    assert faults(page) == []

    checked(page, listed(tmp_path, ("F-4", "质检员", "岚岭山货合作社")), EN)
    question = page.get_by_role("heading", name=re.compile("Is it the same employer?"))
    expect(question).to_be_visible(timeout=SOON_MS)
    group = page.get_by_role("group", name=re.compile("1 row"))
    pressed(page, group.get_by_role("radio", name="Do not import yet"))
    page.keyboard.press("ArrowUp")
    expect(group.get_by_role("radio", name=re.compile("Another employer"))).to_be_checked()
    pressed(page, page.get_by_role("button", name="Check again"))
    page.keyboard.press("Enter")
    button = page.get_by_role("button", name="Import 1 row")
    expect(button).to_be_visible(timeout=SOON_MS)
    expect(question).to_have_count(0)
    pressed(page, button)
    page.keyboard.press("Enter")
    expect(page.get_by_text("Import complete: 1 record stored.")).to_be_visible(timeout=SOON_MS)


def test_the_order_of_days_far_below_is_chosen_by_keyboard(opens: Opens, tmp_path: Path) -> None:
    text = io.StringIO()
    days = [*["2027-03-01"] * 250, "1/5/2027"]
    rows = [[f"D-{n}", "缝纫工", "恒岳日期厂", "岚岭县", day] for n, day in enumerate(days)]
    csv.writer(text).writerows([[*LIST, "截止日期"], *rows])
    path = tmp_path / "days.csv"
    path.write_text(text.getvalue(), "utf-8")
    page = opens("li", "zh")
    checked(page, path, ZH)
    question = page.get_by_role("heading", name="请选择日期的写法")
    expect(question).to_be_visible(timeout=SOON_MS)
    assert question.evaluate("each => each === document.activeElement")
    assert faults(page) == []
    pressed(page, page.get_by_role("radio", name="日/月/年"))
    page.keyboard.press("Space")
    pressed(page, page.get_by_role("button", name="按选择重新核对"))
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="导入 251 条")).to_be_visible(timeout=SOON_MS)
    expect(question).to_have_count(0)


def found_by(page: Page, number: str) -> None:
    """Find a worker by the number once searches show it."""
    for _ in range(60):
        page.goto("/console/profiles")
        form = page.get_by_role("search", name=re.compile("^(Workers|务工人员)$"))
        form.get_by_role("textbox").fill(number)
        form.get_by_role("button").click()
        if "/profiles/w-" in page.url:
            return
        page.wait_for_timeout(500)
    raise AssertionError(f"{number} is not found")


def test_a_file_is_dropped_and_a_wrong_one_is_refused_at_its_field(
    opens: Opens, tmp_path: Path
) -> None:
    page = opens("boss", "en")
    page.goto(HERE)
    assert page.get_by_label("Workers", exact=True).count() == 0
    (tmp_path / "a.pdf").write_bytes(b"%PDF-1.7 x")
    page.get_by_label("Spreadsheet", exact=True).set_input_files(tmp_path / "a.pdf")
    page.get_by_role("button", name="Upload and check the columns").click()
    expect(page.get_by_role("alert")).to_contain_text("files of the kind PDF are not read")
    file = page.get_by_label("Spreadsheet", exact=True)
    assert file.evaluate("each => each === document.activeElement")
    assert faults(page) == []
    page.evaluate(
        """() => {
            const data = new DataTransfer();
            data.items.add(new File(["title,jobLocation\\n焊工,大同市\\n"], "jobs.csv"));
            const zone = document.querySelector("[data-drop]");
            zone.dispatchEvent(new DragEvent("drop", {dataTransfer: data, bubbles: true}));
        }"""
    )
    page.keyboard.press("Enter")
    page.wait_for_url("**/drafts/*")
    expect(choice(page, "title")).to_have_value("title")
    assert faults(page) == []


def test_the_wizard_works_without_script(opens: Opens, tmp_path: Path) -> None:
    page = opens("fang", "en", java_script_enabled=False)
    page.goto(HERE)
    page.get_by_label("Openings", exact=True).check()
    page.get_by_label("Spreadsheet", exact=True).set_input_files(workbook(tmp_path, "x.xlsx", "丁"))
    page.get_by_role("button", name="Upload and check the columns").click()
    page.wait_for_url("**/drafts/*")
    page.get_by_role("button", name="Preview", exact=True).click()
    button = page.get_by_role("button", name="Import 2 rows")
    for _ in range(60):
        if button.count():
            break
        page.get_by_role("link", name="Reload to see the progress").click()
    expect(button).to_be_visible()
    page.get_by_role("button", name="Cancel and delete the file").click()
    page.wait_for_url(f"**{HERE}")


def test_the_first_page_is_for_everybody_who_may_import(opens: Opens) -> None:
    holds(opens, "li", HERE)
    page = opens("auditor", "en")
    page.goto(HERE)
    expect(page.get_by_role("heading", name="No permission")).to_be_visible()
