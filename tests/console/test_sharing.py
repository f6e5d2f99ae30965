"""The question about sharing in a browser: the employer asks, the worker answers and revokes."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

import pytest
from playwright.sync_api import expect

from roost.contact.sharing_links import PATH, Question, sharing_token
from roost.events.account import AccountRole
from roost.security.county_key import county_key
from roost.settings import Settings
from tests.console.accounts import SignsIn
from tests.console.conftest import PHONE, Opens
from tests.console.county import STATION, County
from tests.console.looking import faults
from tests.console.test_notes import Case
from tests.stack.serving import Serving

SOON_MS = 30_000
OPENINGS = "/console/employer/openings"


@pytest.fixture(scope="module")
def county(serving: Serving, signs_in: SignsIn) -> Iterator[County]:
    county = County(serving)
    county.station()
    signs_in.account("li", "李娜", AccountRole.CLERK, station_ids=(STATION,))
    signs_in.account("sharing-hr", "备注服装厂", AccountRole.EMPLOYER, employer_id="notes-test")
    yield county
    county.close()


def test_a_worker_agrees_on_a_phone_and_revokes_it(
    opens: Opens, county: County, signs_in: SignsIn
) -> None:
    case = Case(county, "分享甲")
    signs_in.account("sharing-jia", "分享甲", AccountRole.WORKER, worker_id=case.worker)
    shortlist = f"{OPENINGS}/{case.opening}?all=true"
    boss = opens("sharing-hr", "en")
    boss.goto(shortlist)
    expect(boss.locator(".person h3")).not_to_contain_text("分享甲")
    boss.get_by_role("button", name="Ask for contact details").click()
    expect(boss.locator("main")).to_contain_text("The candidate was asked on", timeout=SOON_MS)
    expect(boss.get_by_role("button", name="Ask for contact details")).to_have_count(0)
    assert faults(boss) == []

    phone = opens("sharing-jia", "zh", PHONE)
    phone.goto(f"/console/me/matches/{case.match}")
    question = phone.get_by_role("region", name="征求您的意见")
    expect(question).to_contain_text("备注服装厂希望联系您")
    expect(question).to_contain_text("逾期未答复视为不同意")
    assert faults(phone) == []
    question.get_by_role("button", name="同意提供").press("Enter")
    expect(phone.get_by_role("status").first).to_contain_text("已同意提供", timeout=SOON_MS)
    boss.goto(shortlist)
    expect(boss.locator(".person h3")).to_contain_text("分享甲")

    phone.locator("summary", has_text="撤回同意").click()
    phone.get_by_role("button", name="撤回同意").click()
    expect(phone.get_by_role("status").first).to_contain_text("已不提供", timeout=SOON_MS)
    assert faults(phone) == []
    boss.goto(shortlist)
    expect(boss.locator(".person h3")).not_to_contain_text("分享甲")
    clerk = opens("li", "zh")
    clerk.goto(f"/console/matches/{case.match}")
    for words in ("已征求本人是否提供联系方式", "本人同意提供姓名和联系方式", "已撤回同意"):
        expect(clerk.locator("main")).to_contain_text(words)


@pytest.mark.parametrize("scripts", [True, False])
def test_one_tap_behind_the_link_answers_without_an_account(
    opens: Opens, county: County, settings: Settings, serving: Serving, scripts: bool
) -> None:
    case = Case(county, f"分享乙{scripts:d}")
    county.acts(case.match, "ask_sharing", {})
    found = next(each for each in county.queue(limit=200) if each["id"] == case.match)
    question = Question(case.match, datetime.fromisoformat(found["sharingAskedAt"]))
    page = opens(None, "zh", PHONE, java_script_enabled=scripts)
    page.goto(f"{PATH}/{sharing_token(county_key(settings), question)}")
    expect(page.get_by_role("heading", level=1)).to_contain_text("是否提供您的姓名和联系方式")
    if scripts:
        assert faults(page) == []
    page.get_by_role("button", name="不同意").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("已表示不同意")
    found = next(each for each in county.queue(limit=200) if each["id"] == case.match)
    assert found["sharing"] == "refused"
