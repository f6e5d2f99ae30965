"""`people.js` in a real Chromium: an open conversation forgets an erased person at once."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass

import pytest
from fastapi.responses import HTMLResponse
from playwright.sync_api import Browser, Page, expect
from sse_starlette import ServerSentEvent

from api.console.shell.assets import assets
from tests.console.test_live_script import WITHIN_MS, Site, started

WORKER, OTHER = "w-1", "w-2"
PAGE = """<!doctype html><html lang="en-GB"><title>With Zhou</title><p id="live"></p>
<main><h1>With Zhou</h1><div id="thread" data-live="/events" data-of="{worker}" data-since=""
data-account="u-1" data-erased="Erased." hx-get="/again" hx-trigger="news"><p>a secret</p></div>
<textarea>an answer</textarea></main>
<script src="{htmx}" defer></script><script src="{live}" defer></script>
<script src="{people}" defer></script>"""


@dataclass
class Conversation(Site):
    """A page of a conversation, and a stream that names erased workers."""

    async def _page(self, of: str = "", account: str = "u-1", lang: str = "en-GB") -> HTMLResponse:
        self.loop = asyncio.get_running_loop()
        scripts = {name: assets()[f"{name}.js"].href for name in ("live", "people")}
        htmx = assets()["htmx.min.js"].href
        return HTMLResponse(PAGE.format(worker=WORKER, htmx=htmx, **scripts))

    async def _part(self, of: str, since: str) -> AsyncIterator[ServerSentEvent]:
        queue: asyncio.Queue[str] = asyncio.Queue()
        self.waiting.append(queue)
        yield ServerSentEvent(event="ready", id="0", data="{}")
        while True:
            erased = await queue.get()
            yield ServerSentEvent(event="erased", id="1", data=json.dumps({"workerId": erased}))


@pytest.fixture
def site() -> Iterator[Conversation]:
    with started(Conversation()) as site:
        yield site


@pytest.fixture
def page(chromium: Browser, site: Conversation) -> Iterator[Page]:
    context = chromium.new_context(base_url=site.url)
    page = context.new_page()
    page.goto("/page")
    expect(page.locator("#live")).to_have_attribute("data-state", "live", timeout=WITHIN_MS)
    yield page
    context.close()


def test_an_open_conversation_forgets_an_erased_person_at_once(
    page: Page, site: Conversation
) -> None:
    site.say(OTHER)
    expect(page.locator("main")).to_contain_text("With Zhou")
    site.say(WORKER)
    expect(page.locator("main")).to_have_text("Erased.", timeout=WITHIN_MS)
    expect(page).to_have_title("Erased.")
    for left in ("Zhou", "a secret", "an answer"):
        assert left not in page.content()
