"""Saved searches in a browser: the worker's phone, the clerk's page, and the link of a message."""

from __future__ import annotations

import secrets
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from roost.contact.search_links import PATH, search_token
from roost.events.account import AccountRole
from roost.security.county_key import county_key
from roost.settings import Settings
from tests.console.accounts import SignsIn
from tests.console.conftest import PHONE, Opens
from tests.console.county import STATION, County
from tests.console.looking import faults
from tests.stack.serving import Serving

SOON_MS = 30_000
OWN = "/console/me/saved-searches"
WISH = {"currency": "CNY", "minValue": 900_000, "unitText": "MONTH"}
"""A wish that no opening pays, so that the worker has no matches."""


@pytest.fixture(scope="module")
def county(serving: Serving, signs_in: SignsIn) -> Iterator[County]:
    county = County(serving)
    county.station()
    signs_in.account("li", "李娜", AccountRole.CLERK, station_ids=(STATION,))
    yield county
    county.close()


def said(page: Page, text: str) -> None:
    expect(page.get_by_role("status").first).to_contain_text(text, timeout=SOON_MS)


def test_a_worker_keeps_searches_on_a_phone_with_the_keyboard_alone(
    opens: Opens, county: County, signs_in: SignsIn
) -> None:
    [worker] = county.workers(1, wageWanted=WISH)
    signs_in.account("seeks", "订阅甲", AccountRole.WORKER, worker_id=worker)
    word = f"盘扣{secrets.token_hex(2)}"
    county.opening(title=f"{word}工")
    phone = opens("seeks", "zh", PHONE)
    phone.goto(OWN)
    assert faults(phone) == []
    phone.get_by_role("button", name="保存订阅").press("Enter")
    wrong = phone.get_by_role("alert")
    expect(wrong).to_contain_text("关键词：请至少填写一项查找条件", timeout=SOON_MS)
    assert faults(phone) == []
    words = phone.get_by_label("关键词")
    words.focus()
    phone.keyboard.type(word)
    phone.get_by_label("汇总通知").press("Space")
    words.press("Enter")
    said(phone, "岗位订阅已保存")
    card = phone.get_by_role("article", name=f"关键词：{word}")
    expect(card).to_contain_text("汇总通知")
    assert faults(phone) == []

    card.get_by_role("link").press("Enter")
    expect(phone.get_by_role("region", name="现有 1 个岗位符合条件")).to_contain_text(f"{word}工")
    phone.locator("summary", has_text="更多条件").press("Enter")
    phone.get_by_label("订阅名称").fill("盘扣工作")
    phone.get_by_role("button", name="保存订阅").press("Enter")
    said(phone, "岗位订阅已保存")
    expect(phone.get_by_role("heading", level=1)).to_have_text("盘扣工作")
    assert faults(phone) == []
    phone.get_by_role("button", name="暂停").press("Enter")
    said(phone, "岗位订阅已暂停")
    phone.get_by_role("button", name="恢复").press("Enter")
    said(phone, "岗位订阅已恢复")
    card = phone.get_by_role("article", name="盘扣工作")
    card.locator("summary", has_text="删除").press("Enter")
    card.get_by_role("button", name="删除").press("Enter")
    said(phone, "岗位订阅已删除")
    expect(phone.get_by_role("article")).to_have_count(0)


def test_a_clerk_keeps_a_search_for_a_worker_and_the_worker_is_notified(
    opens: Opens, county: County, signs_in: SignsIn
) -> None:
    [worker] = county.workers(1, wageWanted=WISH)
    signs_in.account("sought", "订阅乙", AccountRole.WORKER, worker_id=worker)
    word = f"Quilting {secrets.token_hex(2)}"
    clerk = opens("li", "en")
    clerk.goto(f"/console/profiles/{worker}/details")
    clerk.get_by_role("link", name="Saved searches").click()
    assert faults(clerk) == []
    clerk.get_by_label("Words").fill(word)
    clerk.get_by_label("Place of work").fill("大同市")
    clerk.get_by_role("button", name="Save search").click()
    said(clerk, "Search saved")
    expect(clerk.get_by_role("article")).to_contain_text(f"words: {word}")
    assert faults(clerk) == []
    county.opening(title=f"{word} operator", jobLocation={"name": "大同市"})

    phone = opens("sought", "zh", PHONE)
    entry = phone.get_by_text(f"{word} operator").first
    for _ in range(30):
        phone.goto("/console/me/inbox")
        if entry.count():
            break
        phone.wait_for_timeout(1_000)
    expect(entry).to_be_visible()
    expect(phone.locator("main")).to_contain_text("符合条件")
    assert faults(phone) == []


@pytest.mark.parametrize("scripts", [True, False])
def test_one_tap_behind_the_link_ends_a_search_without_an_account(
    opens: Opens, county: County, settings: Settings, scripts: bool
) -> None:
    [worker] = county.workers(1, wageWanted=WISH)
    clerk = opens("li", "zh")
    where = f"/console/profiles/{worker}/saved-searches"
    clerk.goto(where)
    clerk.get_by_label("关键词").fill("缝纫")
    clerk.get_by_role("button", name="保存订阅").click()
    said(clerk, "岗位订阅已保存")
    href = clerk.get_by_role("article").get_by_role("link").get_attribute("href") or ""
    token = search_token(county_key(settings), href.rpartition("/")[2])
    page = opens(None, "zh", PHONE, java_script_enabled=scripts)
    page.goto(f"{PATH}/{token}")
    expect(page.get_by_role("heading", level=1)).to_contain_text("停用岗位订阅")
    if scripts:
        assert faults(page) == []
    page.get_by_role("button", name="停用此订阅").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("已停用")
    clerk.goto(where)
    expect(clerk.get_by_role("article")).to_contain_text("已暂停")
