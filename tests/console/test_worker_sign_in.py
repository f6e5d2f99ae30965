"""A worker signs in on a phone without a password: by text message, by link, and by QR code."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from roost.events.account import AccountRole
from roost.settings import Settings
from tests.console.accounts import SignsIn
from tests.console.conftest import PHONE, Opens
from tests.console.county import STATION, County
from tests.console.holding import holds
from tests.console.looking import faults
from tests.stack.serving import Serving

SOON_MS = 30_000
PAGE = "/console/sign-in/telephone"
SHARED, OWN = "+8613811110001", "+8613811110002"
PEOPLE = (("周小梅", OWN), ("郑大山", SHARED), ("郑小海", SHARED))
IDS: dict[str, list[str]] = {OWN: [], SHARED: []}
"""Workers by telephone: the file of messages names the worker, not the number."""


@pytest.fixture(scope="module")
def county(serving: Serving, signs_in: SignsIn) -> Iterator[County]:
    county = County(serving)
    county.station()
    signs_in.account("li", "李娜", AccountRole.CLERK, station_ids=(STATION,))
    for name, number in PEOPLE:
        IDS[number] += county.workers(1, name=name, channels=[{"kind": "sms", "address": number}])
    yield county
    county.close()


@pytest.fixture
def sent(settings: Settings) -> Path:
    """The file of messages of channels that are not configured."""
    return settings.data / "outbox" / "messages.jsonl"


def received(sent: Path, number: str, after: int) -> str:
    """Return the newest message to a number once there are more than `after`."""
    deadline = time.monotonic() + 60
    while len(found := _texts(sent, number)) <= after:
        assert time.monotonic() < deadline, "no message was sent"
        time.sleep(0.3)
    return found[-1]


def _texts(sent: Path, number: str) -> list[str]:
    lines = sent.read_text("utf-8").splitlines() if sent.exists() else []
    codes = [each for each in map(json.loads, lines) if each["to"] in IDS[number]]
    return [each["body"] for each in codes if "/console/sign-in/telephone/link/" in each["body"]]


def code_in(message: str) -> str:
    found = re.search(r"\b(\d{6})\b", message)
    assert found
    return found[1]


def ask(page: Page, number: str) -> None:
    page.goto("/console/sign-in")
    page.get_by_role("link", name=re.compile("Sign in with a telephone|使用手机号登录")).click()
    page.locator("[name=telephone]").fill(number.removeprefix("+86"))
    page.get_by_role("button", name=re.compile("Send me a code|获取验证码")).click()
    expect(page.locator("main")).to_contain_text(number)


@pytest.mark.parametrize("path", [PAGE, f"{PAGE}/link/none", "/console/sign-in/station/none"])
def test_a_page_is_for_everybody(opens: Opens, county: County, path: str) -> None:
    holds(opens, None, path)


@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_code_by_text_message_signs_in(
    opens: Opens, county: County, sent: Path, language: str
) -> None:
    before = len(_texts(sent, OWN))
    page = opens(None, language, PHONE)
    ask(page, OWN)
    assert faults(page) == []
    code = code_in(received(sent, OWN, before))
    page.locator("[name=code]").fill("000000" if code != "000000" else "111111")
    page.keyboard.press("Enter")
    expect(page.locator("#code-error")).to_be_visible()
    page.locator("[name=code]").fill(code)
    page.keyboard.press("Enter")
    page.wait_for_url("**/console/me")
    expect(page.locator("header")).to_contain_text("周小梅")


def test_of_two_with_one_telephone_the_name_chooses(
    opens: Opens, county: County, sent: Path
) -> None:
    page = opens(None, "zh", PHONE)
    ask(page, SHARED)
    page.locator("[name=code]").fill(code_in(received(sent, SHARED, 0)))
    page.keyboard.press("Enter")
    expect(page.locator("[name=person]")).to_be_visible()
    assert "郑" not in page.locator("main").inner_text()
    assert faults(page) == []
    page.locator("[name=person]").fill("海")
    page.keyboard.press("Enter")
    page.wait_for_url("**/console/me")
    expect(page.locator("header")).to_contain_text("郑小海")


def test_the_link_of_the_message_signs_in_by_its_button(
    opens: Opens, county: County, sent: Path
) -> None:
    before = len(_texts(sent, OWN))
    ask(opens(None, "zh", PHONE), OWN)
    found = re.search(r"/console/sign-in/telephone/link/[\w-]+", received(sent, OWN, before))
    assert found
    page = opens(None, "zh", PHONE)
    page.goto(found[0])
    assert faults(page) == []
    page.get_by_role("button", name="登录").click()
    page.wait_for_url("**/console/me")


def test_the_code_that_a_clerk_shows_signs_its_worker_in_once(opens: Opens, county: County) -> None:
    (worker,) = county.workers(1, name="孙二娘", channels=[])
    clerk = opens("li", "en")
    clerk.goto(f"/console/profiles/{worker}/details")
    clerk.get_by_role("button", name="QR code to sign in").click()
    expect(clerk.locator(".qr svg")).to_be_visible()
    expect(clerk.locator("main")).to_contain_text("孙二娘")
    assert faults(clerk) == []
    clerk.get_by_role("button", name="New code").click()
    expect(clerk.locator(".qr svg")).to_be_visible()


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_form_of_a_station_is_for_everybody(
    opens: Opens, county: County, language: str
) -> None:
    page = opens(None, language, PHONE)
    page.goto(f"/console/join/{STATION}")
    assert faults(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]


def test_a_person_signs_up_by_the_poster_and_the_clerk_sees_who_is_alike(
    opens: Opens, county: County, signs_in: SignsIn, sent: Path
) -> None:
    county.workers(1, name="何若兰", channels=[])
    clerk = opens("li", "en")
    clerk.goto("/console/today")
    clerk.get_by_role("link", name="Poster to register").click()
    expect(clerk.locator(".qr svg")).to_be_visible()
    assert faults(clerk) == []
    address = clerk.locator("main code").inner_text()
    page = opens(None, "en", PHONE)
    page.goto(address[address.index("/console/") :])
    page.get_by_label("Name").fill("何若兰")
    page.get_by_label("Mobile number").fill("13811110003")
    page.locator("[name='home.name']").fill("岚岭县")
    page.locator("[name='location.name']").fill("大同市")
    page.get_by_role("button", name="Send me a code and register").click()
    expect(page.locator("#consent-error")).to_be_visible()
    assert faults(page) == []
    page.get_by_label("I am 16 or older").check()
    page.get_by_label(re.compile("I agree that the station")).check()
    page.get_by_role("button", name="Send me a code and register").click()
    expect(page.locator("[name=code]")).to_be_visible()
    assert faults(page) == []
    page.locator("[name=code]").fill(_code_of_a_new_person(sent))
    page.get_by_role("button", name="Finish").click()
    page.wait_for_url("**/console/me/profile?done=joined")
    clerk.goto("/console/profiles")
    clerk.locator("[name=number]").fill("13811110003")
    clerk.locator("main").get_by_role("button", name="Search").click()
    clerk.get_by_role("link", name="Worker details").click()
    expect(clerk.locator("main")).to_contain_text("This may be the same person as")
    assert faults(clerk) == []


def _code_of_a_new_person(sent: Path) -> str:
    """Return the code of the newest message that confirms an address."""
    deadline = time.monotonic() + 60
    while True:
        lines = sent.read_text("utf-8").splitlines() if sent.exists() else []
        texts = [str(json.loads(each).get("body", "")) for each in lines]
        asked = [each for each in texts if "may send you messages" in each]
        if asked:
            return code_in(asked[-1])
        assert time.monotonic() < deadline, "no code was sent"
        time.sleep(0.3)
