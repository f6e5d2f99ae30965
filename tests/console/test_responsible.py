"""The responsible clerk in a browser: chosen by the clerk, shown to the employer."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import expect

from roost.events.account import AccountRole
from tests.console.accounts import SignsIn
from tests.console.conftest import PHONE, Opens
from tests.console.county import STATION, County
from tests.console.looking import faults
from tests.console.test_notes import Case
from tests.stack.serving import Serving

SOON_MS = 30_000


@pytest.fixture(scope="module")
def case(serving: Serving, signs_in: SignsIn) -> Iterator[Case]:
    county = County(serving)
    county.station()
    signs_in.account("shown-li", "李娜", AccountRole.CLERK, station_ids=(STATION,))
    signs_in.account("shown-hr", "备注服装厂", AccountRole.EMPLOYER, employer_id="notes-test")
    yield Case(county, "负责甲")
    county.close()


def test_a_clerk_chooses_the_name_that_employers_see(opens: Opens, case: Case) -> None:
    boss = opens("shown-hr", "zh")
    path = f"/console/employer/openings/{case.opening}?all=true"
    boss.goto(path)
    expect(boss.locator("main")).to_contain_text("负责服务站：岚岭县大同服务站")
    expect(boss.locator("main")).not_to_contain_text("李")

    clerk = opens("shown-li", "en", PHONE)
    clerk.goto("/console/account")
    name = clerk.get_by_label("Shown name")
    expect(name).to_have_accessible_description(
        "Employers see it with the station's telephone on matches that you hold, for example "
        "“Ms Li”; without it they see the station alone."
    )
    name.fill("李老师")
    name.press("Enter")
    expect(clerk.get_by_role("status").first).to_be_visible(timeout=SOON_MS)
    expect(name).to_have_value("李老师")
    assert faults(clerk) == []
    clerk.goto(f"/console/matches/{case.match}")
    clerk.get_by_role("button", name="Claim").first.click()
    expect(clerk.locator("main")).to_contain_text("Claimed", timeout=SOON_MS)

    boss.goto(path)
    card = boss.locator(".person")
    expect(card).to_contain_text("工作人员：李老师")
    expect(card).not_to_contain_text("李娜")
    assert faults(boss) == []


def test_an_employer_sets_no_such_name(opens: Opens, case: Case) -> None:
    boss = opens("shown-hr", "en")
    boss.goto("/console/account")
    expect(boss.get_by_label("Shown name")).to_have_count(0)
