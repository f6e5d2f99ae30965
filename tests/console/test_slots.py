"""Interview slots in a browser: offered by the employer, chosen on a phone and by a clerk."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest
from playwright.sync_api import Page, expect

from roost.events.account import AccountRole
from roost.settings import Settings
from roost.time.clock import SystemClock
from tests.console.accounts import SignsIn
from tests.console.conftest import PHONE, Opens
from tests.console.county import STATION, TITLE, County
from tests.console.holding import holds
from tests.console.looking import faults
from tests.console.test_notes import LICENCE, Case
from tests.stack.serving import Serving

SOON_MS = 30_000
PLACE = "厂区东门接待室"


@pytest.fixture(scope="module")
def county(serving: Serving, signs_in: SignsIn) -> Iterator[County]:
    county = County(serving)
    county.station()
    signs_in.account("slots-li", "李娜", AccountRole.CLERK, station_ids=(STATION,))
    signs_in.account("slots-hr", "备注服装厂", AccountRole.EMPLOYER, employer_id="notes-test")
    yield county
    county.close()


def ahead(settings: Settings, days: int) -> datetime:
    now = SystemClock().now().astimezone(settings.zone)
    return (now + timedelta(days=days)).replace(hour=9, minute=30, second=0, microsecond=0)


def offers(page: Page, opening: str, at: datetime, button: str, places: int = 1) -> None:
    """Offer a slot with the keyboard alone."""
    page.goto(f"/console/employer/openings/{opening}/slots")
    page.locator("#at").fill(f"{at:%Y-%m-%dT%H:%M}")
    page.locator("#places").fill(str(places))
    page.locator("[name='interview.place']").fill(PLACE)
    page.locator("[name='interview.place']").press("Tab")
    page.get_by_role("button", name=button).press("Enter")
    expect(page.get_by_role("status").first).to_be_visible(timeout=SOON_MS)


@pytest.mark.parametrize("scripts", [True, False])
def test_an_employer_offers_a_slot_and_a_worker_chooses_it_with_one_tap(
    opens: Opens, county: County, signs_in: SignsIn, settings: Settings, scripts: bool
) -> None:
    case = Case(county, f"时段甲{scripts:d}")
    signs_in.account(f"slots-jia{scripts:d}", "时段甲", AccountRole.WORKER, worker_id=case.worker)
    county.acts(case.match, "contact", {"contact": "reached"})
    county.acts(case.match, "refer", {})
    boss = opens("slots-hr", "en", java_script_enabled=scripts)
    boss.goto(f"/console/employer/openings/{case.opening}")
    boss.get_by_role("link", name="Interview slots").click()
    expect(boss.locator("main")).to_contain_text("No interview slots.")
    offers(boss, case.opening, ahead(settings, 2), "Add an interview slot")
    expect(boss.locator("main")).to_contain_text("0 of 1 places taken")

    phone = opens(f"slots-jia{scripts:d}", "zh", PHONE, java_script_enabled=scripts)
    phone.goto("/console/me")
    times = phone.get_by_role("region", name="请选择面试时段")
    expect(times).to_contain_text(PLACE)
    if scripts:
        assert faults(phone) == []
    times.get_by_role("button").first.click()
    expect(phone.get_by_role("status").first).to_contain_text("已选择面试时间", timeout=SOON_MS)
    expect(phone.locator("main")).to_contain_text(PLACE)
    if scripts:
        assert faults(phone) == []
    boss.reload()
    expect(boss.locator("main")).to_contain_text("1 of 1 places taken")

    boss.locator("summary", has_text="Cancel the slot").click()
    expect(boss.locator("main")).to_contain_text("1 person has chosen this slot.")
    boss.get_by_role("button", name="Cancel the slot").click()
    expect(boss.get_by_role("status").first).to_contain_text("It is cancelled", timeout=SOON_MS)
    expect(boss.locator("main")).to_contain_text("No interview slots.")
    assert county.match(case.match)["state"] == "referred"


def refer(county: County, match: str, clerk: str | None = None) -> None:
    """Refer a worker, and assign the match to a clerk if one is named."""
    county.acts(match, "contact", {"contact": "reached"})
    county.acts(match, "refer", {})
    if clerk is not None:
        county.acts(match, "assign", {"assignee": clerk})


def test_a_clerk_chooses_for_the_worker_and_a_full_slot_names_the_next(
    opens: Opens, county: County, signs_in: SignsIn, settings: Settings
) -> None:
    case, li = Case(county, "时段乙"), signs_in.id_of("slots-li")
    (other,) = county.workers(
        1, name="时段丁", licences=[f"{LICENCE}时段乙"], occupationsWanted=[f"{TITLE}时段乙"]
    )
    rival = county.matched_by_hand(case.opening, other)
    refer(county, case.match, li)
    refer(county, rival)
    clerk = opens("slots-li", "zh")
    first, second = ahead(settings, 3), ahead(settings, 4)
    offers(clerk, case.opening, first, "增加面试时段")
    offers(clerk, case.opening, second, "增加面试时段", places=3)
    assert faults(clerk) == []

    clerk.goto(f"/console/matches/{case.match}")
    times = clerk.get_by_role("region", name="请选择面试时段")
    expect(times.get_by_role("button")).to_have_count(2)
    county.acts(rival, "book", {"slotId": county.slots(case.opening)[0]["id"]})
    times.get_by_role("button").first.press("Enter")
    toasts = clerk.locator("#toasts")
    expect(toasts).to_contain_text("名额已满", timeout=SOON_MS)
    expect(toasts).to_contain_text(f"{second:%Y-%m-%d %H:%M}")
    expect(times.get_by_role("button").first).to_be_disabled()
    times.get_by_role("button").nth(1).click()
    expect(clerk.locator("#match")).to_contain_text(PLACE, timeout=SOON_MS)
    expect(clerk.locator("#match")).to_contain_text("已选择面试时段")
    assert faults(clerk) == []
    clerk.goto("/console/today")
    expect(clerk.locator("main")).to_contain_text("时段乙")

    boss = opens("slots-hr", "en", PHONE)
    boss.goto(f"/console/employer/openings/{case.opening}/slots")
    boss.get_by_role("link", name="Edit the slot").nth(1).click()
    expect(boss.locator("main")).to_contain_text("is notified of a new time")
    boss.locator("#at").fill(f"{ahead(settings, 6):%Y-%m-%dT%H:%M}")
    boss.get_by_role("button", name="Save").click()
    expect(boss.get_by_role("status").first).to_be_visible(timeout=SOON_MS)
    moved = ahead(settings, 6).date().isoformat()
    expect(boss.locator(f"time[datetime^='{moved}']")).to_have_count(1)


def test_the_pages_hold(opens: Opens, county: County, settings: Settings) -> None:
    case = Case(county, "时段丙")
    boss = opens("slots-hr", "zh")
    offers(boss, case.opening, ahead(settings, 5), "增加面试时段", places=2)
    holds(opens, "slots-hr", f"/console/employer/openings/{case.opening}/slots")
    boss.get_by_role("link", name="修改面试时段").first.click()
    holds(opens, "slots-hr", boss.url)
