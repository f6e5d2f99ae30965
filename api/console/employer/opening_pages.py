"""Pages of openings: list with counts, post, edit, close; every fault is shown at its field.

An employer sees its own openings; staff post and edit for the employers they serve.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import RedirectResponse

from api.access.nearby_places import context_for
from api.access.principal import Principal
from api.access.requirements import allow
from api.console.employer import opening_form as form
from api.console.employer.opening_counts import counted, counts_all, total
from api.console.employer.opening_form import LAYOUT, CheckedOpening
from api.console.employer.suggested_fields import Offer, offers, with_offers
from api.console.shell.ends_question import confirmed_number, with_question
from api.console.shell.form_answers import (
    WAIT_S,
    expected_version,
    faults_of,
    form_with_faults,
    read_form,
    redirect_done,
    redirect_refused,
)
from api.console.shell.form_layout import Typed, at, beside
from api.console.shell.forms import Form, catch_refusal, fields_of
from api.console.shell.refusal_words import refusal_text
from api.console.shell.rendering import next_page, page, spoken
from api.console.shell.saying import choices, currencies
from api.console.shell.translations import say_in
from api.lists.paging import Cursor
from api.openings import service as openings
from api.openings.opening_query import OpeningFilter
from api.openings.schemas import Verb
from api.ports.services import Given, Services
from api.writes.ending import EndsProgress
from api.writes.off_loop import off_loop
from api.writes.publishing import searchable_within
from roost.errors import RoostError
from roost.events.account import AccountRole, Permission
from roost.events.common import OpeningId
from roost.events.opening import Opening, OpeningStatus

router = APIRouter(prefix="/console/employer", include_in_schema=False)
Reads = Annotated[Principal, allow(Permission.OPENINGS_READ)]
Writes = Annotated[Principal, allow(Permission.OPENINGS_WRITE)]
HERE = "/console/employer/openings"
AT_ONCE = 50


@router.get("")
async def home(who: Writes) -> Response:
    """Redirect to the list."""
    return RedirectResponse(HERE, 303)


@router.get("/openings")
async def list_openings(
    request: Request,
    who: Writes,
    given: Given,
    status: OpeningStatus | None = None,
    employer: Annotated[str, Query(max_length=64)] = "",
    due: bool = False,
    cursor: Cursor = None,
) -> Response:
    """Show a page of openings with the counts of their matches."""
    wanted = OpeningFilter(
        employer=employer or None,
        status=[status] if status else None,
        to_be_decided=due or None,
    )
    found = await openings.list_openings(given, who, wanted, limit=AT_ONCE, cursor=cursor)
    rows = await counted(given, who, found.items)
    return page(
        request,
        "employer/openings.html",
        rows=rows,
        counts_all=counts_all(who),
        wanted=status.value if status else "",
        employer=employer,
        due=due,
        mine=is_employer(who),
        more=next_page(request, found.next),
        done=request.query_params.get("done"),
    )


@router.get("/outcomes")
async def outcomes(request: Request, who: Writes, given: Given) -> Response:
    """Show the counts of every opening and their sums."""
    found = await openings.list_openings(given, who, OpeningFilter(), limit=200)
    rows = await counted(given, who, found.items)
    return page(
        request,
        "employer/outcomes.html",
        rows=rows,
        total=total(rows),
        counts_all=counts_all(who),
        more=found.next,
    )


@router.get("/openings/new")
async def blank(request: Request, who: Writes, given: Given) -> Response:
    """Show an empty form."""
    employer = await employer_of(given, who)
    return _form(request, who, Form(form.blank(employer), {}), None)


@router.post("/openings/new")
async def post(request: Request, who: Writes, given: Given) -> Response:
    """Post an opening, or show the form with every fault."""
    typed, only_check = await _submitted(request)
    confirmed = confirmed_number(await fields_of(request))
    if only_check:
        return _form(request, who, Form(typed, {}), None, suggested=await _offers(typed))
    wire = form.wire_of(typed, await employer_of(given, who), None)
    checked = await _checked(given, who, wire, None)
    faults = checked.errors
    if checked.content is not None:
        written = await catch_refusal(
            openings.post_opening(given, who, checked.content, confirmed=confirmed)
        )
        if not isinstance(written, RoostError):
            searchable = await searchable_within(given, written, WAIT_S)
            return redirect_done(f"{HERE}/{written.record.key}" if searchable else HERE, "posted")
        typed, faults = with_question(typed, written), faults_of(written)
    filled, suggested = form_with_faults(request, LAYOUT, typed, faults), await _offers(typed)
    return _form(request, who, filled, None, 422, suggested=suggested)


@router.post("/openings/validate")
async def validate(
    request: Request, who: Writes, given: Given, id: OpeningId | None = None
) -> Response:
    """Show the faults so far, or how many workers the opening would reach; save nothing."""
    typed = await read_form(request, LAYOUT)
    stored = (await _stored_with_version(given, who, id))[0] if id else None
    wire = form.wire_of(typed, await employer_of(given, who), stored)
    checked = await _checked(given, who, wire, stored)
    near, rest = beside(LAYOUT, checked.errors, spoken(request))
    reach = refused = None
    if checked.content is not None:
        found = await catch_refusal(openings.preview_reach(given, who, checked.content))
        if isinstance(found, RoostError):
            refused = refusal_text(found, spoken(request))
        else:
            reach = found
    return page(
        request,
        "employer/checked.html",
        near=near,
        rest=rest,
        reach=reach,
        refused=refused,
        suggested=await _offers(typed),
    )


@router.get("/openings/{id}/edit")
async def edit_form(id: OpeningId, request: Request, who: Writes, given: Given) -> Response:
    """Show an opening in the form."""
    stored, version = await _stored_with_version(given, who, id)
    typed = LAYOUT.shown(stored.to_dict()) | {"version": str(version)}
    return _form(request, who, Form(typed, {}), stored)


@router.post("/openings/{id}/edit")
async def edit(id: OpeningId, request: Request, who: Writes, given: Given) -> Response:
    """Replace an opening with the form's content, or show the form with every fault."""
    stored, _ = await _stored_with_version(given, who, id)
    typed, only_check = await _submitted(request)
    sent = await fields_of(request)
    typed["version"] = sent.get("version")
    if only_check:
        return _form(request, who, Form(typed, {}), stored, suggested=await _offers(typed))
    wire = form.wire_of(typed, None, stored)
    checked = await _checked(given, who, wire, stored)
    faults = checked.errors
    if checked.content is not None:
        expected = expected_version(typed["version"])
        written = await catch_refusal(
            openings.replace_opening(
                given, who, id, checked.content, expected, confirmed=confirmed_number(sent)
            )
        )
        if not isinstance(written, RoostError):
            await searchable_within(given, written, WAIT_S)
            return redirect_done(f"{HERE}/{id}", "saved")
        typed, faults = with_question(typed, written), faults_of(written)
    filled, suggested = form_with_faults(request, LAYOUT, typed, faults), await _offers(typed)
    return _form(request, who, filled, stored, 422, suggested=suggested)


@router.post("/openings/{id}/status/{verb}")
async def set_status(
    id: OpeningId, verb: Verb, request: Request, who: Writes, given: Given
) -> Response:
    """Set the status that the verb names; ask again if more people are in progress by now."""
    confirmed = confirmed_number(await fields_of(request))
    written = await catch_refusal(
        openings.set_opening_status(given, who, id, verb, confirmed=confirmed)
    )
    if isinstance(written, EndsProgress):
        return redirect_refused(request, f"{HERE}/{id}", "ends", written)
    if isinstance(written, RoostError):
        raise written
    await searchable_within(given, written, WAIT_S)
    return redirect_done(f"{HERE}/{id}", "status")


async def _submitted(request: Request) -> tuple[Typed, bool]:
    """Return the form with the ticked suggestions added, and whether only a check was asked for."""
    sent, typed = await request.form(), await read_form(request, LAYOUT)
    chosen = {each for each in sent.getlist("suggested") if isinstance(each, str)}
    if chosen:
        typed = await off_loop(lambda: with_offers(typed, chosen), len(typed["description"]))
    return typed, sent.get("step") == "check"


async def _checked(
    given: Services, who: Principal, wire: Mapping[str, Any], stored: Opening | None
) -> CheckedOpening:
    """Check an opening as the API does for the caller."""
    name = at(wire, "jobLocation.name")
    context = await context_for(given, who, (name,) if name else ())
    return await off_loop(
        lambda: form.check_opening(wire, stored, given.clock.now(), given.today, context)
    )


async def _offers(typed: Typed) -> list[Offer]:
    return await off_loop(lambda: offers(typed), len(typed["description"]))


def is_employer(who: Principal) -> bool:
    """Return whether the account is an employer's."""
    return who.role is AccountRole.EMPLOYER


async def employer_of(given: Services, who: Principal) -> dict[str, str] | None:
    """Return the employer of an employer's account, named as in its newest opening."""
    if not is_employer(who) or who.employer_id is None:
        return None
    wanted = OpeningFilter(employer=who.employer_id)
    found = await openings.list_openings(given, who, wanted, limit=1)
    names = [each["hiringOrganization"]["name"] for each in found.items]
    return {"id": who.employer_id, "name": names[0] if names else who.name}


async def _stored_with_version(given: Services, who: Principal, id: str) -> tuple[Opening, int]:
    """Return an opening and its version. Raises NotFound."""
    document = await openings.find_opening(given, who, id)
    return Opening.from_stored(document["fact"]), document["version"]


def _form(
    request: Request,
    who: Principal,
    filled: Form,
    stored: Opening | None,
    status: int = 200,
    *,
    suggested: Sequence[Offer] = (),
) -> Response:
    say = say_in(spoken(request))
    groups = {
        "employment": "employmentType",
        "workplace": "workplace",
        "education": "educationRequirements",
        "unit": "baseSalary.unitText",
        "shift": "shifts",
    }
    offered: dict[str, Any] = {
        group: choices(say, group, form.CHOICES[field]) for group, field in groups.items()
    }
    offered["currency"] = currencies(say, filled.value("baseSalary.currency"))
    return page(
        request,
        "employer/opening_form.html",
        status=status,
        form=filled,
        stored=stored,
        mine=is_employer(who),
        offered=offered,
        suggested=suggested,
    )
