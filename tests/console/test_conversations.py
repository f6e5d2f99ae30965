"""A reply, the clerk's answer and the worker's own page, in a browser and in both languages."""

from __future__ import annotations

from collections.abc import Iterator

import httpx
import pytest
from playwright.sync_api import Page, expect

from roost.events.account import AccountRole
from tests.console.accounts import SignsIn
from tests.console.conftest import PHONE, Opens
from tests.console.county import STATION, County
from tests.console.holding import holds
from tests.console.looking import faults
from tests.stack.serving import Serving

SOON_MS = 30_000
NUMBER = "13900007788"


@pytest.fixture(scope="module")
def worker(serving: Serving, signs_in: SignsIn) -> Iterator[str]:
    """A worker with a number and an account, whom the station of the clerk serves."""
    county = County(serving)
    county.station()
    sms = [{"kind": "sms", "address": NUMBER}]
    (id,) = county.workers(1, name="周小燕", channels=sms)
    signs_in.account("li", "李娜", AccountRole.CLERK, station_ids=(STATION,))
    signs_in.account("zhou", "周小燕", AccountRole.WORKER, worker_id=id)
    yield id
    county.close()


def forward(serving: Serving, text: str, id: str) -> None:
    """Forward a reply of the worker as the gateway does."""
    content = {"channel": "sms", "address": NUMBER, "text": text, "messageId": id}
    with httpx.Client(base_url=serving.url, headers=serving.headers, timeout=60) as gateway:
        assert gateway.post("/v1/replies", json=content).status_code == 200


def conversation(opens: Opens, worker: str, language: str = "en") -> Page:
    page = opens("li", language)
    page.goto(f"/console/profiles/{worker}/conversation")
    expect(page.locator("#live")).to_have_attribute("data-state", "live", timeout=SOON_MS)
    return page


def test_a_reply_is_listed_answered_and_shown_live(
    opens: Opens, serving: Serving, worker: str
) -> None:
    page = conversation(opens, worker)
    forward(serving, "明天几点面试？", "browser-1")
    thread = page.locator("#thread")
    expect(thread).to_contain_text("明天几点面试？", timeout=SOON_MS)
    expect(thread).to_contain_text("Waits for an answer")
    listed = opens("li")
    listed.goto("/console/conversations")
    row = listed.get_by_role("row", name="周小燕")
    expect(row).to_contain_text("明天几点面试？")
    badge = listed.get_by_role("navigation").get_by_role("link", name="Replies")
    expect(badge).to_contain_text("1", timeout=SOON_MS)
    row.get_by_role("link").click()
    listed.get_by_label("Answer").fill("上午九点，请带身份证。")
    listed.get_by_role("button", name="Send").click()
    expect(listed.get_by_role("status").filter(has_text="Sent.")).to_be_visible()
    for each in (listed, page):
        expect(each.locator("#thread")).to_contain_text("上午九点", timeout=SOON_MS)
        expect(each.locator("#thread")).to_contain_text("Delivered by", timeout=SOON_MS)
        expect(each.locator("#thread")).not_to_contain_text("Waits for an answer")
    texts = page.locator("#thread li").all_inner_texts()
    assert [("九点" in each) for each in texts] == [False, True], "the newest is last"


def test_a_message_that_needs_no_answer_is_closed(
    opens: Opens, serving: Serving, worker: str
) -> None:
    page = conversation(opens, worker, "zh")
    forward(serving, "好的，谢谢", "browser-2")
    expect(page.locator("#thread")).to_contain_text("好的，谢谢", timeout=SOON_MS)
    page.get_by_role("button", name="无需回复").click()
    expect(page.get_by_role("status").filter(has_text="已标为无需回复")).to_be_visible()
    expect(page.locator("#thread")).to_contain_text("无需回复")
    expect(page.get_by_role("button", name="无需回复")).to_have_count(0)


def test_a_saved_reply_is_added_and_inserted_at_the_cursor(opens: Opens, worker: str) -> None:
    page = opens("li", "zh")
    page.goto("/console/saved-replies")
    page.get_by_role("link", name="新增常用回复").first.click()
    page.get_by_label("名称").fill("面试材料")
    page.get_by_label("内容").fill("请带身份证原件。")
    page.get_by_role("button", name="保存").click()
    expect(page.get_by_role("status").filter(has_text="已保存")).to_be_visible()
    assert faults(page) == []
    page.goto(f"/console/profiles/{worker}/conversation")
    answer = page.get_by_label("回复内容")
    answer.fill("您好！明天见。")
    answer.evaluate("each => each.setSelectionRange(3, 3)")
    page.get_by_label("常用回复").select_option(label="面试材料")
    page.get_by_role("button", name="插入").press("Enter")
    expect(answer).to_have_value("您好！请带身份证原件。明天见。")
    expect(answer).to_be_focused()
    assert faults(page) == []


def test_a_worker_writes_on_a_phone_and_the_clerk_sees_it(opens: Opens, worker: str) -> None:
    clerk = conversation(opens, worker)
    phone = opens("zhou", "zh", PHONE)
    phone.goto("/console/me/conversation")
    phone.get_by_label("给服务站留言").fill("我想换白班")
    phone.get_by_role("button", name="发送").click()
    expect(phone.locator("#thread")).to_contain_text("我想换白班", timeout=SOON_MS)
    expect(clerk.locator("#thread")).to_contain_text("我想换白班", timeout=SOON_MS)
    empty = phone.get_by_role("button", name="发送")
    empty.click()
    assert phone.locator("textarea").evaluate("each => !each.validity.valid")


def test_a_clerk_finds_a_person_by_initials_and_sees_all_that_happened(
    opens: Opens, worker: str
) -> None:
    page = opens("li")
    page.goto("/console/conversations")
    page.keyboard.press("/")
    page.keyboard.type("zxy")
    page.keyboard.press("Enter")
    found = page.get_by_role("region", name="Workers")
    expect(found).to_contain_text("initials")
    assert "zxy" not in page.url
    assert faults(page) == []
    page.get_by_role("link", name="周小燕").click()
    page.go_back()
    expect(found).to_contain_text("initials")
    page.reload()
    expect(found).to_contain_text("initials")
    page.get_by_role("button", name="中文").click()
    expect(page.get_by_role("region", name="务工人员")).to_contain_text("拼音首字母")
    page.get_by_role("button", name="English").click()
    page.get_by_role("link", name="周小燕").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("周小燕")
    expect(page.get_by_role("link", name=NUMBER)).to_be_visible()
    events = page.get_by_role("region", name="History").get_by_role("listitem")
    expect(events.first).to_contain_text("我想换白班")
    expect(events.filter(has_text="上午九点")).to_contain_text("Station")
    expect(events.last).to_contain_text("Profile registered")
    plain = opens("li", "zh", PHONE, java_script_enabled=False)
    plain.goto(f"/console/profiles/{worker}/details")
    everywhere = plain.get_by_role("search", name="全站")
    everywhere.get_by_role("searchbox", name="查找人员、单位或岗位").fill("7788")
    everywhere.get_by_role("button", name="查找").click()
    expect(plain.get_by_role("link", name="周小燕")).to_be_visible()
    plain.get_by_role("searchbox", name="查找人员、单位或岗位").fill("nobody")
    plain.get_by_role("button", name="查找", exact=True).click()
    expect(plain.get_by_text("未找到“nobody”")).to_be_visible()
    assert "nobody" not in plain.url


@pytest.mark.parametrize(
    ("login", "path"),
    [
        ("li", "/console/search"),
        ("li", "/console/profiles/{worker}/details"),
        ("li", "/console/conversations"),
        ("li", "/console/profiles/{worker}/conversation"),
        ("zhou", "/console/me/conversation"),
    ],
)
def test_a_page_is_for_everybody(opens: Opens, worker: str, login: str, path: str) -> None:
    holds(opens, login, path.format(worker=worker))
