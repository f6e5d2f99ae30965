"""The console's form for a person who seems to be stored, and the search by number."""

from __future__ import annotations

import html
from typing import Any

import httpx
import pytest

from producers import facts
from roost.events.account import AccountRole
from roost.events.profile import ProfileContent
from tests.unit.api.builders import NOW
from tests.unit.api.console.pages import Signed
from tests.unit.api.console.test_returning import IndexedLog
from tests.unit.api.two_stations import ELSEWHERE, HERE, MINE, Views, worker

PAGE = "/console/profiles/new"
PHONE = [{"kind": "inbox"}, {"kind": "sms", "address": "13800138000"}]
TYPED = {
    "identifier": "B-2",
    "name": "示例人员",
    "status": "active",
    "education": "none",
    "experienceYears": "3",
    "home.name": HERE.key,
    "location.name": HERE.key,
    "channels.sms": "138 0013 8000",
    "ofWorkingAge": "yes",
}


class Office:
    """Browser of a clerk whose station serves HERE, and one stored worker."""

    def __init__(self, language: str, place: Any = HERE, source: str = "zh-roster") -> None:
        views = Views()
        self.log = IndexedLog(views)
        content = ProfileContent.model_validate(worker(place, name="示例人员", channels=PHONE))
        stored = facts.profile_put(content, at=NOW, source=source)[1]
        views.store(stored)
        self.stored = stored.key
        self.browser = Signed(
            AccountRole.CLERK,
            elastic=views,
            others=self.log,
            language=language,
            station_ids=(MINE,),
        )

    async def found(self, typed: str) -> httpx.Response:
        """Return the page that the search by number leads to."""
        sent = await self.browser.send("/console/profiles/find", number=typed)
        assert sent.status_code == 303
        return await self.browser.get(sent.headers["location"])

    async def register(self, **typed: str) -> tuple[int, str]:
        page = await self.browser.send(PAGE, **TYPED | typed)
        return page.status_code, html.unescape(page.text)


@pytest.mark.parametrize(
    ("language", "sentence", "sign"),
    [("zh", "该人员可能已登记", "电话相同"), ("en", "may be registered already", "same telephone")],
)
async def test_the_form_names_the_person_and_links_there(
    language: str, sentence: str, sign: str
) -> None:
    office = Office(language)
    status, text = await office.register()
    assert status == 409
    assert sentence in text
    assert sign in text
    assert f'href="/console/profiles/{office.stored}"' in text
    assert 'value="138 0013 8000"' in text
    assert "zh-roster" in text
    assert "identifier:" not in text
    assert office.log.records == []


async def test_ticked_as_another_person_the_worker_is_registered() -> None:
    office = Office("zh")
    status, _ = await office.register(**{"person.differentFrom": office.stored})
    assert status == 303
    assert office.log.records[0].key == facts.referenced_worker("B-2")


@pytest.mark.parametrize(("source", "tick"), [("api", False), ("zh-roster", True)])
@pytest.mark.parametrize("number", ["A-1", "a-1", "Ａ-1", "'A-1", '="A-1"', " A-1"])
async def test_a_known_number_is_said_in_every_spelling(
    source: str, tick: bool, number: str
) -> None:
    """In the same register it can be no other person; in another roster it may be one."""
    office = Office("zh", source=source)
    status, text = await office.register(identifier=number, **{"channels.sms": ""})
    assert status == 409
    assert "编号相同" in text
    assert f'href="/console/profiles/{office.stored}"' in text
    assert ('name="person.differentFrom"' in text) is tick
    assert office.log.records == []


async def test_a_person_out_of_reach_is_not_named_by_the_form() -> None:
    office = Office("zh", ELSEWHERE)
    status, text = await office.register()
    assert status == 303
    assert office.stored not in text


@pytest.mark.parametrize(
    "wanted", ["A-1", "a-1", "Ａ-1", "'A-1", "13800138000", "+86 138 0013 8000"]
)
async def test_a_worker_of_a_roster_is_found_by_number_or_telephone(wanted: str) -> None:
    office = Office("zh")
    found = await office.found(wanted)
    assert (found.status_code, found.headers["location"]) == (
        303,
        f"/console/profiles/{office.stored}",
    )


@pytest.mark.parametrize("place", [HERE, ELSEWHERE])
async def test_an_unknown_number_and_one_out_of_reach_look_alike(place: Any) -> None:
    office = Office("zh", place)
    wanted = "A-1" if place is ELSEWHERE else "Z-9"
    found = await office.found(wanted)
    assert found.status_code == 404
    assert "未找到该人员，请核对编号或电话" in html.unescape(found.text)
