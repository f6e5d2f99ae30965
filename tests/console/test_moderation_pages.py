"""Openings refused with reasons, and appeals, in a real browser."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest
from playwright.sync_api import expect

from roost import ids
from roost.events.account import AccountRole
from tests.console.accounts import SignsIn
from tests.console.conftest import Opens
from tests.console.county import County
from tests.console.holding import holds
from tests.console.looking import faults
from tests.stack.serving import Serving

OPENINGS = "/console/employer/openings"
STATION = ids.station_id("console-moderation")
BUSY_MS = 15_000


@pytest.fixture(scope="module")
def county(serving: Serving, signs_in: SignsIn) -> Iterator[County]:
    county = County(serving)
    county.station(STATION, "阳高县服务站", serves=("cn:140221",))
    signs_in.account("maker", "阳高建材", AccountRole.EMPLOYER, employer_id="moderated")
    for login, name in (("mo", "莫兰"), ("qi", "齐欣")):
        signs_in.account(login, name, AccountRole.CLERK, station_ids=(STATION,))
    yield county
    county.close()


@pytest.fixture
def opening(county: County) -> str:
    """A published opening with a person in its queue."""
    made = county.opening(
        jobLocation={"name": "大同市阳高县"},
        hiringOrganization={"id": "moderated", "name": "阳高建材"},
    )
    at = {"home": {"name": "大同市阳高县"}, "location": {"name": "大同市阳高县"}}
    county.workers(1, **at)
    deadline = time.monotonic() + 90
    while not [each for each in county.queue(STATION) if each["openingId"] == made]:
        assert time.monotonic() < deadline, "nobody was matched"
        time.sleep(0.3)
    return f"{OPENINGS}/{made}"


def test_an_opening_is_taken_down_and_open_again_after_an_appeal(
    opens: Opens, opening: str
) -> None:
    clerk = opens("mo", "zh")
    clerk.goto(opening)
    clerk.get_by_role("link", name="下架岗位").click()
    assert faults(clerk) == []
    clerk.get_by_role("button", name="下架岗位").click()
    expect(clerk.get_by_role("alert")).to_contain_text("原因")
    clerk.get_by_label("向务工人员收费").check()
    clerk.get_by_label("补充说明").fill("体检不得收费。")
    clerk.get_by_role("button", name="下架岗位").click()
    expect(clerk.locator("main")).to_contain_text("岗位已关闭", timeout=BUSY_MS)
    assert faults(clerk) == []

    boss = opens("maker")
    boss.goto(opening)
    notice = boss.locator("[aria-labelledby=refused]")
    expect(notice).to_contain_text("This opening was taken down.")
    expect(notice).to_contain_text("Fees charged to job seekers: job seekers must not be charged")
    expect(notice).to_contain_text("体检不得收费。")
    assert faults(boss) == []
    boss.get_by_role("link", name="Appeal").click()
    assert faults(boss) == []
    boss.get_by_label("Why you disagree").fill("The employer pays for it; the text is corrected.")
    boss.get_by_role("button", name="Send the appeal").click()
    expect(boss.locator("main")).to_contain_text("being considered", timeout=BUSY_MS)

    colleague = opens("qi")
    colleague.goto(f"{OPENINGS}?due=true")
    expect(colleague.locator("main")).to_contain_text("The employer has appealed")
    colleague.goto(opening)
    assert faults(colleague) == []
    colleague.locator("summary", has_text="Grant the appeal").click()
    colleague.get_by_role("button", name="Grant the appeal").click()
    expect(colleague.locator("main")).to_contain_text("approved", timeout=BUSY_MS)
    boss.goto(opening)
    expect(boss.locator("[aria-labelledby=refused]")).to_have_count(0)
    expect(boss.locator("main .head").first).to_contain_text("Open")


def test_a_refusal_that_ends_progress_asks_first(
    opens: Opens, county: County, opening: str
) -> None:
    [match] = [each for each in county.queue(STATION) if opening.endswith(each["openingId"])][:1]
    clerk = opens("mo")
    clerk.goto(f"/console/matches/{match['id']}")
    clerk.locator("[data-do=claim]").first.click()
    expect(clerk.locator("#match")).to_contain_text("Assigned to me", timeout=BUSY_MS)
    clerk.goto(f"{opening}/refuse")
    clerk.get_by_label("Not real work").check()
    expect(clerk.get_by_label("End the match in progress")).to_be_visible()
    clerk.get_by_role("button", name="Take down").click()
    expect(clerk.get_by_role("alert")).to_be_visible()
    clerk.locator("#confirmEnds").check()
    clerk.get_by_role("button", name="Take down").click()
    expect(clerk.locator("main")).to_contain_text("This opening was taken down", timeout=BUSY_MS)


@pytest.mark.parametrize("page", ["refuse", "appeal"])
def test_the_forms_are_for_everybody(opens: Opens, opening: str, page: str) -> None:
    holds(opens, "mo" if page == "refuse" else "maker", f"{opening}/{page}")
