"""Pages of manual matching: find work for a person, find people for an opening, and propose.

A search is a form sent by address, so it can be repeated, kept and sent to a colleague. A proposal
returns to its search.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import APIRouter, Request, Response

from api.access.principal import Principal
from api.access.requirements import allow
from api.console.finding.conditions import LAYOUT, wanted_of
from api.console.finding.help_words import help_lines
from api.console.shell.form_answers import WAIT_S, redirect_done, refilled_form
from api.console.shell.forms import Form, catch_refusal
from api.console.shell.plain import checked
from api.console.shell.refusal_words import refusal_text
from api.console.shell.rendering import page, spoken
from api.console.shell.saying import choices, reasons_with_points, wage
from api.console.shell.translations import say_in
from api.finding import proposing, service
from api.finding.schemas import FittingOpenings, FittingWorkers, NewProposal, Wanted
from api.lists.documents import fact_with_version
from api.openings import service as openings
from api.ports.services import Given, Services
from api.profiles import service as profiles
from roost.errors import Invalid, RoostError
from roost.events.account import Permission
from roost.events.common import OpeningId, Shift, WorkerId
from roost.events.match import ByHandReason, Wish

router = APIRouter(prefix="/console", include_in_schema=False)
Staff = Annotated[Principal, allow(Permission.MATCHES_ASSIGN)]
AT_ONCE = 20
"""Pairs that a page shows."""
REFER = "refer"


@router.get("/profiles/{id}/find-work")
async def find_work(id: WorkerId, request: Request, who: Staff, given: Given) -> Response:
    """Show the openings that fit a worker, the search's form, and what would give more."""
    return await _work_page(request, who, given, id)


@router.post("/profiles/{id}/find-work/propose")
async def propose_work(id: WorkerId, request: Request, who: Staff, given: Given) -> Response:
    """Propose the chosen opening, and return to the search; show a refusal there."""
    sent = await request.form()
    done = await catch_refusal(_proposed(given, who, str(sent.get("opening") or ""), id, sent))
    if isinstance(done, RoostError):
        return await _work_page(request, who, given, id, done)
    return redirect_done(f"/console/profiles/{id}/find-work{_search_of(request)}", done)


@router.get("/employer/openings/{id}/find-people")
async def find_people(id: OpeningId, request: Request, who: Staff, given: Given) -> Response:
    """Show the workers within reach who fit an opening, and the search's form."""
    return await _people_page(request, who, given, id)


@router.post("/employer/openings/{id}/find-people/propose")
async def propose_people(id: OpeningId, request: Request, who: Staff, given: Given) -> Response:
    """Propose the chosen worker, and return to the search; show a refusal there."""
    sent = await request.form()
    done = await catch_refusal(_proposed(given, who, id, str(sent.get("worker") or ""), sent))
    if isinstance(done, RoostError):
        return await _people_page(request, who, given, id, done)
    return redirect_done(f"/console/employer/openings/{id}/find-people{_search_of(request)}", done)


async def _proposed(
    given: Services, who: Principal, opening_id: str, worker_id: str, sent: Any
) -> str:
    """Propose a pair; return the confirmation to show.

    Raises as `proposing.propose`, and Invalid for values that no form of ours sends.
    """
    asked = checked(
        NewProposal,
        {
            "openingId": opening_id,
            "workerId": worker_id,
            "why": str(sent.get("why") or ""),
            "waives": [each for each in sent.getlist("waives") if isinstance(each, str)],
            "refer": sent.get("step") == REFER,
        },
    )
    outcome = await proposing.propose(given, who, asked, wait_s=WAIT_S)
    if outcome.decided is None:
        return "proposing"
    return "referred" if asked.refer else "proposed"


async def _work_page(
    request: Request,
    who: Principal,
    given: Services,
    id: str,
    refused: RoostError | None = None,
) -> Response:
    worker = fact_with_version(await profiles.find_profile(given, who, id))

    async def search(wanted: Wanted) -> FittingOpenings:
        return await service.find_openings(given, who, id, wanted, limit=AT_ONCE)

    return await _searched(request, "finding/work.html", search, refused, worker=worker)


async def _people_page(
    request: Request,
    who: Principal,
    given: Services,
    id: str,
    refused: RoostError | None = None,
) -> Response:
    opening = fact_with_version(await openings.find_opening(given, who, id))

    async def search(wanted: Wanted) -> FittingWorkers:
        return await service.find_workers(given, who, id, wanted, limit=AT_ONCE)

    return await _searched(request, "finding/people.html", search, refused, opening=opening)


async def _searched(
    request: Request,
    template: str,
    search: Callable[[Wanted], Awaitable[FittingOpenings | FittingWorkers]],
    refused: RoostError | None,
    **values: Any,
) -> Response:
    """Search by the conditions in the address, and show the pairs or the form's errors."""
    form = _form_of(request)
    wanted: Wanted | None = None
    found: FittingOpenings | FittingWorkers | None = None
    try:
        wanted = wanted_of(form.values)
        found = await search(wanted)
    except Invalid as error:
        wanted = None
        form = refilled_form(request, LAYOUT, dict(form.values), error)
    return _page(request, template, form, found, wanted, refused, **values)


def _page(
    request: Request,
    template: str,
    form: Form,
    found: FittingOpenings | FittingWorkers | None,
    wanted: Wanted | None,
    refused: RoostError | None,
    **values: Any,
) -> Response:
    say, language = say_in(spoken(request)), spoken(request)
    people = isinstance(found, FittingWorkers)
    return page(
        request,
        template,
        status=refused.status if refused else 422 if form.errors else 200,
        form=form,
        found=found,
        filtered=wanted is not None and wanted != Wanted(),
        refused=refusal_text(refused, language) if refused else "",
        help_lines=help_lines(found.would_help, say, people=people) if found else [],
        shifts=choices(say, "shift", [each.value for each in Shift]),
        reasons_why=[(each.value, say(f"finding.why.{each.value}")) for each in ByHandReason],
        wishes={each.value for each in Wish},
        reasons_of=lambda each: reasons_with_points(
            {"reasons": [reason.to_dict() for reason in each.reasons]}, language
        ),
        wage_of=lambda each: wage(each.wage.to_dict() if each.wage else None, say),
        search=_search_of(request),
        **values,
    )


def _form_of(request: Request) -> Form:
    """Return the conditions in the address, which a proposal keeps as well."""
    return Form(LAYOUT.typed(request.query_params), {})


def _search_of(request: Request) -> str:
    """Return the conditions as the query of an address; empty without any."""
    typed = LAYOUT.typed(request.query_params)
    kept = {name: value for name, value in typed.items() if value}
    return f"?{urlencode(kept)}" if kept else ""
