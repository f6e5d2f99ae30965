"""A real Chromium against the API, run as a separate process on real servers.

Tests here are synchronous: Playwright's loop runs in this thread. `done` runs coroutines.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, TypeVar

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from deploy.local.processes import Process
from producers.publisher import Publisher
from roost.events.account import AccountRole
from roost.settings import Settings
from tests.console.accounts import SignsIn
from tests.console.county import STATION, County
from tests.stack.conftest import publisher, settings, stack, stages
from tests.stack.serving import Serving, served

__all__ = ["publisher", "settings", "stack", "stages"]  # stack fixtures, used here
CHROMIUM = Path("/usr/bin/chromium")
ARGUMENTS = [
    "--no-sandbox",
    "--headless=new",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
PHONE = {"width": 360, "height": 740}
DESK = {"width": 1280, "height": 800}
T = TypeVar("T")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Exclude the start of the servers, which the first test triggers, from a test's time."""
    for item in items:
        if item.path.is_relative_to(Path(__file__).parent):
            item.add_marker(pytest.mark.timeout(300, func_only=True))


def done(doing: Coroutine[Any, Any, T]) -> T:
    """Return the result of a coroutine, run in a separate thread."""
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(asyncio.run, doing).result()


@pytest.fixture(scope="session")
def serving(settings: Settings, stages: dict[str, Process]) -> Iterator[Serving]:
    with served(settings) as serving:
        yield serving


@pytest.fixture(scope="session")
def url(serving: Serving) -> str:
    return serving.url


@pytest.fixture(scope="session")
def chromium(url: str) -> Iterator[Browser]:
    """Chromium, started last: from then on a loop runs in this thread."""
    if not CHROMIUM.exists():
        pytest.fail(f"There is no {CHROMIUM}: apt-get install chromium, and run again.")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield browser
        browser.close()


Opens = Callable[..., Page]


@pytest.fixture(scope="session")
def signs_in(publisher: Publisher, url: str) -> SignsIn:
    """Accounts, and their sessions in a browser."""
    return SignsIn(publisher, url)


@pytest.fixture(scope="session")
def county(serving: Serving, signs_in: SignsIn) -> Iterator[County]:
    """A station with two clerks and matches in its queue."""
    county = County(serving)
    county.station()
    for login, name in (("li", "李娜"), ("fang", "王芳")):
        signs_in.account(login, name, AccountRole.CLERK, station_ids=(STATION,))
    county.opening(places=10)
    county.workers(8)
    county.waits_for(5)
    yield county
    county.close()


@pytest.fixture
def opens(chromium: Browser, url: str, signs_in: SignsIn) -> Iterator[Opens]:
    """`opens("li", language="en", viewport=PHONE)`: a browser, signed in if the login exists.

    A script error or a breach of the security policy fails the test.
    """
    contexts: list[BrowserContext] = []
    wrong: list[str] = []

    def one(
        login: str | None = None, language: str = "en", viewport: Any = None, **options: Any
    ) -> Page:
        context = chromium.new_context(
            base_url=url, viewport=viewport or DESK, locale=LOCALES[language], **options
        )
        contexts.append(context)
        if login is not None:
            context.add_cookies(signs_in.cookies(login))
        page = context.new_page()
        page.set_default_timeout(20_000)
        page.on("pageerror", lambda error: wrong.append(str(error)))
        page.on("console", lambda said: wrong.append(said.text) if _is_wrong(said) else None)
        return page

    yield one
    for context in contexts:
        context.close()
    assert not wrong


LOCALES = {"zh": "zh-CN", "en": "en-GB"}


def _is_wrong(said: Any) -> bool:
    """Return whether a console message is an error, other than an unreachable server."""
    meant = ("Failed to load resource", "htmx:sendError", "htmx:afterRequest")
    return said.type == "error" and not said.text.startswith(meant)
