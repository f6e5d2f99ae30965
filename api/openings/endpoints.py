"""Openings: post, read, edit, close."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Body, Query, Response

from api import belonging
from api.dependencies import Accepted, Given, Services, Wait, accept, shown
from api.identity.asking import allow
from api.identity.principal import Principal
from api.openings.schemas import EXAMPLES, STATUS, Verb
from api.paging import Cursor, Limit, Listing, listing
from api.patching import patched
from api.policy import Forbidden
from producers import facts
from roost.clock import today
from roost.errors import Conflict, FieldError
from roost.events.account import Permission
from roost.events.common import OpeningId
from roost.events.opening import Opening, OpeningContent, OpeningStatus
from roost.places import gazetteer

router = APIRouter(prefix="/v1/openings", tags=["openings"])
Content = Annotated[OpeningContent, Body(openapi_examples=EXAMPLES)]
Reads = Annotated[Principal, allow(Permission.OPENINGS_READ)]
Writes = Annotated[Principal, allow(Permission.OPENINGS_WRITE)]


@router.post("", status_code=202, summary="Post an opening")
async def post(
    content: Content, who: Writes, given: Given, wait: Wait, response: Response
) -> Accepted:
    """202 once Kafka has it; with `Prefer: wait=N`, 201 once searches find it."""
    opening, record = facts.opening_posted(content, at=given.clock.now(), today=today(given.clock))
    await _check_theirs(given, who, opening)
    return await accept(given, record, f"/v1/openings/{opening.id}", wait, response, created=True)


@router.get("", summary="List openings")
async def list_openings(
    who: Reads,
    given: Given,
    limit: Limit = 50,
    cursor: Cursor = None,
    employer: Annotated[str | None, Query(max_length=64)] = None,
    status: OpeningStatus | None = None,
) -> Listing:
    filters = await belonging.openings_within_reach(given, who, Permission.OPENINGS_READ)
    filters += [
        {"term": {name: value}}
        for name, value in (("employer_id", employer), ("status", status))
        if value is not None
    ]
    return await listing(given.elastic, "openings", filters, [{"posted_at": "desc"}], limit, cursor)


@router.get("/{id}", summary="Read an opening")
async def read(id: OpeningId, who: Reads, given: Given) -> dict[str, Any]:
    return shown(await belonging.opening(given, who, Permission.OPENINGS_READ, id))


@router.put("/{id}", status_code=202, summary="Replace an opening")
async def replace(
    id: OpeningId, content: Content, who: Writes, given: Given, wait: Wait, response: Response
) -> Accepted:
    return await _edit(id, content, await _opening(given, who, id), who, given, wait, response)


@router.patch("/{id}", status_code=202, summary="Change parts of an opening (RFC 7396)")
async def patch(
    id: OpeningId,
    changes: Annotated[dict[str, Any], Body(examples=[{"totalJobOpenings": 5}])],
    who: Writes,
    given: Given,
    wait: Wait,
    response: Response,
) -> Accepted:
    opening = await _opening(given, who, id)
    content = patched(OpeningContent, opening, changes, kept=("id", "status", "source"))
    return await _edit(id, content, opening, who, given, wait, response)


@router.post("/{id}/{verb}", status_code=202, summary="Close, pause, fill or reopen an opening")
async def set_status(
    id: OpeningId, verb: Verb, who: Writes, given: Given, wait: Wait, response: Response
) -> Accepted:
    opening = await _opening(given, who, id)
    _, record = facts.opening_status_set(opening, STATUS[verb], at=given.clock.now())
    return await accept(given, record, f"/v1/openings/{id}", wait, response, created=False)


async def _edit(
    id: str,
    content: OpeningContent,
    opening: Opening,
    who: Principal,
    given: Services,
    wait: float,
    response: Response,
) -> Accepted:
    if content.hiring_organization.id != opening.hiring_organization.id:
        message = "the opening belongs to another employer"
        raise Conflict(
            f"hiringOrganization.id: {message}",
            "hiringOrganization.id：该岗位属于其他用工单位",
            fields=(FieldError("hiringOrganization.id", message, "该岗位属于其他用工单位"),),
        )
    edited, record = facts.opening_edited(content, opening, at=given.clock.now())
    await _check_theirs(given, who, edited)
    return await accept(given, record, f"/v1/openings/{id}", wait, response, created=False)


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


async def _opening(given: Services, who: Principal, id: str) -> Opening:
    document = await belonging.own_opening(given, who, Permission.OPENINGS_WRITE, id)
    return Opening.model_validate(document["fact"])
