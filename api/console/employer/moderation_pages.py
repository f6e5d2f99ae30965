"""Decisions on an opening: approve, refuse or take down with reasons, and the employer's appeal."""

from __future__ import annotations

from collections.abc import Awaitable
from typing import Annotated

from fastapi import APIRouter, Request, Response

from api.access.principal import Principal
from api.access.requirements import allow
from api.console.employer.opening_pages import HERE, Writes
from api.console.shell.ends_question import CONFIRMED, confirmed_number, with_question
from api.console.shell.form_answers import (
    WAIT_S,
    expected_version,
    faults_of,
    form_with_faults,
    read_form,
    redirect_done,
    redirect_refused,
)
from api.console.shell.form_layout import Layout, Typed
from api.console.shell.forms import Form, catch_refusal, fields_of
from api.console.shell.plain import checked
from api.console.shell.rendering import page, spoken
from api.guards.conditional import PreconditionFailed
from api.openings import moderation
from api.openings import service as openings
from api.openings.schemas import Objection
from api.ports.services import Given, Services
from api.writes.publishing import Written, searchable_within
from roost.errors import RoostError
from roost.events.account import Permission
from roost.events.common import OpeningId
from roost.events.opening import Opening, Refusal, RefusalReason
from roost.wording.opening_refusals import reason_name, refusal_lines

router = APIRouter(prefix="/console/employer", include_in_schema=False)
Approves = Annotated[Principal, allow(Permission.OPENINGS_APPROVE)]
REFUSAL = Layout(texts=("text",), choices=("reasons",))
APPEAL = Layout(texts=("text",))


@router.post("/openings/{id}/approve")
async def approve(id: OpeningId, request: Request, who: Approves, given: Given) -> Response:
    """Approve a new employer's opening, and with it the other ones of its employer.

    An opening that was edited since the page was opened is shown again: nobody approves a text
    that they have not seen.
    """
    expected = expected_version((await fields_of(request)).get("version"))
    written = await _written(given, moderation.approve_opening(given, who, id, expected))
    if isinstance(written, PreconditionFailed):
        return redirect_refused(request, f"{HERE}/{id}", "changed", written)
    if isinstance(written, RoostError):
        raise written
    return redirect_done(f"{HERE}/{id}", "approved")


@router.get("/openings/{id}/refuse")
async def refusal_form(id: OpeningId, request: Request, who: Approves, given: Given) -> Response:
    """Show the form with the reasons, and how many people in progress a refusal ends."""
    number = await openings.people_in_progress(given, who, id)
    typed = REFUSAL.shown({}) | {CONFIRMED: str(number) if number else ""}
    return await _refusal_page(request, given, who, id, Form(typed, {}))


@router.post("/openings/{id}/refuse")
async def refuse(id: OpeningId, request: Request, who: Approves, given: Given) -> Response:
    """Refuse the opening or take it down, or show the form with every fault."""
    typed, sent = await read_form(request, REFUSAL), await fields_of(request)
    typed["version"] = sent.get("version")

    async def submit() -> Written:
        refusal = checked(Refusal, REFUSAL.wire(typed))
        expected = expected_version(typed["version"])
        return await moderation.refuse_opening(
            given, who, id, refusal, expected, confirmed=confirmed_number(sent)
        )

    written = await _written(given, submit())
    if not isinstance(written, RoostError):
        return redirect_done(f"{HERE}/{id}", "refused")
    typed = with_question(typed, written)
    form = form_with_faults(request, REFUSAL, typed, faults_of(written))
    return await _refusal_page(request, given, who, id, form, 422)


@router.get("/openings/{id}/appeal")
async def appeal_form(id: OpeningId, request: Request, who: Writes, given: Given) -> Response:
    """Show the form of an objection to a refusal."""
    return await _appeal_page(request, given, who, id, Form(APPEAL.shown({}), {}))


@router.post("/openings/{id}/appeal")
async def appeal(id: OpeningId, request: Request, who: Writes, given: Given) -> Response:
    """Object to the refusal, or show the form with every fault."""
    typed: Typed = await read_form(request, APPEAL)

    async def submit() -> Written:
        objection = checked(Objection, APPEAL.wire(typed))
        return await moderation.appeal_opening(given, who, id, objection.text)

    written = await _written(given, submit())
    if not isinstance(written, RoostError):
        return redirect_done(f"{HERE}/{id}", "appealed")
    form = form_with_faults(request, APPEAL, typed, faults_of(written))
    return await _appeal_page(request, given, who, id, form, 422)


async def _written(given: Services, writing: Awaitable[Written]) -> Written | RoostError:
    written = await catch_refusal(writing)
    if not isinstance(written, RoostError):
        await searchable_within(given, written, WAIT_S)
    return written


async def _refusal_page(
    request: Request, given: Services, who: Principal, id: str, form: Form, status: int = 200
) -> Response:
    document = await openings.find_opening(given, who, id)
    chinese = spoken(request) == "zh"
    return page(
        request,
        "employer/refuse.html",
        status=status,
        opening=Opening.from_stored(document["fact"]),
        version=document["version"],
        form=form,
        reasons=[(each.value, reason_name(each, chinese=chinese)) for each in RefusalReason],
    )


async def _appeal_page(
    request: Request, given: Services, who: Principal, id: str, form: Form, status: int = 200
) -> Response:
    document = await openings.find_opening(given, who, id)
    refusal = (document["fact"].get("decision") or {}).get("refusal")
    return page(
        request,
        "employer/appeal.html",
        status=status,
        opening=Opening.from_stored(document["fact"]),
        lines=refusal_lines(refusal, chinese=spoken(request) == "zh"),
        text=(refusal or {}).get("text", ""),
        form=form,
    )
