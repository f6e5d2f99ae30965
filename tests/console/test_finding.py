"""Manual matching in a browser: a walk-in is registered, advised and referred; both languages."""

from __future__ import annotations

import secrets
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from roost.events.account import AccountRole
from tests.console.accounts import SignsIn
from tests.console.conftest import PHONE, Opens
from tests.console.county import STATION, TITLE, County
from tests.console.looking import Wire, faults
from tests.stack.serving import Serving

SOON_MS = 30_000
LIGHT = 200_000
RUN = secrets.token_hex(2)
EMPLOYER = f"hand-{RUN}"
ENGLISH = {
    "find": "Find work",
    "title": "Find work for 吴走访",
    "advice": "2 openings if the wage wish were CNY 4,500 a month",
    "conditions": "Conditions",
    "blocked": "Also show what a wish or a licence keeps away",
    "search": "Search",
    "aside": "The worker sets this wish aside: wage",
    "refer": "Match and refer",
    "referred": "Matched by hand and referred to the employer.",
    "by_hand": "Matched by hand: The worker is at the station",
    "people": "Find people",
}
CHINESE = {
    "find": "找岗位",
    "title": "为 吴走访 找岗位",
    "advice": "3 个岗位 期望工资为 4,500 元/月",
    "conditions": "查找条件",
    "blocked": "同时显示不符合求职意向或证书要求的",
    "search": "查找",
    "aside": "本人同意：工资不限",
    "refer": "匹配并推荐给单位",
    "referred": "已人工匹配并推荐给单位。",
    "by_hand": "人工匹配：本人在服务站",
    "people": "找人员",
}
WORDS = {"en": ENGLISH, "zh": CHINESE}
"""Chinese runs first, and refers the worker to one of three openings."""
BOTH = pytest.mark.parametrize("language", ["zh", "en"])


@pytest.fixture(scope="module")
def made(serving: Serving, signs_in: SignsIn) -> Iterator[tuple[str, list[str]]]:
    """A worker who wishes for more than any of three openings of one employer pays."""
    county = County(serving)
    county.station()
    signs_in.account("li", "李娜", AccountRole.CLERK, station_ids=(STATION,))
    of = {"id": EMPLOYER, "name": "人工匹配示例"}
    pay = {"currency": "CNY", "minValue": 4_000, "maxValue": 4_550}
    openings = [county.opening(hiringOrganization=of, baseSalary=pay) for _ in range(3)]
    here = {"id": f"{EMPLOYER}-here", "name": "本县示例"}
    openings.append(county.opening(hiringOrganization=here, jobLocation={"name": "岚岭县"}))
    (worker,) = county.workers(1, name="吴走访", wageWanted={"minValue": 50_000})
    yield worker, openings
    county.close()


def searched(page: Page, worker: str, words: dict[str, str]) -> None:
    """Open the search from the worker's page, and show what is blocked at this employer."""
    page.goto(f"/console/profiles/{worker}/details")
    page.get_by_role("link", name=words["find"]).click()
    expect(page.get_by_role("heading", level=1)).to_have_text(words["title"])
    page.goto(f"/console/profiles/{worker}/find-work?employer={EMPLOYER}")
    expect(page.get_by_role("listitem").filter(has_text=words["advice"])).to_be_visible()
    conditions = page.get_by_role("form", name=words["conditions"])
    conditions.get_by_label(words["blocked"]).check()
    conditions.get_by_role("button", name=words["search"], exact=True).click()
    expect(page.get_by_role("article")).to_have_count(3)


@BOTH
def test_a_clerk_finds_work_and_refers_the_worker_at_once(
    opens: Opens, made: tuple[str, list[str]], language: str
) -> None:
    words, (worker, _) = WORDS[language], made
    page = opens("li", language)
    searched(page, worker, words)
    assert faults(page) == []
    wire = Wire(page)
    page.reload(wait_until="load")
    assert wire.bytes() < LIGHT
    card = page.get_by_role("article").filter(has=page.get_by_label(words["aside"])).first
    refer = card.get_by_role("button", name=words["refer"])
    refer.click()
    assert card.get_by_label(words["aside"]).evaluate("each => !each.validity.valid")
    card.get_by_label(words["aside"]).check()
    refer.focus()
    page.keyboard.press("Enter")
    done = page.get_by_role("status").filter(has_text=words["referred"])
    expect(done).to_be_visible(timeout=SOON_MS)
    assert f"employer={EMPLOYER}" in page.url, "the conditions stay"
    page.get_by_role("article").get_by_role("link").first.click()
    history = page.get_by_role("region").filter(has_text=words["by_hand"])
    expect(history.first).to_contain_text("李娜")
    assert faults(page) == []


@BOTH
def test_it_works_on_a_phone_without_scripts(
    opens: Opens, made: tuple[str, list[str]], language: str
) -> None:
    words, (worker, openings) = WORDS[language], made
    plain = opens("li", language, PHONE, java_script_enabled=False)
    plain.goto(f"/console/profiles/{worker}/find-work?employer={EMPLOYER}&wage=x")
    expect(plain.get_by_role("alert")).to_be_visible()
    plain.goto(f"/console/employer/openings/{openings[-1]}")
    plain.get_by_role("link", name=words["people"]).click()
    expect(plain.get_by_role("heading", level=1)).to_contain_text(TITLE)
    phone = opens("li", language, PHONE)
    for path in (
        f"/console/profiles/{worker}/find-work?employer={EMPLOYER}&blocked=yes",
        f"/console/employer/openings/{openings[-1]}/find-people?blocked=yes",
    ):
        phone.goto(path)
        assert phone.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
        assert faults(phone) == []


def test_a_walk_in_sees_the_first_openings_right_after_the_registration(
    opens: Opens, made: tuple[str, list[str]]
) -> None:
    page = opens("li", "zh")
    page.goto("/console/profiles/new")
    page.get_by_label("名册编号").fill(f"walk-{RUN}")
    page.locator("#name").fill("郑新来")
    page.get_by_label("想做的工作").fill(TITLE)
    page.get_by_label("家乡（乡镇）").fill("岚岭县")
    page.get_by_label("现居住地").fill("大同市")
    page.get_by_role("button", name="保存").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("为 郑新来 找岗位", timeout=SOON_MS)
    expect(page.get_by_role("status").filter(has_text="已保存")).to_be_visible()
    expect(page.locator("main")).to_contain_text(TITLE)
    assert faults(page) == []
