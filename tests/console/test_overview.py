"""The overview in a real browser: charts with their tables, filters, exports."""

from __future__ import annotations

import io
from collections.abc import Iterator

import pytest
from openpyxl import load_workbook
from playwright.sync_api import expect

from roost.events.account import AccountRole
from tests.console.accounts import SignsIn
from tests.console.conftest import PHONE, Opens
from tests.console.county import STATION, County
from tests.console.holding import holds
from tests.stack.serving import Serving

OVERVIEW = "/console/overview"
BROKEN = """[...document.querySelectorAll("td.number, .figures strong, tbody th, svg text")]
    .filter((each) => /^[\\d\\s.,%-]+$/.test(each.textContent))
    .filter((each) => {
      const range = document.createRange();
      range.selectNodeContents(each);
      return new Set([...range.getClientRects()].map((rect) => Math.round(rect.top))).size > 1;
    })
    .map((each) => each.textContent)"""
"""Texts of digits that are broken across lines."""


@pytest.fixture(autouse=True, scope="module")
def county(serving: Serving, signs_in: SignsIn) -> Iterator[County]:
    county = County(serving)
    county.station()
    signs_in.account("department", "信息部", AccountRole.DEPARTMENT)
    signs_in.account("zhan", "站长", AccountRole.CHIEF, station_ids=(STATION,))
    county.opening(places=3)
    county.workers(3)
    county.waits_for(1)
    yield county
    county.close()


def test_the_overview_is_for_everybody_on_a_desk_and_a_phone(opens: Opens) -> None:
    holds(opens, "department", OVERVIEW)


def test_a_chart_says_the_numbers_of_its_table(opens: Opens) -> None:
    page = opens("department")
    page.goto(OVERVIEW)
    page.get_by_text("Table: Unclaimed, claimed and placed by day").click()
    table = page.get_by_role("table", name="Unclaimed, claimed and placed by day")
    last = table.locator("tbody tr").last.locator("td")
    waiting = last.nth(1).inner_text()
    titles = page.locator("svg path.mark.s0 title")
    assert titles.last.text_content().endswith(f": {waiting}")
    assert int(waiting) > 0
    page.set_viewport_size(PHONE)
    page.get_by_text("Table: Placements by station").click()
    assert page.evaluate(BROKEN) == []


def test_days_are_chosen(opens: Opens) -> None:
    page = opens("department")
    page.goto(OVERVIEW)
    page.get_by_label("From", exact=True).fill("2026-01-01")
    page.get_by_label("To", exact=True).fill("2026-01-03")
    page.get_by_role("button", name="Apply").click()
    expect(page.get_by_role("heading", name="From 2026-01-01 to 2026-01-03")).to_be_visible()


def test_the_files_hold_the_same_days_and_no_formulas(opens: Opens) -> None:
    page = opens("zhan", "zh")
    page.goto(OVERVIEW)
    with page.expect_download() as csv:
        page.get_by_role("link", name="CSV").click()
    text = csv.value.path().read_text("utf-8-sig")
    assert "岚岭县大同服务站" in text
    with page.expect_download() as xlsx:
        page.get_by_role("link", name="Excel").click()
    sheet = load_workbook(io.BytesIO(xlsx.value.path().read_bytes())).active
    assert sheet.max_row == len(text.splitlines())
    for row in sheet.iter_rows():
        assert all(cell.data_type != "f" for cell in row)


def test_a_chief_sees_their_own_station_alone(opens: Opens, county: County) -> None:
    county.station("s-" + "b" * 26, "别处服务站")
    page = opens("zhan", "zh")
    page.goto(OVERVIEW)
    expect(page.locator("main")).to_contain_text("岚岭县大同服务站")
    expect(page.locator("main")).not_to_contain_text("别处服务站")
    page.goto("/console/notices/new")
    expect(page.locator("main")).to_contain_text("岚岭县大同服务站")
    expect(page.locator("main")).not_to_contain_text("别处服务站")
