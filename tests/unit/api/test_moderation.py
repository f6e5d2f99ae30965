"""Openings that are refused or taken down with reasons, and appeals (ADR 80)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import httpx
import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from producers import facts, opening_decisions
from roost.errors import Conflict
from roost.events.account import AccountRole
from roost.events.opening import (
    WATCHED,
    Opening,
    OpeningContent,
    OpeningStatus,
    Refusal,
    RefusalReason,
)
from tests.unit.api.builders import NOW
from tests.unit.api.signed import headers_for
from tests.unit.api.test_posting_rules import Market, market
from tests.unit.api.two_stations import HERE, MINE, OTHERS, opening

__all__ = ["market"]
FEES = {"reasons": ["fees_charged"], "text": "体检不得收费。"}


async def sent(
    market: Market, headers: dict[str, str], path: str, body: dict[str, Any], **query: Any
) -> httpx.Response:
    answer = await market.client.post(path, json=body, headers=headers, params=query)
    market.views.catch_up()
    return answer


def published(market: Market) -> str:
    """Return the path of the known employer's published opening."""
    (id,) = [key for (view, key) in market.views.documents if view == "openings"]
    return f"/v1/openings/{id}"


def colleague(market: Market) -> dict[str, str]:
    """Headers of another clerk of the same station."""
    return headers_for(market.topics, AccountRole.CLERK, station_ids=(MINE,))


async def test_a_published_opening_is_taken_down_and_its_employer_appeals(market: Market) -> None:
    path = published(market)
    id = path.rsplit("/", 1)[-1]
    assert (await sent(market, market.clerk, f"{path}/refuse", FEES)).status_code == 202
    taken = market.stored(id)
    assert (taken.status, taken.awaiting_approval) == (OpeningStatus.CLOSED, True)
    assert taken.decision is not None
    assert (taken.decision.taken_down, taken.to_be_decided) == (True, False)
    reopened = await sent(market, market.known, f"{path}/reopen", {})
    assert reopened.status_code == 202
    assert not market.stored(id).can_be_matched(NOW.date()), "it waits for approval"
    await sent(market, market.known, f"{path}/close", {})

    objection = {"text": "费用由单位承担，说明已改。"}
    assert (await sent(market, market.clerk, f"{path}/appeal", objection)).status_code == 202
    again = await sent(market, market.known, f"{path}/appeal", objection)
    assert again.status_code == 409, "one appeal for a decision"
    assert market.stored(id).to_be_decided
    own = await sent(market, market.clerk, f"{path}/approve", {})
    assert own.status_code == 409, "who refused it does not decide on the appeal"
    assert "colleague" in own.json()["detail"]
    assert (await sent(market, colleague(market), f"{path}/approve", {})).status_code == 202
    assert market.stored(id).can_be_matched(NOW.date())
    assert (await sent(market, market.known, f"{path}/appeal", objection)).status_code == 409


async def test_a_decision_after_an_appeal_is_final(market: Market) -> None:
    path = published(market)
    id = path.rsplit("/", 1)[-1]
    await sent(market, market.clerk, f"{path}/refuse", FEES)
    await sent(market, market.known, f"{path}/appeal", {"text": "不同意"})
    own = await sent(market, market.clerk, f"{path}/refuse", FEES)
    assert own.status_code == 409
    assert (await sent(market, colleague(market), f"{path}/refuse", FEES)).status_code == 202
    decision = market.stored(id).decision
    assert decision is not None
    assert (decision.final, decision.taken_down, decision.appeal) == (True, True, None)
    assert (await sent(market, market.known, f"{path}/appeal", {"text": "x"})).status_code == 409


@pytest.mark.parametrize("role", ["new", "known", "department"])
async def test_only_stations_and_the_association_refuse(market: Market, role: str) -> None:
    headers: dict[str, str] = getattr(market, role)
    answer = await sent(market, headers, f"{published(market)}/refuse", FEES)
    assert answer.status_code in (403, 404)
    assert market.log.records == []


async def test_neither_another_station_nor_another_employer_has_a_say(market: Market) -> None:
    path = published(market)
    other = headers_for(market.topics, AccountRole.CLERK, station_ids=(OTHERS,))
    assert (await sent(market, other, f"{path}/refuse", FEES)).status_code == 404
    await sent(market, market.clerk, f"{path}/refuse", FEES)
    before = len(market.log.records)
    for headers in (market.new, other):
        assert (await sent(market, headers, f"{path}/appeal", {"text": "x"})).status_code == 404
    assert len(market.log.records) == before


async def test_a_refusal_that_ends_other_peoples_progress_asks_first(market: Market) -> None:
    path, market.views.in_progress = published(market), 3
    asked = await sent(market, market.clerk, f"{path}/refuse", FEES)
    assert (asked.status_code, asked.json()["inProgress"]) == (409, 3)
    assert market.log.records == []
    answer = await sent(market, market.clerk, f"{path}/refuse", FEES, confirmEnds=3)
    assert answer.status_code == 202


@pytest.mark.parametrize(
    ("reasons", "holds"),
    [
        (["fees_charged"], True),
        (["duplicate", "discriminating"], True),
        (["duplicate"], False),
        (["no_contact"], False),
    ],
)
async def test_after_a_serious_refusal_new_openings_of_the_employer_wait(
    market: Market, reasons: list[str], holds: bool
) -> None:
    path = published(market)
    first = (await market.post(market.known, "known", "a")).json()["id"]
    await sent(market, market.clerk, f"{path}/refuse", {"reasons": reasons})
    later = (await market.post(market.known, "known", "b")).json()["id"]
    assert market.stored(later).awaiting_approval is holds
    assert not market.stored(first).awaiting_approval, "what is published stays"
    market.views.catch_up()
    another = (await market.post(market.known, "known", "c")).json()["id"]
    market.views.catch_up()
    await sent(market, market.clerk, f"/v1/openings/{later}/approve", {})
    assert not market.stored(later).awaiting_approval
    assert market.stored(another).awaiting_approval is holds, "each is approved by itself"


async def test_an_approval_does_not_release_what_was_refused(market: Market) -> None:
    ids = [(await market.post(market.new, "new", str(n))).json()["id"] for n in range(2)]
    market.views.catch_up()
    await sent(market, market.clerk, f"/v1/openings/{ids[0]}/refuse", {"reasons": ["duplicate"]})
    await sent(market, market.clerk, f"/v1/openings/{ids[1]}/approve", {})
    await sent(market, market.new, f"/v1/openings/{ids[0]}/reopen", {})
    assert not market.stored(ids[0]).can_be_matched(NOW.date())


@pytest.mark.parametrize(
    "refusal",
    [
        {},
        {"reasons": []},
        {"reasons": ["other"]},
        {"reasons": ["duplicate", "duplicate"]},
        {"reasons": ["nonsense"]},
        {"reasons": ["duplicate"], "text": "x" * 501},
    ],
)
async def test_a_refusal_without_a_reason_that_can_be_told_is_refused(
    market: Market, refusal: dict[str, Any]
) -> None:
    answer = await sent(market, market.clerk, f"{published(market)}/refuse", refusal)
    assert answer.status_code == 422
    with pytest.raises(ValidationError):
        Refusal.model_validate(refusal)


STEPS = st.lists(
    st.sampled_from(["approve", "refuse", "appeal", "reopen", "close"]), min_size=1, max_size=12
)


@given(STEPS, st.lists(st.sampled_from("ab"), min_size=12, max_size=12))
def test_whatever_happens_a_refused_opening_is_matched_only_after_an_approval(
    steps: list[str], deciders: list[str]
) -> None:
    content = OpeningContent.model_validate(opening(HERE))
    current, _ = facts.opening_posted(content, at=NOW, today=NOW.date())
    refused, refuser, appealed = False, "", False
    for number, (step, decider) in enumerate(zip(steps, deciders, strict=False)):
        at, before = NOW + timedelta(minutes=number), current
        by_refuser = appealed and current.status is OpeningStatus.CLOSED and decider == refuser
        try:
            current = _after(step, current, decider, at)
        except Conflict:
            assert step == "appeal" or by_refuser
            assert current is before
            continue
        if step in ("approve", "refuse"):
            assert not by_refuser
            refused, refuser, appealed = step == "refuse", decider, False
        appealed = appealed or step == "appeal"
        assert not (refused and current.can_be_matched(NOW.date()))
        assert Opening.from_stored(orjson.loads(current.to_json())) == current


def _after(step: str, current: Opening, decider: str, at: Any) -> Opening:
    match step:
        case "approve":
            return opening_decisions.opening_approved(current, at=at, decider=decider)[0]
        case "refuse":
            refusal = Refusal(reasons=(RefusalReason.FEES_CHARGED,))
            return opening_decisions.opening_refused(
                current, at=at, refusal=refusal, decider=decider
            )[0]
        case "appeal":
            return opening_decisions.opening_appealed(current, "text", at=at)[0]
        case "reopen":
            return facts.opening_status_set(current, OpeningStatus.OPEN, at=at)[0]
        case _:
            return facts.opening_status_set(current, OpeningStatus.CLOSED, at=at)[0]


def test_a_watch_ends_by_itself_and_with_an_approval() -> None:
    content = OpeningContent.model_validate(opening(HERE))
    posted, _ = facts.opening_posted(content, at=NOW, today=NOW.date())
    refusal = Refusal(reasons=(RefusalReason.NOT_REAL_WORK,))
    refused, _ = opening_decisions.opening_refused(posted, at=NOW, refusal=refusal, decider="d")
    assert refused.watched_until == NOW + WATCHED
    approved, _ = opening_decisions.opening_approved(refused, at=NOW, decider="d")
    assert approved.watched_until is None
