"""Pages of machines' keys: list, create, rotate and revoke; a secret is shown once."""

from __future__ import annotations

from functools import partial

from fastapi import APIRouter, Request, Response

from api.access.principal import Principal
from api.access.requirements import ManagesAccounts, ReadsAccounts
from api.console.admin.admin_forms import KEY, ROTATION, confined_to, holder_wire, scope_choices
from api.console.admin.station_choices import station_choices
from api.console.shell.form_answers import redirect_done, submit_form
from api.console.shell.forms import Form
from api.console.shell.rendering import page, spoken
from api.keys import service
from api.keys.schemas import KeyWithSecret, NewKey, Rotation, key_details, key_with_secret
from api.ports.services import Given, Services
from producers.identity_facts import USUAL_DAYS
from roost.events.account import KeyId

router = APIRouter(prefix="/console/admin/keys", include_in_schema=False)
HERE = "/console/admin/keys"
GRACE_HOURS = 24


@router.get("")
async def list_keys(request: Request, who: ReadsAccounts, given: Given) -> Response:
    return await _list_page(request, who, given)


@router.get("/new")
async def show_new_key(request: Request, who: ManagesAccounts, given: Given) -> Response:
    form = Form(KEY.shown({"role": "employer", "days": USUAL_DAYS}), {})
    return await _new_key_page(request, given, form)


@router.post("/new")
async def create_key(request: Request, who: ManagesAccounts, given: Given) -> Response:
    """Create a key and show its secret above the list."""
    action = partial(service.create_key, given, who)
    created = await submit_form(request, KEY, NewKey, action, holder_wire)
    if isinstance(created, Form):
        return await _new_key_page(request, given, created, 422)
    return await _list_page(request, who, given, made=key_with_secret(*created))


@router.post("/{id}/rotate")
async def rotate_key(id: KeyId, request: Request, who: ManagesAccounts, given: Given) -> Response:
    """Rotate a key and show its new secret above the list."""
    action = partial(service.rotate_key, given, who, id)
    rotated = await submit_form(request, ROTATION, Rotation, action)
    if isinstance(rotated, Form):
        return await _list_page(request, who, given, form=rotated)
    return await _list_page(request, who, given, made=key_with_secret(*rotated))


@router.post("/{id}/revoke")
async def revoke_key(id: KeyId, who: ManagesAccounts, given: Given) -> Response:
    await service.revoke_key(given, who, id)
    return redirect_done(HERE, "revoked")


async def _list_page(
    request: Request,
    who: Principal,
    given: Services,
    *,
    made: KeyWithSecret | None = None,
    form: Form | None = None,
) -> Response:
    names = dict(await station_choices(given))
    defaults = {"days": USUAL_DAYS, "graceHours": GRACE_HOURS}
    return page(
        request,
        "admin/keys.html",
        status=422 if form else 200,
        keys=[
            (key_details(each), confined_to(each, names)) for each in service.list_keys(given, who)
        ],
        made=made,
        form=form or Form(ROTATION.shown(defaults), {}),
        now=given.clock.now(),
        scope_labels=dict(scope_choices(spoken(request))),
    )


async def _new_key_page(
    request: Request, given: Services, form: Form, status: int = 200
) -> Response:
    return page(
        request,
        "admin/key_new.html",
        status=status,
        form=form,
        stations=await station_choices(given),
        scopes=scope_choices(spoken(request)),
    )
