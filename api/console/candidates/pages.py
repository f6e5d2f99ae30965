"""Page of an opening's request for candidates: ask, answer, withdraw; it works without scripts."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Request, Response

from api.access.principal import Principal
from api.access.requirements import allow
from api.candidate_requests import service as requests
from api.candidate_requests.schemas import AnswerToRequest
from api.console.shell.form_answers import (
    WAIT_S,
    expected_version,
    faults_of,
    form_with_faults,
    read_form,
    redirect_done,
)
from api.console.shell.form_layout import Layout
from api.console.shell.forms import Form, catch_refusal
from api.console.shell.plain import checked
from api.console.shell.rendering import page, spoken
from api.console.shell.saying import choices
from api.console.shell.translations import say_in
from api.openings import service as openings
from api.ports.services import Given, Services
from api.writes.publishing import Written, searchable_within
from roost.errors import RoostError
from roost.events.account import Permission
from roost.events.candidate_request import MOST_WANTED, DeclinedBecause, RequestContent
from roost.events.common import OpeningId

router = APIRouter(prefix="/console/employer/openings/{id}/request", include_in_schema=False)
Writes = Annotated[Principal, allow(Permission.OPENINGS_WRITE)]
Assigns = Annotated[Principal, allow(Permission.MATCHES_ASSIGN)]
ASK = Layout(texts=("wanted", "neededBy", "note"))
ANSWER = Layout(texts=("candidatesOn", "declinedBecause", "version"))


@router.get("")
async def show_request(id: OpeningId, request: Request, who: Writes, given: Given) -> Response:
    """Show the request of an opening, with the forms that the reader may use."""
    return await _page(request, who, given, id)


@router.post("")
async def ask_candidates(id: OpeningId, request: Request, who: Writes, given: Given) -> Response:
    """Ask the station for candidates, or show the form with its errors."""
    typed = await read_form(request, ASK)

    async def asking() -> Written:
        content = checked(RequestContent, ASK.wire(typed))
        return await requests.ask_candidates(given, who, id, content)

    written = await catch_refusal(asking())
    if isinstance(written, RoostError):
        form = form_with_faults(request, ASK, typed, faults_of(written))
        return await _page(request, who, given, id, form, written.status)
    return await _done(given, id, written, "candidates_asked")


@router.post("/answer")
async def answer_request(id: OpeningId, request: Request, who: Assigns, given: Given) -> Response:
    """Accept or decline the request, or show the form with its errors."""
    typed = await read_form(request, ANSWER)

    async def answering() -> Written:
        names = ("candidatesOn", "declinedBecause")
        wire = {name: typed[name] for name in names if typed[name]}
        expected = expected_version(typed["version"])
        return await requests.answer_request(
            given, who, id, checked(AnswerToRequest, wire), expected
        )

    written = await catch_refusal(answering())
    if isinstance(written, RoostError):
        form = form_with_faults(request, ANSWER, typed, faults_of(written))
        return await _page(request, who, given, id, form, written.status)
    return await _done(given, id, written, "saved")


@router.post("/withdraw")
async def withdraw_request(id: OpeningId, who: Writes, given: Given) -> Response:
    """Withdraw the request."""
    written = await requests.withdraw_request(given, who, id)
    return await _done(given, id, written, "withdrawn")


async def _done(given: Services, id: str, written: Written, what: str) -> Response:
    await searchable_within(given, written, WAIT_S)
    return redirect_done(f"/console/employer/openings/{id}/request", what)


async def _page(
    request: Request,
    who: Principal,
    given: Services,
    id: str,
    form: Form | None = None,
    status: int = 200,
) -> Response:
    document = await openings.find_opening(given, who, id)
    values: dict[str, Any] = {
        "opening": document["fact"],
        "asked": await requests.request_shown(given, who, id),
        "form": form or Form({}, {}),
        "most": MOST_WANTED,
        "today": given.today.isoformat(),
        "reasons": choices(say_in(spoken(request)), "declined_because", tuple(DeclinedBecause)),
    }
    return page(request, "candidates/request.html", status=status, **values)
