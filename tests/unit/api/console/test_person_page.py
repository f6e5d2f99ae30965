"""The page of a worker with everything that happened, and the search that leads there."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from api.console.profiles.timeline import (
    EACH_PAGE,
    Event,
    EventKind,
    match_events,
    page_of_events,
    profile_events,
    timeline,
)
from api.console.search.highlighting import split_at
from api.conversations.schemas import SentMessage
from api.inbox.schemas import Entry
from roost.events.account import AccountRole
from roost.events.conversation import Author
from roost.events.notification import NotificationKind
from roost.events.preferences import ChannelKind
from roost.views.answers import Hit, Json, Page
from tests.unit.api.console.pages import Signed
from tests.unit.api.two_stations import ELSEWHERE, HERE, MINE, Log, Views, opening, stored_worker

AT = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
ID = "a" * 26


def moment(hours: int) -> str:
    return (AT + timedelta(hours=hours)).isoformat()


def a_match(*history: dict[str, Any]) -> dict[str, Any]:
    return {
        "id": f"m-{ID}.{ID}",
        "state": "claimed",
        "proposedAt": moment(1),
        "about": {"title": "电焊工"},
        "names": {"c-1": "李娜"},
        "history": list(history),
    }


def action(kind: str, hours: int, **changes: Any) -> dict[str, Any]:
    actor = {"role": "clerk", "id": "c-1"}
    return {"kind": kind, "at": moment(hours), "actor": actor, "outcome": "accepted"} | changes


def test_a_timeline_has_everything_newest_first() -> None:
    match = a_match(action("claim", 2), action("contact", 4, contact="reached"))
    message = SentMessage(
        id=f"d-{ID}",
        author=Author.WORKER,
        text="想换班",
        shortened=False,
        repeats=None,
        channel=ChannelKind.SMS,
        sent_at=AT + timedelta(hours=3),
    )
    entries = [
        Entry(
            id=f"n-{ID}",
            kind=kind,
            title="新的岗位匹配",
            body="",
            urgent=False,
            at=AT + timedelta(hours=5),
            read=False,
            answered=False,
        )
        for kind in (NotificationKind.NEW_MATCH, NotificationKind.STATION_MESSAGE)
    ]
    profile = {"createdAt": moment(0), "ownChanges": [{"field": "skills", "at": moment(6)}]}
    events = timeline(profile, [match], [message], entries)
    kinds = [each.kind.value for each in events]
    assert kinds == ["profile", "notice", "match", "message", "match", "match", "profile"]
    assert [each.at for each in events] == sorted((each.at for each in events), reverse=True)
    assert [each.data["did"] for each in events if each.kind is EventKind.MATCH] == [
        "contact",
        "claim",
        "proposed",
    ]


def test_refused_actions_are_no_events_and_undone_ones_say_so() -> None:
    match = a_match(action("claim", 2, outcome="refused"), action("refer", 3, undone=True))
    referred, proposed = match_events(match)
    assert (referred.data["did"], referred.data["undone"]) == ("refer", True)
    assert proposed.data["did"] == "proposed"


def test_colleagues_are_named_and_others_are_not() -> None:
    worker = action("accept", 2, actor={"role": "worker", "id": "w-1"})
    match = a_match(worker, action("claim", 3))
    assert [each.data.get("by") for each in match_events(match)] == ["李娜", "", None]


def test_a_profile_without_a_time_of_registration_has_no_such_event() -> None:
    assert profile_events({}) == []


def test_pages_hold_every_event_once() -> None:
    events = [Event(AT, EventKind.PROFILE, {"n": n}) for n in range(2 * EACH_PAGE + 1)]
    pages = [page_of_events(events, number) for number in (1, 2, 3, 4)]
    assert [event for shown, _ in pages for event in shown] == events
    assert [more for _, more in pages] == [True, True, False, False]


@pytest.mark.parametrize(
    ("text", "typed", "parts"),
    [
        ("张小明", "小", ("张", "小", "明")),
        ("Maria", "mar", ("", "Mar", "ia")),
        ("张小明", "zxm", ("张小明", "", "")),
        ("İ", "i", ("İ", "", "")),
        ("a", "", ("a", "", "")),
    ],
)
def test_the_typed_part_is_marked(text: str, typed: str, parts: tuple[str, str, str]) -> None:
    assert split_at(text, typed) == parts


def clerk(views: Views, language: str = "zh") -> Signed:
    return Signed(
        AccountRole.CLERK, elastic=views, others=Log(), language=language, station_ids=(MINE,)
    )


@pytest.mark.parametrize("language", ["en", "zh"])
async def test_a_worker_is_shown_with_the_way_to_the_profile(language: str) -> None:
    views = Views()
    stored = stored_worker(HERE, channels=[{"kind": "sms", "address": "13800138000"}])
    views.store(stored)
    page = await clerk(views, language).get(f"/console/profiles/{stored.key}/details")
    assert page.status_code == 200, page.text
    assert "+8613800138000" in page.text
    assert f'href="/console/profiles/{stored.key}"' in page.text
    assert 'action="/console/search"' in page.text


async def test_a_worker_of_another_station_is_unknown() -> None:
    views, stored = Views(), stored_worker(ELSEWHERE)
    views.store(stored)
    page = await clerk(views).get(f"/console/profiles/{stored.key}/details")
    assert page.status_code == 404


async def test_a_search_without_a_result_gives_advice() -> None:
    browser = clerk(Views())
    page = await browser.get("/console/search?q=%3Cb%3Enobody")
    assert page.status_code == 200
    assert "未找到“&lt;b&gt;nobody”" in page.text
    assert "拼音" in page.text
    empty = await browser.get("/console/search")
    assert empty.status_code == 200
    assert "未找到" not in empty.text


async def test_employers_have_no_search_field() -> None:
    browser = Signed(AccountRole.EMPLOYER, elastic=Views(), others=Log(), employer_id="e-1")
    page = await browser.get("/console/account")
    assert 'action="/console/search"' not in page.text


class WithOpenings(Views):
    """Views with one opening of the employer `e-1`, two of whose matches were placed."""

    async def search(self, view: str, body: Json) -> Page:
        within = [each for each in body["query"]["bool"]["filter"] if "terms" in each]
        serves = within == [{"terms": {"places": [HERE.key]}}]
        fact = opening(HERE) | {"id": f"o-{ID}", "status": "open"}
        fact["hiringOrganization"] = {"id": "e-1", "name": "示例<单位>"}
        hits = (Hit(f"o-{ID}", None, {"fact": fact, "version": 1}, (1, "o")),)
        return Page(hits if view == "openings" and serves else (), 1)

    async def tallies(
        self, view: str, questions: Sequence[tuple[str, Sequence[str], Json]]
    ) -> list[dict[str, int]]:
        placed = {"term": {"state": "placed"}}
        return [
            dict.fromkeys(ids_asked, 2) if asked == placed else {}
            for _, ids_asked, asked in questions
        ]


@pytest.mark.parametrize("language", ["en", "zh"])
async def test_an_employer_is_shown_with_what_was_counted(language: str) -> None:
    views = WithOpenings()
    views.queued = 1
    page = await clerk(views, language).get("/console/employers/e-1")
    assert page.status_code == 200, page.text
    assert "示例&lt;单位&gt;" in page.text
    assert page.text.count(">2</td>") == 2, "of the opening, and in sum"


async def test_an_employer_without_openings_in_reach_is_unknown() -> None:
    page = await clerk(Views()).get("/console/employers/e-1")
    assert page.status_code == 404
