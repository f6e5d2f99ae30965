"""Pages of an employer's webhooks: list, register, rotate, pause, try, remove, deliveries."""

from __future__ import annotations

from secrets import token_hex
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response

from api.access.principal import Principal
from api.access.requirements import allow
from api.console.employer.opening_pages import is_employer
from api.console.shell.form_answers import WAIT_S, read_form, redirect_done, refilled_form
from api.console.shell.form_layout import Layout
from api.console.shell.forms import Form, catch_refusal
from api.console.shell.plain import checked
from api.console.shell.rendering import next_page, page, spoken
from api.console.shell.saying import choices
from api.console.shell.translations import say_in
from api.ports.services import Given, Services
from api.webhooks import delivery_log, trials
from api.webhooks import service as webhooks
from api.webhooks.service import WrittenWithSecret
from api.writes.publishing import searchable_within
from roost.errors import RoostError
from roost.events.account import Permission
from roost.events.common import NotificationId, WebhookId
from roost.events.notification import Answer, NotificationKind
from roost.events.webhook import WebhookContent

router = APIRouter(prefix="/console/employer/webhooks", include_in_schema=False)
Reads = Annotated[Principal, allow(Permission.WEBHOOKS_READ)]
Writes = Annotated[Principal, allow(Permission.WEBHOOKS_WRITE)]
HERE = "/console/employer/webhooks"
AT_ONCE = 100
LOG_PAGE = 25
LAYOUT = Layout(texts=("url", "employerId", "description"), choices=("kinds",))
KINDS = (
    NotificationKind.NEW_MATCH,
    NotificationKind.MATCH_CLAIMED,
    NotificationKind.CANDIDATE_REFERRED,
    NotificationKind.INTERVIEW_SET,
    NotificationKind.INTERVIEW_CANCELLED,
    NotificationKind.MATCH_PLACED,
    NotificationKind.OPENING_CLOSED,
    NotificationKind.MATCH_WITHDRAWN,
)


@router.get("")
async def list_webhooks(request: Request, who: Reads, given: Given) -> Response:
    """List the webhooks, with the form to register one."""
    return await _list(request, who, given)


@router.post("")
async def register_webhook(request: Request, who: Writes, given: Given) -> Response:
    """Register a webhook and show its secret, this once."""
    typed = await read_form(request, LAYOUT)

    async def register() -> WrittenWithSecret:
        wire = LAYOUT.wire(typed)
        if is_employer(who):
            wire["employerId"] = who.employer_id
        content = checked(WebhookContent, wire)
        return await webhooks.register_webhook(given, who, content, seed=token_hex(16))

    made = await catch_refusal(register())
    if isinstance(made, RoostError):
        return await _list(request, who, given, form=refilled_form(request, LAYOUT, typed, made))
    return await _with_secret(request, who, given, made)


@router.post("/{id}/rotate")
async def rotate_secret(id: WebhookId, request: Request, who: Writes, given: Given) -> Response:
    """Rotate a webhook's secret and show the new one, this once."""
    return await _with_secret(request, who, given, await webhooks.rotate_secret(given, who, id))


@router.post("/{id}/enabled/{enabled}")
async def set_enabled(id: WebhookId, enabled: bool, who: Writes, given: Given) -> Response:
    """Pause a webhook, or resume it, also after an outage."""
    if enabled:
        written = await webhooks.enable_webhook(given, who, id)
    else:
        written = await webhooks.patch_webhook(given, who, id, {"enabled": False})
    await searchable_within(given, written, WAIT_S)
    return redirect_done(HERE, "saved")


@router.post("/{id}/test")
async def call_webhook(id: WebhookId, request: Request, who: Writes, given: Given) -> Response:
    """Send a test call and show the receiver's answer."""
    answer = await catch_refusal(trials.call_webhook(given, who, id))
    return await _list(request, who, given, trial=answer)


@router.get("/{id}/deliveries")
async def list_deliveries(
    id: WebhookId,
    request: Request,
    who: Reads,
    given: Given,
    cursor: Annotated[str | None, Query(max_length=2_000)] = None,
) -> Response:
    """Show a page of a webhook's deliveries with their answers."""
    webhook = await webhooks.find_webhook(given, who, id)
    found = await delivery_log.list_deliveries(given, who, id, limit=LOG_PAGE, cursor=cursor)
    return page(
        request,
        "employer/webhook_deliveries.html",
        webhook=webhook["fact"],
        deliveries=found.items,
        more=next_page(request, found.next),
        done=request.query_params.get("done"),
    )


@router.post("/{id}/deliveries/{notification}/resend")
async def resend(
    id: WebhookId, notification: NotificationId, who: Writes, given: Given
) -> Response:
    """Send a message again."""
    await delivery_log.resend(given, who, id, notification)
    return redirect_done(f"{HERE}/{id}/deliveries", "resent")


@router.post("/{id}/remove")
async def remove_webhook(id: WebhookId, who: Writes, given: Given) -> Response:
    """Remove a webhook."""
    written = await webhooks.remove_webhook(given, who, id)
    await searchable_within(given, written, WAIT_S)
    return redirect_done(HERE, "removed")


async def _with_secret(
    request: Request, who: Principal, given: Services, made: WrittenWithSecret
) -> Response:
    await searchable_within(given, made.written, WAIT_S)
    return await _list(request, who, given, made=made)


async def _list(
    request: Request,
    who: Principal,
    given: Services,
    *,
    form: Form | None = None,
    made: WrittenWithSecret | None = None,
    trial: Answer | RoostError | None = None,
) -> Response:
    found = await webhooks.list_webhooks(given, who, employer=who.employer_id, limit=AT_ONCE)
    offered: list[Any] = choices(say_in(spoken(request)), "kind", KINDS)
    return page(
        request,
        "employer/webhooks.html",
        status=422 if form else 200,
        webhooks=found.items,
        form=form or Form(LAYOUT.shown({}), {}),
        made=made,
        trial=trial if isinstance(trial, Answer) else None,
        refused=trial if isinstance(trial, RoostError) else None,
        kinds=offered,
        mine=is_employer(who),
        done=request.query_params.get("done"),
    )
