"""Page of an employer's contact: its channels, their confirmation, and the settings of messages."""

from __future__ import annotations

from functools import partial
from typing import Annotated, Any
from urllib.parse import quote

from fastapi import APIRouter, Request, Response

from api.access.principal import Principal
from api.access.requirements import allow
from api.console.employer.contact_form import (
    LAYOUT,
    at_channel_fields,
    form_values,
    wire_of,
)
from api.console.profiles.code_form import refused_form, submit_code
from api.console.profiles.profile_form import ADDRESSED
from api.console.shell.form_answers import (
    WAIT_S,
    faults_of,
    form_with_faults,
    read_form,
    redirect_done,
)
from api.console.shell.forms import Form, catch_refusal
from api.console.shell.plain import checked
from api.console.shell.rendering import page, spoken
from api.console.shell.saying import choices
from api.console.shell.translations import say_in
from api.employers import service as employers
from api.employers.keepers import keeper_of
from api.ports.services import Given, Services
from api.writes.publishing import Written, searchable_within
from roost.errors import RoostError
from roost.events.account import EmployerId, NewEmployerId, Permission
from roost.events.employer import EMPLOYER_KINDS, EmployerContent
from roost.events.preferences import ChannelKind

router = APIRouter(prefix="/console/employers/{id}/contact", include_in_schema=False)
Reads = Annotated[Principal, allow(Permission.EMPLOYERS_READ)]
Writes = Annotated[Principal, allow(Permission.EMPLOYERS_WRITE)]


@router.get("")
async def show_contact(id: EmployerId, request: Request, who: Reads, given: Given) -> Response:
    """Show the channels, with a form for each unconfirmed one, and the settings."""
    return await _page(request, who, given, id)


@router.post("")
async def put_contact(id: NewEmployerId, request: Request, who: Writes, given: Given) -> Response:
    """Set the channels and the settings of the form."""
    typed = await read_form(request, LAYOUT)
    stored = await catch_refusal(employers.contact_to_change(given, who, id))
    if isinstance(stored, RoostError):
        form = form_with_faults(request, LAYOUT, typed, faults_of(stored))
        return await _page(request, who, given, id, form, stored.status)
    wire = wire_of(typed, stored)

    async def putting() -> Written:
        return await employers.put_contact(given, who, id, checked(EmployerContent, wire))

    written = await catch_refusal(putting())
    if isinstance(written, RoostError):
        faults = at_channel_fields(faults_of(written), wire)
        form = form_with_faults(request, LAYOUT, typed, faults)
        return await _page(request, who, given, id, form, written.status)
    return await _done(given, id, written, "saved")


@router.post("/channels/{kind}/code")
async def send_code(
    id: EmployerId, kind: ChannelKind, request: Request, who: Writes, given: Given
) -> Response:
    """Send a code to the unconfirmed address of a kind."""
    sent = await catch_refusal(employers.send_code(given, who, id, kind))
    if isinstance(sent, RoostError):
        return await _page(request, who, given, id, refused_form(request, kind, sent), sent.status)
    return redirect_done(_path(id), "code_sent")


@router.post("/channels/{kind}/confirm")
async def confirm(
    id: EmployerId, kind: ChannelKind, request: Request, who: Writes, given: Given
) -> Response:
    """Confirm the address of a kind with the code that was typed."""
    confirming = partial(employers.confirm_address, given, who, id, kind)
    written = await submit_code(request, kind, confirming)
    if isinstance(written, RoostError):
        form = refused_form(request, kind, written)
        return await _page(request, who, given, id, form, written.status)
    return await _done(given, id, written, "confirmed")


@router.post("/stop")
async def stop(id: EmployerId, who: Writes, given: Given) -> Response:
    """Stop all messages to the employer."""
    written = await employers.set_stop(given, who, id, stopped=True)
    return await _done(given, id, written, "stopped")


@router.post("/resume")
async def resume(id: EmployerId, who: Writes, given: Given) -> Response:
    """Resume messages to the employer."""
    written = await employers.set_stop(given, who, id, stopped=False)
    return await _done(given, id, written, "resumed")


@router.post("/remove")
async def remove(id: EmployerId, who: Writes, given: Given) -> Response:
    """Erase the channels and the settings."""
    return await _done(given, id, await employers.remove_contact(given, who, id), "removed")


async def _done(given: Services, id: str, written: Written, what: str) -> Response:
    """Return to the page once it shows the write."""
    await searchable_within(given, written, WAIT_S)
    return redirect_done(_path(id), what)


def _path(id: str) -> str:
    return f"/console/employers/{quote(id)}/contact"


async def _page(
    request: Request,
    who: Principal,
    given: Services,
    id: str,
    form: Form | None = None,
    status: int = 200,
) -> Response:
    contact = await employers.shown_contact(given, who, id)
    stopped = (await employers.find_stop(given, who, id)).stopped
    channels: list[Any] = list((contact or {}).get("channels") or ())
    say = say_in(spoken(request))
    return page(
        request,
        "employer/contact.html",
        status=status,
        form=(form or Form({}, {})).over(form_values(contact)),
        employer=id,
        here_is=_path(id),
        confirmed=[each for each in channels if each.get("confirmed", True)],
        unconfirmed=[each for each in channels if not each.get("confirmed", True)],
        exists=contact is not None,
        stopped=stopped,
        ways=choices(say, "channel", ADDRESSED),
        kinds=choices(say, "kind", EMPLOYER_KINDS),
        keeper=await keeper_of(given, who, id),
        county_quiet=given.settings.quiet_hours,
        mine=who.employer_id == id,
    )
