"""Forms on a desk: their width, and summaries of errors that name the fields."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import expect

from roost.events.account import AccountRole
from tests.console.accounts import SignsIn
from tests.console.conftest import DESK, Opens
from tests.console.county import STATION, County
from tests.stack.serving import Serving

OPENINGS = "/console/employer/openings"


@pytest.fixture(scope="module")
def county(serving: Serving, signs_in: SignsIn) -> Iterator[County]:
    county = County(serving)
    county.station()
    signs_in.account("li", "李娜", AccountRole.CLERK, station_ids=(STATION,))
    signs_in.account("boss", "大同建筑公司", AccountRole.EMPLOYER, employer_id="console-test")
    yield county
    county.close()


def test_a_summary_of_errors_names_its_fields_and_leads_to_them(
    opens: Opens, county: County
) -> None:
    page = opens("boss", "zh")
    page.goto(f"{OPENINGS}/new")
    page.locator("[name='jobLocation.name']").fill("无此地方")
    page.get_by_role("button", name="发布").click()
    listed = page.get_by_role("alert").locator("li a")
    expect(listed.first).to_be_visible()
    for each in listed.all():
        target = (each.get_attribute("href") or "").removeprefix("#")
        label = page.locator(f"[id='{target}']").evaluate(
            "e => (e.labels?.[0] || e.querySelector('legend') || e).textContent.trim()"
        )
        assert label.split("（")[0].strip() in each.inner_text()
        assert target not in each.inner_text(), "a raw field name"


@pytest.mark.parametrize("path", [f"{OPENINGS}/new", "/console/profiles/new"])
def test_a_form_uses_the_width_of_the_page(opens: Opens, county: County, path: str) -> None:
    page = opens("li")
    page.goto(path)
    box = page.locator("main form").first.bounding_box()
    assert box is not None
    assert box["width"] > DESK["width"] * 2 / 3
