"""Notices: written with a preview of how they read and whom they reach, listed, withdrawn."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request, Response

from api.access import belonging
from api.access.principal import Principal
from api.console.admin.admin_forms import named
from api.console.admin.station_pages import all_stations
from api.console.notices import notice_form
from api.console.notices.notice_form import LAYOUT
from api.console.shell.form_answers import WAIT_S, again, done
from api.console.shell.forms import Form, taken
from api.console.shell.plain import checked
from api.console.shell.rendering import page, spoken
from api.console.shell.saying import choices
from api.console.shell.translations import say_in
from api.guards.conditional import ANYTHING
from api.lists import paging
from api.notices import endpoints as notices
from api.notices.endpoints import Reads, Writes
from api.notices.schemas import Preview
from api.ports.services import Given, Services
from api.writes.publishing import Accepted
from roost.errors import RoostError
from roost.events.account import Permission
from roost.events.common import NoticeId
from roost.events.notice import Audience, NoticeContent
from roost.topics import NOTICES
from roost.views.elastic import Json

router = APIRouter(prefix="/console/notices", include_in_schema=False)
HERE = "/console/notices"
AT_ONCE = 30
NEWEST: list[Json] = [{"posted_at": "desc"}]


@router.get("")
async def list_notices(request: Request, who: Reads, given: Given) -> Response:
    found, _ = await paging.page(given.elastic, NOTICES.name, [], NEWEST, AT_ONCE, None)
    mine = [each["fact"] for each in found if await _reads(given, who, each["fact"])]
    return page(request, "notices/list.html", notices=mine, done=request.query_params.get("done"))


@router.get("/new")
async def blank(request: Request, who: Writes, given: Given) -> Response:
    return await _form(request, given, Form(LAYOUT.shown({"kind": notice_form.KINDS[0]}), {}))


@router.post("/new")
async def write(request: Request, who: Writes, given: Given) -> Response:
    """First how it will read and whom it reaches; sent once that has been seen."""
    sent = await request.form()
    typed = LAYOUT.typed(sent)
    seen = await taken(_preview(typed, who, given))
    if isinstance(seen, RoostError):
        return await _form(request, given, again(request, LAYOUT, typed, seen), status=422)
    if sent.get("send") != "yes":
        return await _form(request, given, Form(typed, {}), preview=seen)
    posted = await taken(_post(typed, who, given))
    if isinstance(posted, RoostError):
        return await _form(request, given, again(request, LAYOUT, typed, posted), status=422)
    return done(HERE, "posted_notice")


@router.post("/{id}/withdraw")
async def withdraw(id: NoticeId, who: Writes, given: Given) -> Response:
    await notices.withdraw(
        id=id, who=who, given=given, wait=WAIT_S, response=Response(), expected=ANYTHING
    )
    return done(HERE, "withdrawn")


async def _preview(typed: dict[str, Any], who: Principal, given: Services) -> Preview:
    content = checked(NoticeContent, notice_form.wire_of(typed))
    return await notices.preview(content=content, who=who, given=given)


async def _post(typed: dict[str, Any], who: Principal, given: Services) -> Accepted:
    content = checked(NoticeContent, notice_form.wire_of(typed))
    return await notices.post(
        content=content,
        who=who,
        given=given,
        wait=WAIT_S,
        response=Response(),
        key=None,
    )


async def _reads(given: Services, who: Principal, fact: Json) -> bool:
    audience = Audience.from_stored(fact["audience"])
    return await belonging.notice(given, who, Permission.NOTICES_READ, audience, whole=False)


async def _form(
    request: Request,
    given: Services,
    shown: Form,
    *,
    preview: Preview | None = None,
    status: int = 200,
) -> Response:
    return page(
        request,
        "notices/form.html",
        status=status,
        form=shown,
        kinds=choices(say_in(spoken(request)), "notice", notice_form.KINDS),
        stations=named(await all_stations(given)),
        preview=preview,
    )
