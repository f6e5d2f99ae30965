"""Openings: post, read, edit, close."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any

from fastapi import APIRouter, Body, Query, Response

from api.access import belonging
from api.access.policy import Forbidden
from api.access.principal import Principal
from api.access.requirements import allow
from api.guards.conditional import IfMatch
from api.lists import clauses
from api.lists.documents import document_answer
from api.lists.paging import Cursor, Limit, Listing, listing
from api.lists.sparse import Fields, sparse
from api.openings.schemas import EXAMPLES, STATUS, Verb
from api.ports.services import Given, Services
from api.writes.editing import OPENING
from api.writes.patching import patched
from api.writes.publishing import Accepted, Wait, accept, edit
from producers import facts
from roost.errors import Conflict, FieldError
from roost.events.account import Permission
from roost.events.common import OpeningId
from roost.events.envelope import Record
from roost.events.opening import Opening, OpeningContent, OpeningStatus
from roost.places.gazetteer import gazetteer

router = APIRouter(prefix="/v1/openings", tags=["openings"])
Content = Annotated[OpeningContent, Body(openapi_examples=EXAMPLES)]
Reads = Annotated[Principal, allow(Permission.OPENINGS_READ)]
Writes = Annotated[Principal, allow(Permission.OPENINGS_WRITE)]
Chosen = Annotated[Fields, sparse(Opening)]
NEWEST = [{"posted_at": "desc"}]


@router.post("", status_code=202, summary="Post an opening")
async def post(
    content: Content, who: Writes, given: Given, wait: Wait, response: Response
) -> Accepted:
    """202 once Kafka has it; with `Prefer: wait=N`, 201 once searches find it."""
    opening, record = facts.opening_posted(content, at=given.clock.now(), today=given.today)
    await _check_theirs(given, who, opening)
    return await accept(given, record, f"/v1/openings/{opening.id}", wait, response, created=True)


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
        str | None, Query(max_length=100, description="there or within: a name, or a key")
    ] = None,
    occupation: Annotated[
        str | None, Query(max_length=64, description="code that the taxonomy gives it")
    ] = None,
    posted_from: Annotated[date | None, Query(alias="postedFrom")] = None,
    posted_to: Annotated[date | None, Query(alias="postedTo")] = None,
    q: Annotated[str | None, Query(max_length=100, description="words of the title")] = None,
) -> Listing:
    """Newest first; a filter that is not given filters nothing."""
    filters = [
        *await belonging.openings_within_reach(given, who, Permission.OPENINGS_READ),
        *clauses.equal("employer_id", employer),
        *clauses.one_of("status", status),
        *clauses.in_place("places", place, gazetteer()),
        *clauses.equal("occupations", occupation),
        *clauses.between("posted_at", posted_from, posted_to),
        *clauses.containing("title", q),
    ]
    return await listing(given.elastic, "openings", filters, NEWEST, limit, cursor, fields)


@router.get("/{id}", summary="Read an opening")
async def read(
    id: OpeningId, who: Reads, given: Given, response: Response, fields: Chosen = None
) -> dict[str, Any]:
    document = await belonging.opening(given, who, Permission.OPENINGS_READ, id)
    return document_answer(document, response, fields)


@router.put("/{id}", status_code=202, summary="Replace an opening")
async def replace(
    id: OpeningId,
    content: Content,
    who: Writes,
    given: Given,
    expected: IfMatch,
    wait: Wait,
    response: Response,
) -> Accepted:
    await belonging.own_opening(given, who, Permission.OPENINGS_WRITE, id)

    async def change(fact: dict[str, Any]) -> Record:
        return await _edited(content, Opening.model_validate(fact), who, given)

    return await edit(given, OPENING, id, expected, change, wait, response)


@router.patch("/{id}", status_code=202, summary="Change parts of an opening (RFC 7396)")
async def patch(
    id: OpeningId,
    changes: Annotated[dict[str, Any], Body(examples=[{"totalJobOpenings": 5}])],
    who: Writes,
    given: Given,
    expected: IfMatch,
    wait: Wait,
    response: Response,
) -> Accepted:
    """The changes are made on the newest that there is; with `If-Match`, on what was read only."""
    await belonging.own_opening(given, who, Permission.OPENINGS_WRITE, id)

    async def change(fact: dict[str, Any]) -> Record:
        opening = Opening.model_validate(fact)
        content = patched(OpeningContent, opening, changes, kept=("id", "status", "source"))
        return await _edited(content, opening, who, given)

    return await edit(given, OPENING, id, expected, change, wait, response)


@router.post("/{id}/{verb}", status_code=202, summary="Close, pause, fill or reopen an opening")
async def set_status(
    id: OpeningId,
    verb: Verb,
    who: Writes,
    given: Given,
    expected: IfMatch,
    wait: Wait,
    response: Response,
) -> Accepted:
    await belonging.own_opening(given, who, Permission.OPENINGS_WRITE, id)

    async def change(fact: dict[str, Any]) -> Record:
        opening = Opening.model_validate(fact)
        return facts.opening_status_set(opening, STATUS[verb], at=given.clock.now())[1]

    return await edit(given, OPENING, id, expected, change, wait, response)


async def _edited(
    content: OpeningContent, opening: Opening, who: Principal, given: Services
) -> Record:
    """Raises Conflict for an opening that would become another employer's."""
    if content.hiring_organization.id != opening.hiring_organization.id:
        message = "the opening belongs to another employer"
        raise Conflict(
            f"hiringOrganization.id: {message}",
            "hiringOrganization.id：该岗位属于其他用工单位",
            fields=(FieldError("hiringOrganization.id", message, "该岗位属于其他用工单位"),),
        )
    edited, record = facts.opening_edited(content, opening, at=given.clock.now())
    await _check_theirs(given, who, edited)
    return record


async def _check_theirs(given: Services, who: Principal, opening: Opening) -> None:
    """Raises Forbidden for an opening of another employer, or at a place they do not serve."""
    key = opening.job_location.key
    await belonging.check_posted(
        given,
        who,
        Permission.OPENINGS_WRITE,
        employer_id=opening.hiring_organization.id,
        places=gazetteer().ancestors(key) if key else (),
        refusal=Forbidden(
            "hiringOrganization.id: post openings of your own employer, or at a place that your "
            "station serves.",
            "hiringOrganization.id：只能发布本单位的岗位，或本站服务地区的岗位。",
        ),
    )
