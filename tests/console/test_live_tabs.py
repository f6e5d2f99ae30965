"""Open pages that stay live: many tabs, lost connections, people who are erased or move away."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Page, expect

from roost import ids
from roost.events.account import AccountRole
from tests.console.accounts import SignsIn
from tests.console.conftest import Opens
from tests.console.county import STATION, County
from tests.console.looking import faults
from tests.console.test_queue import BUSY_MS, QUEUE, dom, live, unclaimed
from tests.stack.serving import Serving

WITHIN_MS = 60_000
TABS = 7
"""More than the six connections that a browser opens to one site over HTTP/1.1."""


def state(page: Page, word: str) -> None:
    expect(page.locator("#live")).to_have_attribute("data-state", word, timeout=WITHIN_MS)


def tabs(first: Page, count: int = TABS) -> list[Page]:
    """Return tabs of one browser, each with the queue."""
    pages = [first, *(first.context.new_page() for _ in range(count - 1))]
    for number, page in enumerate(pages):
        live(page, QUEUE if number % 2 else f"{QUEUE}&whose=nobody&state=proposed")
    return pages


@contextmanager
def refusing(url: str, status: int) -> Iterator[list[str]]:
    """Answer every request at the API's address as a proxy whose server is away does."""
    asked: list[str] = []

    class Proxy(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            self.send_response(status)
            self.send_header("content-length", "0")
            self.end_headers()

        def log_message(self, *said: object) -> None:
            """Print nothing."""

    port = urlsplit(url).port
    assert port is not None
    server = ThreadingHTTPServer(("127.0.0.1", port), Proxy)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield asked
    server.shutdown()
    server.server_close()
    thread.join()


def test_seven_tabs_are_live_over_one_connection_and_do_not_block_each_other(
    opens: Opens, county: County
) -> None:
    pages, match = tabs(opens("li")), unclaimed(county)
    for page in pages:
        state(page, "live")
    answer = pages[-1].evaluate("async () => (await fetch('/console/queue/counts')).status")
    assert answer == 200, "a further request has a connection"
    hers = live(opens("fang"))
    hers.locator(f"#{dom(match)} > form > [data-do=claim]").click()
    for page in pages[1::2]:
        expect(page.locator(f"#{dom(match)}")).to_contain_text("Assigned to 王芳", timeout=BUSY_MS)
    for page in pages[0::2]:
        expect(page.locator(f"#{dom(match)}")).to_have_class(re.compile("past"), timeout=BUSY_MS)
    # The tabs that remain go on when others close.
    for page in pages[:-1]:
        page.close()
    hers.locator("#toasts").get_by_role("button", name="Undo").click()
    expect(pages[-1].locator(f"#{dom(match)}")).to_be_visible(timeout=BUSY_MS)
    pages[-1].reload()
    state(pages[-1], "live")


@pytest.mark.parametrize("shared", [True, False])
@pytest.mark.parametrize("status", [502, 429])
def test_a_page_comes_back_after_a_proxys_refusal(
    opens: Opens, county: County, serving: Serving, shared: bool, status: int
) -> None:
    page = opens("li")
    if not shared:
        page.add_init_script("delete window.SharedWorker")
    live(page)
    assert page.evaluate("typeof SharedWorker") == ("function" if shared else "undefined")
    serving.process.stop()
    with refusing(serving.url, status) as asked:
        state(page, "lost")
        page.wait_for_timeout(100)
        deadline = 200
        while sum(each.startswith("/console/queue/events") for each in asked) < 3:
            page.wait_for_timeout(100)
            deadline -= 1
            assert deadline, "the page does not try again"
    serving.process.start()
    serving.process.wait_ready()
    state(page, "live")
    expect(page.locator("#toasts")).to_contain_text("Reconnected")


def test_the_inbox_shows_that_it_is_away_and_comes_back(
    opens: Opens, county: County, serving: Serving, signs_in: SignsIn
) -> None:
    (worker,) = county.workers(1)
    signs_in.account("xiu", "王秀英", AccountRole.WORKER, worker_id=worker)
    page = opens("xiu")
    page.goto("/console/me/inbox")
    state(page, "live")
    serving.process.stop()
    with refusing(serving.url, 502) as asked:
        state(page, "lost")
        deadline = 200
        while not asked:
            page.wait_for_timeout(100)
            deadline -= 1
            assert deadline
    serving.process.start()
    serving.process.wait_ready()
    state(page, "live")
    county.answers(worker, "您咨询的补贴", "请到服务站办理。")
    expect(page.locator("#entries")).to_contain_text("请到服务站办理。", timeout=BUSY_MS)


def test_an_erased_person_disappears_from_the_open_pages(opens: Opens, county: County) -> None:
    page, match = live(opens("li")), unclaimed(county)
    row = page.locator(f"#{dom(match)}")
    expect(row).to_be_visible()
    worker = f"w-{match.split('.')[1]}"
    county.erases(worker)
    expect(row).to_have_count(0, timeout=BUSY_MS)
    expect(page.locator(f"[data-worker='{worker}']")).to_have_count(0)


def movable(county: County) -> str:
    """Return a new match of a person who would work anywhere: it lasts when they move."""
    (worker,) = county.workers(1)
    return county.matched_by_hand(county.opening(), worker)


def test_a_match_that_moves_disappears_from_the_station_that_it_left(
    opens: Opens, county: County, signs_in: SignsIn
) -> None:
    there = county.station(ids.station_id("console-moved"), "阳泉服务站", ["cn:1403"])
    signs_in.account("moved", "周敏", AccountRole.CLERK, station_ids=(there,))
    new = live(opens("moved"), f"/console/queue?station={there}")
    old, match = live(opens("li")), movable(county)
    row = f"#{dom(match)}"
    expect(old.locator(row)).to_be_visible()
    county.moves(f"w-{match.split('.')[1]}", "阳泉市")
    county.waits_for_station(match, there)
    expect(old.locator(row)).to_have_count(0, timeout=BUSY_MS)
    expect(new.locator(row)).to_be_visible(timeout=BUSY_MS)


def test_a_chief_sees_all_of_their_stations_in_one_queue(
    opens: Opens, county: County, signs_in: SignsIn
) -> None:
    there = county.station(ids.station_id("console-moved"), "阳泉服务站", ["cn:1403"])
    signs_in.account("both", "周敏", AccountRole.CHIEF, station_ids=(STATION, there))
    page, match = live(opens("both"), "/console/queue"), movable(county)
    row = page.locator(f"#{dom(match)}")
    expect(page.locator("[name=station]")).to_have_value("all")
    expect(row.locator(".station")).to_have_text("岚岭县大同服务站")
    expect(page).to_have_title(re.compile(r"^\([1-9]\d*\) "), timeout=BUSY_MS)
    county.moves(f"w-{match.split('.')[1]}", "阳泉市")
    county.waits_for_station(match, there)
    expect(row.locator(".station")).to_have_text("阳泉服务站", timeout=BUSY_MS)
    page.locator("[name=station]").select_option(there)
    expect(row.locator(".station")).to_be_hidden()
    expect(row).to_be_visible()
    assert faults(page) == []
