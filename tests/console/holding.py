"""Checks that hold for every page: accessible, fit for a phone, and small."""

from __future__ import annotations

from tests.console.conftest import PHONE, Opens
from tests.console.looking import Wire, faults

LIGHT = 200_000


def holds(opens: Opens, login: str, path: str) -> None:
    """Check a page in both languages, on a desktop and on a phone."""
    for language, tag in (("zh", "zh-CN"), ("en", "en")):
        page = opens(login, language)
        wire = Wire(page)
        page.goto(path, wait_until="load")
        assert page.locator("html").get_attribute("lang") == tag
        found = faults(page)
        assert not found, f"{path} in {language}: {found}"
        assert wire.bytes() < LIGHT
    phone = opens(login, "zh", PHONE)
    phone.goto(path)
    assert phone.evaluate("document.documentElement.scrollWidth") <= PHONE["width"], path
    found = faults(phone)
    assert not found, f"{path} on a phone: {found}"
