"""A day of a station in a real browser: 20 workers, 10 openings, 3 clerks, 2 employers, one phone.

It runs once in each language, each at another place. Every number that a page states at the
end of the day is compared with the matches themselves.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from api.console.shell.translations import say_in
from roost import ids
from roost.events.account import AccountRole
from roost.settings import Settings
from tests.console.accounts import SignsIn
from tests.console.conftest import PHONE, Opens, done
from tests.console.county import County
from tests.console.looking import faults
from tests.stack.serving import Serving
from tests.stack.waiting import all_processed

WORKERS = 20
BUSY_MS = 20_000
"""Milliseconds that a decision may take on a busy machine."""
PLACES = {"zh": "包头市", "en": "赤峰市"}
"""Places that no other module's station serves."""
TITLES = {"zh": "缝纫工", "en": "木工"}
TASKS = (
    "裁剪面料",
    "上领口",
    "锁扣眼",
    "整烫成衣",
    "拼接部件",
    "检验尺寸",
    "打磨表面",
    "装配门窗",
    "刷漆上光",
)
"""Tasks that tell the openings apart: those of one content share the limits of a day."""


@dataclass
class Day:
    """A station with its people, and the matches that the clerks have taken on."""

    language: str
    county: County
    settings: Settings
    opens: Opens
    station: str
    workers: list[str]
    opening: str = ""
    taken: list[str] = field(default_factory=list)

    @property
    def place(self) -> str:
        return PLACES[self.language]

    @property
    def title(self) -> str:
        return TITLES[self.language]

    def login(self, name: str) -> str:
        return f"day-{name}-{self.language}"

    def page(self, name: str, address: str, viewport: Any = None) -> Page:
        """Open a page as a person of the day, and check that everybody can use it."""
        page = self.opens(self.login(name), self.language, viewport)
        page.goto(address)
        assert faults(page) == []
        return page

    def settled(self) -> None:
        done(all_processed(self.settings))

    def matches(self) -> list[dict[str, Any]]:
        """Return the station's active matches as the API lists them."""
        return self.county.queue(self.station)

    def states(self) -> Counter[str]:
        return Counter(each["state"] for each in self.matches())


@pytest.fixture(params=sorted(PLACES))
def day(
    request: pytest.FixtureRequest,
    serving: Serving,
    signs_in: SignsIn,
    settings: Settings,
    opens: Opens,
) -> Iterator[Day]:
    """A station with three clerks and a chief, two employers, and all but one of the people."""
    language = str(request.param)
    county, place = County(serving), {"name": PLACES[language]}
    station = ids.station_id(f"day-station-{language}")
    county.station(station, f"{place['name']}站", (place["name"],), place=place)
    workers = county.workers(
        WORKERS - 1, home=place, location=place, occupationsWanted=[TITLES[language]]
    )
    found = Day(language, county, settings, opens, station, workers)
    at_station: dict[str, Any] = {"station_ids": (station,)}
    for name, role in (
        ("first", AccountRole.CLERK),
        ("second", AccountRole.CLERK),
        ("third", AccountRole.CLERK),
        ("chief", AccountRole.CHIEF),
    ):
        signs_in.account(found.login(name), f"{name}-{language}", role, **at_station)
    for name in ("one", "two"):
        employer = f"day-{name}-{language}"
        signs_in.account(found.login(name), employer, AccountRole.EMPLOYER, employer_id=employer)
    signs_in.account(found.login("worker"), "worker", AccountRole.WORKER, worker_id=workers[0])
    yield found
    county.close()


def test_a_day_of_a_station(day: Day) -> None:
    employers_post(day)
    a_walk_in_is_registered(day)
    day.settled()
    proposed = day.matches()
    assert {each["state"] for each in proposed} == {"proposed"}
    assert len(proposed) > len(TASKS), "the day has work"
    clerks_work(day, proposed)
    the_worker_answers(day)
    day.settled()
    the_employer_sees_the_referral(day)
    every_number_is_right(day, len(proposed))


def employers_post(day: Day) -> None:
    """Post one opening in the browser, and the others through the API."""
    page = day.page("one", "/console/employer/openings/new")
    fields = {"title": day.title, "jobLocation.name": day.place, "totalJobOpenings": "3"}
    for name, value in fields.items():
        page.locator(f"[name='{name}']").fill(value)
    page.locator("[name='baseSalary.minValue']").fill("6000")
    page.locator("main form button.first").click()
    expect(page.get_by_role("heading", level=1)).to_have_text(day.title)
    day.opening = page.url.split("/")[-1].partition("?")[0]
    for number, task in enumerate(TASKS, start=1):
        employer = f"day-{('one', 'two')[number % 2]}-{day.language}"
        day.county.opening(
            places=3,
            title=day.title,
            description=f"{day.place}{day.title}，负责{task}。",
            skills=[],
            preferredSkills=[],
            hiringOrganization={"id": employer, "name": employer},
            jobLocation={"name": day.place},
        )


def a_walk_in_is_registered(day: Day) -> None:
    """Register the last person; the page answers with openings, or with the reason."""
    page = day.page("first", "/console/profiles/new")
    page.locator("[name=identifier]").fill(f"walk-in-{day.language}")
    page.locator("[name=name]").fill("高建国")
    page.locator("[name=occupationsWanted]").fill(day.title)
    page.locator("[name=licences]").fill("健康证")
    for name in ("home.name", "location.name"):
        page.locator(f"[name='{name}']").fill(day.place)
    page.locator("main form button.first").click()
    page.wait_for_url("**/find-work*", timeout=BUSY_MS)
    expect(page.locator("main")).to_contain_text("高建国")
    assert faults(page) == []


def clerks_work(day: Day, proposed: list[dict[str, Any]]) -> None:
    """Claim two matches for each of three clerks, and take them further."""
    mine = [each["id"] for each in proposed if each["workerId"] != day.workers[0]]
    for name, ways in (
        ("first", ("crip", "cl")),
        ("second", ("cr", "cd")),
        ("third", ("cri", "c")),
    ):
        for keys in ways:
            match = mine.pop()
            page = day.page(name, f"/console/matches/{match}")
            for key in keys:
                press(day, page, key)
            day.taken.append(match)


def press(day: Day, page: Page, key: str) -> None:
    """Take a step by its key, and wait until the page shows the new state."""
    say = say_in(day.language)
    page.keyboard.press(key)
    dialog = page.get_by_role("dialog")
    if key == "l":
        dialog.locator("[name=contact]").first.check()
    if key == "i":
        week = "new Date(Date.now() + 7 * 86400000).toISOString().slice(0, 16)"
        dialog.locator("[name=interviewAt]").fill(str(page.evaluate(week)))
        dialog.locator("[name=interviewBy]").first.check()
    if key == "d":
        dialog.locator("[name=reason]").first.check()
    if key in "lid":
        assert faults(page) == []
        dialog.locator("button.first").click()
    state = {"c": "claimed", "l": "contacted", "r": "referred", "i": "interviewed", "p": "placed"}
    shown = say(f"queue.state.{state.get(key, 'declined')}")
    expect(page.locator("#match .tags").first).to_contain_text(shown, timeout=BUSY_MS)
    expect(dialog).to_be_hidden(timeout=BUSY_MS)


def the_worker_answers(day: Day) -> None:
    """Accept the first match on the worker's phone."""
    page = day.page("worker", "/console/me", PHONE)
    expect(page.locator(".offer").first).to_be_visible()
    page.locator("form[action$='/accept'] button").first.click()
    page.wait_for_url("**done=accepted*", timeout=BUSY_MS)
    assert faults(page) == []


def the_employer_sees_the_referral(day: Day) -> None:
    """Find the placed person on the page of the employer's opening."""
    match = day.county.match(day.taken[0])
    name = "one" if "one" in match["about"]["employerId"] else "two"
    page = day.page(name, f"/console/employer/openings/{match['openingId']}?all=true")
    expect(page.locator("main")).to_contain_text(say_in(day.language)("queue.state.placed"))


def every_number_is_right(day: Day, proposed: int) -> None:
    """Compare the numbers of the queue and the overview with the matches."""
    states, accepted = day.states(), sum("acceptedAt" in each for each in day.matches())
    ended = Counter(day.county.match(each)["state"] for each in day.taken)
    assert sum(states.values()) + ended["placed"] + ended["declined"] >= proposed
    assert (ended["placed"], ended["declined"], accepted) == (1, 1, 1)
    queue = day.page("chief", f"/console/queue?station={day.station}")
    expect(queue).to_have_title(f"({states['proposed']}) {queue.title().partition(') ')[2]}")
    overview = day.page("chief", "/console/overview")
    now = overview.locator("[aria-labelledby=now-title] strong").all_inner_texts()
    steps = ("proposed", "claimed", "contacted", "referred", "interviewed")
    assert now[: len(steps)] == [str(states[each]) for each in steps]
    total = overview.locator("[aria-labelledby=period-title] strong").all_inner_texts()
    assert total[:2] == ["1", "1"], "placements and persons"
    assert int(total[2].replace(",", "")) == sum(states.values()) + 2
