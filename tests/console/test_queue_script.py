"""`queue.js` in a real Chromium against a small site: what it does with each kind of event."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest
from fastapi import FastAPI, Request
from fastapi.responses import HTMLResponse
from playwright.sync_api import BrowserContext, Page, expect
from sse_starlette import ServerSentEvent

from api.console.shell.assets import assets
from tests.console.test_live_script import Site, browser, context, holds, shows, started

__all__ = ["browser", "context"]  # fixtures, used here
SCRIPTS = ("htmx.min.js", "console.js", "live.js", "shortcuts.js", "queue.js")
ROW = """<li id="{id}" class="row" data-order="{id}" data-revision="1" data-worker="{worker}">
<a class="row-link" href="#">{id}</a><span class="who">{id}</span><span class="what"></span></li>"""
ABOUT = '<form action="/console/matches/{match}/act"><button>Undo {match}</button></form>'
BOARD = """<div id="board" data-since="0" data-query="station=s" data-account="u-1">
<p id="counts" data-href="/counts"></p><p id="anew" hidden>Reload</p>
<ul id="rows">{rows}</ul><p id="empty" hidden>Nothing</p></div>"""
PAGE = """<!doctype html><html lang="en"><title>Queue</title><meta name="csrf" content="x">{scripts}
<p id="live" data-state="connecting"><span data-when="lost">lost</span></p>
<p id="polite"></p><p id="urgent"></p><div id="toasts"></div><dialog id="dialog"></dialog>
{board}
<template id="back"><div class="toast">Reconnected</div></template>
<template id="choose"><div class="toast choose">Select a match</div></template>
<template id="new-row"><p>{{what}}</p></template>"""


class QueueSite(Site):
    """The page of a queue with three matches, two of them of one worker."""

    def app(self) -> FastAPI:
        app = super().app()
        app.add_api_route("/queue", self._queue)
        app.add_api_route("/console/queue", self._queue)
        app.add_api_route("/console/queue/events", self._events, response_model=None)
        app.add_api_route(
            "/counts", lambda: HTMLResponse('<p id="counts" data-href="/counts"></p>')
        )
        return app

    async def _queue(self, request: Request) -> HTMLResponse:
        self.loop = asyncio.get_running_loop()
        scripts = "".join(
            f'<script src="{assets()[each].href}" defer></script>' for each in SCRIPTS
        )
        shown = (("m-a_x", "w-x"), ("m-b_x", "w-x"), ("m-a_y", "w-y"))
        rows = "".join(ROW.format(id=id, worker=worker) for id, worker in shown)
        board = BOARD.format(rows=rows)
        part = "hx-request" in request.headers
        return HTMLResponse(board if part else PAGE.format(scripts=scripts, board=board))

    async def _part(self, of: str, since: str) -> AsyncIterator[ServerSentEvent]:
        queue: asyncio.Queue[str] = asyncio.Queue()
        self.waiting.append(queue)
        try:
            yield ServerSentEvent(event="caught-up", id="1", data=_content())
            while True:
                name, _, data = (await queue.get()).partition(" ")
                yield ServerSentEvent(event=name, id="2", data=data)
        finally:
            self.waiting.remove(queue)

    def tell(self, name: str, **content: Any) -> None:
        """Send an event to the page."""
        self.say(f"{name} {_content(**content)}")


def _content(**content: Any) -> str:
    return json.dumps({"count": 0, "rows": [], "gone": [], **content})


@pytest.fixture
def site() -> Iterator[QueueSite]:
    with started(QueueSite()) as site:
        yield site


@pytest.fixture
def page(context: BrowserContext, site: QueueSite) -> Page:
    page = context.new_page()
    wrong: list[str] = []
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.goto("/queue")
    shows(page, "live")
    holds(lambda: len(site.waiting) == 1, page)
    assert not wrong
    return page


def ids(page: Page) -> list[str]:
    found: list[str] = page.evaluate(
        "[...document.querySelectorAll('#rows > .row')].map((e) => e.id)"
    )
    return found


def with_dialog_and_messages(page: Page) -> None:
    """Open a dialog about one match, and show messages about two."""
    page.evaluate(
        """([dialog, one, two]) => {
          document.querySelector("#dialog").innerHTML = dialog;
          document.querySelector("#dialog").showModal();
          document.querySelector("#toasts").innerHTML = `<div>${one}</div><div>${two}</div>`;
        }""",
        [ABOUT.format(match=each) for each in ("m-a.x", "m-b.x", "m-a.y")],
    )


def test_an_erased_worker_leaves_no_row_dialog_or_message(page: Page, site: QueueSite) -> None:
    with_dialog_and_messages(page)
    site.tell("changes", gone=[{"worker": "w-x"}])
    expect(page.locator("#rows > .row")).to_have_count(1)
    assert ids(page) == ["m-a_y"]
    expect(page.locator("#dialog")).to_be_hidden()
    assert page.locator("#dialog").inner_html() == ""
    expect(page.locator("#toasts > *")).to_have_text(["Undo m-a.y"])
    site.tell("changes", gone=[{"worker": "w-y"}])
    expect(page.locator("#empty")).to_be_visible()


def test_a_match_that_has_left_disappears_and_a_newer_version_of_it_stays(
    page: Page, site: QueueSite
) -> None:
    newer = ROW.format(id="m-b_x", worker="w-x").replace('revision="1"', 'revision="5"')
    row = {"id": "m-b_x", "revision": 5, "order": "m-b_x", "past": False, "html": newer}
    site.tell("changes", rows=[row])
    expect(page.locator("#m-b_x")).to_have_attribute("data-revision", "5")
    gone = [{"row": "m-a_x", "revision": 2}, {"row": "m-b_x", "revision": 4}, {"row": "x"}]
    site.tell("changes", gone=gone)
    expect(page.locator("#m-a_x")).to_have_count(0)
    assert sorted(ids(page)) == ["m-a_y", "m-b_x"]


@pytest.mark.parametrize("more", [True, False])
def test_a_match_that_sorts_after_the_shown_rows_breaks_nothing(
    page: Page, site: QueueSite, more: bool
) -> None:
    wrong: list[str] = []
    page.on("pageerror", lambda error: wrong.append(str(error)))
    if more:
        page.evaluate(
            "document.body.insertAdjacentHTML('beforeend', '<p id=more><a href=#>More</a></p>')"
        )
    html = ROW.format(id="z-last", worker="w-z")
    row = {"id": "z-last", "revision": 1, "order": "z-last", "past": False, "html": html}
    with page.expect_request("**/counts"):
        site.tell("changes", rows=[row])
    assert ("z-last" in ids(page)) is not more
    assert wrong == []


def test_many_changes_offer_a_reload_and_missed_ones_reload_the_list(
    page: Page, site: QueueSite
) -> None:
    site.tell("reload", missed=False, gone=[{"row": "m-a_x", "revision": None}])
    expect(page.locator("#anew")).to_be_visible()
    assert sorted(ids(page)) == ["m-a_y", "m-b_x"], "erasures are not waited for"
    with_dialog_and_messages(page)
    with page.expect_request("**/console/queue?station=s"):
        site.tell("reload", missed=True)
    expect(page.locator("#dialog")).to_be_hidden()
    expect(page.locator("#toasts > *")).to_have_count(0)
    expect(page.locator("#rows > .row")).to_have_count(3)
    expect(page.locator("#anew")).to_be_hidden()


def test_a_shortcut_acts_on_a_selected_row_only(page: Page) -> None:
    page.evaluate(
        """() => {
          window.pressed = [];
          for (const row of document.querySelectorAll("#rows > .row")) {
            const button = document.createElement("button");
            button.dataset.do = "claim";
            button.type = "button";
            button.onclick = () => window.pressed.push(row.id);
            row.append(button);
          }
        }"""
    )
    page.keyboard.press("c")
    expect(page.locator("#toasts")).to_have_text("Select a match")
    assert page.evaluate("pressed") == []
    page.keyboard.press("j")
    page.keyboard.press("j")
    page.keyboard.press("c")
    page.locator("#m-a_y .who").click()
    page.keyboard.press("c")
    assert page.evaluate("pressed") == ["m-b_x", "m-a_y"]


def test_an_undo_leaves_the_page_when_it_can_no_longer_work(page: Page, site: QueueSite) -> None:
    menu = """<details class="menu"><summary>Actions</summary><div class="menu-items">
        <button data-do="undo" data-undo-ms="300">Undo</button></div></details></li>"""
    html = ROW.format(id="m-b_x", worker="w-x").replace('revision="1"', 'revision="5"')
    row = {"id": "m-b_x", "revision": 5, "order": "m-b_x", "past": False}
    site.tell("changes", rows=[row | {"html": html.replace("</li>", menu)}])
    expect(page.locator("#m-b_x")).to_have_attribute("data-revision", "5")
    expect(page.locator("#m-b_x [data-do=undo]")).to_have_count(0)
    expect(page.locator("#m-b_x details")).to_have_count(0)


@pytest.mark.parametrize("width", [1280, 360])
def test_a_menu_stays_inside_the_window(page: Page, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 500})
    page.evaluate(
        """href => {
          const sheet = document.createElement("link");
          sheet.rel = "stylesheet";
          sheet.href = href;
          document.head.append(sheet);
          const items = "<button>An action with a rather long name</button>".repeat(5);
          const menu = (at, kind) => `<details class="menu ${kind}" style="position:fixed;${at}">
            <summary>Actions</summary><div class="menu-items">${items}</div></details>`;
          const corners = ["top:0;left:0", "top:0;right:0", "bottom:0;left:0", "bottom:0;right:0"];
          document.body.insertAdjacentHTML("beforeend",
            corners.flatMap((at) => [menu(at, ""), menu(at, "end")]).join(""));
          return new Promise((done) => { sheet.onload = done; });
        }""",
        assets()["console.css"].href,
    )
    for menu in page.locator("details.menu").all():
        menu.evaluate("each => { each.open = true; }")
        page.wait_for_function("new Promise(done => requestAnimationFrame(() => done(true)))")
        box = menu.locator(".menu-items").bounding_box()
        assert box is not None
        assert 0 <= box["x"] <= width - box["width"]
        assert 0 <= box["y"] <= 500 - box["height"]
        menu.evaluate("each => { each.open = false; }")
