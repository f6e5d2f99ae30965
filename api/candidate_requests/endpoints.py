"""Endpoints of requests for candidates: of an opening, and those that wait for a station."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Body, Response

from api.access.principal import Principal
from api.access.requirements import allow
from api.candidate_requests import service
from api.candidate_requests.schemas import AnswerToRequest, CandidateRequestAnswer, RequestList
from api.guards.conditional import IfMatch, tagged
from api.lists.answer_schemas import tagged_answer
from api.lists.paging import Limit
from api.ports.services import Given
from api.writes.publishing import Accepted, Wait, Written, answered
from roost.events.account import Permission
from roost.events.candidate_request import RequestContent
from roost.events.common import OpeningId

router = APIRouter(prefix="/v1", tags=["openings"])
Writes = Annotated[Principal, allow(Permission.OPENINGS_WRITE)]
Assigns = Annotated[Principal, allow(Permission.MATCHES_ASSIGN)]
ASKED = {"wanted": 3, "neededBy": "2026-12-20", "note": "早班优先。"}
ANSWERED = {"candidatesOn": "2026-12-10"}


@router.get("/candidate-requests", summary="Requests for candidates that wait for a station")
async def list_waiting(who: Assigns, given: Given, limit: Limit = 100) -> RequestList:
    """Return the open and accepted requests of the caller's stations, the most urgent first."""
    return await service.list_waiting(given, who, limit=limit)


@router.get(
    "/openings/{id}/candidate-request",
    summary="Read the newest request for candidates",
    responses=tagged_answer(),
)
async def read_request(
    id: OpeningId, who: Writes, given: Given, response: Response
) -> CandidateRequestAnswer:
    """Return the newest request for an opening with its state and the referrals since."""
    found = await service.find_request(given, who, id)
    tagged(response, found.version)
    return found


@router.post(
    "/openings/{id}/candidate-request", status_code=202, summary="Ask the station for candidates"
)
async def ask_candidates(
    id: OpeningId,
    content: Annotated[RequestContent, Body(examples=[ASKED])],
    who: Writes,
    given: Given,
    wait: Wait,
    response: Response,
) -> Accepted:
    """Ask for a number of candidates by a day; an opening has one request at a time.

    It is fulfilled by as many referrals made after it, and expires with its last day. An employer
    may ask ten times a day.
    """
    return await _accepted(
        given, id, await service.ask_candidates(given, who, id, content), wait, response
    )


@router.post(
    "/openings/{id}/candidate-request/answer",
    status_code=202,
    summary="Accept or decline a request for candidates",
)
async def answer_request(
    id: OpeningId,
    content: Annotated[AnswerToRequest, Body(examples=[ANSWERED])],
    who: Assigns,
    given: Given,
    expected: IfMatch,
    wait: Wait,
    response: Response,
) -> Accepted:
    """Accept a request with the day of the first candidates, or decline it with a reason.

    An answer may be changed until the request ends; the employer is notified each time.
    """
    written = await service.answer_request(given, who, id, content, expected)
    return await _accepted(given, id, written, wait, response)


@router.delete(
    "/openings/{id}/candidate-request", status_code=202, summary="Withdraw a request for candidates"
)
async def withdraw_request(
    id: OpeningId,
    who: Writes,
    given: Given,
    expected: IfMatch,
    wait: Wait,
    response: Response,
) -> Accepted:
    """Withdraw the request of an opening; its note is erased."""
    written = await service.withdraw_request(given, who, id, expected)
    return await _accepted(given, id, written, wait, response)


async def _accepted(
    given: Given, id: str, written: Written, wait: float, response: Response
) -> Accepted:
    where = f"/v1/openings/{id}/candidate-request"
    return await answered(given, written, where, wait, response)
