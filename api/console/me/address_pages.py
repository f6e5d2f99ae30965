"""Page of a worker's contacts: send a code to an unconfirmed address, and confirm it."""

from __future__ import annotations

from functools import partial
from typing import Annotated

from fastapi import APIRouter, Request, Response

from api.access.principal import Principal
from api.access.requirements import allow
from api.console.me.who import worker_of
from api.console.profiles.code_form import refused_form, submit_code
from api.console.profiles.pages import stored_profile
from api.console.shell.form_answers import WAIT_S, redirect_done
from api.console.shell.forms import Form, catch_refusal
from api.console.shell.rendering import page
from api.ports.services import Given, Services
from api.profiles import address_confirmation
from api.writes.publishing import searchable_within
from roost.errors import RoostError
from roost.events.account import Permission
from roost.events.preferences import ChannelKind

router = APIRouter(prefix="/console/me/addresses", include_in_schema=False)
Reads = Annotated[Principal, allow(Permission.PROFILES_READ)]
Writes = Annotated[Principal, allow(Permission.PROFILES_WRITE)]
HERE = "/console/me/addresses"


@router.get("")
async def list_addresses(request: Request, who: Reads, given: Given) -> Response:
    """Show the worker's contacts, with a form for each unconfirmed one."""
    return await _page(request, who, given)


@router.post("/{kind}/code")
async def send_code(kind: ChannelKind, request: Request, who: Writes, given: Given) -> Response:
    """Send a code to the unconfirmed address of a kind."""
    sent = await catch_refusal(address_confirmation.send_code(given, who, worker_of(who), kind))
    if isinstance(sent, RoostError):
        return await _page(request, who, given, refused_form(request, kind, sent), sent.status)
    return redirect_done(HERE, "code_sent")


@router.post("/{kind}/confirm")
async def confirm(kind: ChannelKind, request: Request, who: Writes, given: Given) -> Response:
    """Confirm the address of a kind with the code that was typed."""
    confirming = partial(address_confirmation.confirm_address, given, who, worker_of(who), kind)
    written = await submit_code(request, kind, confirming)
    if isinstance(written, RoostError):
        form = refused_form(request, kind, written)
        return await _page(request, who, given, form, written.status)
    await searchable_within(given, written, WAIT_S)
    return redirect_done(HERE, "confirmed")


async def _page(
    request: Request,
    who: Principal,
    given: Services,
    form: Form | None = None,
    status: int = 200,
) -> Response:
    profile = await stored_profile(given, who, worker_of(who))
    addressed = [each for each in profile.get("channels", ()) if each.get("address")]
    return page(
        request,
        "me/addresses.html",
        status=status,
        form=form or Form({}, {}),
        confirmed=[each for each in addressed if each.get("confirmed", True)],
        unconfirmed=[each for each in addressed if not each.get("confirmed", True)],
        done=request.query_params.get("done"),
    )
