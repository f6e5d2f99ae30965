"""Requests for candidates: their state, and the news of each state, in any order of events."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from producers import candidate_request_facts as facts
from roost import ids
from roost.events.candidate_request import CandidateRequest, DeclinedBecause, RequestContent
from roost.events.envelope import Record, decode, value_of
from roost.events.notification import NotificationKind, RecipientKind
from roost.rules.request_states import (
    TOLD_TO_EMPLOYER,
    RequestState,
    request_id,
    request_news,
    request_obstacle,
    request_pending,
    request_state,
    state_news,
    told_state,
)

NOW = datetime(2026, 12, 1, 9, tzinfo=UTC)
TODAY = date(2026, 12, 1)
OPENING = ids.opening_id("t", "1")
STATION = ids.station_id("lin-bei")
CONTENT = RequestContent(wanted=2, needed_by=TODAY + timedelta(days=9), note="早班优先。")
S = RequestState


def read(record: Record) -> CandidateRequest:
    return decode(CandidateRequest, value_of(record))


def asked(before: CandidateRequest | None = None) -> CandidateRequest:
    return read(
        facts.candidates_requested(CONTENT, OPENING, "works", STATION, before, by="u-1", at=NOW)
    )


def accepted(request: CandidateRequest) -> CandidateRequest:
    day = TODAY + timedelta(days=2)
    return read(facts.request_accepted(request, day, by="u-2", at=NOW))


def declined(request: CandidateRequest) -> CandidateRequest:
    because = DeclinedBecause.TERMS
    return read(facts.request_declined(request, because, by="u-2", at=NOW))


def withdrawn(request: CandidateRequest) -> CandidateRequest:
    return read(facts.request_withdrawn(request, by="u-1", at=NOW))


@pytest.mark.parametrize(
    ("request_", "referred", "today", "state"),
    [
        (asked(), 0, TODAY, S.OPEN),
        (asked(), 1, TODAY + timedelta(days=9), S.OPEN),
        (asked(), 1, TODAY + timedelta(days=10), S.EXPIRED),
        (asked(), 2, TODAY, S.FULFILLED),
        (accepted(asked()), 0, TODAY, S.ACCEPTED),
        (accepted(asked()), 3, TODAY + timedelta(days=99), S.FULFILLED),
        (accepted(asked()), 0, TODAY + timedelta(days=10), S.EXPIRED),
        (declined(asked()), 5, TODAY, S.DECLINED),
        (withdrawn(asked()), 5, TODAY, S.WITHDRAWN),
    ],
)
def test_the_state_follows_from_the_record_the_referrals_and_the_day(
    request_: CandidateRequest, referred: int, today: date, state: RequestState
) -> None:
    assert request_state(request_, referred, today) is state
    assert state.is_live is (state in {S.OPEN, S.ACCEPTED})


def test_an_opening_has_one_record_and_a_new_request_replaces_the_former() -> None:
    first = declined(asked())
    second = asked(first)
    assert first.id == second.id == request_id(OPENING)
    assert (second.number, second.declined_because, second.decided_at) == (2, None, None)
    assert withdrawn(second).note is None
    assert accepted(declined(asked())).declined_because is None


def test_the_station_is_told_of_a_request_and_the_employer_of_each_answer_once() -> None:
    [to_station] = request_news(asked())
    assert to_station.recipient.kind is RecipientKind.STATION
    assert to_station.recipient.id == STATION
    assert to_station.kind is NotificationKind.CANDIDATES_REQUESTED
    [yes], [no] = request_news(accepted(asked())), request_news(declined(asked()))
    assert {each.recipient.id for each in (yes, no)} == {ids.employer_key("works")}
    assert list(request_news(withdrawn(asked()))) == []
    again = asked(declined(asked()))
    every = [
        to_station,
        *request_news(again),
        *(state_news(each, state, NOW) for each in (asked(), again) for state in TOLD_TO_EMPLOYER),
    ]
    assert len({each.id for each in every}) == len(every)
    assert state_news(accepted(asked()), S.ACCEPTED, NOW).id == yes.id
    assert [told_state(each) for each in (yes, no)] == [S.ACCEPTED, S.DECLINED]


STEPS = st.lists(st.sampled_from(["ask", "accept", "decline", "withdraw"]), max_size=8)


@given(STEPS)
def test_news_is_due_on_its_own_record_and_on_none_that_contradicts_it(steps: list[str]) -> None:
    request, told = asked(), list(request_news(asked()))
    for step in steps:
        change = {"accept": accepted, "decline": declined, "withdraw": withdrawn, "ask": asked}
        request = change[step](request)
        for each in request_news(request):
            assert not request_pending(each, request)
            assert request_obstacle(each, request) == ""
            told.append(each)
        for each in told:
            if request_obstacle(each, request) or request_pending(each, request):
                continue
            if each.kind is NotificationKind.CANDIDATES_REQUESTED:
                assert request.decision.value == "open"
            else:
                assert told_state(each).value == request.decision.value


def test_news_waits_for_the_view_and_is_dropped_without_a_record() -> None:
    [yes] = request_news(accepted(asked()))
    assert request_pending(yes, None)
    assert request_pending(yes, asked())
    [second] = request_news(asked(declined(asked())))
    assert request_pending(second, asked())
    assert request_obstacle(yes, asked(declined(asked()))) == "the opening has another request"
    fulfilled = state_news(asked(), S.FULFILLED, NOW)
    assert request_obstacle(fulfilled, withdrawn(asked())) == "the request has ended"
