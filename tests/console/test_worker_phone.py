"""A worker's pages on a phone: what is held, larger letters, and a poor connection."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from roost.events.account import AccountRole
from tests.console.accounts import SignsIn
from tests.console.conftest import PHONE, Opens
from tests.console.county import STATION, County
from tests.console.holding import holds
from tests.console.looking import faults
from tests.stack.serving import Serving

SOON_MS = 30_000
KEPT = (
    "caches.keys().then(names => Promise.all(names.map(async name => [name, "
    "(await (await caches.open(name)).keys()).map(each => new URL(each.url).pathname)])))"
)
"""Copies of pages in the browser, by the name of their cache."""


@pytest.fixture(scope="module")
def county(serving: Serving, signs_in: SignsIn) -> Iterator[County]:
    county = County(serving)
    county.station(telephone="0352-5550101")
    signs_in.account("li", "李娜", AccountRole.CLERK, station_ids=(STATION,))
    yield county
    county.close()


@pytest.fixture(scope="module")
def worker(county: County, signs_in: SignsIn) -> str:
    """A worker with an account; two others have one, too."""
    (worker,) = county.workers(1, name="马春兰")
    signs_in.account("ma", "马春兰", AccountRole.WORKER, worker_id=worker)
    for login, name in (("hu", "胡大海"), ("shi", "石磊")):
        (other,) = county.workers(1, name=name)
        signs_in.account(login, name, AccountRole.WORKER, worker_id=other)
    return worker


@pytest.fixture(scope="module")
def match(county: County, worker: str) -> str:
    """The worker's match with an opening of several lines, by hand: the day may be full."""
    opening = county.opening(places=9, description="第一行\n第二行：包吃住。")
    return county.matched_by_hand(opening, worker)


def phone(opens: Opens, path: str = "/console/me", language: str = "en", login: str = "ma") -> Page:
    page = opens(login, language, PHONE)
    page.goto(path)
    return page


@pytest.mark.parametrize("path", ["/console/me/data/all", "/console/me"])
def test_a_page_is_for_everybody(opens: Opens, worker: str, path: str) -> None:
    holds(opens, "ma", path)


def test_a_match_has_the_whole_text_and_the_telephone_of_the_station(
    opens: Opens, match: str
) -> None:
    page = phone(opens, f"/console/me/matches/{match}")
    expect(page.get_by_role("heading", name="Details of the opening")).to_be_visible()
    expect(page.locator("main")).to_contain_text("第二行：包吃住。")
    call = page.get_by_role("link", name=re.compile("Call the station"))
    expect(call).to_have_attribute("href", "tel:+863525550101")
    assert faults(page) == []


def test_unread_messages_are_counted_in_menu_and_title(
    opens: Opens, worker: str, county: County
) -> None:
    county.answers(worker, "您咨询的补贴", "请到服务站办理。")
    page = phone(opens)
    tag = page.locator(".sections .tag")
    deadline = time.monotonic() + 60
    while tag.count() == 0:
        assert time.monotonic() < deadline
        time.sleep(0.5)
        page.reload()
        page.wait_for_load_state("networkidle")
    expect(page).to_have_title(re.compile(r"^\(\d+\) "))
    assert faults(page) == []


def test_larger_letters_stay_with_the_person(opens: Opens, worker: str) -> None:
    size = "parseFloat(getComputedStyle(document.documentElement).fontSize)"
    page = phone(opens)
    before = page.evaluate(size)
    page.get_by_role("button", name="Large text").click()
    expect(page.get_by_role("button", name="Large text")).to_have_attribute("aria-pressed", "true")
    assert page.evaluate(size) > before
    elsewhere = phone(opens, "/console/me/data", "zh")
    assert elsewhere.evaluate(size) > before
    assert elsewhere.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    assert faults(elsewhere) == []
    page.get_by_role("button", name="Large text").click()
    expect(page.get_by_role("button", name="Large text")).to_have_attribute("aria-pressed", "false")


def controlled(opens: Opens, login: str = "ma") -> Page:
    """Return the page of the matches, with its worker in control and its copy kept."""
    page = phone(opens, login=login)
    page.evaluate("navigator.serviceWorker.ready.then(() => true)")
    page.wait_for_function("navigator.serviceWorker.controller !== null")
    page.reload()
    page.wait_for_function(
        f"{KEPT}.then(all => all.some(([, paths]) => paths.includes('/console/me')))"
    )
    return page


def test_what_was_read_stays_readable_without_a_connection(opens: Opens, match: str) -> None:
    page = controlled(opens)
    path = f"/console/me/matches/{match}"
    name = page.locator(".offer a").first.inner_text()
    page.goto(path)
    page.wait_for_function(f"{KEPT}.then(all => all.some(([, paths]) => paths.includes('{path}')))")
    page.context.set_offline(True)
    page.goto("/console/me")
    expect(page.locator("#offline-note")).to_contain_text("You are offline")
    expect(page.locator("main")).to_contain_text(name)
    page.goto(path)
    expect(page.locator("main")).to_contain_text("包吃住")
    assert faults(page) == []
    page.context.set_offline(False)
    page.reload()
    expect(page.locator("#offline-note")).to_be_hidden()


def test_an_answer_given_offline_is_sent_later(opens: Opens, match: str, county: County) -> None:
    page = controlled(opens)
    path = f"/console/me/matches/{match}"
    page.goto(path)
    page.wait_for_function(f"{KEPT}.then(all => all.some(([, paths]) => paths.includes('{path}')))")
    page.context.set_offline(True)
    page.goto(path)
    page.get_by_role("button", name="I am interested").click()
    later = page.get_by_role("region", name="Waiting to be sent")
    expect(later).to_contain_text("waits for a connection")
    assert faults(page) == []
    page.goto("/console/me")
    expect(later).to_contain_text("I am interested")
    page.context.set_offline(False)
    page.wait_for_url("**/console/me?done=sent_later", timeout=60_000)
    expect(page.get_by_role("status").filter(has_text="were sent")).to_be_visible()
    expect(later).to_be_hidden()
    page.goto(path)
    expect(page.locator("main")).to_contain_text("You are interested")


LATER = "Object.keys(localStorage).filter(name => name.startsWith('roost-later-'))"


def test_a_waiting_answer_is_cancelled(opens: Opens, worker: str) -> None:
    page = controlled(opens)
    page.goto("/console/me/conversation")
    page.context.set_offline(True)
    for text in ("第一条", "第二条"):
        page.locator("#answer textarea").fill(text)
        page.get_by_role("button", name="Send").click()
        expect(page.locator("#answer textarea")).to_have_value("")
    later = page.get_by_role("region", name="Waiting to be sent")
    expect(later.get_by_role("listitem")).to_have_count(2)
    for left in (1, 0):
        later.get_by_role("button", name="Cancel").first.click()
        expect(later.get_by_role("listitem")).to_have_count(left)
    expect(later).to_be_hidden()
    assert page.evaluate(LATER) == []


def test_waiting_answers_of_another_account_are_removed(opens: Opens, worker: str) -> None:
    page = phone(opens)
    page.evaluate("localStorage.setItem('roost-later-u-another', '[]')")
    page.reload()
    page.wait_for_function(f"{LATER}.length === 0")


def test_a_sign_out_leaves_nothing_of_the_person_on_a_shared_phone(
    opens: Opens, worker: str
) -> None:
    page = controlled(opens, "shi")  # the session ends, and no other test has it
    page.locator("header details summary").click()
    page.get_by_role("button", name="Sign out").click()
    page.wait_for_url("**/console/sign-in")
    assert page.evaluate(KEPT) == []


def test_another_persons_pages_replace_those_that_were_kept(
    opens: Opens, worker: str, signs_in: SignsIn
) -> None:
    page = controlled(opens)
    page.context.add_cookies(signs_in.cookies("hu"))
    page.goto("/console/me/inbox")
    other = signs_in.id_of("hu")
    page.wait_for_function(f"{KEPT}.then(all => all.some(([name]) => name.endsWith('{other}')))")
    names = [name for name, _ in page.evaluate(KEPT) if name.startswith("roost-pages-")]
    assert names == [f"roost-pages-{other}"]


def test_the_pages_can_be_installed(opens: Opens, worker: str) -> None:
    page = phone(opens)
    found = page.evaluate(
        "fetch(document.querySelector('link[rel=manifest]').href).then(each => each.json())"
    )
    assert (found["start_url"], found["display"]) == ("/console/me", "standalone")
    icon = page.request.get(found["icons"][0]["src"])
    assert icon.ok


def test_everything_held_is_shown_with_the_ways_to_correct_and_erase_it(
    opens: Opens, worker: str
) -> None:
    page = phone(opens, "/console/me/data")
    page.get_by_role("link", name="Everything that is held about me").click()
    expect(page.locator("main")).to_contain_text("马春兰")
    for name in ("My consents", "Matches", "Notes by staff", "My rights"):
        expect(page.get_by_role("heading", name=re.compile(name)).first).to_be_visible()
    expect(page.get_by_role("link", name="Object to the use of my data")).to_be_visible()
