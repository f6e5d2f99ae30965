"""Notes, another reason in words and interview details, in a browser and in both languages."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from roost.events.account import AccountRole
from tests.console.accounts import SignsIn
from tests.console.conftest import PHONE, Opens
from tests.console.county import STATION, TITLE, County
from tests.console.holding import holds
from tests.console.looking import faults
from tests.stack.serving import Serving

LICENCE = "备注操作证"


class Case:
    """A worker with an account, and their match in the station's queue."""

    def __init__(self, county: County, name: str) -> None:
        self.opening = county.opening(
            title=f"{TITLE}{name}",
            licencesRequired=[f"{LICENCE}{name}"],
            hiringOrganization={"id": "notes-test", "name": "备注服装厂"},
            jobLocation={"name": "岚岭县"},
        )
        (self.worker,) = county.workers(
            1, name=name, licences=[f"{LICENCE}{name}"], occupationsWanted=[f"{TITLE}{name}"]
        )
        # By hand: other openings of the county may have filled the person's day.
        self.match = county.matched_by_hand(self.opening, self.worker)


@pytest.fixture(scope="module")
def case(serving: Serving, signs_in: SignsIn) -> Iterator[Case]:
    county = County(serving)
    county.station()
    for login, name in (("li", "李娜"), ("fang", "王芳")):
        signs_in.account(login, name, AccountRole.CLERK, station_ids=(STATION,))
    found = Case(county, "备注甲")
    signs_in.account("jia", "备注甲", AccountRole.WORKER, worker_id=found.worker)
    yield found
    county.close()


PATHS = (
    "/console/profiles/{worker}/details",
    "/console/matches/{match}",
    "/console/employer/openings/{opening}",
    "/console/employers/notes-test",
)


def path_of(path: str, case: Case) -> str:
    return path.format(worker=case.worker, match=case.match, opening=case.opening)


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("scripts", [True, False])
def test_a_note_is_written_edited_and_removed(
    opens: Opens, case: Case, path: str, scripts: bool
) -> None:
    text = f"{path} {scripts}"
    page = opens("li", "en", PHONE if not scripts else None, java_script_enabled=scripts)
    page.goto(path_of(path, case))
    section = page.locator("#notes")
    section.get_by_label("New note").fill(text)
    section.get_by_label("New note").press("Tab")
    page.keyboard.press("Enter")
    expect(section).to_contain_text("Note saved.")
    written = section.get_by_role("listitem").filter(has_text=text)
    expect(written).to_contain_text("李娜")
    colleague = opens("fang", "zh")
    colleague.goto(path_of(path, case))
    expect(colleague.locator("#notes").get_by_role("listitem").filter(has_text=text)).to_have_count(
        1
    )
    expect(colleague.locator("#notes").get_by_role("link", name="修改")).to_have_count(0)
    written.get_by_role("link", name="Edit").click()
    page.get_by_label("New note").fill(f"{text} again")
    page.get_by_role("button", name="Save note").click()
    expect(section).to_contain_text(f"{text} again")
    edited = section.get_by_role("listitem").filter(has_text=f"{text} again")
    expect(edited).to_contain_text("edited")
    edited.locator("summary").click()
    edited.get_by_role("button", name="Remove").click()
    expect(section).to_contain_text("Note removed.")
    expect(section).not_to_contain_text(f"{text} again")


def test_an_empty_note_is_refused_at_its_field(opens: Opens, case: Case) -> None:
    page = opens("li", "zh", java_script_enabled=False)
    page.goto(path_of(PATHS[0], case))
    page.locator("#notes textarea").evaluate("each => each.removeAttribute('required')")
    page.get_by_role("button", name="保存备注").click()
    expect(page.get_by_role("alert")).to_contain_text("新备注")


def test_another_reason_is_written_and_shown_in_the_history(
    opens: Opens, serving: Serving, case: Case
) -> None:
    county = County(serving)
    other = Case(county, "备注乙")
    county.close()
    page = opens("li", "en")
    page.goto(f"/console/matches/{other.match}")
    page.get_by_role("button", name=re.compile("Claim")).first.click()
    history = page.get_by_role("region", name="Contact history")
    expect(history).to_contain_text("Claimed")
    page.keyboard.press("d")
    dialog = page.locator("#dialog")
    dialog.get_by_label("Other", exact=True).check()
    words = dialog.get_by_label("In words")
    expect(words).to_have_attribute("required", "")
    words.fill("家里老人需要照顾")
    dialog.get_by_role("button", name="Save").click()
    expect(history).to_contain_text("家里老人需要照顾")
    page.goto(f"/console/profiles/{other.worker}/details")
    expect(page.get_by_role("region", name="History")).to_contain_text("家里老人需要照顾")


def test_the_details_of_an_interview_reach_the_workers_phone_and_can_be_changed(
    opens: Opens, case: Case
) -> None:
    page = opens("li", "zh")
    page.goto(f"/console/matches/{case.match}")
    page.get_by_role("button", name=re.compile("认领")).first.click()
    expect(page.get_by_role("region", name="联系记录")).to_contain_text("已认领")
    page.keyboard.press("l")
    page.locator("#dialog").get_by_label("已接通", exact=True).check()
    page.locator("#dialog").get_by_role("button", name="保存").click()
    expect(page.get_by_role("region", name="联系记录")).to_contain_text("已接通")
    for place in ("北门 2 号楼", "南门"):
        page.keyboard.press("i")
        dialog = page.locator("#dialog")
        if place == "南门":
            expect(dialog.get_by_label("面试地点")).to_have_value("北门 2 号楼")
        else:
            dialog.get_by_label("面试时间").fill(tomorrow(page))
            dialog.get_by_label("当面").check()
            dialog.get_by_label("联系人").fill("王经理 0352-5550101")
            dialog.get_by_label("携带材料").fill("身份证")
        dialog.get_by_label("面试地点").fill(place)
        dialog.get_by_role("button", name="保存").click()
        expect(page.locator("#match")).to_contain_text(place)
    for language, name in (("zh", "携带材料"), ("en", "Documents to bring")):
        phone = opens("jia", language, PHONE)
        phone.goto(f"/console/me/matches/{case.match}")
        for text in (name, "南门", "王经理 0352-5550101", "身份证"):
            expect(phone.get_by_role("article")).to_contain_text(text)
        assert faults(phone) == []
        phone.goto("/console/me/inbox")
        expect(phone.locator("#entries")).to_contain_text("南门", timeout=30_000)


def tomorrow(page: Page) -> str:
    """Return the time of tomorrow as a `datetime-local` field takes it."""
    script = "() => new Date(Date.now() + 864e5).toISOString().slice(0, 16)"
    return str(page.evaluate(script))


@pytest.mark.parametrize(
    "path",
    [
        "/console/profiles/{worker}/notes",
        "/console/matches/{match}/notes",
        "/console/employer/openings/{opening}/notes",
        "/console/employers/notes-test/notes",
        *PATHS,
    ],
)
def test_a_page_with_notes_is_for_everybody(opens: Opens, case: Case, path: str) -> None:
    holds(opens, "li", path_of(path, case))
