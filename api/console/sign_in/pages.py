"""Pages of signing in and out, and of changing the password."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse

from api.access import sessions
from api.access.client_address import origin_of
from api.access.known_browsers import set_opened_session
from api.access.local_paths import local_path
from api.access.refusals import CodeNeeded
from api.access.requirements import Who
from api.access.sessions import OpenedSession
from api.console.shell.browser_pages import PASSWORD, SIGN_IN
from api.console.shell.form_answers import refilled_form
from api.console.shell.form_layout import Layout
from api.console.shell.forms import Form, blank, catch_refusal, fields_of
from api.console.shell.navigation import LAST_QUEUE
from api.console.shell.passkey_forms import passkey_request, passkey_wire
from api.console.shell.plain import checked
from api.console.shell.rendering import known, page
from api.console.sign_in.entering import let_in
from api.console.sign_in.sealed_password import seal_password, unseal_password
from api.guards.security_headers import clear_browser
from api.me import service as own_account
from api.ports.services import Given, Services
from api.sign_in import by_passkey, service
from api.sign_in.schemas import PasskeySignIn
from roost.errors import RoostError, invalid_field
from roost.security import passwords

router = APIRouter(include_in_schema=False, tags=["console"])
MOST_LOGIN = 254
"""Length of the longest login; more of a text cannot be one."""
LOGIN = Layout(texts=("login", "next"))
"""Fields that are shown again after an error; the password is not one of them."""
NEW_PASSWORD = Layout(texts=("former", "password", "repeated", "next"))


@router.get(SIGN_IN)
async def show_sign_in(request: Request, given: Given) -> Response:
    back = local_path(request.query_params.get("next"))
    if known(request) is not None:
        return RedirectResponse(back, 303)
    return _sign_in_page(request, given, blank(next=back))


@router.post(SIGN_IN)
async def sign_in(request: Request, given: Given) -> Response:
    """Check the login, then continue at `next`, or at the password page for an initial one."""
    sent = await fields_of(request)
    opened = await catch_refusal(_sign_in(given, request, sent))
    if isinstance(opened, RoostError):
        return _next_step(request, given, sent, opened)
    return await let_in(request, given, local_path(sent.get("next")), opened)


@router.post(f"{SIGN_IN}/passkey")
async def sign_in_by_passkey(request: Request, given: Given) -> Response:
    """Sign in with the passkey's answer, which a script has put into the form."""
    sent = await fields_of(request)

    async def act() -> OpenedSession:
        asked = checked(PasskeySignIn, passkey_wire(sent))
        origin = origin_of(request)
        return await by_passkey.sign_in_by_passkey(given, asked.ceremony, asked.credential, origin)

    opened = await catch_refusal(act())
    if isinstance(opened, RoostError):
        return _next_step(request, given, sent, opened)
    return await let_in(request, given, local_path(sent.get("next")), opened)


@router.post("/console/sign-out")
async def sign_out(request: Request, given: Given, who: Who) -> Response:
    answer = RedirectResponse(SIGN_IN, 303)
    if request.state.session is not None:
        await service.sign_out(given, request.state.session)
        sessions.delete_session_cookie(answer, given.settings)
        sessions.delete_protected_cookie(answer, LAST_QUEUE, given.settings)
        clear_browser(answer)
    return answer


@router.get(PASSWORD)
async def show_password(request: Request, who: Who) -> Response:
    back = local_path(request.query_params.get("next"))
    return _password_page(request, blank(next=back))


@router.post(PASSWORD)
async def change_password(request: Request, given: Given, who: Who) -> Response:
    sent = await fields_of(request)
    back = local_path(sent.get("next"))

    async def change() -> OpenedSession:
        former, password = sent.get("former", ""), sent.get("password", "")
        if password != sent.get("repeated"):
            raise invalid_field("repeated", "is not the same as the new password", "两次输入不一致")
        origin = origin_of(request)
        return await own_account.change_password(given, who, former, password, origin)

    opened = await catch_refusal(change())
    if isinstance(opened, RoostError):
        form = refilled_form(request, NEW_PASSWORD, {"next": back}, opened)
        return _password_page(request, form, 422)
    answer = RedirectResponse(back, 303)
    set_opened_session(answer, given, service.account_of(given, opened), opened)
    return answer


async def _sign_in(given: Services, request: Request, sent: dict[str, str]) -> OpenedSession:
    """Sign in with the submitted password, or with the sealed one of the second step."""
    login, code, sealed = _login(sent), sent.get("code"), sent.get("kept")
    password = sent.get("password", "")
    if sealed:
        password = unseal_password(given.key, login, sealed, given.clock.now())
    return await service.sign_in(given, login, password, code, origin_of(request))


def _next_step(
    request: Request, given: Services, sent: dict[str, str], error: RoostError
) -> Response:
    """Show the form for the code if the password was right, else the same form with the error."""
    typed: dict[str, Any] = {name: sent.get(name, "") for name in LOGIN.texts}
    if isinstance(error, CodeNeeded):
        sealed = sent.get("kept") or seal_password(
            given.key, _login(sent), sent.get("password", ""), given.clock.now()
        )
        by_code = service.has_authenticator(given, _login(sent))
        return page(
            request,
            "sign_in/code.html",
            form=blank(**typed),
            kept=sealed,
            by_code=by_code,
            passkey=passkey_request(given),
        )
    return _sign_in_page(request, given, refilled_form(request, LOGIN, typed, error), error.status)


def _password_page(request: Request, form: Form, status: int = 200) -> Response:
    return page(request, "sign_in/password.html", status=status, form=form, least=passwords.LEAST)


def _login(sent: dict[str, str]) -> str:
    return sent.get("login", "").strip().lower()[:MOST_LOGIN]


def _sign_in_page(request: Request, given: Services, form: Form, status: int = 200) -> Response:
    # The console redirects a 401 to this page, so a failed sign-in must not answer with one.
    return page(
        request,
        "sign_in/page.html",
        status=422 if status == 401 else status,
        form=form,
        by_oidc=given.settings.oidc_issuer is not None,
        passkey=passkey_request(given),
    )
