"""What holds of every page, in both languages."""

from __future__ import annotations

import pytest

from tests.console.conftest import PHONE, Opens
from tests.console.looking import Wire, faults

PAGES = ["/console/nowhere", "/console/there-is-none"]
LIGHT = 200_000


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("path", PAGES)
def test_a_page_is_usable_by_everybody(opens: Opens, path: str, language: str) -> None:
    page = opens(language)
    page.goto(path)
    assert page.locator("html").get_attribute("lang") == {"zh": "zh-CN", "en": "en"}[language]
    assert faults(page) == []


@pytest.mark.parametrize("path", PAGES)
def test_a_page_fits_a_phone(opens: Opens, path: str) -> None:
    page = opens("zh", PHONE)
    page.goto(path)
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    assert faults(page) == []


@pytest.mark.parametrize("path", PAGES)
def test_a_page_comes_in_less_than_200_kilobytes(opens: Opens, path: str) -> None:
    page = opens()
    wire = Wire(page)
    page.goto(path, wait_until="load")
    print(f"{path}: {wire.bytes() / 1000:.1f} kB")
    assert wire.bytes() < LIGHT


def test_the_language_is_changed_by_a_button(opens: Opens) -> None:
    page = opens("zh")
    page.goto("/console/nowhere")
    page.get_by_role("button", name="English").click()
    assert page.locator("html").get_attribute("lang") == "en"
    assert page.url.endswith("/console/nowhere")
