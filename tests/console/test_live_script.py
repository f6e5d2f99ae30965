"""`live.js` in a real Chromium against a small site."""

from __future__ import annotations

import asyncio
import socket
import threading
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Annotated, TypeVar

import pytest
import uvicorn
from fastapi import FastAPI, Query, Response
from fastapi.responses import HTMLResponse
from playwright.sync_api import Browser, BrowserContext, Page, expect
from sse_starlette import ServerSentEvent

from api.console.shell.assets import assets
from api.console.shell.assets import router as static
from api.live.merging import BEAT_S, MOST_PARTS, merged
from api.live.open_streams import OpenStreams
from api.live.streaming import LiveResponse

TABS = 7
"""More than the six connections that a browser opens to one site over HTTP/1.1."""
WITHIN_MS = 20_000
PAGE = """<!doctype html><html lang="{lang}"><title>Live</title><p id="live"></p>
<p id="lost" hidden>Lost</p><ol id="got"></ol>
<script src="{live}" defer></script>
<script type="module">
window.end = RoostLive.follow({{
  path: "/events", account: "{account}", of: "{of}", since: "",
  take(name, data) {{
    const item = document.createElement("li");
    item.textContent = `${{name}} ${{JSON.parse(data).text}}`;
    document.querySelector("#got").append(item);
  }},
  show: RoostLive.showState,
}});
</script>"""


@dataclass
class Site:
    """Pages that follow one stream, and what the server knows about it."""

    url: str = ""
    beat_s: float = BEAT_S
    silent: bool = False
    """The network drops every event of open connections without an error."""
    refuse: int = 0
    """Status of every answer of the stream, as a proxy refuses it; 0 to serve it."""
    asked: list[list[str]] = field(default_factory=list)
    """The tabs of each request for the stream."""
    languages: set[str] = field(default_factory=set)
    streams: OpenStreams = field(default_factory=lambda: OpenStreams(100, 100))
    loop: asyncio.AbstractEventLoop | None = None
    waiting: list[asyncio.Queue[str]] = field(default_factory=list)

    def app(self) -> FastAPI:
        app = FastAPI()
        app.include_router(static)
        app.add_api_route("/page", self._page)
        app.add_api_route("/events", self._events, response_model=None)
        return app

    def say(self, text: str) -> None:
        """Send a text to every tab."""
        assert self.loop is not None
        for each in self.waiting:
            self.loop.call_soon_threadsafe(each.put_nowait, text)

    async def _page(self, of: str = "", account: str = "u-1", lang: str = "en-GB") -> HTMLResponse:
        self.loop = asyncio.get_running_loop()
        live = assets()["live.js"].href
        return HTMLResponse(PAGE.format(live=live, of=of, account=account, lang=lang))

    async def _events(
        self,
        of: Annotated[list[str], Query(max_length=MOST_PARTS)],
        since: Annotated[list[str], Query()],
        lang: str,
    ) -> Response:
        assert len(of) == len(since)
        self.languages.add(lang)
        self.asked.append(of)
        if self.refuse:
            return Response(status_code=self.refuse)
        parts = [self._part(each, at) for each, at in zip(of, since, strict=True)]
        events = merged(parts, 1_000, self.beat_s)
        return LiveResponse(self._delivered(events), self.streams, "k-1")

    async def _delivered(
        self, events: AsyncIterator[ServerSentEvent]
    ) -> AsyncIterator[ServerSentEvent]:
        async for event in events:
            if self.silent:
                await asyncio.Event().wait()
            yield event

    async def _part(self, of: str, since: str) -> AsyncIterator[ServerSentEvent]:
        queue: asyncio.Queue[str] = asyncio.Queue()
        self.waiting.append(queue)
        try:
            number = int(since or "0")
            yield _event("hello", str(number), f"{of} from {number}")
            while True:
                number += 1
                yield _event("news", str(number), await queue.get())
        finally:
            self.waiting.remove(queue)


def _event(name: str, id: str, text: str) -> ServerSentEvent:
    return ServerSentEvent(event=name, id=id, data=f'{{"text": "{text}"}}')


S = TypeVar("S", bound=Site)


@contextmanager
def started(site: S) -> Iterator[S]:
    """Serve a site."""
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        site.url = f"http://127.0.0.1:{listening.getsockname()[1]}"
        config = uvicorn.Config(
            site.app(), log_level="critical", timeout_graceful_shutdown=1, lifespan="off"
        )
        server = uvicorn.Server(config)
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
        thread.start()
        yield site
        server.should_exit = True
        thread.join()


@pytest.fixture
def site() -> Iterator[Site]:
    with started(Site()) as site:
        yield site


@pytest.fixture(scope="module")
def browser(chromium: Browser) -> Browser:
    """The session's browser: a thread holds one Playwright only."""
    return chromium


@pytest.fixture
def context(browser: Browser, site: Site) -> Iterator[BrowserContext]:
    context = browser.new_context(base_url=site.url)
    yield context
    context.close()


def tab(context: BrowserContext, of: str = "a", account: str = "u-1", lang: str = "en-GB") -> Page:
    page = context.new_page()
    page.goto(f"/page?of={of}&account={account}&lang={lang}")
    return page


def shows(page: Page, state: str) -> None:
    expect(page.locator("#live")).to_have_attribute("data-state", state, timeout=WITHIN_MS)


def holds(condition: Callable[[], bool], page: Page) -> None:
    """Wait until a condition of the server holds; the page's loop runs meanwhile."""
    deadline = time.monotonic() + WITHIN_MS / 1_000
    while not condition():
        assert time.monotonic() < deadline
        page.wait_for_timeout(50)


def test_seven_tabs_share_one_connection_and_each_receives_its_own_stream(
    context: BrowserContext, site: Site
) -> None:
    tabs = [tab(context, str(number)) for number in range(TABS)]
    for number, page in enumerate(tabs):
        shows(page, "live")
        expect(page.locator("#got li").first).to_have_text(f"hello {number} from 0")
    holds(lambda: len(site.streams) == 1, tabs[0])
    assert sorted(site.asked[-1]) == [str(number) for number in range(TABS)]
    site.say("x")
    for page in tabs:
        expect(page.locator("#got")).to_contain_text("news x")


def test_the_tabs_that_remain_go_on_when_others_close_or_go_elsewhere(
    context: BrowserContext, site: Site
) -> None:
    tabs = [tab(context, str(number)) for number in range(4)]
    for page in tabs:
        shows(page, "live")
    holds(lambda: len(site.waiting) == len(tabs), tabs[0])
    site.say("x")
    expect(tabs[3].locator("#got")).to_contain_text("news x")
    tabs[0].close()
    tabs[1].goto("about:blank")
    tabs[2].evaluate("end()")
    holds(lambda: site.asked[-1] == ["3"] and len(site.waiting) == 1, tabs[3])
    site.say("y")
    expect(tabs[3].locator("#got")).to_contain_text("news y")
    expect(tabs[3].locator("#got")).to_contain_text("hello 3 from 1")
    assert "news y" not in tabs[2].locator("#got").inner_text()
    tabs[3].close()
    context.new_page()
    tabs[2].close()
    for _ in range(100):
        if not len(site.streams):
            break
        time.sleep(0.05)
    assert len(site.streams) == 0, "the connection ends with the last tab"


def test_more_tabs_than_fit_take_a_further_connection(context: BrowserContext, site: Site) -> None:
    tabs = [tab(context, str(number)) for number in range(MOST_PARTS + 1)]
    for page in tabs:
        shows(page, "live")
    holds(lambda: len(site.streams) == 2 and len(site.waiting) == len(tabs), tabs[0])


@pytest.mark.parametrize("shared", [True, False])
@pytest.mark.parametrize("status", [502, 503, 429, 404])
def test_a_refusal_is_shown_and_retried_with_back_off(
    context: BrowserContext, site: Site, shared: bool, status: int
) -> None:
    if not shared:
        context.add_init_script("delete window.SharedWorker")
    site.refuse = status
    page = tab(context)
    assert page.evaluate("typeof SharedWorker") == ("function" if shared else "undefined")
    shows(page, "lost")
    times: list[float] = []
    while len(times) < 4:
        holds(lambda: len(site.asked) > len(times), page)
        times.append(time.monotonic())
    assert times[3] - times[2] > times[1] - times[0], "the waits grow"
    site.refuse = 0
    shows(page, "live")
    expect(page.locator("#got")).to_contain_text("hello a from 0")
    holds(lambda: len(site.streams) == 1, page)


def test_a_stream_resumes_where_it_was_when_the_server_ends_it(
    context: BrowserContext, site: Site
) -> None:
    page = tab(context)
    shows(page, "live")
    holds(lambda: len(site.waiting) == 1, page)
    site.say("x")
    expect(page.locator("#got")).to_contain_text("news x")
    site.refuse = 502
    asked = len(site.asked)
    assert site.loop is not None
    for each in asyncio.all_tasks(site.loop):
        if "forward" in repr(each):
            site.loop.call_soon_threadsafe(each.cancel)
    shows(page, "lost")
    holds(lambda: len(site.asked) > asked, page)
    site.refuse = 0
    shows(page, "live")
    expect(page.locator("#got")).to_contain_text("hello a from 1")


def test_a_silent_loss_of_the_network_is_noticed_without_an_error(
    context: BrowserContext, site: Site
) -> None:
    site.beat_s = 0.2
    page = tab(context)
    shows(page, "live")
    holds(lambda: len(site.waiting) == 1, page)
    expect(page.locator("#lost")).to_be_hidden()
    asked = len(site.asked)
    site.silent = True
    shows(page, "lost")
    expect(page.locator("#lost")).to_be_visible()
    holds(lambda: len(site.asked) > asked, page)
    site.silent = False
    shows(page, "live")
    expect(page.locator("#lost")).to_be_hidden()


@pytest.mark.parametrize("shared", [True, False])
def test_a_page_that_the_browser_takes_offline_says_so_at_once(
    context: BrowserContext, site: Site, shared: bool
) -> None:
    if not shared:
        context.add_init_script("delete window.SharedWorker")
    page = tab(context)
    shows(page, "live")
    site.refuse = 503
    page.evaluate("dispatchEvent(new Event('offline'))")
    shows(page, "lost")
    site.refuse = 0
    page.evaluate("dispatchEvent(new Event('online'))")
    shows(page, "live")


def test_the_tabs_of_two_accounts_share_nothing(context: BrowserContext, site: Site) -> None:
    mine, hers = tab(context, "mine", "u-1"), tab(context, "hers", "u-2")
    for page in (mine, hers):
        shows(page, "live")
    holds(lambda: len(site.streams) == 2, mine)
    assert ["mine"] in site.asked
    assert ["hers"] in site.asked


def test_each_page_receives_its_events_in_its_own_language(
    context: BrowserContext, site: Site
) -> None:
    tabs = [tab(context, each, lang=each) for each in ("zh-CN", "en-GB")]
    for page in tabs:
        shows(page, "live")
    holds(lambda: len(site.streams) == 2, tabs[0])
    assert site.languages == {"zh", "en"}


def test_a_page_without_locks_and_one_whose_worker_cannot_start_are_live(
    context: BrowserContext, site: Site
) -> None:
    context.add_init_script("Object.defineProperty(navigator, 'locks', { value: undefined })")
    shows(tab(context), "live")
    context.add_init_script("window.SharedWorker = class { constructor() { throw Error('no'); } }")
    shows(tab(context), "live")
    context.add_init_script(
        "window.SharedWorker = class { constructor() {"
        " this.port = { postMessage() {}, close() {} };"
        " setTimeout(() => this.onerror(new Event('error')), 10); } }"
    )
    shows(tab(context), "live")


VISIBLE = """(visible) => {
  Object.defineProperty(document, "hidden", { configurable: true, get: () => !visible });
  document.dispatchEvent(new Event("visibilitychange"));
}"""


def test_without_shared_workers_a_tab_in_the_background_holds_no_connection(
    context: BrowserContext, site: Site
) -> None:
    """Browsers on Android have no shared workers, and six connections for each site."""
    context.add_init_script("delete window.SharedWorker")
    pages = []
    for number in range(TABS):
        pages.append(tab(context, str(number)))
        shows(pages[-1], "live")
        pages[-1].evaluate(VISIBLE, False)
    holds(lambda: len(site.streams) == 0, pages[0])
    eighth = tab(context, "eighth")
    shows(eighth, "live")
    site.say("one")
    expect(eighth.locator("#got")).to_contain_text("news one", timeout=WITHIN_MS)
    eighth.evaluate(VISIBLE, False)
    eighth.evaluate(VISIBLE, True)
    expect(eighth.locator("#got")).to_contain_text("eighth from 1", timeout=WITHIN_MS)
    pages[0].evaluate(VISIBLE, True)
    holds(lambda: len(site.streams) == 2, pages[0])
    pages[0].evaluate("window.end()")
    pages[0].evaluate(VISIBLE, True)
    holds(lambda: len(site.streams) == 1, pages[0])
