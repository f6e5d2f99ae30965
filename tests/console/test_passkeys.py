"""Passkeys in a real Chromium with a virtual authenticator: created, used, removed.

The API runs in memory, without servers, under the name `localhost`: browsers allow no passkey for
an address. Playwright runs in a separate thread, where no other test's loop runs.
"""

from __future__ import annotations

import re
import socket
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
import uvicorn
from playwright.sync_api import Page, expect, sync_playwright

from roost.events.account import AccountRole
from tests.console.conftest import ARGUMENTS, CHROMIUM, DESK
from tests.unit.api.test_signing_in import PASSWORD, Here

VIRTUAL = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}
Drive = Callable[[Callable[[Page], None]], None]


@pytest.fixture
def url() -> Iterator[str]:
    """The API in memory with an administrator, whose role requires a second factor."""
    listening = socket.socket()
    listening.bind(("127.0.0.1", 0))
    address = f"http://localhost:{listening.getsockname()[1]}"
    here = Here(address, second_factor_roles=[AccountRole.ADMIN])
    here.account("careful", language="en")
    config = uvicorn.Config(here.app, lifespan="off", log_level="warning")
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
    thread.start()
    yield address
    server.should_exit = True
    thread.join()


@pytest.fixture
def drive(url: str) -> Drive:
    """Run a function with a page of a Chromium that has a virtual authenticator."""

    def driven(steps: Callable[[Page], None]) -> None:
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
            context = browser.new_context(base_url=url, viewport=DESK, locale="en-GB")
            page = context.new_page()
            page.set_default_timeout(20_000)
            wrong: list[str] = []
            page.on("pageerror", lambda error: wrong.append(str(error)))
            page.on("console", lambda said: wrong.append(said.text) if "CSP" in said.text else None)
            session = context.new_cdp_session(page)
            session.send("WebAuthn.enable")
            session.send("WebAuthn.addVirtualAuthenticator", {"options": VIRTUAL})
            steps(page)
            browser.close()
            assert not wrong

    def run(steps: Callable[[Page], None]) -> None:
        with ThreadPoolExecutor(1) as thread:
            thread.submit(driven, steps).result()

    return run


def enters_password(page: Page) -> None:
    page.goto("/console/sign-in?next=/console/account")
    page.get_by_label("Login").fill("careful")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()


def test_a_required_second_factor_is_set_up_as_a_passkey_which_then_signs_in(drive: Drive) -> None:
    def steps(page: Page) -> None:
        enters_password(page)
        expect(page.get_by_text("Your role requires a second factor")).to_be_visible()
        page.goto("/console/admin/accounts")
        expect(page).to_have_url(re.compile("/console/account/second-factor"))
        page.goto("/console/account/second-factor?next=/console/account")
        page.get_by_label("Your password").fill(PASSWORD)
        page.get_by_role("button", name="Create a passkey").click()
        page.get_by_label("Name").fill("office")
        page.get_by_role("button", name="Create the passkey").click()
        expect(page.get_by_role("status")).to_contain_text("Passkey created")

        page.context.clear_cookies()
        enters_password(page)
        expect(page.get_by_text("Your second factor is a passkey")).to_be_visible()
        page.get_by_role("button", name="Sign in with a passkey").click()
        expect(page).to_have_url(re.compile("/console/account"))

        page.context.clear_cookies()
        page.goto("/console/sign-in?next=/console/account")
        page.get_by_role("button", name="Sign in with a passkey").click()
        expect(page.get_by_text("office")).to_be_visible()

        page.locator("summary", has_text="Remove").click()
        page.locator("#remove-1").fill(PASSWORD)
        page.get_by_role("button", name="Remove").click()
        expect(page.get_by_role("status")).to_contain_text("Passkey removed")

    drive(steps)


def test_a_browser_that_uses_no_passkey_says_so(drive: Drive) -> None:
    def steps(page: Page) -> None:
        page.goto("/console/sign-in")
        page.evaluate("() => { navigator.credentials.get = () => Promise.reject(Error()); }")
        page.get_by_role("button", name="Sign in with a passkey").click()
        expect(page.get_by_role("alert")).to_contain_text("did not use a passkey")

    drive(steps)
