"""Requests for candidates in a browser: the employer asks, the station answers from Today."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
from playwright.sync_api import expect

from roost.events.account import AccountRole
from roost.settings import Settings
from roost.time.clock import SystemClock, day_of
from tests.console.accounts import SignsIn
from tests.console.conftest import PHONE, Opens
from tests.console.county import STATION, County
from tests.console.holding import holds
from tests.console.looking import faults
from tests.console.test_notes import Case
from tests.stack.serving import Serving

SOON_MS = 30_000


@pytest.fixture(scope="module")
def case(serving: Serving, signs_in: SignsIn) -> Iterator[Case]:
    county = County(serving)
    county.station()
    signs_in.account("asks-li", "李娜", AccountRole.CLERK, station_ids=(STATION,))
    signs_in.account("asks-hr", "备注服装厂", AccountRole.EMPLOYER, employer_id="notes-test")
    yield Case(county, "请求甲")
    county.close()


@pytest.mark.parametrize("scripts", [True, False])
def test_a_request_is_asked_accepted_and_withdrawn(
    opens: Opens, case: Case, serving: Serving, settings: Settings, scripts: bool
) -> None:
    county = County(serving)
    own = case if scripts else Case(county, "请求乙")
    today = day_of(SystemClock().now(), settings.zone)
    path = f"/console/employer/openings/{own.opening}"
    boss = opens("asks-hr", "en", PHONE, java_script_enabled=scripts)
    boss.goto(path)
    boss.get_by_role("link", name="Request for candidates").click()
    boss.get_by_label("Number of candidates").fill("2")
    boss.get_by_label("Last day").fill((today + timedelta(days=5)).isoformat())
    boss.get_by_label("Note").fill("早班优先")
    boss.get_by_role("button", name="Ask for candidates").press("Enter")
    expect(boss.get_by_role("status").first).to_contain_text("Sent", timeout=SOON_MS)
    expect(boss.locator("main")).to_contain_text("2 asked for, 0 referred")
    if scripts:
        assert faults(boss) == []

    clerk = opens("asks-li", "zh", java_script_enabled=scripts)
    clerk.goto("/console/today")
    waiting = clerk.locator("#requests")
    expect(waiting).to_contain_text("备注服装厂")
    if scripts:
        assert faults(clerk) == []
    clerk.goto(f"{path}/request")
    expect(clerk.locator("main")).to_contain_text("早班优先")
    clerk.get_by_label("开始推荐日期").fill((today + timedelta(days=1)).isoformat())
    clerk.get_by_role("button", name="受理", exact=True).click()
    expect(clerk.locator("main")).to_contain_text("已受理", timeout=SOON_MS)

    boss.goto(path)
    expect(boss.locator("main")).to_contain_text("The first are expected on")
    boss.get_by_role("link", name="Request for candidates").click()
    boss.locator("summary", has_text="Withdraw the request").click()
    boss.get_by_role("button", name="Withdraw the request").click()
    expect(boss.locator("main")).to_contain_text("Withdrawn", timeout=SOON_MS)
    expect(boss.locator("main")).not_to_contain_text("早班优先")
    county.close()


def test_the_pages_hold(opens: Opens, case: Case) -> None:
    holds(opens, "asks-hr", f"/console/employer/openings/{case.opening}/request")
    holds(opens, "asks-li", "/console/today")
