"""Checks of every page, in both languages."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from roost.events.account import AccountRole
from tests.console.accounts import PASSWORD, SignsIn
from tests.console.conftest import PHONE, Opens
from tests.console.looking import Wire, faults

LIGHT = 200_000
PAGES = [
    (None, "/console/sign-in"),
    ("admin", "/console/password"),
    ("admin", "/console/account"),
    ("admin", "/console/account/second-factor"),
    ("admin", "/console/sources"),
    ("admin", "/console/sources/new"),
    ("admin", "/console/help?about=sources"),
    ("admin", "/console/help/first-day"),
    ("admin", "/console/saved-replies"),
    ("admin", "/console/imports"),
    ("admin", "/console/imports/employers"),
    ("admin", "/console/nowhere"),
    ("admin", "/console/there-is-none"),
]
"""Pages by the login that opens them."""
EVERY = pytest.mark.parametrize(("login", "path"), PAGES)


@pytest.fixture(autouse=True, scope="module")
def admin(signs_in: SignsIn) -> None:
    signs_in.account("admin", "管理员", AccountRole.ADMIN)


@pytest.mark.parametrize("language", ["zh", "en"])
@EVERY
def test_a_page_is_usable_by_everybody(
    opens: Opens, login: str | None, path: str, language: str
) -> None:
    page = opens(login, language)
    page.goto(path)
    assert page.locator("html").get_attribute("lang") == {"zh": "zh-CN", "en": "en"}[language]
    assert faults(page) == []


@EVERY
def test_a_page_fits_a_phone(opens: Opens, login: str | None, path: str) -> None:
    page = opens(login, "zh", PHONE)
    page.goto(path)
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    assert faults(page) == []


@EVERY
def test_a_page_comes_in_less_than_200_kilobytes(
    opens: Opens, login: str | None, path: str
) -> None:
    page = opens(login)
    wire = Wire(page)
    page.goto(path, wait_until="load")
    print(f"{path}: {wire.bytes() / 1000:.1f} kB")
    assert wire.bytes() < LIGHT


def test_the_language_is_changed_by_a_button(opens: Opens) -> None:
    page = opens("admin", "zh")
    page.goto("/console/nowhere")
    page.get_by_role("button", name="English").click()
    assert page.locator("html").get_attribute("lang") == "en"
    assert page.url.endswith("/console/nowhere")


def test_one_signs_in_and_out_by_keyboard(opens: Opens) -> None:
    page = opens()
    page.goto("/console/password")
    page.get_by_label("Login").fill("admin")
    page.keyboard.press("Tab")
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url(lambda url: url.endswith("/console/password") and "sign-in" not in url)
    page.get_by_text("管理员").click()
    page.get_by_role("button", name="Sign out").click()
    page.wait_for_url("**/console/sign-in")


def test_a_wrong_password_is_read_out(opens: Opens) -> None:
    page = opens()
    page.goto("/console/sign-in")
    page.get_by_label("Login").fill("admin")
    page.get_by_label("Password").fill("something else")
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("alert")).to_contain_text("wrong")
    assert page.get_by_role("alert").evaluate("each => each === document.activeElement")
    assert faults(page) == []
