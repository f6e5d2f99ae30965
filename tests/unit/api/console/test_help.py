"""Help: a topic for every page of the menu, and the steps of a first day."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.console.help.first_day import STEPS, cookie_with, steps_of, ticked
from api.console.shell.navigation import FIRST_DAY, ITEMS
from api.console.shell.translations import catalogue
from roost import ids
from roost.events.account import AccountRole
from roost.time.clock import FixedClock
from tests.unit.api.builders import NOW
from tests.unit.api.console.pages import Signed
from tests.unit.api.walk import routes

CONFINED = {
    AccountRole.CLERK: {"station_ids": (ids.station_id("here"),)},
    AccountRole.CHIEF: {"station_ids": (ids.station_id("here"),)},
    AccountRole.EMPLOYER: {"employer_id": "acme"},
    AccountRole.WORKER: {"worker_id": ids.worker_id("t", "1")},
}
LANGUAGES = pytest.mark.parametrize("language", ["zh", "en"])
ROLES = pytest.mark.parametrize("role", list(AccountRole))


def browser_of(role: AccountRole, language: str = "zh", later: int = 0) -> Signed:
    clock = FixedClock(NOW + timedelta(days=later))
    return Signed(role, language=language, clock=clock, **CONFINED.get(role, {}))


@LANGUAGES
def test_every_page_of_the_menu_and_every_step_is_described(language: str) -> None:
    texts = catalogue(language)
    topics = {f"help.topic.{each.name}" for each in ITEMS}
    names = {each.name for steps in STEPS.values() for each in steps}
    described = {f"help.step.{name}.{part}" for name in names for part in ("title", "text")}
    assert topics | described == {
        key for key in texts if key.startswith(("help.topic.", "help.step."))
    }


@LANGUAGES
@ROLES
async def test_help_shows_the_pages_of_ones_own_menu(role: AccountRole, language: str) -> None:
    browser = browser_of(role, language)
    page = await browser.get("/console/help", about="overview")
    assert page.status_code == 200
    menu = [each for each in ITEMS if f'<a href="{each.href}"' in page.text.split("</nav>")[0]]
    shown = re.findall(r'<p><a href="([^"]+)">', page.text)
    assert set(shown) == {each.href for each in menu}
    if "/console/overview" in shown:
        assert shown[0] == "/console/overview"


@pytest.mark.parametrize("about", ["", "nothing", "<script>", "admin"])
async def test_an_unknown_topic_opens_the_first(about: str) -> None:
    page = await browser_of(AccountRole.CLERK).get("/console/help", about=about)
    assert page.status_code == 200
    assert page.text.count('<details class="card" open>') == 1


def test_every_step_leads_to_a_page() -> None:
    paths = {each.path for each in routes() if "GET" in each.methods}
    for steps in STEPS.values():
        for step in steps:
            assert step.href.partition("?")[0] in paths, step


@ROLES
async def test_a_step_is_ticked_and_the_tick_taken_back(role: AccountRole) -> None:
    browser, where = browser_of(role), "/console/help/first-day"
    page = await browser.get(where)
    assert page.status_code == 200
    steps = steps_of(role)
    assert page.text.count('name="step"') == len(steps)
    for step in steps:
        assert (await browser.send(where, step=step.name, done="yes")).status_code == 303
    assert (await browser.get(where)).text.count('value="">') >= len(steps)
    for step in steps:
        await browser.send(where, step=step.name, done="")
    assert browser.client.cookies.get(FIRST_DAY, domain="127.0.0.1") in {"", None, '""'}


@given(st.text(max_size=200), st.text(max_size=20), st.booleans())
def test_no_cookie_ticks_anything_but_steps(cookie: str, step: str, done: bool) -> None:
    for role in AccountRole:
        names = {each.name for each in steps_of(role)}
        assert ticked(cookie, role) <= names
        after = cookie_with(cookie, role, step, done=done)
        assert ticked(after, role) == ticked(cookie, role)
        assert len(after) <= 200


async def test_the_home_of_a_new_account_points_to_the_first_day() -> None:
    link = 'href="/console/help/first-day"'
    new = browser_of(AccountRole.ADMIN)
    assert link in (await new.get("/console/today")).text
    assert link not in (await new.get("/console/account")).text
    await new.send("/console/help/first-day", step="accounts", done="yes")
    assert link not in (await new.get("/console/today")).text


async def test_a_page_links_to_its_own_topic() -> None:
    page = await browser_of(AccountRole.CLERK).get("/console/account")
    assert 'href="/console/help?about="' in page.text
    page = await browser_of(AccountRole.ADMIN).get("/console/sources")
    assert 'href="/console/help?about=sources"' in page.text
