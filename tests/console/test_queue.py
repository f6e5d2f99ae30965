"""The live queue in a real browser: live rows, actions by button and by key, concurrent claims."""

from __future__ import annotations

import re
import time

import pytest
from playwright.sync_api import Page, expect

from producers import facts
from producers.publisher import Publisher
from roost import ids
from roost.events.account import AccountRole
from roost.events.match import ActionKind, Actor, MatchAction
from roost.time.clock import SystemClock
from tests.console.accounts import SignsIn
from tests.console.conftest import PHONE, Opens
from tests.console.county import STATION, County
from tests.console.looking import Wire, faults
from tests.stack.serving import Serving

QUEUE = f"/console/queue?station={STATION}"
SOON_MS = 1_000
"""Milliseconds within which a colleague's action must appear."""
BUSY_MS = 10_000
"""Milliseconds that the queue stage may take on a busy machine."""


def live(page: Page, address: str = QUEUE) -> Page:
    """Return once the page shows that it is live."""
    page.goto(address)
    expect(page.locator("#live")).to_have_attribute("data-state", "live")
    return page


def dom(match: str) -> str:
    """Return the DOM id of a match's row."""
    return match.replace(".", "_")


def unclaimed(county: County) -> str:
    """Return an unclaimed match."""
    free = [each["id"] for each in county.queue(state="proposed")]
    if not free:
        before = len(county.queue())
        county.workers(4)
        county.waits_for(before + 1)
        free = [each["id"] for each in county.queue(state="proposed")]
    return str(free[0])


def test_a_match_is_claimed_by_its_button_and_undone_by_the_messages(
    opens: Opens, county: County
) -> None:
    page, match = live(opens("li")), unclaimed(county)
    page.locator(f"#{dom(match)} > form > [data-do=claim]").click()
    expect(page.locator(f"#{dom(match)}")).to_contain_text("Assigned to me", timeout=BUSY_MS)
    expect(page.locator("#toasts")).to_contain_text("Claimed")
    page.locator("#toasts").get_by_role("button", name="Undo").click()
    expect(page.locator(f"#{dom(match)}")).to_contain_text("Unclaimed", timeout=BUSY_MS)


def test_what_a_colleague_does_is_seen_within_a_second(opens: Opens, county: County) -> None:
    mine, hers, match = live(opens("li")), live(opens("fang")), unclaimed(county)
    hers.locator(f"#{dom(match)} > form > [data-do=claim]").click()
    expect(hers.locator(f"#{dom(match)}")).to_contain_text("Assigned to me", timeout=BUSY_MS)
    began = time.monotonic()
    expect(mine.locator(f"#{dom(match)}")).to_contain_text("Assigned to 王芳", timeout=SOON_MS)
    print(f"seen by a colleague {1000 * (time.monotonic() - began):.0f} ms after it was answered")
    expect(mine.locator(f"#{dom(match)} > form > [data-do=claim]")).to_have_count(0)
    hers.locator("#toasts").get_by_role("button", name="Undo").click()
    expect(mine.locator(f"#{dom(match)}")).to_contain_text("Unclaimed", timeout=BUSY_MS)


def test_of_two_who_claim_at_once_one_wins_and_the_other_is_told_who_has_it(
    opens: Opens, county: County
) -> None:
    pages = {"李娜": live(opens("li")), "王芳": live(opens("fang"))}
    match = unclaimed(county)
    for page in pages.values():
        expect(page.locator(f"#{dom(match)} > form > [data-do=claim]")).to_be_visible()
    for page in pages.values():  # neither waits for the other's answer
        page.evaluate(f"document.querySelector('#{dom(match)} > form > [data-do=claim]').click()")
    won = {}
    for name, page in pages.items():
        expect(page.locator("#toasts .toast")).to_have_count(1, timeout=BUSY_MS)
        won[name] = "bad" not in (page.locator("#toasts .toast").get_attribute("class") or "")
    assert sorted(won.values()) == [False, True]
    winner = next(name for name, has in won.items() if has)
    loser = next(page for name, page in pages.items() if name != winner)
    expect(loser.get_by_role("alert")).to_contain_text(winner)
    expect(loser.locator(f"#{dom(match)}")).to_contain_text(f"Assigned to {winner}")


def test_everything_is_done_from_the_keyboard(opens: Opens, county: County) -> None:
    unclaimed(county)  # exactly one exists
    page = live(opens("li"), f"{QUEUE}&state=proposed")
    count = page.locator("#rows > .row").count()
    for _ in range(count):
        page.keyboard.press("j")
    page.keyboard.press("k" if count > 1 else "j")
    match = page.evaluate("document.activeElement.closest('.row').id")
    page.goto(QUEUE)
    expect(page.locator("#live")).to_have_attribute("data-state", "live")
    page.locator(f"#{match} .row-link").focus()
    page.keyboard.press("c")
    expect(page.locator(f"#{match} .tags")).to_contain_text("Assigned to me", timeout=BUSY_MS)
    page.keyboard.press("l")
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("Log a contact")
    assert faults(page) == []
    page.keyboard.press("Space")  # the first choice: reached
    page.keyboard.press("Enter")
    expect(page.locator(f"#{match} .tags")).to_contain_text("Contacted", timeout=BUSY_MS)
    expect(dialog).to_be_hidden(timeout=BUSY_MS)
    expect(page.locator(f"#{match}:focus-within")).to_have_count(1)
    page.keyboard.press("r")
    expect(page.locator(f"#{match} .tags")).to_contain_text("Referred", timeout=BUSY_MS)
    page.keyboard.press("i")
    expect(dialog).to_contain_text("Set an interview")
    page.get_by_label("Interview time").fill(_in_a_week(page))
    page.get_by_label("by phone").check()
    page.keyboard.press("Enter")
    expect(page.locator(f"#{match} .tags")).to_contain_text("Interview set", timeout=BUSY_MS)
    # The live row may arrive before the form's answer, which closes the dialog.
    expect(dialog).to_be_hidden(timeout=BUSY_MS)
    expect(page.locator(f"#{match}:focus-within")).to_have_count(1)
    page.keyboard.press("p")
    expect(page.locator(f"#{match} .tags")).to_contain_text("Placed", timeout=BUSY_MS)
    page.keyboard.press("u")
    expect(page.locator(f"#{match} .tags")).to_contain_text("Interview set", timeout=BUSY_MS)
    page.keyboard.press("d")
    expect(dialog).to_contain_text("Decline")
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    page.keyboard.press("?")
    expect(dialog).to_contain_text("Keyboard shortcuts")
    assert faults(page) == []
    page.keyboard.press("Escape")
    page.keyboard.press("/")
    assert page.evaluate("document.activeElement.name") == "state"
    page.goto(f"{QUEUE}&whose=me")
    page.locator(f"#{match} .row-link").click()
    page.wait_for_url("**/console/matches/**", wait_until="load")
    page.keyboard.press("d")
    expect(dialog).to_contain_text("Decline")
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    page.keyboard.press("l")
    expect(dialog).to_contain_text("Log a contact")
    dialog.get_by_label("Reached; call back").check()
    assert "T" in dialog.get_by_label("Call again at").input_value(), "in opening hours"
    dialog.get_by_role("button", name="Save").click()
    expect(page.locator("#match p.tags")).to_contain_text("call again", timeout=BUSY_MS)
    page.get_by_role("link", name="Back to the queue").click()
    page.wait_for_url(re.compile("whose=me"))


def _in_a_week(page: Page) -> str:
    return str(page.evaluate("new Date(Date.now() + 7 * 86400000).toISOString().slice(0, 16)"))


def test_a_decline_needs_its_reason_and_keeps_it(opens: Opens, county: County) -> None:
    match = unclaimed(county)
    page = live(opens("li", "zh"))
    page.locator(f"#{dom(match)} summary").click()
    page.locator(f"#{dom(match)} .menu-items [data-do=decline]").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("工资不合适").check()
    dialog.get_by_role("button", name="保存").click()
    expect(page.locator(f"#{dom(match)}")).to_contain_text("已谢绝", timeout=BUSY_MS)
    page.locator(f"#{dom(match)} .row-link").click()
    expect(page.locator(".steps").first).to_contain_text("工资不合适")


def test_a_match_is_given_to_a_colleague(opens: Opens, county: County) -> None:
    match = unclaimed(county)
    mine, hers = live(opens("li")), live(opens("fang", "zh"))
    mine.locator(f"#{dom(match)} .row-link").focus()
    mine.keyboard.press("a")
    mine.get_by_label("Assign to").select_option(label="王芳")
    mine.get_by_role("button", name="Save").click()
    expect(mine.locator(f"#{dom(match)}")).to_contain_text("Assigned to 王芳", timeout=BUSY_MS)
    expect(hers.locator(f"#{dom(match)}")).to_contain_text("由我办理", timeout=SOON_MS)


def test_a_new_match_appears_by_itself_where_it_belongs(opens: Opens, county: County) -> None:
    page = live(opens("li"))
    before = set(page.locator("#rows > .row").evaluate_all("all => all.map(each => each.id)"))
    county.opening(places=3)
    deadline = time.monotonic() + 60
    while not (now := _shown(page) - before) and time.monotonic() < deadline:
        page.wait_for_timeout(100)
    assert now
    orders = page.locator("#rows > .row").evaluate_all("all => all.map(each => each.dataset.order)")
    assert orders == sorted(orders)


def test_a_match_behind_the_shown_rows_is_counted_and_left_to_more(
    opens: Opens, county: County
) -> None:
    unclaimed(county)
    page = live(opens("li"))
    page.evaluate("""() => {
        for (const row of document.querySelectorAll("#rows > .row")) row.dataset.order = "";
        document.querySelector("#more")?.remove();
        document.querySelector("#board").insertAdjacentHTML("beforeend", "<p id=more><a></a></p>");
    }""")
    shown, counted = _shown(page), page.locator("#counts li").nth(1).inner_text()
    county.opening(places=1)
    expect(page.locator("#counts li").nth(1)).not_to_have_text(counted, timeout=60_000)
    assert _shown(page) == shown


def _shown(page: Page) -> set[str]:
    return set(page.locator("#rows > .row").evaluate_all("all => all.map(each => each.id)"))


def test_filters_are_an_address_and_go_back(opens: Opens, county: County) -> None:
    page = live(opens("li"))
    page.get_by_label("State").select_option("placed")
    page.wait_for_url(re.compile("state=placed"))
    expect(page.locator("#rows > .row")).to_have_count(len(county.queue(state="placed")))
    page.go_back()
    page.wait_for_url(lambda url: "state=placed" not in url)
    expect(page.locator("#rows > .row").first).to_be_visible()


def test_what_came_while_the_connection_was_down_is_caught_up_and_counted(
    opens: Opens, county: County, serving: Serving, publisher: Publisher, signs_in: SignsIn
) -> None:
    page, match = live(opens("li")), unclaimed(county)
    serving.process.stop()
    expect(page.locator("#live")).to_have_attribute("data-state", "lost", timeout=BUSY_MS)
    claim = MatchAction(
        id=ids.derive("a", match, "while it was down"),
        match_id=match,
        kind=ActionKind.CLAIM,
        actor=Actor(id=signs_in.id_of("fang")),
        at=SystemClock().now(),
    )
    publisher.publish([facts.match_action_taken(claim)])
    serving.process.start()
    serving.process.wait_ready()
    expect(page.locator("#live")).to_have_attribute("data-state", "live", timeout=60_000)
    expect(page.locator("#toasts")).to_contain_text("Reconnected")
    expect(page.locator(f"#{dom(match)}")).to_contain_text("Assigned to 王芳", timeout=BUSY_MS)


def test_a_clerk_of_another_station_sees_nothing_of_it(
    opens: Opens, county: County, signs_in: SignsIn
) -> None:
    other = county.station(ids.station_id("console-other"), "另一服务站")
    signs_in.account("zhou", "周敏", AccountRole.CLERK, station_ids=(other,))
    page, match = opens("zhou"), county.queue()[0]["id"]
    assert page.goto("/console/queue").status == 200  # type: ignore[union-attr]
    assert page.locator("#rows > .row").count() == 0
    for path in (QUEUE, f"/console/matches/{match}"):
        assert page.goto(path).status == 404  # type: ignore[union-attr]


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("viewport", [None, PHONE], ids=["desk", "phone"])
def test_the_queue_and_a_match_are_usable_by_everybody(
    opens: Opens, county: County, language: str, viewport: dict[str, int] | None
) -> None:
    page = opens("li", language, viewport)
    for path in (QUEUE, f"/console/matches/{county.queue()[0]['id']}"):
        page.goto(path)
        assert faults(page) == []
        if viewport:
            assert page.evaluate("document.documentElement.scrollWidth") <= viewport["width"]


def test_the_queue_and_a_match_are_light(opens: Opens, county: County) -> None:
    for path in (QUEUE, f"/console/matches/{county.queue()[0]['id']}"):
        page = opens("li")
        wire = Wire(page)
        page.goto(path, wait_until="load")
        print(f"{path}: {wire.bytes() / 1000:.1f} kB")
        assert wire.bytes() < 200_000


def test_without_scripts_a_match_can_be_worked_on(opens: Opens, county: County) -> None:
    match = unclaimed(county)
    page = opens("li", java_script_enabled=False)
    page.goto(f"{QUEUE}&state=proposed")
    page.goto(f"/console/matches/{match}")
    page.locator("#match > .card > form > button").first.click()
    page.wait_for_url(f"**/console/matches/{match}")
    expect(page.locator("#match")).to_contain_text("Assigned to me")
    page.locator("form[action='/console/language'] button").click()
    page.locator(".head a").first.click()
    page.wait_for_url(f"**{QUEUE}&state=proposed")


def test_filling_the_last_place_is_confirmed_in_a_dialog_from_the_keyboard(
    opens: Opens, county: County
) -> None:
    opening = county.opening(places=1)
    county.workers(4)

    def proposed() -> list[str]:
        free = county.queue(state="proposed")
        return [str(each["id"]) for each in free if each["openingId"] == opening]

    deadline = time.monotonic() + 90
    while len(proposed()) < 2:
        assert time.monotonic() < deadline, "the opening has no two matches"
        time.sleep(0.2)
    match = dom(proposed()[0])
    page = live(opens("li"))
    page.locator(f"#{match} .row-link").focus()
    page.keyboard.press("c")
    expect(page.locator(f"#{match} .tags")).to_contain_text("Assigned to me", timeout=BUSY_MS)
    page.keyboard.press("l")
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("Log a contact")
    page.keyboard.press("Space")
    page.keyboard.press("Enter")
    expect(page.locator(f"#{match} .tags")).to_contain_text("Contacted", timeout=BUSY_MS)
    expect(dialog).to_be_hidden(timeout=BUSY_MS)
    others = len(proposed())
    assert others
    page.keyboard.press("p")
    expect(dialog).to_contain_text("This fills the last place", timeout=BUSY_MS)
    expect(dialog).to_contain_text(str(others))
    assert faults(page) == []
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    expect(page.locator(f"#{match} .tags")).to_contain_text("Contacted")
    page.keyboard.press("p")
    expect(dialog).to_contain_text("This fills the last place", timeout=BUSY_MS)
    page.keyboard.press("Enter")
    expect(page.locator(f"#{match} .tags")).to_contain_text("Placed", timeout=BUSY_MS)
    expect(dialog).to_be_hidden(timeout=BUSY_MS)
    deadline = time.monotonic() + 90
    while proposed():
        assert time.monotonic() < deadline, "the other matches have not ended"
        time.sleep(0.2)
