"""Pages of notices: listed, written with a preview and the number of recipients, withdrawn."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Request, Response

from api.access.principal import Principal
from api.access.requirements import allow
from api.console.admin.admin_forms import named
from api.console.notices import notice_form
from api.console.notices.notice_form import LAYOUT
from api.console.shell.form_answers import WAIT_S, redirect_done, refilled_form
from api.console.shell.forms import Form, catch_refusal
from api.console.shell.plain import checked
from api.console.shell.rendering import page, spoken
from api.console.shell.saying import choices
from api.console.shell.translations import say_in
from api.notices import service as notices
from api.notices.schemas import NoticePreview
from api.ports.services import Given, Services
from api.stations.service import stations_within
from api.writes.publishing import Written, searchable_within
from roost.errors import RoostError
from roost.events.account import Permission
from roost.events.common import NoticeId
from roost.events.notice import NoticeContent

router = APIRouter(prefix="/console/notices", include_in_schema=False)
Reads = Annotated[Principal, allow(Permission.NOTICES_READ)]
Writes = Annotated[Principal, allow(Permission.NOTICES_WRITE)]
HERE = "/console/notices"
AT_ONCE = 30
"""Newest notices on the page."""


@router.get("")
async def list_notices(request: Request, who: Reads, given: Given) -> Response:
    """List the newest notices that the caller may read."""
    found = await notices.list_notices(given, who, limit=AT_ONCE)
    message = request.query_params.get("done")
    return page(request, "notices/list.html", notices=found, done=message)


@router.get("/new")
async def show_blank_form(request: Request, who: Writes, given: Given) -> Response:
    """Show the empty form."""
    return await _form(request, who, given, Form(LAYOUT.shown({"kind": notice_form.KINDS[0]}), {}))


@router.post("/new")
async def submit_form(request: Request, who: Writes, given: Given) -> Response:
    """Show the preview and the number of recipients first; post once they are confirmed."""
    sent = await request.form()
    typed = LAYOUT.typed(sent)
    preview = await catch_refusal(_preview(typed, who, given))
    if isinstance(preview, RoostError):
        return await _form(
            request, who, given, refilled_form(request, LAYOUT, typed, preview), status=422
        )
    if sent.get("send") != "yes":
        return await _form(request, who, given, Form(typed, {}), preview=preview)
    written = await catch_refusal(_post(typed, who, given))
    if isinstance(written, RoostError):
        return await _form(
            request, who, given, refilled_form(request, LAYOUT, typed, written), status=422
        )
    await searchable_within(given, written, WAIT_S)
    return redirect_done(HERE, "posted_notice")


@router.post("/{id}/withdraw")
async def withdraw_notice(id: NoticeId, who: Writes, given: Given) -> Response:
    """Withdraw a notice."""
    written = await notices.withdraw_notice(given, who, id)
    await searchable_within(given, written, WAIT_S)
    return redirect_done(HERE, "withdrawn")


async def _preview(typed: dict[str, Any], who: Principal, given: Services) -> NoticePreview:
    content = checked(NoticeContent, notice_form.wire_of(typed))
    return await notices.preview_notice(given, who, content)


async def _post(typed: dict[str, Any], who: Principal, given: Services) -> Written:
    content = checked(NoticeContent, notice_form.wire_of(typed))
    return await notices.post_notice(given, who, content)


async def _form(
    request: Request,
    who: Principal,
    given: Services,
    form: Form,
    *,
    preview: NoticePreview | None = None,
    status: int = 200,
) -> Response:
    return page(
        request,
        "notices/form.html",
        status=status,
        form=form,
        kinds=choices(say_in(spoken(request)), "notice", notice_form.KINDS),
        stations=named(await stations_within(given, who, Permission.NOTICES_WRITE)),
        preview=preview,
    )
