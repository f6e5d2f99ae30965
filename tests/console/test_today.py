"""The day of a clerk in a real browser: calls, interviews, the calendar, handing matches over."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import expect

from roost import ids
from roost.events.account import AccountRole
from tests.console.accounts import SignsIn
from tests.console.conftest import PHONE, Opens
from tests.console.county import County
from tests.console.holding import holds
from tests.console.test_queue import BUSY_MS
from tests.stack.serving import Serving

TODAY, WORKLOAD = "/console/today", "/console/today/workload"
HERE = ids.station_id("console-day")


@pytest.fixture(autouse=True, scope="module")
def county(serving: Serving, signs_in: SignsIn) -> Iterator[County]:
    county = County(serving)
    county.station(HERE, "长治县驻晋城服务站", ["cn:1405"])
    for login, name, role in (
        ("qiu", "邱梅", AccountRole.CLERK),
        ("bai", "白云", AccountRole.CLERK),
        ("duan", "段站长", AccountRole.CHIEF),
    ):
        signs_in.account(login, name, role, station_ids=(HERE,))
    place = {"name": "晋城市"}
    county.opening(places=10, jobLocation=place)
    county.workers(4, home=place, location=place)
    county.waits_for(3, HERE)
    yield county
    county.close()


def act(county: County, match: str, holder: str, kind: str, **details: str) -> None:
    actor = {"role": "clerk", "id": holder}
    county.acts(match, kind, {"actor": actor, **details})


@pytest.fixture(scope="module")
def busy(county: County, signs_in: SignsIn) -> list[str]:
    """Two matches of a clerk: one worker asked for a call today, one has an interview."""
    (called, met), holder = [each["id"] for each in county.queue(HERE)][:2], signs_in.id_of("qiu")
    now = datetime.now(UTC)
    for each in (called, met):
        act(county, each, holder, "claim")
    again = now - timedelta(minutes=5)
    act(county, called, holder, "contact", contact="call_back", callAgainAt=again.isoformat())
    act(county, met, holder, "contact", contact="reached")
    act(county, met, holder, "refer")
    at = (now + timedelta(days=2)).isoformat()
    act(county, met, holder, "interview", interviewAt=at, interviewBy="video")
    return [called, met]


def test_the_day_lists_calls_and_interviews_and_its_tiles_lead_to_lists(
    opens: Opens, busy: list[str]
) -> None:
    page = opens("qiu")
    page.goto("/console")
    expect(page.get_by_role("heading", level=1)).to_have_text("Today")
    calls = page.get_by_role("region", name="Calls due").get_by_role("listitem")
    interviews = page.get_by_role("region", name="Interviews").get_by_role("listitem")
    expect(calls).to_have_count(1)
    number = calls.get_by_role("link", name="Call").get_attribute("href") or ""
    assert number.startswith("tel:+86138")
    expect(interviews).to_have_count(1)
    expect(interviews).to_contain_text("by video")
    tiles = page.get_by_role("list", name="Due")
    expect(tiles.get_by_role("link", name="1 overdue")).to_be_visible()
    tiles.get_by_role("link", name="1 overdue").click()
    expect(page.locator("#rows > .row")).to_have_count(1)
    other = opens("bai")
    other.goto(TODAY)
    expect(other.get_by_text("No one asked to be called today.")).to_be_visible()
    other.get_by_role("link", name="All of my stations").click()
    expect(other.get_by_role("region", name="Calls due").get_by_role("listitem")).to_have_count(1)


def test_a_calendar_program_reads_the_interviews(opens: Opens, busy: list[str]) -> None:
    page = opens("qiu")
    page.goto(TODAY)
    page.get_by_text("See interviews in your own calendar").click()
    address = page.get_by_label("Address of the calendar").input_value()
    stranger = opens()
    answer = stranger.request.get(address)
    assert answer.status == 200
    assert answer.headers["content-type"].startswith("text/calendar")
    assert answer.text().count("BEGIN:VEVENT") == 1


def test_the_pages_are_for_everybody_on_a_desk_and_a_phone(opens: Opens, busy: list[str]) -> None:
    holds(opens, "qiu", TODAY)
    holds(opens, "duan", WORKLOAD)


def test_a_chief_hands_matches_over_without_a_script(opens: Opens, busy: list[str]) -> None:
    page = opens("duan", "zh", PHONE, java_script_enabled=False)
    page.goto(TODAY)
    page.get_by_role("link", name="工作量").click()
    row = page.get_by_role("row").filter(has=page.get_by_role("rowheader", name="邱梅"))
    expect(row).to_contain_text("2")
    page.get_by_label("从").select_option(label="邱梅 (2)")
    page.get_by_label("转给").select_option(label="白云")
    page.get_by_label("最多条数").fill("1")
    page.get_by_role("button", name="转交匹配").click()
    expect(page.get_by_role("status")).to_contain_text("已转交 1 条匹配")
    clerk = opens("bai")
    clerk.goto(f"/console/queue?station={HERE}&whose=me")
    expect(clerk.locator("#rows > .row")).to_have_count(1, timeout=BUSY_MS)
