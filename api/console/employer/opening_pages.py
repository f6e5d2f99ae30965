"""Openings: listed with their counts, posted and edited with every fault beside its field, closed.

For an employer these are its own; staff post and edit for the employers they serve.
"""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import RedirectResponse

from api.access.principal import Principal
from api.access.requirements import allow
from api.console.employer import opening_form as form
from api.console.employer.opening_counts import counted, total
from api.console.employer.opening_form import LAYOUT
from api.console.shell.form_answers import WAIT_S, done, faults_of, read_at, typed_in
from api.console.shell.form_layout import Typed, beside
from api.console.shell.forms import Form, taken
from api.console.shell.rendering import next_page, page, spoken
from api.console.shell.saying import choices
from api.console.shell.translations import say_in
from api.openings import reach
from api.openings import service as openings
from api.openings.schemas import Verb
from api.openings.service import OpeningFilter
from api.ports.services import Given, Services
from api.writes.publishing import searchable_within
from roost.errors import FieldError, RoostError
from roost.events.account import AccountRole, Permission
from roost.events.common import OpeningId
from roost.events.opening import Opening, OpeningStatus

router = APIRouter(prefix="/console/employer", include_in_schema=False)
Reads = Annotated[Principal, allow(Permission.OPENINGS_READ)]
Writes = Annotated[Principal, allow(Permission.OPENINGS_WRITE)]
HERE = "/console/employer/openings"
AT_ONCE = 50
VERBS = {
    OpeningStatus.OPEN: (Verb.PAUSE, Verb.FILL, Verb.CLOSE),
    OpeningStatus.PAUSED: (Verb.REOPEN, Verb.CLOSE),
    OpeningStatus.FILLED: (Verb.REOPEN, Verb.CLOSE),
    OpeningStatus.CLOSED: (Verb.REOPEN,),
}
"""What can be done about an opening in a state."""


@router.get("")
async def home(who: Writes) -> Response:
    return RedirectResponse(HERE, 303)


@router.get("/openings")
async def list_openings(
    request: Request,
    who: Writes,
    given: Given,
    status: OpeningStatus | None = None,
    employer: Annotated[str, Query(max_length=64)] = "",
    cursor: Annotated[str | None, Query(max_length=500)] = None,
) -> Response:
    wanted = OpeningFilter(employer=employer or None, status=[status] if status else None)
    found = await openings.list_openings(given, who, wanted, limit=AT_ONCE, cursor=cursor)
    rows = await counted(given, found.items)
    return page(
        request,
        "employer/openings.html",
        rows=rows,
        wanted=status.value if status else "",
        employer=employer,
        mine=is_employer(who),
        more=next_page(request, found.next),
        done=request.query_params.get("done"),
    )


@router.get("/outcomes")
async def outcomes(request: Request, who: Writes, given: Given) -> Response:
    found = await openings.list_openings(given, who, OpeningFilter(), limit=200)
    rows = await counted(given, found.items)
    return page(request, "employer/outcomes.html", rows=rows, total=total(rows), more=found.next)


@router.get("/openings/new")
async def blank(request: Request, who: Writes, given: Given) -> Response:
    employer = await employer_of(given, who)
    return _form(request, who, Form(form.blank(employer), {}), None)


@router.post("/openings/new")
async def post(request: Request, who: Writes, given: Given) -> Response:
    typed = await typed_in(request, LAYOUT)
    wire = form.wire_of(typed, await employer_of(given, who), None)
    judged = form.judged(wire, None, given.clock.now(), given.today)
    if judged.content is None:
        return _form(request, who, _again(request, typed, judged.errors), None, 422)
    written = await taken(openings.post_opening(given, who, judged.content))
    if isinstance(written, RoostError):
        return _form(request, who, _again(request, typed, faults_of(written)), None, 422)
    searchable = await searchable_within(given, written, WAIT_S)
    return done(f"{HERE}/{written.record.key}" if searchable else HERE, "posted")


@router.post("/openings/validate")
async def validate(
    request: Request, who: Writes, given: Given, id: OpeningId | None = None
) -> Response:
    """What is wrong so far, or whom it would reach: nothing is kept."""
    typed = await typed_in(request, LAYOUT)
    standing = await _standing(given, who, id) if id else None
    wire = form.wire_of(typed, await employer_of(given, who), standing)
    judged = form.judged(wire, standing, given.clock.now(), given.today)
    near, rest = beside(LAYOUT, judged.errors, spoken(request))
    found = None
    if judged.content is not None:
        found = await reach.preview(content=judged.content, given=given, who=who)
    return page(request, "employer/checked.html", near=near, rest=rest, reach=found)


@router.get("/openings/{id}/edit")
async def edit_form(id: OpeningId, request: Request, who: Writes, given: Given) -> Response:
    standing, version = await _standing_at(given, who, id)
    typed = LAYOUT.shown(standing.to_dict()) | {"version": str(version)}
    return _form(request, who, Form(typed, {}), standing)


@router.post("/openings/{id}/edit")
async def edit(id: OpeningId, request: Request, who: Writes, given: Given) -> Response:
    standing = await _standing(given, who, id)
    typed = await typed_in(request, LAYOUT)
    typed["version"] = (await request.form()).get("version")
    wire = form.wire_of(typed, None, standing)
    judged = form.judged(wire, standing, given.clock.now(), given.today)
    if judged.content is None:
        return _form(request, who, _again(request, typed, judged.errors), standing, 422)
    expected = read_at(typed["version"])
    written = await taken(openings.replace_opening(given, who, id, judged.content, expected))
    if isinstance(written, RoostError):
        return _form(request, who, _again(request, typed, faults_of(written)), standing, 422)
    await searchable_within(given, written, WAIT_S)
    return done(f"{HERE}/{id}", "saved")


@router.post("/openings/{id}/status/{verb}")
async def set_status(id: OpeningId, verb: Verb, who: Writes, given: Given) -> Response:
    written = await openings.set_opening_status(given, who, id, verb)
    await searchable_within(given, written, WAIT_S)
    return done(f"{HERE}/{id}", "status")


def is_employer(who: Principal) -> bool:
    return who.role is AccountRole.EMPLOYER


async def employer_of(given: Services, who: Principal) -> dict[str, str] | None:
    """The employer that an employer's account writes for, named as its last opening does."""
    if not is_employer(who) or who.employer_id is None:
        return None
    wanted = OpeningFilter(employer=who.employer_id)
    found = await openings.list_openings(given, who, wanted, limit=1)
    names = [each["hiringOrganization"]["name"] for each in found.items]
    return {"id": who.employer_id, "name": names[0] if names else who.name}


async def _standing(given: Services, who: Principal, id: str) -> Opening:
    return (await _standing_at(given, who, id))[0]


async def _standing_at(given: Services, who: Principal, id: str) -> tuple[Opening, int]:
    """With its version."""
    document = await openings.find_opening(given, who, id)
    return Opening.from_stored(document["fact"]), document["version"]


def _again(request: Request, typed: Typed, errors: tuple[FieldError, ...]) -> Form:
    near, rest = beside(LAYOUT, errors, spoken(request))
    return Form(typed, near, " ".join(rest))


def _form(
    request: Request, who: Principal, shown: Form, standing: Opening | None, status: int = 200
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
    return page(
        request,
        "employer/opening_form.html",
        status=status,
        form=shown,
        standing=standing,
        mine=is_employer(who),
        offered=offered,
    )
