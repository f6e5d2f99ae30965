"""Pages of manual matching in memory: both searches, what would help, and a proposal."""

from __future__ import annotations

import re

import pytest

from api.console.finding.help_words import help_lines
from api.console.match.match_history import history_of
from api.console.shell.translations import catalogue, say_in
from api.finding.schemas import Criterion, Relaxed, WhyNone
from roost.events.account import AccountRole
from roost.events.common import Shift
from roost.events.match import Actor, ByHandReason, ChangeKind, MatchChange, Role, Wish
from roost.rules.capacity import HeldBackBy
from roost.wording.proposal_words import LIMITS, OBSTACLES
from tests.made import a_match
from tests.unit.api.builders import NOW
from tests.unit.api.console.pages import Signed
from tests.unit.api.pair_views import PairViews
from tests.unit.api.two_stations import MINE, Log

LANGUAGES = pytest.mark.parametrize("language", ["en", "zh"])


def clerk(views: PairViews, language: str = "zh") -> tuple[Signed, Log]:
    log = Log()
    signed = Signed(
        AccountRole.CLERK, elastic=views, others=log, language=language, station_ids=(MINE,)
    )
    return signed, log


@LANGUAGES
async def test_the_page_of_a_worker_leads_to_the_search_for_work(language: str) -> None:
    views = PairViews()
    person = views.add_worker()
    browser, _ = clerk(views, language)
    page = await browser.get(f"/console/profiles/{person}/details")
    assert f'href="/console/profiles/{person}/find-work"' in page.text


@LANGUAGES
async def test_work_is_found_with_reasons_and_with_what_blocks_it(language: str) -> None:
    views = PairViews()
    person, fits = views.add_worker(), views.add_opening(1)
    poor = views.add_opening(2, wage_high=4_000.0, wage_low=4_000.0)
    browser, _ = clerk(views, language)
    page = await browser.get(f"/console/profiles/{person}/find-work?blocked=yes")
    assert page.status_code == 200, page.text
    assert page.text.index(fits) < page.text.index(poor)
    assert 'name="waives" value="wage" required' in page.text
    assert 'name="step" value="refer"' in page.text
    ids = re.findall(r'\bid="([^"]+)"', page.text)
    assert len(ids) == len(set(ids)), "two elements share an id"


@LANGUAGES
async def test_without_work_the_page_says_why_and_what_would_give_some(language: str) -> None:
    views = PairViews()
    person = views.add_worker()
    for number in range(3):
        views.add_opening(number, wage_high=4_560.0, wage_low=4_000.0)
    browser, _ = clerk(views, language)
    page = await browser.get(f"/console/profiles/{person}/find-work")
    assert ("期望工资为 4,500 元/月" if language == "zh" else "CNY 4,500 a month") in page.text
    assert ("3 个岗位" if language == "zh" else "3 openings") in page.text


@LANGUAGES
async def test_an_occupation_is_typed_by_name(language: str) -> None:
    views = PairViews()
    person = views.add_worker()
    browser, _ = clerk(views, language)
    where = f"/console/profiles/{person}/find-work"
    page = await browser.get(f"{where}?occupation=电焊工")
    assert page.status_code == 200
    assert 'name="occupation" type="text" value="电焊工"' in page.text
    page = await browser.get(f"{where}?occupation=无此职业")
    assert ("请从提示中选择" if language == "zh" else "choose one of the suggestions") in page.text


async def test_a_proposal_returns_to_its_search_and_is_published_once() -> None:
    views = PairViews()
    person, work = views.add_worker(), views.add_opening(1, wage_high=1.0)
    browser, log = clerk(views)
    where = f"/console/profiles/{person}/find-work/propose?q=%E7%84%8A&blocked=yes"
    refused = await browser.send(where, opening=work, why="at_counter", step="propose")
    assert refused.status_code == 409
    assert "工资低于期望工资" in refused.text
    assert log.records == []


@pytest.mark.parametrize(
    "fields",
    [
        {"opening": "<script>", "why": "at_counter"},
        {"opening": f"o-{'a' * 26}", "why": "because"},
        {"opening": f"o-{'a' * 26}", "why": "at_counter", "waives": "licence"},
        {},
    ],
)
async def test_a_form_that_no_page_sends_is_refused(fields: dict[str, str]) -> None:
    views = PairViews()
    browser, log = clerk(views)
    where = f"/console/profiles/{views.add_worker()}/find-work/propose"
    assert (await browser.send(where, **fields)).status_code == 422
    assert log.records == []


async def test_an_unknown_number_is_named_at_its_field() -> None:
    views = PairViews()
    browser, _ = clerk(views)
    page = await browser.get(
        f"/console/profiles/{views.add_worker()}/find-work?wage=viel&within=-1"
    )
    assert page.status_code == 422
    assert 'href="#wage"' in page.text
    assert 'href="#within"' in page.text
    assert "月工资" in page.text


@LANGUAGES
async def test_people_are_found_from_the_page_of_an_opening(language: str) -> None:
    views = PairViews()
    person, work = views.add_worker(), views.add_opening(1)
    views.counted = {person: 5}
    browser, _ = clerk(views, language)
    page = await browser.get(f"/console/employer/openings/{work}/find-people")
    assert page.status_code == 200, page.text
    assert f'name="worker" value="{person}"' in page.text
    assert ("今日已达上限" if language == "zh" else "limit of the day is reached") in page.text


@pytest.mark.parametrize("role", [AccountRole.EMPLOYER, AccountRole.WORKER])
async def test_nobody_else_reaches_the_pages(role: AccountRole) -> None:
    views = PairViews()
    person, work = views.add_worker(), views.add_opening(1)
    confined = {"employer_id": "e-1"} if role is AccountRole.EMPLOYER else {"worker_id": person}
    browser = Signed(role, elastic=views, others=Log(), **confined)
    for path in (
        f"/console/profiles/{person}/find-work",
        f"/console/employer/openings/{work}/find-people",
    ):
        assert (await browser.get(path)).status_code == 403


@LANGUAGES
def test_every_code_has_words(language: str) -> None:
    known = catalogue(language)
    codes = [f"why.{each}" for each in ByHandReason]
    codes += [f"over.{each}" for each in HeldBackBy]
    codes += [f"none{side}.{each}" for each in WhyNone for side in ("", "_people")]
    codes += [f"blocked.{each}" for each in (*Wish, "licence", "closed", "expired", "paused")]
    assert [each for each in codes if f"finding.{each}" not in known] == []
    assert set(LIMITS) == set(HeldBackBy)
    assert set(Wish) <= set(OBSTACLES)


@LANGUAGES
@pytest.mark.parametrize("people", [False, True])
def test_every_changed_condition_has_words(language: str, people: bool) -> None:
    values = {
        "wage": {"wage": 4_500.0},
        "place": {"within_km": 60.0},
        "shift": {"shift": Shift.NIGHT.value},
        "availability": {"available_from": "2026-12-05"},
        "licence": {"licence": "电工证"},
        "currency": {"currency": "USD"},
    }
    found = [
        Relaxed.model_validate(
            {"criterion": each, "gain": 2, "more": more, **values.get(each.value, {})}
        )
        for each in Criterion
        for more in (False, True)
    ]
    found.append(Relaxed(criterion=Criterion.PLACE, gain=1, more=False))
    lines = help_lines(found, say_in(language), people=people)
    assert len({condition for _, condition in lines}) == len(Criterion) + 1
    assert not [text for line in lines for text in line if "{" in text or "None" in text]


def test_the_history_of_a_match_names_the_author_of_its_proposal() -> None:
    made = MatchChange(
        kind=ChangeKind.PROPOSED,
        at=NOW,
        actor=Actor(role=Role.CLERK, id="u-1"),
        why=ByHandReason.AT_COUNTER,
    )
    views = PairViews()
    match = a_match(views.add_opening(1), views.add_worker(), NOW, changes=(made,))
    assert history_of(match) == [made]
