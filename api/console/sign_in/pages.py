"""Signing in and out, and the password that has to be changed first."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse

from api.access import forgery, sessions
from api.access.refusals import CodeNeeded
from api.access.requirements import Who
from api.access.sessions import OpenedSession
from api.console.shell import language
from api.console.shell.browser_pages import PASSWORD, SIGN_IN, keep_language, own_path
from api.console.shell.forms import Form, again, blank, fields_of, taken
from api.console.shell.rendering import known, page
from api.console.sign_in import retry_wait
from api.me import service
from api.ports.services import Given, Services
from api.sign_in.service import address_of, sign_in, sign_out
from roost.errors import RoostError, invalid_field

router = APIRouter(include_in_schema=False, tags=["console"])
TYPED = ("login", "next")
"""What is shown again: never a password."""


@router.get(SIGN_IN)
async def ask(request: Request, given: Given) -> Response:
    back = own_path(request.query_params.get("next", "/"))
    if known(request) is not None:
        return RedirectResponse(back, 303)
    return _form(request, given, blank(next=back))


@router.post(SIGN_IN)
async def enter(request: Request, given: Given) -> Response:
    forgery.check_origin(request.headers, given.settings.public_url)
    sent = await fields_of(request)
    opened = await taken(_entered(given, request, sent))
    if isinstance(opened, RoostError):
        return _asked_again(request, given, sent, opened)
    account = given.identities.accounts.get(opened.session.account_id)
    back = own_path(sent.get("next", "/"))
    if account is not None and account.must_change_password:
        back = f"{PASSWORD}?next={quote(back)}"
    answer = RedirectResponse(back, 303)
    sessions.set_session_cookie(answer, opened.token, given.settings)
    if account is not None and language.COOKIE not in request.cookies:
        keep_language(answer, account.language)
    return answer


@router.post("/console/sign-out")
async def leave(request: Request, given: Given, who: Who) -> Response:
    answer = RedirectResponse(SIGN_IN, 303)
    if request.state.session is not None:
        await sign_out(given, request.state.session)
        sessions.delete_session_cookie(answer, given.settings)
    return answer


@router.get(PASSWORD)
async def ask_password(request: Request, who: Who) -> Response:
    back = own_path(request.query_params.get("next", "/"))
    return page(request, "sign_in/password.html", form=blank(next=back))


@router.post(PASSWORD)
async def change_password(request: Request, given: Given, who: Who) -> Response:
    sent = await fields_of(request)
    opened = await taken(_changed(given, request, sent))
    if isinstance(opened, RoostError):
        form = again(request, {"next": own_path(sent.get("next", "/"))}, opened)
        return page(request, "sign_in/password.html", status=422, form=form)
    answer = RedirectResponse(own_path(sent.get("next", "/")), 303)
    sessions.set_session_cookie(answer, opened.token, given.settings)
    return answer


async def _entered(given: Services, request: Request, sent: dict[str, str]) -> OpenedSession:
    login, code, now = sent.get("login", "").strip().lower(), sent.get("code"), given.clock.now()
    kept = sent.get("kept")
    password = retry_wait.opened(given.key, login, kept, now) if kept else sent.get("password", "")
    return await sign_in(given, login, password, code, address_of(request))


def _asked_again(
    request: Request, given: Services, sent: dict[str, str], error: RoostError
) -> Response:
    """The same step with what was wrong; the next one when the password was right."""
    typed: dict[str, Any] = {name: sent.get(name, "") for name in TYPED}
    if isinstance(error, CodeNeeded):
        login = sent.get("login", "").strip().lower()
        kept = sent.get("kept") or retry_wait.sealed(
            given.key, login, sent.get("password", ""), given.clock.now()
        )
        return page(request, "sign_in/code.html", form=blank(**typed), kept=kept)
    return _form(request, given, again(request, typed, error), error.status)


async def _changed(given: Services, request: Request, sent: dict[str, str]) -> OpenedSession:
    who = known(request)
    assert who is not None
    if sent.get("password") != sent.get("repeated"):
        raise invalid_field("repeated", "is not the same as the new password", "两次输入不一致")
    return await service.change_password(
        given, who, sent.get("former", ""), sent.get("password", ""), address_of(request)
    )


def _form(request: Request, given: Services, form: Form, status: int = 200) -> Response:
    # A refused sign-in is no request to sign in: 401 would send the browser round in a circle.
    return page(
        request,
        "sign_in/page.html",
        status=422 if status == 401 else status,
        form=form,
        by_oidc=given.settings.oidc_issuer is not None,
    )
