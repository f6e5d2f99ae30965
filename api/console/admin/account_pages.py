"""Pages of people's accounts: list, create, edit, close, and reset the password."""

from __future__ import annotations

from functools import partial
from typing import Annotated

from fastapi import APIRouter, Query, Request, Response
from starlette.responses import RedirectResponse

from api.access.requirements import ManagesAccounts, ReadsAccounts
from api.accounts import service
from api.accounts.schemas import AccountContent, AccountDetails, NewAccount, account_details
from api.console.admin.admin_forms import ACCOUNT, EDITED, confined_to, holder_wire
from api.console.admin.station_choices import station_choices
from api.console.shell.form_answers import redirect_done, refilled_form, submit_form
from api.console.shell.forms import Form, catch_refusal
from api.console.shell.rendering import page
from api.ports.services import Given, Services
from roost.errors import RoostError
from roost.events.account import Account, AccountId, AccountRole

router = APIRouter(prefix="/console/admin", include_in_schema=False)
HERE = "/console/admin/accounts"


@router.get("")
async def redirect_home(who: ReadsAccounts) -> Response:
    return RedirectResponse(HERE, 303)


@router.get("/accounts")
async def list_accounts(
    request: Request,
    who: ReadsAccounts,
    given: Given,
    role: AccountRole | None = None,
    login: Annotated[str, Query(max_length=254)] = "",
) -> Response:
    found = service.list_accounts(given, who, role, login.strip().lower() or None)
    names = dict(await station_choices(given))
    return page(
        request,
        "admin/accounts.html",
        accounts=[(account_details(each), confined_to(each, names)) for each in found],
        role=role.value if role else "",
        login=login,
    )


@router.get("/accounts/new")
async def show_new_account(request: Request, who: ManagesAccounts, given: Given) -> Response:
    form = Form(ACCOUNT.shown({"language": "zh", "role": "clerk"}), {})
    return await _new_account_page(request, given, form)


@router.post("/accounts/new")
async def create_account(request: Request, who: ManagesAccounts, given: Given) -> Response:
    """Create an account and show its one-time password on its page."""
    action = partial(service.create_account, given, who)
    created = await submit_form(request, ACCOUNT, NewAccount, action, holder_wire)
    if isinstance(created, Form):
        return await _new_account_page(request, given, created, 422)
    account, password = created
    return await _account_page(request, given, account, password=password)


@router.get("/accounts/{id}")
async def show_account(
    id: AccountId, request: Request, who: ReadsAccounts, given: Given
) -> Response:
    return await _account_page(request, given, service.find_account(given, who, id))


@router.post("/accounts/{id}")
async def edit_account(
    id: AccountId, request: Request, who: ManagesAccounts, given: Given
) -> Response:
    action = partial(service.edit_account, given, who, id)
    edited = await submit_form(request, EDITED, AccountContent, action, holder_wire)
    if isinstance(edited, Form):
        return await _account_page(
            request, given, service.find_account(given, who, id), edited, 422
        )
    return redirect_done(f"{HERE}/{id}", "saved")


@router.post("/accounts/{id}/password")
async def reset_password(
    id: AccountId, request: Request, who: ManagesAccounts, given: Given
) -> Response:
    account, password = await service.reset_password(given, who, id)
    return await _account_page(request, given, account, password=password)


@router.post("/accounts/{id}/authenticator")
async def disable_authenticator(id: AccountId, who: ManagesAccounts, given: Given) -> Response:
    await service.disable_authenticator(given, who, id)
    return redirect_done(f"{HERE}/{id}", "authenticator_off")


@router.post("/accounts/{id}/sessions")
async def end_sessions(id: AccountId, who: ManagesAccounts, given: Given) -> Response:
    await service.end_sessions(given, who, id)
    return redirect_done(f"{HERE}/{id}", "sessions_ended")


@router.post("/accounts/{id}/erase")
async def erase_account(
    id: AccountId, request: Request, who: ManagesAccounts, given: Given
) -> Response:
    outcome = await catch_refusal(service.erase_account(given, who, id))
    if isinstance(outcome, RoostError):
        stored = service.find_account(given, who, id)
        return await _account_page(
            request, given, stored, refilled_form(request, EDITED, {}, outcome), 409
        )
    return redirect_done(HERE, "erased")


async def _new_account_page(
    request: Request, given: Services, form: Form, status: int = 200
) -> Response:
    return page(
        request,
        "admin/account_new.html",
        status=status,
        form=form,
        stations=await station_choices(given),
    )


async def _account_page(
    request: Request,
    given: Services,
    account: Account,
    form: Form | None = None,
    status: int = 200,
    password: str | None = None,
) -> Response:
    details: AccountDetails = account_details(account)
    stored = EDITED.shown(details.to_dict())
    return page(
        request,
        "admin/account.html",
        status=status,
        account=details,
        form=form.over(stored) if form else Form(stored, {}),
        password=password,
        stations=await station_choices(given),
    )
