"""The queue by person and actions on many matches, in a real browser."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from roost import ids
from roost.events.account import AccountRole
from tests.console.accounts import SignsIn
from tests.console.conftest import Opens
from tests.console.county import County
from tests.console.looking import faults

STATION = ids.station_id("console-people")
BY_PERSON = f"/console/queue?station={STATION}&by=person"
LIST = f"/console/queue?station={STATION}"
BUSY_MS = 15_000
SMALL = {"width": 320, "height": 640}


@pytest.fixture(scope="module")
def people(county: County, signs_in: SignsIn) -> list[str]:
    """Three people of a separate station with two matches each; the last has no telephone."""
    county.station(STATION, "云州区服务站", serves=("cn:140215",))
    signs_in.account("ren", "任红", AccountRole.CLERK, station_ids=(STATION,))
    signs_in.account("zhan", "詹伟", AccountRole.CHIEF, station_ids=(STATION,))
    at = {"home": {"name": "大同市云州区"}, "location": {"name": "大同市云州区"}}
    for _ in range(2):
        county.opening(places=10, jobLocation={"name": "大同市云州区"})
    found = county.workers(2, **at) + county.workers(1, **at, channels=[])
    county.waits_for(6, STATION)
    return found


def live(page: Page, address: str = BY_PERSON) -> Page:
    page.goto(address)
    expect(page.locator("#live")).to_have_attribute("data-state", "live")
    return page


def test_a_call_settles_all_matches_of_a_person_and_is_undone_at_once(
    opens: Opens, people: list[str]
) -> None:
    page, colleague = live(opens("ren")), live(opens("zhan"))
    mine, theirs = page.locator(f"#p-{people[0]}"), colleague.locator(f"#p-{people[0]}")
    count = mine.locator(".row").count()
    assert count >= 2
    mine.locator(".row-link").first.focus()
    page.keyboard.press("g")
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("Log a call")
    assert faults(page) == []
    dialog.get_by_label("All matches").select_option("not_interested")
    dialog.get_by_label("Reason for declining").first.select_option("wage")
    dialog.get_by_role("button", name="Save").click()
    expect(dialog).to_contain_text(f"{count} matches done", timeout=BUSY_MS)
    assert faults(page) == []
    expect(theirs.get_by_text("Declined")).to_have_count(count, timeout=BUSY_MS)
    dialog.get_by_role("button", name="Undo all").click()
    expect(theirs.locator(".tags", has_text="Unclaimed")).to_have_count(count, timeout=BUSY_MS)
    expect(dialog).to_contain_text(f"{count} matches done", timeout=BUSY_MS)


def test_a_missing_reason_is_named_in_the_dialog(opens: Opens, people: list[str]) -> None:
    page = live(opens("ren", "zh"))
    page.locator(f"#p-{people[1]} [data-do=log]").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("逐条填写").check()
    answers = dialog.locator(".for-each select[name^=said]")
    answers.first.select_option("not_interested")
    dialog.get_by_role("button", name="保存").click()
    expect(dialog.get_by_role("alert")).to_contain_text("请说明谢绝原因", timeout=BUSY_MS)
    assert faults(page) == []


def test_a_person_without_a_telephone_is_marked_everywhere(opens: Opens, people: list[str]) -> None:
    page = live(opens("ren"))
    expect(page.locator(f"#p-{people[2]} .group-head")).to_contain_text("No telephone")
    expect(page.locator(f"#p-{people[0]} .group-head")).not_to_contain_text("No telephone")
    page.locator(f"#p-{people[2]} .row-link").first.click()
    expect(page.locator("#match .notice")).to_contain_text("No telephone")
    page.goto(f"/console/profiles/{people[2]}/details")
    expect(page.locator("main")).to_contain_text("No telephone")


def test_matches_are_selected_by_key_and_shift_and_claimed_together(
    opens: Opens, people: list[str]
) -> None:
    page = live(opens("ren"), LIST)
    rows = page.locator("#rows > .row")
    rows.first.locator(".row-link").focus()
    page.keyboard.press("x")
    expect(page.locator("#picked")).to_have_text("1 selected")
    rows.nth(2).locator(".pick input").click(modifiers=["Shift"])
    expect(page.locator("#picked")).to_have_text("3 selected")
    page.get_by_label("Select all shown").check()
    expect(page.locator("#picked")).to_have_text(f"{rows.count()} selected")
    page.get_by_label("Select all shown").uncheck()
    rows.first.locator(".pick input").check()
    rows.nth(1).locator(".pick input").check()
    bulk = page.locator("#bulk")
    bulk.get_by_role("button", name="Claim").click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("2 matches done", timeout=BUSY_MS)
    expect(page.locator("#rows").get_by_text("Assigned to me")).to_have_count(2, timeout=BUSY_MS)
    dialog.get_by_role("button", name="Undo all").click()
    expect(page.locator("#rows").get_by_text("Assigned to me")).to_have_count(0, timeout=BUSY_MS)
    expect(dialog.get_by_role("button", name="Undo all")).to_have_count(0)
    dialog.get_by_text("Close").click()
    expect(page.locator("#picked")).to_contain_text("Select matches")


def test_a_message_goes_to_the_people_of_the_selected_matches(
    opens: Opens, people: list[str]
) -> None:
    page = live(opens("ren"), LIST)
    page.get_by_label("Select all shown").check()
    page.locator("#bulk").get_by_role("button", name="Send a message").click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("3 people")
    dialog.get_by_label("Message").fill("周五上午九点来站登记")
    dialog.get_by_role("button", name="Preview").click()
    expect(dialog).to_contain_text("1 of them has no other channel", timeout=BUSY_MS)
    assert faults(page) == []
    dialog.get_by_role("button", name="Send to 3 people").click()
    expect(dialog).to_contain_text("Sent to 3 people", timeout=BUSY_MS)
    page.goto(f"/console/profiles/{people[0]}/conversation")
    expect(page.locator("main")).to_contain_text("周五上午九点来站登记", timeout=BUSY_MS)


def test_a_new_match_joins_its_person_and_an_erased_person_leaves(
    opens: Opens, people: list[str], county: County
) -> None:
    page = live(opens("ren"))
    before = page.locator(f"#p-{people[0]} .row").count()
    # By hand: other openings of the county may have filled the person's day.
    county.proposes(county.opening(places=10, jobLocation={"name": "大同市云州区"}), people[0])
    expect(page.locator(f"#p-{people[0]} .row")).to_have_count(before + 1, timeout=60_000)
    at = {"home": {"name": "大同市云州区"}, "location": {"name": "大同市云州区"}}
    [newcomer] = county.workers(1, **at)
    expect(page.locator(f"#p-{newcomer} .row")).not_to_have_count(0, timeout=60_000)
    expect(page.locator(f"#p-{newcomer}")).to_have_count(1)
    orders = page.locator("#rows > .group").evaluate_all(
        "all => all.map(each => each.dataset.order)"
    )
    assert orders == sorted(orders)
    county.erases(newcomer)
    expect(page.locator(f"#p-{newcomer}")).to_have_count(0, timeout=60_000)


def test_without_scripts_a_call_is_logged_and_matches_are_claimed(
    opens: Opens, people: list[str]
) -> None:
    page = opens("ren", java_script_enabled=False)
    page.goto(BY_PERSON)
    page.locator(f"#p-{people[1]} [data-do=log]").click()
    page.get_by_label("All matches").select_option("not_reached")
    page.get_by_role("button", name="Save").click()
    expect(page.locator("main")).to_contain_text("matches done")
    page.get_by_role("link", name="Back to the queue").click()
    page.wait_for_url("**by=person**")
    page.locator(f"#p-{people[0]} .pick input").first.check()
    page.locator("#bulk").get_by_role("button", name="Claim").click()
    expect(page.locator("main")).to_contain_text("1 match done")
    page.get_by_role("button", name="Undo 1 match").click()
    expect(page.locator("main")).to_contain_text("1 match done")


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("viewport", [None, SMALL], ids=["desk", "phone"])
def test_the_queue_by_person_is_usable_by_everybody(
    opens: Opens, people: list[str], language: str, viewport: dict[str, int] | None
) -> None:
    page = opens("ren", language, viewport)
    for path in (BY_PERSON, f"/console/queue/people/{people[1]}/call?station={STATION}"):
        page.goto(path)
        assert faults(page) == []
        if viewport:
            assert page.evaluate("document.documentElement.scrollWidth") <= viewport["width"]
