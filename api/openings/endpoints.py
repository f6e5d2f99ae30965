"""Openings: post, read, edit, close."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Body, Query, Response

from api.dependencies import Accepted, Given, Services, Wait, accept, shown, standing
from api.openings.schemas import EXAMPLES, STATUS, Verb
from api.paging import Cursor, Limit, Listing, listing
from api.patching import patched
from producers import facts
from roost.clock import today
from roost.errors import Conflict, FieldError
from roost.events.common import OpeningId
from roost.events.opening import Opening, OpeningContent, OpeningStatus

router = APIRouter(prefix="/v1/openings", tags=["openings"])
Content = Annotated[OpeningContent, Body(openapi_examples=EXAMPLES)]


@router.post("", status_code=202, summary="Post an opening")
async def post(content: Content, given: Given, wait: Wait, response: Response) -> Accepted:
    """202 once Kafka has it; with `Prefer: wait=N`, 201 once searches find it."""
    opening, record = facts.opening_posted(content, at=given.clock.now(), today=today(given.clock))
    return await accept(given, record, f"/v1/openings/{opening.id}", wait, response, created=True)


@router.get("", summary="List openings")
async def list_openings(
    given: Given,
    limit: Limit = 50,
    cursor: Cursor = None,
    employer: Annotated[str | None, Query(max_length=64)] = None,
    status: OpeningStatus | None = None,
) -> Listing:
    filters = [
        {"term": {name: value}}
        for name, value in (("employer_id", employer), ("status", status))
        if value is not None
    ]
    return await listing(given.elastic, "openings", filters, [{"posted_at": "desc"}], limit, cursor)


@router.get("/{id}", summary="Read an opening")
async def read(id: OpeningId, given: Given) -> dict[str, Any]:
    return shown(await standing(given.elastic, "openings", id, "opening", "岗位"))


@router.put("/{id}", status_code=202, summary="Replace an opening")
async def replace(
    id: OpeningId, content: Content, given: Given, wait: Wait, response: Response
) -> Accepted:
    return await _edit(id, content, await _opening(given, id), given, wait, response)


@router.patch("/{id}", status_code=202, summary="Change parts of an opening (RFC 7396)")
async def patch(
    id: OpeningId,
    changes: Annotated[dict[str, Any], Body(examples=[{"totalJobOpenings": 5}])],
    given: Given,
    wait: Wait,
    response: Response,
) -> Accepted:
    opening = await _opening(given, id)
    content = patched(OpeningContent, opening, changes, kept=("id", "status", "source"))
    return await _edit(id, content, opening, given, wait, response)


@router.post("/{id}/{verb}", status_code=202, summary="Close, pause, fill or reopen an opening")
async def set_status(
    id: OpeningId, verb: Verb, given: Given, wait: Wait, response: Response
) -> Accepted:
    opening = await _opening(given, id)
    _, record = facts.opening_status_set(opening, STATUS[verb], at=given.clock.now())
    return await accept(given, record, f"/v1/openings/{id}", wait, response, created=False)


async def _edit(
    id: str,
    content: OpeningContent,
    opening: Opening,
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
    _, record = facts.opening_edited(content, opening, at=given.clock.now())
    return await accept(given, record, f"/v1/openings/{id}", wait, response, created=False)


async def _opening(given: Services, id: str) -> Opening:
    document = await standing(given.elastic, "openings", id, "opening", "岗位")
    return Opening.model_validate(document["fact"])
