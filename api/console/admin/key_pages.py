"""Machines' keys: listed, made and rotated with what is shown once, revoked."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response

from api.console.admin.admin_forms import KEY, ROTATION, all_scopes, confined_to, holding, named
from api.console.shell.form_answers import again, done, typed_in
from api.console.shell.forms import Form, taken
from api.console.shell.plain import checked
from api.console.shell.rendering import page
from api.keys import endpoints as keys
from api.keys.endpoints import Reads, Writes
from api.keys.schemas import KeyWithSecret, NewKey, Rotation
from api.ports.services import Given, Services
from api.stations.service import all_stations
from producers.identity_facts import USUAL_DAYS
from roost.errors import RoostError
from roost.events.account import KeyId

router = APIRouter(prefix="/console/admin/keys", include_in_schema=False)
HERE = "/console/admin/keys"
GRACE_HOURS = 24


@router.get("")
async def list_keys(request: Request, who: Reads, given: Given) -> Response:
    return await _list(request, who, given)


@router.get("/new")
async def blank(request: Request, who: Writes, given: Given) -> Response:
    form = Form(KEY.shown({"role": "employer", "days": USUAL_DAYS}), {})
    return await _new(request, given, form)


@router.post("/new")
async def make(request: Request, who: Writes, given: Given) -> Response:
    typed = await typed_in(request, KEY)

    async def making() -> KeyWithSecret:
        return await keys.make(who, checked(NewKey, holding(KEY, typed)), given, Response())

    made = await taken(making())
    if isinstance(made, RoostError):
        return await _new(request, given, again(request, KEY, typed, made), 422)
    return await _list(request, who, given, made=made)


@router.post("/{id}/rotate")
async def rotate(id: KeyId, request: Request, who: Writes, given: Given) -> Response:
    typed = await typed_in(request, ROTATION)

    async def rotating() -> KeyWithSecret:
        asked = checked(Rotation, ROTATION.wire(typed))
        return await keys.rotate(id, who, given, Response(), asked)

    made = await taken(rotating())
    if isinstance(made, RoostError):
        return await _list(request, who, given, form=again(request, ROTATION, typed, made))
    return await _list(request, who, given, made=made)


@router.post("/{id}/revoke")
async def revoke(id: KeyId, who: Writes, given: Given) -> Response:
    await keys.revoke(id, who, given)
    return done(HERE, "revoked")


async def _list(
    request: Request,
    who: Reads,
    given: Services,
    *,
    made: KeyWithSecret | None = None,
    form: Form | None = None,
) -> Response:
    found = await keys.list_keys(who, given)
    names = dict(named(await all_stations(given)))
    usual = {"days": USUAL_DAYS, "graceHours": GRACE_HOURS}
    return page(
        request,
        "admin/keys.html",
        status=422 if form else 200,
        keys=[(each, confined_to(each, names)) for each in found.items],
        made=made,
        form=form or Form(ROTATION.shown(usual), {}),
        now=given.clock.now(),
        done=request.query_params.get("done"),
    )


async def _new(request: Request, given: Services, form: Form, status: int = 200) -> Response:
    stations = named(await all_stations(given))
    return page(
        request,
        "admin/key_new.html",
        status=status,
        form=form,
        stations=stations,
        scopes=all_scopes(),
    )
