"""An employer in a real browser: posting with live checks, the shortlist, outcomes, webhooks."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from roost.events.account import AccountRole
from tests.console.accounts import SignsIn
from tests.console.conftest import Opens
from tests.console.county import STATION, TITLE, County
from tests.console.holding import holds
from tests.console.looking import faults
from tests.stack.serving import Serving

OPENINGS = "/console/employer/openings"
SOON_MS = 30_000
CONTACT = "/console/employers/console-test/contact"


@pytest.fixture(scope="module")
def county(serving: Serving, signs_in: SignsIn) -> Iterator[County]:
    county = County(serving)
    county.station()
    signs_in.account("boss", "大同建筑公司", AccountRole.EMPLOYER, employer_id="console-test")
    signs_in.account("other", "别家公司", AccountRole.EMPLOYER, employer_id="another")
    signs_in.account("li", "李娜", AccountRole.CLERK, station_ids=(STATION,))
    yield county
    county.close()


@pytest.fixture(scope="module")
def opening(county: County) -> str:
    """An opening with a worker on its shortlist."""
    made = county.opening(places=5)
    county.workers(4)
    deadline = time.monotonic() + 90
    while not [each for each in county.queue() if each["openingId"] == made]:
        assert time.monotonic() < deadline, "nobody was matched"
        time.sleep(0.3)
    return made


@pytest.mark.parametrize(
    "path",
    [
        OPENINGS,
        f"{OPENINGS}/new",
        "/console/employer/outcomes",
        "/console/employer/webhooks",
        CONTACT,
    ],
)
def test_a_page_is_for_everybody_on_a_desk_and_a_phone(
    opens: Opens, county: County, path: str
) -> None:
    holds(opens, "boss", path)


def test_the_page_of_an_opening_is_for_everybody(opens: Opens, opening: str) -> None:
    holds(opens, "boss", f"{OPENINGS}/{opening}?all=true")
    holds(opens, "boss", f"{OPENINGS}/{opening}/edit")


def filled(page: Page, **changes: str) -> None:
    fields = {"title": TITLE, "jobLocation.name": "大同市", "totalJobOpenings": "2"} | changes
    for name, value in fields.items():
        page.locator(f"[name='{name}']").fill(value)


def test_what_the_law_forbids_is_told_beside_the_field_while_one_writes(
    opens: Opens, county: County
) -> None:
    page = opens("boss")
    page.goto(f"{OPENINGS}/new")
    filled(page)
    page.get_by_label("Job description").fill("限男性，35岁以下")
    error = page.locator("#description-error")
    expect(error).to_contain_text("which the law forbids")
    field = page.get_by_label("Job description")
    expect(field).to_have_attribute("aria-invalid", "true")
    assert "description-error" in (field.get_attribute("aria-describedby") or "")
    field.fill("砌墙和抹灰")
    expect(error).to_have_count(0)
    expect(page.locator("#checked")).to_contain_text("All fields are valid")
    expect(page.locator("#checked")).to_contain_text("It would reach")


def test_an_opening_is_posted_edited_paused_and_opened_again(opens: Opens, county: County) -> None:
    page = opens("boss")
    page.goto(f"{OPENINGS}/new")
    filled(page, title="临时搬运工")
    page.get_by_role("button", name="Publish").click()
    expect(page.get_by_role("status").first).to_contain_text("Submitted")
    expect(page.get_by_role("heading", level=1)).to_have_text("临时搬运工")
    page.get_by_role("link", name="Edit", exact=True).click()
    page.get_by_label("Number of places").fill("7")
    page.get_by_role("button", name="Save").click()
    expect(page.locator("main")).to_contain_text("7 people")
    page.get_by_role("button", name="Pause").click()
    expect(page.locator("main .tag").first).to_have_text("Paused")
    page.get_by_role("button", name="Reopen").click()
    expect(page.locator("main .tag").first).to_have_text("Open")


def test_without_script_the_server_says_what_is_wrong_and_keeps_what_was_typed(
    opens: Opens, county: County
) -> None:
    page = opens("boss", java_script_enabled=False)
    page.goto(f"{OPENINGS}/new")
    filled(page, totalJobOpenings="many")
    page.get_by_role("button", name="Publish").click()
    expect(page.locator("#totalJobOpenings-error")).to_contain_text("whole number")
    expect(page.locator("[name=title]")).to_have_value(TITLE)


def test_an_employer_sees_no_name_before_the_worker_has_accepted(
    opens: Opens, county: County, opening: str
) -> None:
    page = opens("boss")
    page.goto(f"{OPENINGS}/{opening}")
    people = page.locator(".person")
    expect(people.first).to_contain_text("Candidate 1")
    text = page.locator("main").inner_text()
    assert not re.search(r"1380000\d{4}", text)


def test_somebody_is_declined_with_a_reason_and_counted(
    opens: Opens, county: County, opening: str
) -> None:
    page = opens("boss")
    page.goto(f"{OPENINGS}/{opening}")
    first = page.locator(".person").first
    first.get_by_text("Decline", exact=True).first.click()
    first.get_by_label("Reason").select_option("skills")
    first.get_by_role("button", name="Decline").click()
    expect(page.get_by_role("status").first).to_contain_text("Done", timeout=SOON_MS)
    expect(page.locator(".person").filter(has_text="Declined").first).to_be_visible()
    page.goto("/console/employer/outcomes")
    expect(page.locator("main")).to_contain_text("Declined or expired")


def test_another_employers_opening_is_not_there(opens: Opens, opening: str) -> None:
    page = opens("other")
    answer = page.goto(f"{OPENINGS}/{opening}")
    assert answer is not None
    assert answer.status == 404


def test_a_webhook_is_registered_with_a_secret_shown_once_and_removed(
    opens: Opens, county: County
) -> None:
    page = opens("boss")
    page.goto("/console/employer/webhooks")
    page.get_by_label("Address").fill("https://127.0.0.1/roost")
    page.get_by_role("button", name="Register").click()
    expect(page.locator(".error").first).to_be_visible()
    page.get_by_label("Address").fill("https://hr.example.com/roost")
    page.get_by_label("Placed").check()
    page.get_by_role("button", name="Register").click()
    assert page.locator(".secret").inner_text().startswith("whsec_")
    page.goto("/console/employer/webhooks")
    expect(page.locator(".secret")).to_have_count(0)
    page.get_by_text("Remove", exact=True).first.click()
    page.get_by_role("button", name="Remove").click()
    expect(page.locator("main")).to_contain_text("No webhooks yet")


def test_a_contact_is_entered_by_keyboard_and_waits_for_its_code(
    opens: Opens, county: County
) -> None:
    page = opens("boss")
    page.goto(CONTACT)
    page.get_by_label("E-mail").fill("hr@example")
    page.keyboard.press("Enter")
    page.get_by_label("E-mail").fill("hr@example.com")
    page.keyboard.press("Enter")
    expect(page.locator("main")).to_contain_text("Not confirmed")
    page.get_by_role("button", name="Send me a code").click()
    expect(page.locator("main")).to_contain_text("hr@example.com")
    holds(opens, "boss", CONTACT)


def test_a_clerk_posts_an_opening_for_an_employer(opens: Opens, county: County) -> None:
    page = opens("li")
    page.goto(f"{OPENINGS}/new")
    page.get_by_label("Employer id").fill("li-shi")
    page.get_by_label("Employer name").fill("李氏农场")
    filled(page, title="采摘工", **{"jobLocation.name": "岚岭县"})
    page.get_by_role("button", name="Publish").click()
    expect(page.locator("main")).to_contain_text("李氏农场")


def test_a_pause_keeps_people_in_progress_and_an_end_states_their_number(
    opens: Opens, county: County, opening: str
) -> None:
    match = next(each["id"] for each in county.queue() if each["openingId"] == opening)
    clerk, page = opens("li"), opens("boss")
    clerk.goto(f"/console/matches/{match}")
    clerk.get_by_role("button", name="Claim").first.click()
    expect(clerk.locator("#match .tag").first).to_have_text("Claimed", timeout=SOON_MS)

    page.goto(f"{OPENINGS}/{opening}")
    confirm(page, "Pause", "People in progress: 1")
    expect(page.locator("main .tag").first).to_have_text("Paused")
    shows(clerk, match, "Hiring paused")
    confirm(page, "Close", "People in progress: 1", press=False)
    page.get_by_role("button", name="Reopen").click()
    shows(clerk, match, "Claimed")
    shows(clerk, match, "Hiring resumed")

    page.goto(f"{OPENINGS}/{opening}/edit")
    page.locator("[name='baseSalary.minValue']").fill("1")
    page.locator("[name='baseSalary.maxValue']").fill("2")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("alert").first).to_contain_text("may end: 1")
    assert faults(page) == []
    page.get_by_role("button", name="Save").click()
    page.get_by_label("End the match in progress").check()
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("status").first).to_contain_text("Saved")
    shows(clerk, match, "Claimed")

    confirm(page, "Close", "People in progress: 1")
    expect(page.locator("main .tag").first).to_have_text("Closed")
    shows(clerk, match, "Match withdrawn: no longer hiring")
    history = clerk.locator("section[aria-labelledby=history-title] .did").all_inner_texts()
    assert history == [
        "Match withdrawn: no longer hiring",
        "Hiring resumed",
        "Hiring paused, progress kept",
        "Claimed",
        "Matched by Roost",
    ]


def confirm(page: Page, label: str, number: str, *, press: bool = True) -> None:
    """Open a confirmation, read the number of people in it, and confirm."""
    asked = page.locator("details.sure").filter(has=page.locator("summary", has_text=label))
    asked.first.locator("summary").click()
    expect(asked.first).to_contain_text(number)
    if press:
        asked.first.get_by_role("button", name=label).click()
        page.wait_for_url(re.compile("done=status"))


def shows(page: Page, match: str, text: str) -> None:
    """Read the page of a match again until it shows a text."""
    deadline = time.monotonic() + SOON_MS / 1000
    while text not in page.locator("#match").inner_text():
        assert time.monotonic() < deadline, f"{text} is not shown"
        page.goto(f"/console/matches/{match}")
