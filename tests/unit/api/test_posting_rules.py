"""Quotas of employers, and the approval of a new employer's first openings."""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import Sequence
from typing import Any

import httpx
import orjson
import pytest
from hypothesis import example, settings
from hypothesis import given as for_all
from hypothesis import strategies as st
from pydantic import HttpUrl

from api.access.principal import Principal, principal_of_key
from api.app import create_app
from api.openings.posting_rules import PostingRules
from api.openings.service import import_rules
from api.ports import recent_creations
from api.ports.recent_creations import PENDING_S, REMEMBERED_S, RecentCreations
from api.webhooks import service as webhooks
from api.writes.quotas import QuotaReached
from producers import facts
from roost.events.account import AccountRole
from roost.events.envelope import Record
from roost.events.opening import Opening, OpeningContent, OpeningStatus
from roost.events.webhook import WebhookContent
from roost.settings import Settings
from roost.views.answers import Hit, Page
from roost.views.elastic import Json
from tests.unit.api.builders import NOW
from tests.unit.api.signed import Topics, given_to, headers_for
from tests.unit.api.two_stations import HERE, MINE, Log, opening
from tests.unit.api.two_stations import Views as StationViews

LIMITS = {
    "openings_per_employer": 3,
    "openings_awaiting_approval": 2,
    "webhooks_per_employer": 2,
    "webhooks_may_be_private": True,
}


def matches(document: Json, query: Json) -> bool:
    """Return whether a document meets a query of the few kinds that services send."""
    (kind, asked), *_ = query.items()
    if kind == "bool":
        wanted = all(matches(document, each) for each in asked.get("filter", ()))
        return wanted and not any(matches(document, each) for each in asked.get("must_not", ()))
    (field, value), *_ = asked.items()
    if kind == "range":
        return field in document and document[field] > value["gt"]
    if isinstance(value, dict):
        assert value["case_insensitive"], "the only term with an option"
        return str(document.get(field)).casefold() == value["value"].casefold()
    return document.get(field) in (value if kind == "terms" else [value])


class Views(StationViews):
    """Views that show nothing until `catch_up`: they lag behind the topics."""

    def __init__(self, log: Log) -> None:
        super().__init__()
        self._log = log
        self.in_progress = 0
        """Matches in progress of every opening."""

    def catch_up(self) -> None:
        for number, record in enumerate(self._log.records):
            self.documents[record.topic.name, record.key] = document_of(record, 11 + number)

    def _found(self, view: str, query: Json) -> list[Json]:
        found = [each for (of, _), each in self.documents.items() if of == view]
        return [each for each in found if matches(each, query)]

    async def count(self, view: str, query: Json | None = None) -> int:
        return (
            self.in_progress if view == "matches" else len(self._found(view, query or {"bool": {}}))
        )

    async def msearch(self, searches: Sequence[tuple[str, Json]]) -> list[Page]:
        """Return the matches in progress of one opening."""
        [(view, body)] = searches
        assert view == "matches"
        [opening_id] = body["query"]["bool"]["filter"][0]["terms"]["opening_id"]
        ids = [f"w-{number}" for number in range(self.in_progress)]
        hits = [Hit(id, None, {"opening_id": opening_id, "worker_id": id}) for id in ids]
        return [Page(tuple(hits), len(hits))]

    async def search(self, view: str, body: Json) -> Page:
        found = self._found(view, body["query"])
        hits = [Hit(each["id"], None, each, (each["id"],)) for each in found]
        return Page(tuple(hits[: body["size"]]), len(hits))


def document_of(record: Record, version: int) -> Json:
    if record.value is None:
        return {"id": record.key, "version": version, "erased": True}
    fact = orjson.loads(record.value)
    document: Json = {"id": record.key, "version": version, "fact": fact}
    if record.topic.name == "openings":
        document |= {"status": fact["status"], "employer_id": fact["hiringOrganization"]["id"]}
        document |= {"awaiting": True} if fact.get("awaitingApproval") else {}
        until = Opening.from_stored(fact).watched_until
        document |= {"watched_until": until.isoformat()} if until else {}
    if record.topic.name == "webhooks":
        document["employer_id"] = fact.get("employerId")
    return document


class Market:
    """The API in memory, asked by two employers and a station."""

    def __init__(self) -> None:
        self.log = Log()
        self.views = Views(self.log)
        topics = self.topics = Topics(self.log)
        app = create_app(Settings(**LIMITS))
        self.given = given_to(app, topics, settings=Settings(**LIMITS), elastic=self.views)
        self.new = headers_for(topics, AccountRole.EMPLOYER, employer_id="new")
        self.known = headers_for(topics, AccountRole.EMPLOYER, employer_id="known")
        self.clerk = headers_for(topics, AccountRole.CLERK, station_ids=(MINE,))
        self.department = headers_for(topics, AccountRole.DEPARTMENT)
        self.client = httpx.AsyncClient(
            transport=httpx.ASGITransport(app), base_url="http://127.0.0.1:8000"
        )

    async def post(
        self, headers: dict[str, str], employer: str, reference: str = "1"
    ) -> httpx.Response:
        organisation = {"id": employer, "name": "示例单位"}
        body = opening(HERE, identifier=reference, hiringOrganization=organisation)
        return await self.client.post("/v1/openings", json=body, headers=headers)

    async def act(self, headers: dict[str, str], path: str) -> httpx.Response:
        return await self.client.post(path, json={}, headers=headers)

    def stored(self, id: str) -> Opening:
        newest = [each for each in self.log.records if each.key == id][-1]
        return Opening.from_stored(orjson.loads(newest.value or b""))


@pytest.fixture
def market() -> Market:
    made = Market()
    organisation = {"id": "known", "name": "示例单位"}
    content = OpeningContent.model_validate(
        opening(HERE, identifier="0", hiringOrganization=organisation)
    )
    _, record = facts.opening_posted(content, at=NOW, today=NOW.date())
    made.views.documents["openings", record.key] = document_of(record, 7)
    return made


async def test_a_new_employers_opening_waits_and_a_known_ones_does_not(market: Market) -> None:
    waiting = market.stored((await market.post(market.new, "new")).json()["id"])
    assert waiting.awaiting_approval
    assert waiting.status is OpeningStatus.OPEN
    assert not waiting.can_be_matched(NOW.date())
    at_once = market.stored((await market.post(market.known, "known")).json()["id"])
    assert not at_once.awaiting_approval
    by_station = market.stored((await market.post(market.clerk, "another")).json()["id"])
    assert not by_station.awaiting_approval


async def test_an_approval_releases_all_that_wait_and_those_that_follow(market: Market) -> None:
    ids = [(await market.post(market.new, "new", str(n))).json()["id"] for n in range(2)]
    market.views.catch_up()
    listed = await market.client.get(
        "/v1/openings", params={"awaitingApproval": "true"}, headers=market.department
    )
    assert {each["id"] for each in listed.json()["items"]} == set(ids)
    approved = await market.act(market.clerk, f"/v1/openings/{ids[0]}/approve")
    assert approved.status_code == 202, approved.text
    assert [market.stored(id).awaiting_approval for id in ids] == [False, False]
    market.views.catch_up()
    later = (await market.post(market.new, "new", "later")).json()["id"]
    assert not market.stored(later).awaiting_approval


async def test_an_employer_cannot_approve_itself(market: Market) -> None:
    id = (await market.post(market.new, "new")).json()["id"]
    market.views.catch_up()
    path = f"/v1/openings/{id}"
    assert (await market.act(market.new, f"{path}/approve")).status_code == 403
    assert (await market.act(market.department, f"{path}/approve")).status_code == 403
    for verb in ("close", "reopen", "pause", "reopen"):
        assert (await market.act(market.new, f"{path}/{verb}")).status_code == 202
        market.views.catch_up()
        assert market.stored(id).awaiting_approval
    change = {"awaitingApproval": False}
    patched = await market.client.patch(path, json=change, headers=market.new)
    assert patched.status_code == 422, patched.text
    await market.client.patch(path, json={"totalJobOpenings": 2}, headers=market.new)
    assert market.stored(id).awaiting_approval
    assert market.stored(id).total_job_openings == 2
    again = await market.post(market.new, "new", "2")
    assert market.stored(again.json()["id"]).awaiting_approval, "a closed one approves nobody"


async def test_a_reviewed_text_is_approved_by_a_station_and_only_by_name(market: Market) -> None:
    ids = []
    for number in range(2):
        organisation = {"id": "known", "name": "示例单位"}
        wire = opening(
            HERE,
            identifier=f"imported-{number}",
            hiringOrganization=organisation,
            description="限女性",
        )
        content = OpeningContent.model_validate(wire)
        _, record = facts.opening_posted(content, at=NOW, today=NOW.date(), for_review=True)
        document = document_of(record, 7 + number) | {"awaiting": True}
        market.views.documents["openings", record.key] = document
        ids.append(record.key)
    path = f"/v1/openings/{ids[0]}/approve"
    assert (await market.act(market.known, path)).status_code == 403
    assert (await market.act(market.clerk, path)).status_code == 202
    approved = market.stored(ids[0])
    assert [each.approved for each in approved.review or ()] == [True]
    assert approved.can_be_matched(NOW.date())
    assert not [each for each in market.log.records if each.key == ids[1] and waives(each.value)]


def waives(value: bytes | None) -> bool:
    """Return whether a record no longer waits for review."""
    return not Opening.from_stored(orjson.loads(value or b"")).waits_for_approval


async def test_quotas_hold_for_requests_that_come_at_once(market: Market) -> None:
    answers = await asyncio.gather(*(market.post(market.new, "new", str(n)) for n in range(9)))
    assert sorted(each.status_code for each in answers) == [202] * 2 + [409] * 7
    refused = next(each for each in answers if each.status_code == 409).json()
    assert refused["type"] == "/problems/quota-reached"
    assert "await approval, 2 at most" in refused["detail"]
    market.views.catch_up()
    assert (await market.post(market.new, "new", "99")).status_code == 409
    answers = await asyncio.gather(*(market.post(market.known, "known", str(n)) for n in range(9)))
    statuses = [each.status_code for each in answers]
    assert sorted(statuses) == [200, 202, 202] + [409] * 6, "one is the stored opening"
    assert (await market.post(market.clerk, "known", "77")).status_code == 202, "staff may"


async def test_a_closed_opening_frees_its_place_until_it_is_reopened(market: Market) -> None:
    ids = [(await market.post(market.known, "known", str(n))).json()["id"] for n in range(3)]
    market.views.catch_up()
    assert (await market.post(market.known, "known", "x")).status_code == 409
    assert (await market.act(market.known, f"/v1/openings/{ids[1]}/close")).status_code == 202
    market.views.catch_up()
    assert (await market.post(market.known, "known", "x")).status_code == 202
    market.views.catch_up()
    assert (await market.act(market.known, f"/v1/openings/{ids[1]}/reopen")).status_code == 409


async def test_webhooks_have_a_quota_by_employer(market: Market) -> None:
    def hook(number: int, employer: str, headers: dict[str, str]) -> Any:
        body = {"url": f"https://hr.example.com/{number}", "employerId": employer}
        return market.client.post("/v1/webhooks", json=body, headers=headers)

    answers = await asyncio.gather(*(hook(n, "new", market.new) for n in range(30)))
    assert [each.status_code for each in answers].count(202) == 2
    refused = next(each for each in answers if each.status_code == 409)
    assert "this employer has 2 webhooks; remove one first" in refused.json()["detail"]
    assert (await hook(1, "known", market.known)).status_code == 202
    market.views.catch_up()
    first = next(each for each in answers if each.status_code == 202).json()["id"]
    gone = await market.client.delete(f"/v1/webhooks/{first}", headers=market.new)
    assert gone.status_code == 202
    market.views.catch_up()
    assert (await hook(40, "new", market.new)).status_code == 202


def employer_key(market: Market) -> Principal:
    [key] = [
        each
        for each in market.given.identities.keys.values()
        if each.employer_id == "new" and each.role is AccountRole.EMPLOYER
    ]
    return principal_of_key(key)


def outcomes_of_rows(rules: PostingRules, *numbers: int) -> list[bool | str]:
    """Return for each new row whether it waits for approval, or the quota that refuses it."""
    found: list[bool | str] = []
    for number in numbers:
        content = OpeningContent.model_validate(
            opening(HERE, identifier=str(number), hiringOrganization={"id": "new", "name": "单位"})
        )
        made, record = facts.opening_posted(content, at=NOW, today=NOW.date())
        rules.check(None, made)
        try:
            record = rules.complete_row(None, made, record, NOW)
            found.append(orjson.loads(record.value or b"")["awaitingApproval"])
        except QuotaReached as error:
            found += re.findall(r"\d", error.message)
    return found


@pytest.mark.parametrize("dry_run", [False, True])
async def test_rows_of_an_import_count_and_wait_as_postings_do(
    market: Market, dry_run: bool
) -> None:
    rules = await import_rules(market.given, employer_key(market), dry_run=dry_run)
    found = await asyncio.to_thread(outcomes_of_rows, rules, 0, 1, 1, 2)
    assert found == [True, True, True, "2"]


async def test_imports_and_postings_that_wait_for_each_other_share_one_quota(
    market: Market,
) -> None:
    who = employer_key(market)
    first, second, checked = [
        await import_rules(market.given, who, dry_run=each) for each in (False, False, True)
    ]
    assert await asyncio.to_thread(outcomes_of_rows, checked, 7, 8) == [True, True]
    assert (await market.post(market.new, "new", "9")).status_code == 202
    assert await asyncio.to_thread(outcomes_of_rows, first, 0, 1) == [True, "2"]
    assert await asyncio.to_thread(outcomes_of_rows, second, 2, 3) == ["2", "2"]
    assert (await market.post(market.new, "new", "10")).status_code == 409


def later(market: Market, seconds: float) -> None:
    """Let time pass for the reservations."""
    market.given.creations._now = lambda: time.monotonic() + seconds


async def test_a_quota_holds_while_the_view_stands_still(market: Market) -> None:
    """An index stage that has stopped must not give an employer its quota every half minute."""
    for number in range(2):
        assert (await market.post(market.new, "new", str(number))).status_code == 202
    later(market, PENDING_S + 1)
    assert (await market.post(market.new, "new", "2")).status_code == 409
    later(market, 3_600)
    assert (await market.post(market.new, "new", "2")).status_code == 409


async def test_a_place_that_was_not_used_is_free_again(market: Market) -> None:
    market.given.creations.note("openings", "new", "o-refused")
    assert (await market.post(market.new, "new", "1")).status_code == 202
    assert (await market.post(market.new, "new", "2")).status_code == 409
    later(market, PENDING_S + 1)
    assert (await market.post(market.new, "new", "2")).status_code == 202
    assert (await market.post(market.new, "new", "3")).status_code == 409


async def test_a_webhook_that_was_removed_needs_a_place_again(market: Market) -> None:
    """Before, an id of the last half minute counted as reserved: a quota had no end."""
    who = employer_key(market)

    async def register(seed: str) -> str:
        content = WebhookContent(url=HttpUrl("https://hr.example.com"), employer_id="new")
        made = await webhooks.register_webhook(market.given, who, content, seed=seed)
        return made.written.record.key

    for seeds in ("ab", "cd"):
        for id in [await register(seed) for seed in seeds]:
            await webhooks.remove_webhook(market.given, who, id)
    for seed in "ab":
        await register(seed)
    for seed in "cd":
        with pytest.raises(QuotaReached):
            await register(seed)


async def test_a_webhook_that_becomes_another_employers_needs_a_place(market: Market) -> None:
    admin = headers_for(market.topics, AccountRole.ADMIN)
    ids = []
    for number, employer in enumerate(("known", "known", "new")):
        body = {"url": f"https://hr.example.com/{number}", "employerId": employer}
        made = await market.client.post("/v1/webhooks", json=body, headers=admin)
        ids.append(made.json()["id"])
    moved = await market.client.patch(
        f"/v1/webhooks/{ids[2]}", json={"employerId": "known"}, headers=admin
    )
    assert (moved.status_code, moved.json()["type"]) == (409, "/problems/quota-reached")
    moved = await market.client.patch(
        f"/v1/webhooks/{ids[0]}", json={"employerId": "new"}, headers=admin
    )
    assert moved.status_code == 202


async def test_reopening_at_once_takes_a_place_each(market: Market) -> None:
    ids = [(await market.post(market.known, "known", str(n))).json()["id"] for n in range(3)]
    for id in ids[1:]:
        assert (await market.act(market.known, f"/v1/openings/{id}/close")).status_code == 202
    more = [(await market.post(market.known, "known", f"x{n}")).status_code for n in range(3)]
    assert more == [202, 202, 409], "the view still shows the closed ones as it has never seen them"
    answers = await asyncio.gather(
        *(market.act(market.known, f"/v1/openings/{id}/reopen") for id in ids)
    )
    assert sorted(each.status_code for each in answers) == [200, 409, 409]


@settings(max_examples=25, deadline=None)
@for_all(
    st.lists(
        st.tuples(
            st.sampled_from(["post", "close", "reopen", "pause", "catch_up", "wait"]),
            st.integers(0, 5),
        ),
        max_size=25,
    )
)
@example([("post", number) for number in range(3)])
@example([("post", 0), ("post", 1), ("close", 0), ("post", 2), ("reopen", 0)])
async def test_no_order_of_actions_passes_the_quota(steps: list[tuple[str, int]]) -> None:
    market, seconds, known = Market(), 0.0, dict[int, str]()
    for verb, number in steps:
        if verb == "post":
            answer = await market.post(market.new, "new", str(number))
            if answer.is_success:
                known[number] = answer.json()["id"]
        elif verb == "catch_up":
            market.views.catch_up()
        elif verb == "wait":
            seconds += 20
            later(market, seconds)
        elif number in known:
            await market.act(market.new, f"/v1/openings/{known[number]}/{verb}")
        live = [market.stored(id).status.value in ("open", "paused") for id in known.values()]
        assert sum(live) <= LIMITS["openings_awaiting_approval"]


def test_recent_creations_are_bounded_and_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    now = [0.0]
    recent = RecentCreations(lambda: now[0], most_ids=2)
    for number in range(5):
        recent.note("webhooks", f"e-{number}", "h-1")
    assert len(recent) == 2
    assert recent.of("webhooks", "e-1") == {}
    assert set(recent.of("webhooks", "e-4")) == {"h-1"}
    now[0] = REMEMBERED_S + 1
    assert recent.of("webhooks", "e-4") == {}
    monkeypatch.setattr(recent_creations, "MOST_OF_OWNER", 3)
    of_one = RecentCreations(lambda: now[0])
    for number in range(9):
        of_one.note("openings", "e", f"o-{number}")
    assert set(of_one.of("openings", "e")) == {"o-6", "o-7", "o-8"}
    assert len(of_one) == 3


async def test_a_decision_is_kept_with_the_opening_and_only_staff_decide(market: Market) -> None:
    id = (await market.post(market.new, "new")).json()["id"]
    market.views.catch_up()
    for who in (market.new, market.department):
        assert (await market.act(who, f"/v1/openings/{id}/close")).status_code == 202
        assert market.stored(id).decision is None
        market.views.catch_up()
        assert (await market.act(who, f"/v1/openings/{id}/reopen")).status_code == 202
        market.views.catch_up()
    assert (await market.act(market.clerk, f"/v1/openings/{id}/close")).status_code == 202
    refused = market.stored(id)
    assert refused.decision is not None
    assert (refused.decision.approved, refused.status.value) == (False, "closed")
    market.views.catch_up()
    assert (await market.act(market.clerk, f"/v1/openings/{id}/close")).status_code == 200
    assert market.stored(id).decision == refused.decision, "a repeat decides nothing"
    await market.act(market.clerk, f"/v1/openings/{id}/reopen")
    market.views.catch_up()
    await market.act(market.clerk, f"/v1/openings/{id}/approve")
    approved = market.stored(id).decision
    assert approved is not None
    assert approved.approved
    market.views.catch_up()
    path, forged = f"/v1/openings/{id}", {"approved": False, "at": "2026-11-23T09:00:00Z"}
    refused_change = await market.client.patch(path, json={"decision": forged}, headers=market.new)
    assert refused_change.status_code == 422
    await market.client.patch(path, json={"decision": None}, headers=market.new)
    assert market.stored(id).decision == approved
    await market.client.patch(path, json={"totalJobOpenings": 2}, headers=market.new)
    assert market.stored(id).decision == approved


@pytest.mark.parametrize("verb", ["close", "fill"])
async def test_an_end_with_people_in_progress_asks_and_states_their_number(
    market: Market, verb: str
) -> None:
    id = (await market.post(market.known, "known", "9")).json()["id"]
    market.views.catch_up()
    market.views.in_progress = 3
    path = f"/v1/openings/{id}/{verb}"
    for asked in (path, f"{path}?confirmEnds=2"):
        refused = await market.act(market.known, asked)
        assert (refused.status_code, refused.json()["inProgress"]) == (409, 3)
        assert refused.json()["type"].endswith("ends-progress")
        assert "this ends: 3" in refused.json()["detail"]
    assert market.stored(id).status is OpeningStatus.OPEN
    assert (await market.act(market.known, f"{path}?confirmEnds=3")).status_code == 202
    assert (await market.act(market.known, path)).status_code != 409, "a repeat ends nobody"


async def test_an_edit_that_ends_an_opening_asks_as_well(market: Market) -> None:
    id = (await market.post(market.known, "known", "9")).json()["id"]
    market.views.catch_up()
    market.views.in_progress = 1
    path, past = f"/v1/openings/{id}", {"validThrough": "2020-01-01"}
    refused = await market.client.patch(path, json=past, headers=market.known)
    assert refused.status_code == 409, refused.text
    places = await market.client.patch(path, json={"totalJobOpenings": 2}, headers=market.known)
    assert places.status_code == 202, places.text
    confirmed = f"{path}?confirmEnds=1"
    assert (
        await market.client.patch(confirmed, json=past, headers=market.known)
    ).status_code == 202


async def test_a_pause_ends_nobody_and_does_not_ask(market: Market) -> None:
    id = (await market.post(market.known, "known", "9")).json()["id"]
    market.views.catch_up()
    market.views.in_progress = 3
    assert (await market.act(market.known, f"/v1/openings/{id}/pause")).status_code == 202
    assert (await market.act(market.known, f"/v1/openings/{id}/reopen")).status_code == 202
