"""Use cases of requests for candidates: ask, answer, withdraw, read, list those that wait.

Employers ask, staff may ask for them; the station that serves the workplace answers. An opening
has one record, so two requests at one time cannot exist.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from datetime import date, timedelta
from typing import Any

from api.access import belonging, policy
from api.access.policy import Reach
from api.access.principal import Principal
from api.candidate_requests.schemas import (
    AnswerToRequest,
    CandidateRequestAnswer,
    ListedRequest,
    RequestList,
)
from api.guards.conditional import ANYTHING, Expected
from api.lists.paging import bool_of
from api.matches.responsible import responsible_station
from api.ports.latest_writes import CurrentFact
from api.ports.services import Services
from api.writes.editing import CANDIDATE_REQUEST, existing_fact, parsed_once
from api.writes.publishing import Written, write_fact
from api.writes.quotas import Quota, QuotaReached, reserve
from producers import candidate_request_facts as facts
from roost.errors import Conflict, NotFound, invalid_field
from roost.events.account import Permission
from roost.events.candidate_request import CandidateRequest, RequestContent, RequestDecision
from roost.events.envelope import Record
from roost.events.opening import OpeningStatus
from roost.rules.request_states import request_id, request_state
from roost.time.clock import day_of
from roost.time.county_days import day_begins
from roost.topics import CANDIDATE_REQUESTS, MATCHES, OPENINGS
from roost.views.elastic import Json

MOST_A_DAY = 10
"""Requests of one employer on one day of the county."""
LATEST = timedelta(days=90)
"""Furthest last day of a request."""
MOST_LISTED = 200


class RequestsSpent(QuotaReached):
    """An employer has made as many requests today as it may."""

    status = 429
    slug = "requests-spent"
    title = "No more requests for candidates today"
    title_zh = "今日推荐请求次数已用完"


async def find_request(given: Services, who: Principal, opening_id: str) -> CandidateRequestAnswer:
    """Return the newest request for an opening. Raises NotFound without one."""
    await belonging.own_opening(given, who, Permission.OPENINGS_WRITE, opening_id)
    current = await _current(given, opening_id)
    fact = existing_fact(current, CANDIDATE_REQUEST, request_id(opening_id))
    [answer] = await _answers(given, [(CandidateRequest.from_stored(fact), current.version)])
    return answer


async def request_shown(
    given: Services, who: Principal, opening_id: str
) -> CandidateRequestAnswer | None:
    """Return the newest request for an opening within reach; None without one, or permission."""
    if not policy.may(who, Permission.OPENINGS_WRITE):
        return None
    try:
        return await find_request(given, who, opening_id)
    except NotFound:
        return None


async def list_waiting(given: Services, who: Principal, *, limit: int = MOST_LISTED) -> RequestList:
    """Return the live requests of the caller's stations, the earliest last day first."""
    how_far = policy.reach(who, Permission.MATCHES_ASSIGN)
    filters: list[Json] = [
        {"terms": {"decision": [RequestDecision.OPEN.value, RequestDecision.ACCEPTED.value]}},
        {"range": {"needed_by": {"gte": given.today.isoformat()}}},
    ]
    if how_far is Reach.STATIONS:
        filters.append({"terms": {"station_id": list(who.station_ids)}})
    body: Json = {
        "size": min(limit, MOST_LISTED),
        "sort": [{"needed_by": "asc"}, {"id": "asc"}],
        "track_total_hits": False,
        "query": bool_of(filters),
    }
    found = (await given.elastic.search(CANDIDATE_REQUESTS.name, body)).hits
    stored = [
        (CandidateRequest.from_stored(hit.source["fact"]), hit.source["version"]) for hit in found
    ]
    answers, openings = await asyncio.gather(
        _answers(given, stored),
        given.elastic.mget([(OPENINGS.name, each.opening_id) for each, _ in stored], ("fact",)),
    )
    return RequestList(
        items=[
            ListedRequest(**each.model_dump(), **_titles(openings, each.opening_id))
            for each in answers
            if each.state.is_live
        ]
    )


async def ask_candidates(
    given: Services, who: Principal, opening_id: str, content: RequestContent
) -> Written:
    """Ask the station for candidates; the same request again changes nothing.

    Raises NotFound, Invalid for a last day out of range, RequestsSpent, and Conflict if the opening
    is not open, has a live request, or had one that was asked today.
    """
    document = await belonging.own_opening(given, who, Permission.OPENINGS_WRITE, opening_id)
    now = given.clock.now()
    if not given.today <= content.needed_by <= given.today + LATEST:
        raise invalid_field(
            "neededBy", "must be within the next 90 days", "应为今后 90 天之内的日期"
        )
    if document["fact"].get("status") != OpeningStatus.OPEN.value:
        raise Conflict("The opening is not open.", "该岗位未在招聘中，不能请求推荐。")
    employer_id = document["employer_id"]
    station = await responsible_station(given, document)

    async def authorise(current: CurrentFact) -> None:
        """Accept it: access is checked above, and the id contains the opening."""

    async def derive(current: CurrentFact) -> Record:
        before = CandidateRequest.from_stored(current.fact) if current.fact else None
        if before is not None:
            await _check_over(given, before)
        await _check_room(given, employer_id, request_id(opening_id))
        return facts.candidates_requested(
            content,
            opening_id,
            employer_id,
            station["id"] if station else None,
            before,
            by=who.id,
            at=now,
        )

    return await write_fact(given, CANDIDATE_REQUEST, request_id(opening_id), authorise, derive)


async def answer_request(
    given: Services,
    who: Principal,
    opening_id: str,
    answer: AnswerToRequest,
    expected: Expected = ANYTHING,
) -> Written:
    """Accept a request with a day, or decline it with a reason.

    Raises NotFound, Forbidden, Invalid for a day out of range, PreconditionFailed, and Conflict if
    the request has ended.
    """

    def change(stored: CandidateRequest) -> Record:
        by, at = who.id, given.clock.now()
        if answer.candidates_on is None:
            assert answer.declined_because is not None
            return facts.request_declined(stored, answer.declined_because, by=by, at=at)
        if not given.today <= answer.candidates_on <= stored.needed_by:
            raise invalid_field(
                "candidatesOn",
                f"must be between today and {stored.needed_by}, the last day of the request",
                f"应在今天至请求期限 {stored.needed_by} 之间",
            )
        return facts.request_accepted(stored, answer.candidates_on, by=by, at=at)

    return await _write_live(given, who, Permission.MATCHES_ASSIGN, opening_id, change, expected)


async def withdraw_request(
    given: Services, who: Principal, opening_id: str, expected: Expected = ANYTHING
) -> Written:
    """Withdraw a request, and erase its note. Raises NotFound and PreconditionFailed."""

    def change(stored: CandidateRequest) -> Record:
        return facts.request_withdrawn(stored, by=who.id, at=given.clock.now())

    permission = Permission.OPENINGS_WRITE
    return await _write_live(given, who, permission, opening_id, change, expected, live=False)


async def _write_live(
    given: Services,
    who: Principal,
    permission: Permission,
    opening_id: str,
    change: Callable[[CandidateRequest], Record],
    expected: Expected,
    *,
    live: bool = True,
) -> Written:
    """Change the stored request of an opening; with `live`, only one that has not ended."""
    await belonging.own_opening(given, who, permission, opening_id)
    id = request_id(opening_id)
    parse = parsed_once(CandidateRequest)

    async def authorise(current: CurrentFact) -> None:
        existing_fact(current, CANDIDATE_REQUEST, id)

    async def derive(current: CurrentFact) -> Record:
        stored = parse(current)
        if live:
            [answer] = await _answers(given, [(stored, current.version)])
            if not answer.state.is_live:
                raise Conflict(
                    f"The request is {answer.state.value} already.",
                    "该推荐请求已结束，不能再答复。",
                )
        return change(stored)

    return await write_fact(given, CANDIDATE_REQUEST, id, authorise, derive, expected=expected)


async def _check_over(given: Services, before: CandidateRequest) -> None:
    """Raise Conflict while an opening has a live request, and for a second one on one day."""
    [answer] = await _answers(given, [(before, 0)])
    if answer.state.is_live:
        raise Conflict(
            "There is a request for this opening already; withdraw it first to ask again.",
            "该岗位已有推荐请求，如需更改请先撤回。",
        )
    if day_of(before.asked_at, given.settings.zone) == given.today:
        raise Conflict(
            "Candidates for this opening were requested today; ask again tomorrow.",
            "该岗位今日已请求过推荐，请明日再试。",
        )


async def _check_room(given: Services, employer_id: str, id: str) -> None:
    """Count a request of an employer today. Raises RequestsSpent."""
    begins = day_begins(given.today, given.settings.zone)
    filters: list[Json] = [
        {"term": {"employer_id": employer_id}},
        {"range": {"asked_at": {"gte": begins.isoformat()}}},
    ]
    refusal = RequestsSpent(
        f"An employer may ask {MOST_A_DAY} times a day; ask again tomorrow.",
        f"每个单位每日最多请求 {MOST_A_DAY} 次，请明日再试。",
    )

    def counts(fact: Json) -> bool:
        request = CandidateRequest.from_stored(fact)
        return request.employer_id == employer_id and request.asked_at >= begins

    view = CANDIDATE_REQUESTS.name
    async with given.latest.alone(view, f"employer/{employer_id}"):
        await reserve(given, Quota(view, employer_id, filters, MOST_A_DAY, counts), id, refusal)


async def _current(given: Services, opening_id: str) -> CurrentFact:
    id = request_id(opening_id)
    view = CANDIDATE_REQUESTS.name
    return given.latest.over(view, id, await given.elastic.get(view, id))


async def _answers(
    given: Services, stored: Sequence[tuple[CandidateRequest, int]]
) -> list[CandidateRequestAnswer]:
    """Return requests with their state and the number of referrals since each."""
    questions = [
        (
            "opening_id",
            [each.opening_id],
            {"range": {"referrals": {"gte": each.asked_at.isoformat()}}},
        )
        for each, _ in stored
    ]
    tallies = await given.elastic.tallies(MATCHES.name, questions) if questions else []
    return [
        _answer(request, version, tally.get(request.opening_id, 0), given.today)
        for (request, version), tally in zip(stored, tallies, strict=True)
    ]


def _answer(
    request: CandidateRequest, version: int, referred: int, today: date
) -> CandidateRequestAnswer:
    fields = CandidateRequestAnswer.model_fields.keys() & CandidateRequest.model_fields.keys()
    return CandidateRequestAnswer(
        **{name: getattr(request, name) for name in fields},
        state=request_state(request, referred, today),
        referred=referred,
        version=version,
    )


def _titles(openings: dict[tuple[str, str], Json], opening_id: str) -> dict[str, Any]:
    fact = openings.get((OPENINGS.name, opening_id), {}).get("fact") or {}
    employer = fact.get("hiringOrganization") or {}
    return {"title": fact.get("title", ""), "employer": employer.get("name", "")}
