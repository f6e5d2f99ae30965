"""Workers' profiles, as staff register, read and edit them."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response
from starlette.responses import RedirectResponse

from api.access.principal import Principal
from api.access.requirements import allow
from api.console.profiles import profile_form
from api.console.profiles.profile_form import STAFF
from api.console.shell.form_answers import WAIT_S, done, faults_of, read_at, typed_in
from api.console.shell.form_layout import Layout, Typed, beside
from api.console.shell.forms import Form, taken
from api.console.shell.rendering import page, spoken
from api.console.shell.saying import choices
from api.console.shell.translations import say_in
from api.ports.services import Given, Services
from api.profiles import endpoints as profiles
from roost import ids
from roost.errors import FieldError, RoostError
from roost.events.account import Permission
from roost.events.common import WorkerId

router = APIRouter(prefix="/console/profiles", include_in_schema=False)
Reads = Annotated[Principal, allow(Permission.PROFILES_READ)]
Writes = Annotated[Principal, allow(Permission.PROFILES_WRITE)]
FORM = "profiles/form.html"
HERE = "/console/profiles"


@router.get("")
async def find(
    request: Request, who: Reads, number: Annotated[str, Query(max_length=300)] = ""
) -> Response:
    """By the number in the roster, or the id; a profile is read by nothing else."""
    if number.strip():
        return RedirectResponse(f"{HERE}/{worker_id(number.strip())}", 303)
    return page(request, "profiles/find.html", done=request.query_params.get("done"))


def worker_id(said: str) -> str:
    return said if said.startswith("w-") and len(said) == 28 else ids.worker_id("api", said)


@router.get("/new")
async def blank(request: Request, who: Writes) -> Response:
    return show(request, STAFF, Form(profile_form.shown(STAFF, None), {}), f"{HERE}/new")


@router.post("/new")
async def register(request: Request, who: Writes, given: Given) -> Response:
    typed = await typed_in(request, STAFF)
    content, errors = profile_form.judged(
        profile_form.wire_of(STAFF, typed, None), None, given.clock.now()
    )
    if content is not None:
        accepted = await taken(
            profiles.post(content=content, who=who, given=given, wait=WAIT_S, response=Response())
        )
        if not isinstance(accepted, RoostError):
            return done(f"{HERE}/{accepted.id}" if accepted.searchable else HERE, "saved")
        errors = faults_of(accepted)
    return show(request, STAFF, wrong(request, STAFF, typed, errors), f"{HERE}/new", status=422)


@router.get("/{id}")
async def read(id: WorkerId, request: Request, who: Reads, given: Given) -> Response:
    standing = await profiles.read(id=id, who=who, given=given, response=Response())
    shown = Form(profile_form.shown(STAFF, standing) | {"version": str(standing["version"])}, {})
    return show(request, STAFF, shown, f"{HERE}/{id}", standing=standing)


@router.post("/{id}")
async def edit(id: WorkerId, request: Request, who: Writes, given: Given) -> Response:
    return await edited(request, who, given, id, STAFF, f"{HERE}/{id}")


async def edited(
    request: Request,
    who: Principal,
    given: Services,
    id: str,
    layout: Layout,
    where: str,
    template: str = FORM,
) -> Response:
    """The profile as the form says it, then back to it; or the form again with what is wrong."""
    standing = await profiles.read(id=id, who=who, given=given, response=Response())
    typed = await typed_in(request, layout)
    typed["version"] = (await request.form()).get("version")
    wire = profile_form.wire_of(layout, typed, standing)
    content, errors = profile_form.judged(wire, id, given.clock.now())
    if content is not None:
        outcome = await taken(
            profiles.replace(
                id=id,
                content=content,
                who=who,
                given=given,
                wait=WAIT_S,
                response=Response(),
                expected=read_at(typed["version"]),
            )
        )
        if not isinstance(outcome, RoostError):
            return done(where, "saved")
        errors = faults_of(outcome)
    shown = wrong(request, layout, typed, errors)
    return show(request, layout, shown, where, standing=standing, status=422, template=template)


def wrong(request: Request, layout: Layout, typed: Typed, errors: tuple[FieldError, ...]) -> Form:
    near, rest = beside(layout, errors, spoken(request))
    return Form(typed, near, " ".join(rest))


def show(
    request: Request,
    layout: Layout,
    shown: Form,
    action: str,
    *,
    standing: dict[str, Any] | None = None,
    status: int = 200,
    template: str = FORM,
) -> Response:
    say = say_in(spoken(request))
    return page(
        request,
        template,
        status=status,
        form=shown,
        action=action,
        standing=standing,
        staff=layout is STAFF,
        offered={group: choices(say, group, said) for group, said in profile_form.CHOICES.items()},
        done=request.query_params.get("done"),
    )
