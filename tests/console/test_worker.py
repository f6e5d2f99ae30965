"""A worker with a telephone: matches in plain words, yes and no, messages, their own data."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from roost.events.account import AccountRole
from tests.console.accounts import SignsIn
from tests.console.conftest import PHONE, Opens
from tests.console.county import STATION, County
from tests.console.holding import holds
from tests.console.looking import faults
from tests.stack.serving import Serving

SOON_MS = 30_000
PAGES = [
    "/console/me",
    "/console/me/inbox",
    "/console/me/training",
    "/console/me/telling",
    "/console/me/profile",
    "/console/me/data",
    "/console/me/addresses",
]


@pytest.fixture(scope="module")
def county(serving: Serving, signs_in: SignsIn) -> Iterator[County]:
    county = County(serving)
    county.station()
    signs_in.account("li", "李娜", AccountRole.CLERK, station_ids=(STATION,))
    signs_in.account("boss", "大同建筑公司", AccountRole.EMPLOYER, employer_id="console-test")
    yield county
    county.close()


@pytest.fixture(scope="module")
def worker(county: County, signs_in: SignsIn) -> str:
    """A matched worker with an account."""
    (worker,) = county.workers(1, name="王秀英")
    county.opening(places=9)
    county.opening(places=9, title="钢筋工")
    signs_in.account("wang", "王秀英", AccountRole.WORKER, worker_id=worker)
    deadline = time.monotonic() + 90
    while not [each for each in county.queue(limit=200) if each["workerId"] == worker]:
        assert time.monotonic() < deadline, "nothing was matched"
        time.sleep(0.3)
    return worker


def phone(opens: Opens, path: str = "/console/me") -> Page:
    page = opens("wang", "en", PHONE)
    page.goto(path)
    return page


@pytest.mark.parametrize("path", PAGES)
def test_a_page_is_for_everybody(opens: Opens, worker: str, path: str) -> None:
    holds(opens, "wang", path)


def test_a_match_says_why_and_what_is_next_and_a_yes_is_kept(opens: Opens, worker: str) -> None:
    page = phone(opens)
    offer = page.locator(".offer").first
    expect(offer).to_contain_text("Next:")
    offer.get_by_role("link").first.click()
    expect(page.get_by_role("heading", name="Why this match")).to_be_visible()
    yes = page.get_by_role("button", name="I am interested: share my name and contact details")
    expect(yes).to_have_accessible_description(re.compile("大同建筑公司 can see your name"))
    yes.click()
    expect(page.get_by_role("status").first).to_contain_text("are interested", timeout=SOON_MS)
    expect(page.locator("main")).to_contain_text("大同建筑公司 can see your name")
    expect(page.locator("main")).to_contain_text("Your station will call you")


def test_the_employer_sees_who_has_said_yes(opens: Opens, county: County, worker: str) -> None:
    page = phone(opens)
    page.locator(".offer").first.get_by_role("link").first.click()
    yes = page.get_by_role("button", name="I am interested")
    if yes.count():
        yes.click()
        expect(page.get_by_role("status").first).to_contain_text("are interested", timeout=SOON_MS)
    opening = "o-" + page.url.split("/")[-1].split("m-")[1].split(".")[0].split("?")[0][:26]
    boss = opens("boss")
    boss.goto(f"/console/employer/openings/{opening}?all=true")
    expect(boss.locator("main")).to_contain_text("王秀英")


def test_a_no_has_a_reason_and_can_be_taken_back(opens: Opens, worker: str, county: County) -> None:
    county.opening(places=9, title="木工")
    page = phone(opens)
    deadline = time.monotonic() + 60
    while page.get_by_text("Not for me").count() == 0:
        assert time.monotonic() < deadline
        time.sleep(0.5)
        page.reload()
    last = page.locator(".offer").last
    last.get_by_text("Not for me").first.click()
    last.get_by_label("Reason").select_option("wage")
    last.get_by_role("button", name="Not for me").click()
    expect(page.get_by_role("status").first).to_contain_text("not for you", timeout=SOON_MS)
    page.get_by_role("button", name="Undo").click()
    expect(page.get_by_role("status").first).to_contain_text("Undone", timeout=SOON_MS)


def test_how_one_is_told_is_chosen_in_plain_words(opens: Opens, worker: str) -> None:
    page = phone(opens, "/console/me/telling")
    page.get_by_label("Policy news", exact=True).uncheck()
    page.get_by_label("Set my own").check()
    page.locator("[name='quietHours.begins']").fill("21:00")
    page.locator("[name='quietHours.ends']").fill("08:00")
    page.get_by_label("Messages that are not urgent").select_option("daily")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("status").first).to_contain_text("Saved", timeout=SOON_MS)
    expect(page.get_by_label("Policy news", exact=True)).not_to_be_checked()
    expect(page.locator("[name='quietHours.begins']")).to_have_value("21:00")


def test_it_is_quiet_for_a_while_and_all_messages_are_stopped_and_come_again(
    opens: Opens, worker: str
) -> None:
    page = phone(opens, "/console/me/telling")
    page.get_by_role("button", name="Mute").click()
    expect(page.locator("main")).to_contain_text("Muted until", timeout=SOON_MS)
    page.get_by_role("button", name="Unmute").click()
    page.locator("summary", has_text="Stop all messages").click()
    page.get_by_role("button", name="Stop all messages").click()
    expect(page.locator("main")).to_contain_text("You have stopped all messages", timeout=SOON_MS)
    page.get_by_role("button", name="Resume messages").click()
    expect(page.locator("main")).not_to_contain_text("You have stopped all messages")


def test_a_message_comes_into_the_open_inbox_by_itself(
    opens: Opens, worker: str, county: County
) -> None:
    page = phone(opens, "/console/me/inbox")
    expect(page.locator("#live")).to_have_attribute("data-state", "live")
    county.answers(worker, "您咨询的补贴", "请到服务站办理。")
    expect(page.locator("#entries")).to_contain_text("请到服务站办理。", timeout=SOON_MS)
    page.get_by_role("button", name="Mark all as read").click()
    told = page.get_by_role("status").filter(has_text="Marked")
    expect(told).to_be_visible(timeout=SOON_MS)
    expect(page.get_by_role("button", name="Mark all as read")).to_have_count(0)


def test_one_sees_who_has_looked_and_takes_everything_along(opens: Opens, worker: str) -> None:
    clerk = opens("li")
    clerk.goto(f"/console/profiles/{worker}")
    expect(clerk.get_by_role("heading", level=1)).to_have_text("王秀英")
    page = phone(opens, "/console/me/data")
    deadline = time.monotonic() + 20
    while "李娜" not in page.locator("main").inner_text():
        assert time.monotonic() < deadline, "who looked is not told"
        time.sleep(0.5)
        page.reload()
    with page.expect_download() as file:
        page.get_by_role("link", name="Download").click()
    said = json.loads(file.value.path().read_text("utf-8"))
    assert said["profile"]["id"] == worker


def test_a_profile_is_corrected_by_whoever_it_is_of(opens: Opens, worker: str) -> None:
    page = phone(opens, "/console/me/profile")
    page.locator("[name=skills]").fill("砌墙\n抹灰")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("status").first).to_contain_text("Saved", timeout=SOON_MS)
    expect(page.locator("[name=skills]")).to_have_value("砌墙\n抹灰")


def test_a_pause_and_an_erasure_state_what_they_end(opens: Opens, worker: str) -> None:
    page = phone(opens, "/console/me/data")
    expect(page.locator("main")).to_contain_text("in progress end")
    page.goto("/console/me/profile")
    page.locator("[name=status]").select_option("paused")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("alert").first).to_contain_text("Matches in progress that this ends")
    assert faults(page) == []
    expect(page.locator("#confirmEnds")).not_to_be_checked()
    page.get_by_role("button", name="Save").click()
    expect(page.locator("#confirmEnds")).to_be_visible()
    page.goto("/console/me/profile")
    expect(page.locator("[name=status]")).to_have_value("active")


def test_whoever_is_no_worker_has_no_such_pages(opens: Opens, county: County) -> None:
    page = opens("li")
    answer = page.goto("/console/me")
    assert answer is not None
    assert answer.status == 403


def test_everything_is_erased_once_the_word_is_typed(
    opens: Opens, county: County, signs_in: SignsIn
) -> None:
    (leaving,) = county.workers(1, name="将要离开")
    signs_in.account("leaving", "将要离开", AccountRole.WORKER, worker_id=leaving)
    page = opens("leaving", "en", PHONE)
    page.goto("/console/me/data")
    page.locator("details.sure summary").click()
    page.get_by_label("To confirm").fill("no")
    page.get_by_role("button", name="Erase all my data").click()
    expect(page.locator("#typed-error")).to_be_visible()
    page.get_by_label("To confirm").fill("ERASE")
    page.get_by_role("button", name="Erase all my data").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("All data erased", timeout=SOON_MS)
