"""Endpoints of openings: list, read, post, replace, edit, set the status, preview the reach."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any

from fastapi import APIRouter, Body, Query, Response

from api.access.principal import Principal
from api.access.requirements import allow
from api.guards.conditional import IfMatch
from api.lists.answer_schemas import tagged_answer
from api.lists.clauses import COUNTY_DAY
from api.lists.documents import document_answer
from api.lists.paging import Cursor, Limit
from api.lists.sparse import Fields, sparse
from api.lists.totals import Total
from api.matches.schemas import Responsible
from api.openings import moderation, service
from api.openings.opening_query import OpeningFilter
from api.openings.schemas import (
    EXAMPLES,
    Objection,
    OpeningAnswer,
    OpeningFact,
    OpeningListing,
    Reach,
    Suggestions,
    Verb,
)
from api.ports.services import Given
from api.writes.ending import Confirmed
from api.writes.publishing import Accepted, Wait, Written, answered
from roost.events.account import Permission
from roost.events.common import OpeningId
from roost.events.opening import OpeningContent, OpeningStatus, Refusal

router = APIRouter(prefix="/v1/openings", tags=["openings"])
Content = Annotated[OpeningContent, Body(openapi_examples=EXAMPLES)]
Reads = Annotated[Principal, allow(Permission.OPENINGS_READ)]
Writes = Annotated[Principal, allow(Permission.OPENINGS_WRITE)]
Approves = Annotated[Principal, allow(Permission.OPENINGS_APPROVE)]
Chosen = Annotated[Fields, sparse(OpeningAnswer)]


@router.post("", status_code=202, summary="Post an opening")
async def post(
    content: Content,
    who: Writes,
    given: Given,
    wait: Wait,
    response: Response,
    confirmed: Confirmed = 0,
) -> Accepted:
    """Post an opening, or edit the one with the same employer and `identifier`.

    An edit keeps the status and the dates of the first posting; reopening is a separate action. An
    unchanged repeat publishes nothing and answers 200 with the current version.

    A new employer's opening waits for approval (`awaitingApproval`): it is not matched until then.

    The status is 202 once Kafka has it; with `Prefer: wait=N`, 201 once searches find it, or 200
    if it was posted before. If the identifier belongs to an opening that you may not change, it is
    409. If an edit ends the opening or excludes people in progress, `confirmEnds` is needed (409
    `ends-progress`), as for `PUT /v1/openings/{id}`.
    """
    written = await service.post_opening(given, who, content, confirmed=confirmed)
    return await _accepted(given, written, wait, response)


@router.get("", summary="List openings")
async def list_openings(
    who: Reads,
    given: Given,
    limit: Limit = 50,
    cursor: Cursor = None,
    fields: Chosen = None,
    employer: Annotated[str | None, Query(max_length=64)] = None,
    status: Annotated[list[OpeningStatus] | None, Query()] = None,
    place: Annotated[
        str | None, Query(max_length=100, description="in this place or within it: a name or a key")
    ] = None,
    occupation: Annotated[
        str | None, Query(max_length=64, description="code in the taxonomy")
    ] = None,
    posted_from: Annotated[date | None, Query(alias="postedFrom", description=COUNTY_DAY)] = None,
    posted_to: Annotated[date | None, Query(alias="postedTo", description=COUNTY_DAY)] = None,
    q: Annotated[str | None, Query(max_length=100, description="words of the title")] = None,
    awaiting: Annotated[
        bool | None, Query(alias="awaitingApproval", description="waiting for approval, or not")
    ] = None,
    to_be_decided: Annotated[
        bool | None,
        Query(alias="toBeDecided", description="a decision, also on an appeal, is due, or not"),
    ] = None,
    identifier: Annotated[
        str | None,
        Query(
            min_length=1,
            max_length=300,
            description="own reference of the employer",
        ),
    ] = None,
    total: Total = False,
) -> OpeningListing:
    """Return a page, newest first; an absent filter filters nothing.

    `identifier` looks up an opening by the reference under which it was posted. Every employer has
    its own references, so name the `employer` as well; a key of an employer means its own.
    """
    wanted = OpeningFilter(
        employer,
        status,
        place,
        occupation,
        posted_from,
        posted_to,
        q,
        awaiting,
        to_be_decided,
        identifier,
    )
    return await service.list_openings(
        given, who, wanted, limit=limit, cursor=cursor, fields=fields, total=total
    )


@router.post("/reach", summary="Preview how many workers an opening would reach")
async def preview_reach(content: Content, who: Writes, given: Given) -> Reach:
    """Count the workers who meet every demand, and those whom each demand excludes.

    Nothing is posted. So that no worker can be recognised, wage, start and coordinates are rounded,
    numbers are rounded down (0 means fewer than 5), and a day has a limited number of different
    previews: then 429.
    """
    return await service.preview_reach(given, who, content)


@router.post("/suggestions", summary="Suggest fields from the text of an opening")
async def suggest_fields(content: Content, who: Writes) -> Suggestions:
    """Return the skills, licences, terms and numbers that title, description and benefits state.

    Each suggestion names the words it comes from. What the fields state already is left out, and
    so is what the text revokes (无需经验) or only prefers. Nothing is posted or stored.
    """
    return await service.suggest_fields(content)


@router.get("/{id}", summary="Read an opening", responses=tagged_answer())
async def read_opening(
    id: OpeningId, who: Reads, given: Given, response: Response, fields: Chosen = None
) -> OpeningFact:
    """Return one opening, or the requested fields of it."""
    return document_answer(await service.find_opening(given, who, id), response, fields)


@router.put("/{id}", status_code=202, summary="Replace an opening")
async def replace(
    id: OpeningId,
    content: Content,
    who: Writes,
    given: Given,
    expected: IfMatch,
    wait: Wait,
    response: Response,
    confirmed: Confirmed = 0,
) -> Accepted:
    """Replace the content; the status stays.

    A last day in the past ends the opening, and narrower demands (place, wage, start, licences,
    shifts, lodging) may exclude people in progress: `confirmEnds` is needed then (409
    `ends-progress`). An employer gets the number of all in progress, staff of those excluded.
    """
    written = await service.replace_opening(given, who, id, content, expected, confirmed=confirmed)
    return await _accepted(given, written, wait, response)


@router.patch("/{id}", status_code=202, summary="Change parts of an opening (RFC 7396)")
async def patch(
    id: OpeningId,
    changes: Annotated[dict[str, Any], Body(examples=[{"totalJobOpenings": 5}])],
    who: Writes,
    given: Given,
    expected: IfMatch,
    wait: Wait,
    response: Response,
    confirmed: Confirmed = 0,
) -> Accepted:
    """Apply the changes to the current version; with `If-Match`, only to the version named.

    A last day in the past ends the opening, and narrower demands (place, wage, start, licences,
    shifts, lodging) may exclude people in progress: `confirmEnds` is needed then (409
    `ends-progress`). An employer gets the number of all in progress, staff of those excluded.
    """
    written = await service.patch_opening(given, who, id, changes, expected, confirmed=confirmed)
    return await _accepted(given, written, wait, response)


@router.get("/{id}/responsible", summary="Read the station responsible for an opening")
async def read_responsible(id: OpeningId, who: Reads, given: Given) -> Responsible:
    """Return the station that serves the workplace, with its telephone.

    The clerk who holds a match is in the match's own answer (`responsible`).
    """
    return await service.find_responsible(given, who, id)


@router.post("/{id}/approve", status_code=202, summary="Approve an opening that waits for it")
async def approve(
    id: OpeningId,
    who: Approves,
    given: Given,
    expected: IfMatch,
    wait: Wait,
    response: Response,
) -> Accepted:
    """Approve an opening that waits for it, and with it its employer's other new ones.

    Marked words of its text (`review`) count as lawful from then on.
    """
    written = await moderation.approve_opening(given, who, id, expected)
    return await _accepted(given, written, wait, response)


@router.post("/{id}/refuse", status_code=202, summary="Refuse an opening, or take it down")
async def refuse(
    id: OpeningId,
    refusal: Refusal,
    who: Approves,
    given: Given,
    expected: IfMatch,
    wait: Wait,
    response: Response,
    confirmed: Confirmed = 0,
) -> Accepted:
    """Close an opening with reasons; its employer receives them and may appeal once.

    Reopened, it waits for approval. `confirmEnds` is needed if people are in progress (409
    `ends-progress`). Who refused it does not decide on the appeal (409); after that the decision is
    final.
    """
    written = await moderation.refuse_opening(
        given, who, id, refusal, expected, confirmed=confirmed
    )
    return await _accepted(given, written, wait, response)


@router.post("/{id}/appeal", status_code=202, summary="Object to the refusal of an opening")
async def appeal(
    id: OpeningId,
    objection: Objection,
    who: Writes,
    given: Given,
    expected: IfMatch,
    wait: Wait,
    response: Response,
) -> Accepted:
    """Object once; another person of the station or the association decides.

    Approved, the opening is open again. 409 if there is no refusal to object to.
    """
    written = await moderation.appeal_opening(given, who, id, objection.text, expected)
    return await _accepted(given, written, wait, response)


@router.post("/{id}/{verb}", status_code=202, summary="Close, pause, fill or reopen an opening")
async def set_status(
    id: OpeningId,
    verb: Verb,
    who: Writes,
    given: Given,
    expected: IfMatch,
    wait: Wait,
    response: Response,
    confirmed: Confirmed = 0,
) -> Accepted:
    """Set the status that the verb names.

    A pause keeps all matches in place: workers, and stations that work on them, are informed, and
    again when it is reopened. Closing or filling ends the matches. If people are in progress, it is
    409 `ends-progress` with their number (`inProgress`); repeat it with `confirmEnds` of that
    number.
    """
    written = await service.set_opening_status(given, who, id, verb, expected, confirmed=confirmed)
    return await _accepted(given, written, wait, response)


async def _accepted(given: Given, written: Written, wait: float, response: Response) -> Accepted:
    return await answered(given, written, f"/v1/openings/{written.record.key}", wait, response)
