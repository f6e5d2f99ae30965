"""Fields that complete as one types, in a real Chromium: places, skills and occupations."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import expect

from roost.events.account import AccountRole
from tests.console.accounts import SignsIn
from tests.console.conftest import Opens
from tests.console.county import STATION, County
from tests.stack.serving import Serving


@pytest.fixture(scope="module")
def county(serving: Serving, signs_in: SignsIn) -> Iterator[County]:
    county = County(serving)
    county.station()
    signs_in.account("li", "李娜", AccountRole.CLERK, station_ids=(STATION,))
    signs_in.account("boss", "大同建筑公司", AccountRole.EMPLOYER, employer_id="console-test")
    yield county
    county.close()


@pytest.mark.parametrize(
    ("field", "typed", "suggested"),
    [
        ("skills", "qiq", "砌墙"),
        ("occupationsWanted", "电焊", "焊工"),
        ("willing.places", "taiy", "山西省太原市"),
    ],
)
def test_a_suggestion_is_added_to_a_list_by_keyboard(
    opens: Opens, county: County, field: str, typed: str, suggested: str
) -> None:
    page = opens("li", "zh")
    page.goto("/console/profiles/new")
    adder = page.locator(f"[id='{field}-added']")
    adder.press_sequentially(typed)
    option = page.locator(f"[id='{field}-suggested'] option").first
    expect(option).to_have_attribute("value", suggested)
    adder.fill(suggested)
    adder.press("Enter")
    expect(page.locator(f"[id='{field}']")).to_have_value(suggested)
    expect(adder).to_have_value("")
    expect(adder).to_be_focused()


@pytest.mark.parametrize("width", [1280, 360])
def test_a_title_is_completed_for_an_employer(opens: Opens, county: County, width: int) -> None:
    page = opens("boss", "zh")
    page.set_viewport_size({"width": width, "height": 800})
    page.goto("/console/employer/openings/new")
    page.locator("#title").press_sequentially("hang")
    expect(page.locator("#title-suggested option").first).to_be_attached()
    names = page.locator("#title-suggested option").evaluate_all("all => all.map(e => e.value)")
    assert "焊工" in names
