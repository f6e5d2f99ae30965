"""Pages of an opening's interview slots: list, offer, edit, cancel; they work without scripts."""

from __future__ import annotations

import secrets
from typing import Annotated, Any

from fastapi import APIRouter, Request, Response

from api.access.principal import Principal
from api.access.requirements import allow
from api.console.match.typed_texts import INTERVIEW, texts_of, values_of
from api.console.shell.form_answers import (
    WAIT_S,
    expected_version,
    faults_of,
    form_with_faults,
    read_form,
    redirect_done,
)
from api.console.shell.form_layout import Layout, Typed
from api.console.shell.forms import Form, catch_refusal
from api.console.shell.plain import checked
from api.console.shell.rendering import page, spoken
from api.console.shell.saying import choices, moment
from api.console.shell.translations import say_in
from api.openings import service as openings
from api.ports.services import Given, Services
from api.slots import service as slots
from api.slots.schemas import SlotAnswer
from api.writes.publishing import Written, searchable_within
from roost.errors import RoostError
from roost.events.account import Permission
from roost.events.common import OpeningId, SlotId
from roost.events.interview_slot import MOST_PEOPLE, SlotContent
from roost.events.match import InterviewBy
from roost.ids import opening_of_slot

router = APIRouter(prefix="/console/employer", include_in_schema=False)
Reads = Annotated[Principal, allow(Permission.OPENINGS_WRITE)]
Acts = Annotated[Principal, allow(Permission.MATCHES_ACT)]
LAYOUT = Layout(texts=("at", "by", "places", "seed", "version", *INTERVIEW))
BLANK = {"by": InterviewBy.IN_PERSON.value, "places": "1"}


@router.get("/openings/{id}/slots")
async def list_slots(id: OpeningId, request: Request, who: Reads, given: Given) -> Response:
    """Show the slots of an opening with a form for a new one."""
    return await _list(request, who, given, id)


@router.post("/openings/{id}/slots")
async def offer_slot(id: OpeningId, request: Request, who: Acts, given: Given) -> Response:
    """Offer a slot, or show the form with its errors."""
    typed = await read_form(request, LAYOUT)

    async def offering() -> Written:
        content = checked(SlotContent, content_of(typed, given.settings.time_zone))
        seed = str(typed["seed"]) or secrets.token_hex(16)
        return await slots.offer_slot(given, who, id, content, seed=seed)

    written = await catch_refusal(offering())
    if isinstance(written, RoostError):
        form = form_with_faults(request, LAYOUT, typed, faults_of(written))
        return await _list(request, who, given, id, form, written.status)
    await searchable_within(given, written, WAIT_S)
    return redirect_done(_path(id), "slot_offered")


@router.get("/slots/{id}")
async def show_slot(id: SlotId, request: Request, who: Acts, given: Given) -> Response:
    """Show a slot in the form."""
    slot = await slots.find_slot(given, who, id, Permission.MATCHES_ACT)
    return _one(request, given, slot, Form(values_of_slot(slot, given), {}))


@router.post("/slots/{id}")
async def edit_slot(id: SlotId, request: Request, who: Acts, given: Given) -> Response:
    """Replace a slot with the form's content, or show the form with its errors."""
    typed = await read_form(request, LAYOUT)

    async def editing() -> Written:
        content = checked(SlotContent, content_of(typed, given.settings.time_zone))
        expected = expected_version(typed["version"])
        return await slots.edit_slot(given, who, id, content, expected)

    written = await catch_refusal(editing())
    if isinstance(written, RoostError):
        slot = await slots.find_slot(given, who, id, Permission.MATCHES_ACT)
        form = form_with_faults(request, LAYOUT, typed, faults_of(written))
        return _one(request, given, slot, form, written.status)
    await searchable_within(given, written, WAIT_S)
    return redirect_done(_path(opening_of_slot(id)), "saved")


@router.post("/slots/{id}/cancel")
async def cancel_slot(id: SlotId, who: Acts, given: Given) -> Response:
    """Cancel a slot."""
    written = await slots.cancel_slot(given, who, id)
    await searchable_within(given, written, WAIT_S)
    return redirect_done(_path(opening_of_slot(id)), "slot_cancelled")


def content_of(typed: Typed, zone: str) -> dict[str, Any]:
    """Return the content of a slot in a form; its time is of the county's time zone."""
    wire = {name: typed[name] for name in ("by", "places") if typed[name]} | texts_of(typed)
    if typed["at"]:
        wire["at"] = moment(typed["at"], zone) or typed["at"]
    return wire


def values_of_slot(slot: SlotAnswer, given: Services) -> Typed:
    """Return a stored slot as the values of the form."""
    details = slot.interview.to_dict() if slot.interview else None
    return {
        "at": f"{slot.at.astimezone(given.settings.zone):%Y-%m-%dT%H:%M}",
        "by": slot.by.value,
        "places": str(slot.places),
        "version": str(slot.version),
        **values_of(details),
    }


def _path(opening_id: str) -> str:
    return f"/console/employer/openings/{opening_id}/slots"


async def _list(
    request: Request,
    who: Principal,
    given: Services,
    id: str,
    form: Form | None = None,
    status: int = 200,
) -> Response:
    document = await openings.find_opening(given, who, id)
    found = await slots.list_slots(given, who, id)
    blank = Form(BLANK | {"seed": secrets.token_hex(16)}, {})
    return page(
        request,
        "slots/list.html",
        status=status,
        opening=document["fact"],
        opening_id=id,
        slots=found.items,
        now=given.clock.now(),
        form=form or blank,
        **_choices(request),
    )


def _one(
    request: Request, given: Services, slot: SlotAnswer, form: Form, status: int = 200
) -> Response:
    return page(
        request,
        "slots/slot.html",
        status=status,
        slot=slot,
        now=given.clock.now(),
        form=form,
        **_choices(request),
    )


def _choices(request: Request) -> dict[str, Any]:
    ways = choices(say_in(spoken(request)), "interview", tuple(InterviewBy))
    return {"ways": ways, "most_people": MOST_PEOPLE}
