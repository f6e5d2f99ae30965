"""Defects that clerks, employers and workers saw on a real day, one short test for each."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from roost.events.account import AccountRole
from tests.console.accounts import SignsIn
from tests.console.conftest import DESK, PHONE, Opens
from tests.console.county import STATION, County
from tests.stack.serving import Serving

QUEUE = f"/console/queue?station={STATION}"
OPENINGS = "/console/employer/openings"
SOON_MS = 30_000


@pytest.fixture(scope="module")
def county(serving: Serving, signs_in: SignsIn) -> Iterator[County]:
    county = County(serving)
    county.station()
    signs_in.account("li", "李娜", AccountRole.CLERK, station_ids=(STATION,))
    signs_in.account("boss", "大同建筑公司", AccountRole.EMPLOYER, employer_id="console-test")
    yield county
    county.close()


@pytest.fixture(scope="module")
def opening(county: County) -> str:
    """An opening with candidates whose matches differ."""
    made = county.opening(places=5, lodging=True)
    county.workers(1, skills=["砌墙"], experienceYears=9)
    county.workers(2, experienceYears=0)
    deadline = time.monotonic() + 90
    while len([each for each in county.queue(limit=200) if each["openingId"] == made]) < 2:
        assert time.monotonic() < deadline, "nobody was matched"
        time.sleep(0.3)
    return made


@pytest.fixture(scope="module")
def worker(county: County, signs_in: SignsIn) -> str:
    (worker,) = county.workers(1, name="王秀英")
    signs_in.account("wang", "王秀英", AccountRole.WORKER, worker_id=worker)
    return worker


def of_opening(county: County, opening: str) -> list[str]:
    return [each["id"] for each in county.queue(limit=200) if each["openingId"] == opening]


def test_a_call_back_without_a_time_is_refused_at_its_field(
    opens: Opens, county: County, opening: str
) -> None:
    page = opens("li")
    page.goto(f"/console/matches/{of_opening(county, opening)[0]}")
    page.keyboard.press("l")
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Reached; call back").check()
    dialog.get_by_label("Call again at").fill("")
    dialog.get_by_role("button", name="Save").click()
    expect(dialog.locator("#callAgainAt-error")).to_be_visible(timeout=SOON_MS)
    expect(dialog.get_by_role("alert")).to_contain_text("Call again at")


def test_a_match_shows_its_rank_and_what_tells_it_from_the_one_above(
    opens: Opens, county: County, opening: str
) -> None:
    page, texts = opens("li"), []
    for match in of_opening(county, opening):
        page.goto(f"/console/matches/{match}")
        texts.append(page.locator("section[aria-labelledby=reasons-title]").inner_text())
    assert any(re.search(r"[Rr]ank|place \d|\d of \d", each) for each in texts), texts
    assert not any("100% like" in each or "100 % like" in each for each in texts)
    assert len(set(texts)) > 1, "the candidates differ"


def test_the_page_of_an_opening_shows_what_was_entered(opens: Opens, county: County) -> None:
    page = opens("boss", "zh")
    page.goto(f"{OPENINGS}/new")
    entered = {
        "title": "夜班保管员",
        "jobLocation.name": "大同市",
        "totalJobOpenings": "3",
        "baseSalary.minValue": "4100",
        "baseSalary.maxValue": "5200",
        "description": "看管仓库，登记出入库。",
        "skills": "盘点",
        "licencesRequired": "叉车证",
        "experienceRequirements": "2",
        "jobStartDate": "2030-03-01",
        "validThrough": "2030-04-01",
    }
    for name, value in entered.items():
        page.locator(f"[name='{name}']").fill(value)
    page.locator("[name=lodging]").check()
    page.locator("[name=meals]").check()
    page.get_by_role("button", name="发布").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("夜班保管员", timeout=SOON_MS)
    text = page.locator("main").inner_text().replace(",", "")
    for shown in (
        "4100",
        "5200",
        "看管仓库",
        "盘点",
        "叉车证",
        "2030-03-01",
        "2030-04-01",
        "住",
        "餐",
    ):
        assert shown in text or shown.replace("-0", "-") in text, shown
    assert not re.search(r"\bcn:\d", text)
    assert "CNY" not in text


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


@pytest.mark.parametrize("size", [DESK, PHONE])
def test_the_menus_of_a_real_queue_stay_in_the_window(
    opens: Opens, county: County, opening: str, size: dict[str, int]
) -> None:
    page = opens("li", viewport=size)
    page.goto(QUEUE)
    for row in (page.locator("#rows > .row").first, page.locator("#rows > .row").last):
        row.scroll_into_view_if_needed()
        row.locator("details.menu summary").click()
        box = row.locator(".menu-items").bounding_box()
        assert box is not None
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= size["width"]
        assert box["y"] >= 0
        assert box["y"] + box["height"] <= size["height"]
        page.keyboard.press("Escape")
        row.locator("details.menu").evaluate("each => { each.open = false; }")


def test_places_that_a_worker_chooses_come_back_by_their_names(opens: Opens, worker: str) -> None:
    page = phone(opens, "/console/me/profile")
    page.locator("[name='willing.places']").fill("北京市\n太原市")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("status").first).to_contain_text("Saved", timeout=SOON_MS)
    shown = page.locator("[name='willing.places']").input_value()
    assert not re.search(r"\bcn:", shown), shown
    assert not re.search(r"\bcn:\d", page.locator("main").inner_text())


def test_quiet_hours_are_kept_without_the_tick_or_refused_at_their_field(
    opens: Opens, worker: str
) -> None:
    page = phone(opens, "/console/me/telling")
    page.locator("[name='quietHours.begins']").fill("21:15")
    page.locator("[name='quietHours.ends']").fill("")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.locator("[id='quietHours.ends-error']")).to_be_visible(timeout=SOON_MS)
    page.locator("[name='quietHours.ends']").fill("06:45")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_role("status").first).to_contain_text("Saved", timeout=SOON_MS)
    expect(page.locator("[name='quietHours.begins']")).to_have_value("21:15")
    expect(page.locator("[name='quietHours.ends']")).to_have_value("06:45")


def test_a_load_of_a_queue_is_no_further_line_of_who_looked(
    opens: Opens, county: County, opening: str, signs_in: SignsIn
) -> None:
    match = next(each for each in county.queue(limit=200) if each["openingId"] == opening)
    signs_in.account("seen", "候选人", AccountRole.WORKER, worker_id=match["workerId"])
    clerk = opens("li")
    for _ in range(3):
        clerk.goto(QUEUE)
    page = opens("seen", "en", PHONE)
    deadline = time.monotonic() + 60
    lines: list[str] = []
    while not lines and time.monotonic() < deadline:
        page.goto("/console/me/data")
        lines = [each for each in page.locator(".rows li").all_inner_texts() if "李娜" in each]
    assert len(lines) == 1, lines
    assert "/console" not in lines[0]


def phone(opens: Opens, path: str) -> Page:
    page = opens("wang", "en", PHONE)
    page.goto(path)
    return page
