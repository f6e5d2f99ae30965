"""The page of a worker with everything that happened, and the search that leads there."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, ClassVar

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.console.search.highlighting import split_at
from api.console.shell.sealed_text import sealed_text, text_of
from api.console.shell.translations import say_in
from api.console.timelines.timeline import (
    EACH_PAGE,
    Event,
    EventKind,
    change_events,
    match_events,
    message_events,
    newest_first,
    notice_events,
    page_of_events,
    posting_events,
    profile_events,
)
from api.conversations.schemas import SentMessage
from api.history.changes import Change, ChangeKind, change_of
from api.inbox.schemas import Entry
from roost.events.account import AccountRole
from roost.events.audit import AuditEntry, Touched
from roost.events.conversation import Author
from roost.events.notification import NotificationKind
from roost.events.preferences import ChannelKind
from roost.text.search_terms import compact
from roost.time.clock import Clock, FixedClock
from roost.views.answers import Hit, Json, Page
from tests.unit.api.builders import NOW
from tests.unit.api.clause_evaluation import meets
from tests.unit.api.console.pages import Signed
from tests.unit.api.signed import headers_for
from tests.unit.api.two_stations import (
    ELSEWHERE,
    HERE,
    MINE,
    OTHERS,
    Log,
    Views,
    opening,
    stored_worker,
)

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
    events = newest_first(
        match_events(match),
        message_events([message]),
        notice_events(entries),
        profile_events(profile),
    )
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


def test_a_proposal_by_hand_names_its_author() -> None:
    match = a_match() | {"byHand": {"actor": {"role": "clerk", "id": "c-1"}, "why": "at_counter"}}
    (proposed,) = match_events(match)
    assert (proposed.data["did"], proposed.data["by"]) == ("by_hand", "李娜")


def test_colleagues_are_named_and_others_are_not() -> None:
    worker = action("accept", 2, actor={"role": "worker", "id": "w-1"})
    match = a_match(worker, action("claim", 3))
    assert [each.data.get("by") for each in match_events(match)] == ["李娜", "", None]


def test_a_profile_without_a_time_of_registration_has_no_such_event() -> None:
    assert profile_events({}) == []


def test_calls_state_the_next_one_and_a_match_its_pauses_and_its_end() -> None:
    call = action("contact", 2, contact="call_back", callAgainAt=moment(9))
    assigned = action("assign", 3, assignee="c-1")
    changes = [
        {"kind": "proposed", "at": moment(1)},
        {"kind": "paused", "at": moment(4)},
        {"kind": "expired", "at": moment(6), "cause": "closed"},
    ]
    events = newest_first(match_events(a_match(call, assigned) | {"changes": changes}))
    assert [each.data["did"] for each in events] == [
        "expired",
        "paused",
        "assign",
        "contact",
        "proposed",
    ]
    assert events[0].data["cause"] == "closed"
    assert events[2].data["assignee"] == "李娜"
    assert events[3].data["call_again_at"] == moment(9)


OPENING = f"o-{ID}"
PAGE_OF_VERB = "/console/employer/openings/{id}/status/{verb}"


def entry(method: str, route: str, status: int, *objects: str, **changes: Any) -> AuditEntry:
    fields: dict[str, Any] = {
        "id": f"t-{ID}",
        "request_id": "r",
        "who": "u-li",
        "role": AccountRole.CLERK,
        "objects": tuple(Touched(kind="any", id=each) for each in objects),
        "at": AT,
    }
    return AuditEntry(method=method, route=route, status=status, **(fields | changes))


@pytest.mark.parametrize(
    ("method", "route", "status", "objects", "kind"),
    [
        ("POST", "/v1/openings", 202, [OPENING], "posted"),
        ("POST", "/console/employer/openings/new", 303, [OPENING], "posted"),
        ("PUT", "/v1/openings/{id}", 202, [OPENING], "edited"),
        ("PATCH", "/v1/openings/{id}", 202, [OPENING], "edited"),
        ("POST", "/console/employer/openings/{id}/edit", 303, [OPENING], "edited"),
        ("POST", "/console/employer/openings/{id}/edit", 200, [OPENING], None),
        ("POST", "/v1/openings/{id}/{verb}", 202, [OPENING, "pause"], "paused"),
        ("POST", "/v1/openings/{id}/{verb}", 202, [OPENING, "reopen"], "reopened"),
        (
            "POST",
            "/console/employer/openings/{id}/status/{verb}",
            303,
            [OPENING, "close"],
            "closed",
        ),
        ("POST", "/console/employer/openings/{id}/status/{verb}", 303, [OPENING, "fill"], "filled"),
        ("POST", "/v1/openings/{id}/approve", 202, [OPENING], "approved"),
        ("POST", "/v1/openings/reach", 200, [OPENING], None),
        ("PUT", "/v1/employers/{id}/contact", 202, ["e-1"], "contact_set"),
        ("DELETE", "/v1/employers/{id}/contact", 202, ["e-1"], "contact_removed"),
        ("POST", "/console/employers/{id}/contact", 303, ["e-1"], "contact_set"),
        ("POST", "/console/employers/{id}/contact/remove", 303, ["e-1"], "contact_removed"),
        ("POST", "/console/employers/{id}/contact/stop", 303, ["e-1"], "messages_stopped"),
        ("POST", "/console/profiles/{id}", 303, ["w-1"], "edited"),
        ("PUT", "/v1/profiles/{id}/stop", 202, ["w-1"], "messages_stopped"),
        ("DELETE", "/v1/profiles/{id}/stop", 202, ["w-1"], "messages_resumed"),
        ("PUT", "/v1/profiles/{id}/preferences", 202, ["w-1"], "settings_changed"),
        ("POST", "/v1/profiles/{id}/consent", 202, ["w-1"], "consent_given"),
        ("POST", "/v1/profiles/{id}/channels/{kind}/code", 202, ["w-1"], None),
        ("POST", "/v1/profiles/{id}/channels/{kind}/confirm", 202, ["w-1"], "address_confirmed"),
        ("POST", "/v1/profiles/{id}/conversation", 202, ["w-1"], None),
        ("POST", "/console/profiles/{id}/conversation", 303, ["w-1"], None),
        ("PUT", "/v1/notes/{id}", 202, ["n-1", "w-1"], None),
        ("POST", "/console/notes/{id}/remove", 303, ["n-1", "w-1"], None),
        ("PATCH", "/v1/webhooks/{id}", 202, ["h-1", "e-1"], None),
        ("PUT", "/v1/openings/{id}", 202, ["o-other"], None),
    ],
)
def test_the_audit_tells_the_changes_of_an_entity(
    method: str, route: str, status: int, objects: list[str], kind: str | None
) -> None:
    found = change_of(entry(method, route, status, *objects), {OPENING, "e-1", "w-1"}, str.upper)
    assert (found and found.kind) == kind
    if found is not None:
        assert (found.by, found.entity) == ("U-LI", objects[0])


@pytest.mark.parametrize(
    ("role", "by"),
    [(AccountRole.CHIEF, "U-LI"), (AccountRole.EMPLOYER, ""), (AccountRole.ADMIN, "")],
)
def test_only_the_staff_of_stations_are_named(role: AccountRole, by: str) -> None:
    changed = entry("PUT", "/v1/openings/{id}", 202, OPENING, role=role)
    found = change_of(changed, {OPENING}, str.upper)
    assert found is not None
    assert (found.by, found.role) == (by, role)


def test_an_imported_opening_has_a_posting_and_a_recorded_one_has_one_only() -> None:
    fact = {"id": OPENING, "createdAt": moment(0)}
    changes = [Change(OPENING, ChangeKind.POSTED, AT)]
    assert [each.data["change"] for each in posting_events([fact], [], {})] == ["posted"]
    assert posting_events([fact], changes, {}) == []
    (titled,) = change_events(changes, {OPENING: "电焊工"})
    assert (titled.data["opening"], titled.data["title"]) == (OPENING, "电焊工")


def test_pages_hold_every_event_once() -> None:
    events = [Event(AT, EventKind.PROFILE, {"n": n}) for n in range(2 * EACH_PAGE + 1)]
    pages = [page_of_events(events, number) for number in (1, 2, 3, 4)]
    assert [event for each in pages for event in each.events] == events
    assert [each.more for each in pages] == [True, True, False, False]


@pytest.mark.parametrize(
    ("text", "typed", "parts"),
    [
        ("张小明", "小", ("张", "小", "明")),
        ("Maria", "mar", ("", "Mar", "ia")),
        ("张小明", "zxm", ("张小明", "", "")),
        ("İstanbul", "i", ("", "İ", "stanbul")),
        ("İİ 王明", "王", ("İİ ", "王", "明")),
        ("ẞtraße Ost", "ost", ("ẞtraße ", "Ost", "")),
        ("Stra\u00dfe", "ss", ("Stra", "\u00df", "e")),
        ("张 三", "张三", ("", "张 三", "")),
        ("张\u3000三丰", "张 三", ("", "张\u3000三", "丰")),
        ("阿卜杜拉·买买提", "拉买", ("阿卜杜", "拉·买", "买提")),
        ("張三", "张", ("", "張", "三")),
        ("Ａ-17", "a17", ("", "Ａ-17", "")),
        ("Rene\u0301 Li", "rené", ("", "Rene\u0301", " Li")),
        ("a", "", ("a", "", "")),
    ],
)
def test_the_typed_part_is_marked(text: str, typed: str, parts: tuple[str, str, str]) -> None:
    assert split_at(text, typed) == parts


@given(st.text(max_size=30), st.text(max_size=6))
def test_marking_keeps_the_text_and_marks_what_was_typed(text: str, typed: str) -> None:
    before, marked, after = split_at(text, typed)
    assert before + marked + after == text
    assert compact(typed) in compact(marked) if marked else not (before[:0] or after)


def clerk(views: Views, language: str = "zh", clock: Clock | None = None) -> Signed:
    return Signed(
        AccountRole.CLERK,
        elastic=views,
        others=Log(),
        language=language,
        clock=clock,
        station_ids=(MINE,),
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
    sent = await browser.send("/console/search", q="<b>nobody")
    assert sent.status_code == 303
    page = await browser.get(sent.headers["location"])
    assert page.status_code == 200
    assert "未找到“&lt;b&gt;nobody”" in page.text
    assert "拼音" in page.text
    empty = await browser.get("/console/search")
    assert empty.status_code == 200
    assert "未找到" not in empty.text
    blank = await browser.send("/console/search", q=" ")
    assert blank.headers["location"] == "/console/search"


@pytest.mark.parametrize(
    ("action", "field"), [("/console/search", "q"), ("/console/profiles/find", "number")]
)
async def test_no_address_holds_what_was_typed(action: str, field: str) -> None:
    browser = clerk(Views())
    sent = await browser.send(action, **{field: "13900007788"})
    address = sent.headers["location"]
    page = await browser.get(address)
    assert "13900007788" not in address
    assert "13900007788" in page.text, "the field keeps it"
    addresses = re.findall(r'(?:href|action|name="next" value)="([^"]*)"', page.text)
    assert [each for each in addresses if "13900007788" in each] == []
    assert f'name="next" value="{address}"' in page.text, "another language shows the same"
    csrf = await browser.client.post(action, data={field: "13900007788"})
    assert csrf.status_code == 403


@pytest.mark.parametrize("path", ["/console/search?q=13900007788", "/console/profiles?number=1390"])
async def test_an_old_address_carries_its_text_no_further(path: str) -> None:
    browser = clerk(Views())
    page = await browser.get(path)
    assert page.status_code == 200
    assert "1390" not in page.text
    browser.client.cookies.clear()
    away = await browser.client.get(path)
    assert away.status_code == 303
    assert "1390" not in away.headers["location"]
    assert away.headers["location"].endswith(path.partition("?")[0])


async def test_a_sealed_text_is_for_one_account_one_page_and_half_a_day() -> None:
    clock = FixedClock(NOW)
    browser = clerk(Views(), clock=clock)
    sent = (await browser.send("/console/search", q="周小燕")).headers["location"]
    assert "周小燕" in (await browser.get(sent)).text
    other = Signed(
        AccountRole.CHIEF, elastic=Views(), others=Log(), language="zh", station_ids=(MINE,)
    )
    stranger = await other.get(sent)
    assert "周小燕" not in stranger.text
    assert say_in("zh")("search.expired") in stranger.text
    elsewhere = await browser.get(sent.replace("/search", "/profiles"))
    assert "周小燕" not in elsewhere.text
    who: Any = browser.account
    token = sealed_text(browser.given, who, "/console/search", "周小燕")
    assert text_of(browser.given, who, "/console/search", token) == "周小燕"
    clock.moment = NOW + timedelta(hours=12)
    assert text_of(browser.given, who, "/console/search", token) is None


STAFF = {
    AccountRole.CLERK,
    AccountRole.CHIEF,
    AccountRole.ASSOCIATION,
    AccountRole.DEPARTMENT,
    AccountRole.ADMIN,
}


@pytest.mark.parametrize("role", list(AccountRole))
async def test_the_search_is_for_staff_everywhere(role: AccountRole) -> None:
    confined: dict[AccountRole, dict[str, Any]] = {
        AccountRole.CLERK: {"station_ids": (MINE,)},
        AccountRole.CHIEF: {"station_ids": (MINE,)},
        AccountRole.EMPLOYER: {"employer_id": "e-1"},
        AccountRole.WORKER: {"worker_id": f"w-{ID}"},
    }
    own = confined.get(role, {})
    browser = Signed(role, elastic=Views(), others=Log(), **own)
    api = headers_for(browser.topics, role, **own) | {"idempotency-key": "k-1"}
    page = await browser.get("/console/account")
    answers = [
        await browser.get("/console/search"),
        await browser.send("/console/search", q="x"),
        await browser.client.post("/v1/search", json={"q": "x"}, headers=api),
        await browser.client.post("/v1/search", json={"q": "x"}, headers=api),
    ]
    seen = [each.status_code for each in answers]
    assert seen == ([200, 303, 200, 200] if role in STAFF else [403] * 4), seen
    assert ('action="/console/search"' in page.text) == (role in STAFF)


class WithOpenings(Views):
    """Views with one opening of the employer `e-1`.

    Two of its matches at the caller's station were placed, and seven at another station.
    """

    PLACED: ClassVar = [
        {"opening_id": f"o-{ID}", "state": "placed", "station_id": station}
        for station in [MINE] * 2 + [OTHERS] * 7
    ]

    def __init__(self) -> None:
        super().__init__()
        self.fact = opening(HERE) | {"id": f"o-{ID}", "status": "paused", "createdAt": moment(0)}
        self.fact["hiringOrganization"] = {"id": "e-1", "name": "示例<单位>"}
        fields = {"id": f"o-{ID}", "version": 1, "employer_id": "e-1", "places": [HERE.key]}
        self.documents["openings", f"o-{ID}"] = fields | {"fact": self.fact}

    async def search(self, view: str, body: Json) -> Page:
        asked = body["query"]["bool"]["filter"]
        serves = {"terms": {"places": [HERE.key]}} in asked
        owns = {"term": {"employer_id": "e-1"}} in asked
        hits = (Hit(f"o-{ID}", None, {"fact": self.fact, "version": 1}, (1, "o")),)
        return Page(hits if view == "openings" and (serves or owns) else (), 1)

    async def tallies(
        self, view: str, questions: Sequence[tuple[str, Sequence[str], Json]]
    ) -> list[dict[str, int]]:
        return [
            dict(
                Counter(
                    each[field]
                    for each in self.PLACED
                    if each[field] in values and meets(each, condition)
                )
            )
            for field, values, condition in questions
        ]


@pytest.mark.parametrize("language", ["en", "zh"])
async def test_an_employer_is_shown_with_what_was_counted(language: str) -> None:
    views = WithOpenings()
    views.queued = 1
    page = await clerk(views, language).get("/console/employers/e-1")
    assert page.status_code == 200, page.text
    assert "示例&lt;单位&gt;" in page.text
    assert page.text.count(">2</td>") == 2, "of the opening, and in sum"
    assert ">9</td>" not in page.text, "another station's matches are not counted"
    assert say_in(language)("employer.own_station_only") in page.text


PAGES_WITH_COUNTS = [
    "/console/employer/openings",
    "/console/employer/outcomes",
    f"/console/employer/openings/o-{ID}",
]


@pytest.mark.parametrize("path", PAGES_WITH_COUNTS)
async def test_every_count_is_of_matches_that_the_reader_may_list(path: str) -> None:
    page = await clerk(WithOpenings()).get(path)
    assert page.status_code == 200, page.text
    assert re.search(r">2( / \d+)?</td>|<strong>2</strong>", page.text)
    assert not re.search(r">9( / \d+)?</td>|<strong>9</strong>", page.text)
    assert say_in("zh")("employer.own_station_only") in page.text
    assert say_in("zh")("employer.left") not in page.text, "it would count other stations"


@pytest.mark.parametrize("path", PAGES_WITH_COUNTS)
async def test_an_employer_counts_its_matches_of_all_stations(path: str) -> None:
    views = WithOpenings()
    views.PLACED = [each | {"employer_id": "e-1"} for each in WithOpenings.PLACED]
    browser = Signed(AccountRole.EMPLOYER, elastic=views, others=Log(), employer_id="e-1")
    page = await browser.get(path)
    assert page.status_code == 200, page.text
    assert re.search(r">9( / \d+)?</td>|<strong>9</strong>", page.text)
    assert say_in("en")("employer.own_station_only") not in page.text


async def test_an_employer_without_openings_in_reach_is_unknown() -> None:
    page = await clerk(Views()).get("/console/employers/e-1")
    assert page.status_code == 404


ANSWERED_DAYS = [
    {"doc_count": 3, "last": {"value": AT.timestamp() * 1000}},
    {"doc_count": 1, "last": {"value": (AT + timedelta(days=1)).timestamp() * 1000}},
]


class WithHistory(WithOpenings):
    """The same views with an audit log of the opening, and days with matches."""

    asked: Json

    async def search(self, view: str, body: Json) -> Page:
        if view != "audit":
            return await super().search(view, body)
        paused = entry("POST", "/v1/openings/{id}/{verb}", 202, OPENING, "pause")
        hits = (Hit(paused.id, None, {"fact": paused.to_dict()}, (1, "t")),)
        return Page(hits if meets_ids(body, OPENING) else (), 1)

    async def aggregate(
        self, view: str, query: Json, aggregations: Json, *, without: Sequence[str] = ()
    ) -> tuple[int, Json]:
        self.asked = query
        return 4, {"days": {"buckets": ANSWERED_DAYS}}


def meets_ids(body: Json, id: str) -> bool:
    return any(id in each.get("terms", {}).get("objects", ()) for each in filters_of(body))


def filters_of(body: Json) -> list[Json]:
    return list(body["query"]["bool"]["filter"])


@pytest.mark.parametrize(
    "path", [f"/console/employer/openings/{OPENING}", "/console/employers/e-1"]
)
async def test_an_opening_and_its_employer_have_a_history_within_reach(path: str) -> None:
    views = WithHistory()
    views.queued = 1
    page = await clerk(views).get(path)
    assert page.status_code == 200, page.text
    say = say_in("zh")
    for text in ("timeline.title", "timeline.change.paused", "timeline.change.posted"):
        assert say(text) in page.text
    assert say("timeline.day", n=3) in page.text
    assert {"terms": {"station_id": [MINE]}} in filters_of({"query": views.asked})
