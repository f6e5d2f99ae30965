"""An employer's webhooks: listed, registered with a secret shown once, rotated, paused, removed."""

from __future__ import annotations

from secrets import token_hex
from typing import Annotated, Any

from fastapi import APIRouter, Request, Response

from api.access.principal import Principal
from api.access.requirements import allow
from api.console.employer.opening_pages import is_employer
from api.console.shell.form_answers import WAIT_S, again, done, typed_in
from api.console.shell.form_layout import Layout
from api.console.shell.forms import Form, taken
from api.console.shell.plain import checked
from api.console.shell.rendering import page, spoken
from api.console.shell.saying import choices
from api.console.shell.translations import say_in
from api.guards.conditional import ANYTHING
from api.ports.services import Given, Services
from api.webhooks import endpoints as webhooks
from api.webhooks.schemas import WithSecret
from roost.errors import RoostError
from roost.events.account import Permission
from roost.events.common import WebhookId
from roost.events.notification import NotificationKind
from roost.events.webhook import WebhookContent

router = APIRouter(prefix="/console/employer/webhooks", include_in_schema=False)
Reads = Annotated[Principal, allow(Permission.WEBHOOKS_READ)]
Writes = Annotated[Principal, allow(Permission.WEBHOOKS_WRITE)]
HERE = "/console/employer/webhooks"
LAYOUT = Layout(texts=("url", "employerId", "description"), choices=("kinds",))
KINDS = (
    NotificationKind.NEW_MATCH,
    NotificationKind.MATCH_CLAIMED,
    NotificationKind.INTERVIEW_SET,
    NotificationKind.MATCH_PLACED,
    NotificationKind.OPENING_CLOSED,
    NotificationKind.MATCH_WITHDRAWN,
)


@router.get("")
async def list_webhooks(request: Request, who: Reads, given: Given) -> Response:
    return await _list(request, who, given)


@router.post("")
async def register(request: Request, who: Writes, given: Given) -> Response:
    typed = await typed_in(request, LAYOUT)

    async def registering() -> WithSecret:
        wire = LAYOUT.wire(typed)
        if is_employer(who):
            wire["employerId"] = who.employer_id
        return await webhooks.post(
            content=checked(WebhookContent, wire),
            who=who,
            given=given,
            wait=WAIT_S,
            response=Response(),
            seed=token_hex(16),
        )

    made = await taken(registering())
    if isinstance(made, RoostError):
        return await _list(request, who, given, form=again(request, LAYOUT, typed, made))
    return await _list(request, who, given, made=made)


@router.post("/{id}/rotate")
async def rotate(id: WebhookId, request: Request, who: Writes, given: Given) -> Response:
    made = await webhooks.rotate(
        id=id, who=who, given=given, wait=WAIT_S, response=Response(), expected=ANYTHING
    )
    return await _list(request, who, given, made=made)


@router.post("/{id}/enabled/{said}")
async def enable(id: WebhookId, said: bool, who: Writes, given: Given) -> Response:
    await webhooks.patch(
        id=id,
        changes={"enabled": said},
        who=who,
        given=given,
        wait=WAIT_S,
        response=Response(),
        expected=ANYTHING,
    )
    return done(HERE, "saved")


@router.post("/{id}/remove")
async def remove(id: WebhookId, who: Writes, given: Given) -> Response:
    await webhooks.remove(
        id=id, who=who, given=given, wait=WAIT_S, response=Response(), expected=ANYTHING
    )
    return done(HERE, "removed")


async def _list(
    request: Request,
    who: Principal,
    given: Services,
    *,
    form: Form | None = None,
    made: WithSecret | None = None,
) -> Response:
    found = await webhooks.list_webhooks(
        who=who, given=given, limit=100, cursor=None, employer=who.employer_id
    )
    offered: list[Any] = choices(say_in(spoken(request)), "kind", KINDS)
    return page(
        request,
        "employer/webhooks.html",
        status=422 if form else 200,
        webhooks=found.items,
        form=form or Form(LAYOUT.shown({}), {}),
        made=made,
        kinds=offered,
        mine=is_employer(who),
        done=request.query_params.get("done"),
    )
