"""Endpoints of interview slots: list and offer those of an opening; read, edit and cancel one."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Body, Response

from api.access.principal import Principal
from api.access.requirements import allow
from api.guards.conditional import IfMatch, tagged
from api.guards.idempotency.key_header import Seed
from api.lists.answer_schemas import tagged_answer
from api.ports.services import Given
from api.slots import service
from api.slots.schemas import SlotAnswer, SlotList
from api.writes.publishing import Accepted, Wait, Written, answered
from roost.events.account import Permission
from roost.events.common import OpeningId, SlotId
from roost.events.interview_slot import SlotContent

router = APIRouter(prefix="/v1", tags=["matches"])
Reads = Annotated[Principal, allow(Permission.MATCHES_READ)]
Acts = Annotated[Principal, allow(Permission.MATCHES_ACT)]
EXAMPLE = {
    "at": "2026-12-08T09:30:00+08:00",
    "by": "in_person",
    "places": 4,
    "interview": {
        "place": "厂区东门接待室",
        "contact": "王经理 13800138000",
        "documents": "身份证",
    },
}
Content = Annotated[SlotContent, Body(examples=[EXAMPLE])]


@router.get("/openings/{id}/slots", summary="Interview slots of an opening")
async def list_slots(id: OpeningId, who: Reads, given: Given) -> SlotList:
    """Return the slots from yesterday on, the earliest first; there are at most 50 ahead.

    A worker sees whether a place is left, not how many people have chosen a slot.
    """
    return await service.list_slots(given, who, id)


@router.post("/openings/{id}/slots", status_code=202, summary="Offer an interview slot")
async def offer_slot(
    id: OpeningId,
    content: Content,
    who: Acts,
    given: Given,
    wait: Wait,
    response: Response,
    seed: Seed,
) -> Accepted:
    """Offer a time for interviews. A clerk or a worker chooses it with the action `book`.

    A repeat under one `Idempotency-Key` is one slot.
    """
    written = await service.offer_slot(given, who, id, content, seed=seed)
    return await _accepted(given, written, wait, response)


@router.get("/slots/{id}", summary="Read an interview slot", responses=tagged_answer())
async def read_slot(id: SlotId, who: Reads, given: Given, response: Response) -> SlotAnswer:
    """Return one slot with the places that are left."""
    found = await service.find_slot(given, who, id)
    tagged(response, found.version)
    return found


@router.put("/slots/{id}", status_code=202, summary="Edit or move an interview slot")
async def edit_slot(
    id: SlotId,
    content: Content,
    who: Acts,
    given: Given,
    expected: IfMatch,
    wait: Wait,
    response: Response,
) -> Accepted:
    """Replace a slot. Everybody who has chosen it is notified of a new time, place or format."""
    written = await service.edit_slot(given, who, id, content, expected)
    return await _accepted(given, written, wait, response)


@router.delete("/slots/{id}", status_code=202, summary="Cancel an interview slot")
async def cancel_slot(
    id: SlotId,
    who: Acts,
    given: Given,
    expected: IfMatch,
    wait: Wait,
    response: Response,
) -> Accepted:
    """Cancel a slot and erase its text. Everybody who has chosen it is notified.

    Their matches go back to the step before the interview. Interviews that took place stay.
    """
    written = await service.cancel_slot(given, who, id, expected)
    return await _accepted(given, written, wait, response)


async def _accepted(given: Given, written: Written, wait: float, response: Response) -> Accepted:
    return await answered(given, written, f"/v1/slots/{written.record.key}", wait, response)
