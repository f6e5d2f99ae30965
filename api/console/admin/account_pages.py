"""People's accounts: listed, made, edited, closed; a new password, shown once."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response
from starlette.responses import RedirectResponse

from api.accounts import endpoints as accounts
from api.accounts.endpoints import Reads, Writes
from api.accounts.schemas import Edited, NewAccount, Shown, WithPassword
from api.console.admin.admin_forms import ACCOUNT, EDITED, confined_to, holding, named
from api.console.shell.form_answers import again, done, typed_in
from api.console.shell.forms import Form, taken
from api.console.shell.plain import checked
from api.console.shell.rendering import page
from api.ports.services import Given, Services
from api.stations.service import all_stations
from roost.errors import RoostError
from roost.events.account import AccountId, AccountRole

router = APIRouter(prefix="/console/admin", include_in_schema=False)
HERE = "/console/admin/accounts"


@router.get("")
async def home(who: Reads) -> Response:
    return RedirectResponse(HERE, 303)


@router.get("/accounts")
async def list_accounts(
    request: Request,
    who: Reads,
    given: Given,
    role: AccountRole | None = None,
    login: Annotated[str, Query(max_length=64)] = "",
) -> Response:
    found = await accounts.list_accounts(who, given, role, login.strip().lower() or None)
    names = dict(named(await all_stations(given)))
    return page(
        request,
        "admin/accounts.html",
        accounts=[(each, confined_to(each, names)) for each in found.items],
        role=role.value if role else "",
        login=login,
        done=request.query_params.get("done"),
    )


@router.get("/accounts/new")
async def blank(request: Request, who: Writes, given: Given) -> Response:
    form = Form(ACCOUNT.shown({"language": "zh", "role": "clerk"}), {})
    return await _new(request, given, form)


@router.post("/accounts/new")
async def make(request: Request, who: Writes, given: Given) -> Response:
    typed = await typed_in(request, ACCOUNT)

    async def making() -> WithPassword:
        asked = checked(NewAccount, holding(ACCOUNT, typed))
        return await accounts.make(who, asked, given, Response())

    made = await taken(making())
    if isinstance(made, RoostError):
        return await _new(request, given, again(request, ACCOUNT, typed, made), 422)
    return await _one(request, given, made, password=made.password)


@router.get("/accounts/{id}")
async def read(id: AccountId, request: Request, who: Reads, given: Given) -> Response:
    return await _one(request, given, await accounts.read(id, who, given))


@router.post("/accounts/{id}")
async def edit(id: AccountId, request: Request, who: Writes, given: Given) -> Response:
    typed = await typed_in(request, EDITED)

    async def editing() -> Shown:
        return await accounts.edit(id, who, checked(Edited, holding(EDITED, typed)), given)

    outcome = await taken(editing())
    if isinstance(outcome, RoostError):
        standing = await accounts.read(id, who, given)
        return await _one(request, given, standing, again(request, EDITED, typed, outcome), 422)
    return done(f"{HERE}/{id}", "saved")


@router.post("/accounts/{id}/password")
async def reset(id: AccountId, request: Request, who: Writes, given: Given) -> Response:
    changed = await accounts.reset_password(id, who, given, Response())
    return await _one(request, given, changed, password=changed.password)


@router.post("/accounts/{id}/authenticator")
async def disable_authenticator(id: AccountId, who: Writes, given: Given) -> Response:
    await accounts.disable_authenticator(id, who, given)
    return done(f"{HERE}/{id}", "authenticator_off")


@router.post("/accounts/{id}/sessions")
async def end_sessions(id: AccountId, who: Writes, given: Given) -> Response:
    await accounts.end_sessions(id, who, given)
    return done(f"{HERE}/{id}", "sessions_ended")


@router.post("/accounts/{id}/erase")
async def erase(id: AccountId, request: Request, who: Writes, given: Given) -> Response:
    outcome = await taken(accounts.erase(id, who, given))
    if isinstance(outcome, RoostError):
        standing = await accounts.read(id, who, given)
        return await _one(request, given, standing, again(request, EDITED, {}, outcome), 409)
    return done(HERE, "erased")


async def _new(request: Request, given: Services, form: Form, status: int = 200) -> Response:
    stations = named(await all_stations(given))
    return page(request, "admin/account_new.html", status=status, form=form, stations=stations)


async def _one(
    request: Request,
    given: Services,
    account: Shown,
    form: Form | None = None,
    status: int = 200,
    password: str | None = None,
) -> Response:
    values: dict[str, Any] = EDITED.shown(account.to_dict())
    values |= form.values if form else {}
    shown = Form(values, form.errors if form else {}, form.summary if form else "")
    return page(
        request,
        "admin/account.html",
        status=status,
        account=account,
        form=shown,
        password=password,
        stations=named(await all_stations(given)),
        done=request.query_params.get("done"),
    )
