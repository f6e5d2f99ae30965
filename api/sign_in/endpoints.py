"""Endpoints of signing in, by password or OpenID Connect provider, and of signing out."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Body, Query, Request, Response
from fastapi.responses import RedirectResponse

from api.access import sessions
from api.access.client_address import origin_of
from api.access.known_browsers import set_opened_session
from api.access.requirements import Who
from api.access.sessions import OpenedSession
from api.lists.answer_schemas import located_answer
from api.ports.services import Given, Services
from api.sign_in import by_passkey, oidc, service
from api.sign_in.schemas import PasskeyRequest, PasskeySignIn, SignedIn, SignIn

router = APIRouter(prefix="/v1", tags=["identity"])
EXAMPLE = {"login": "admin", "password": "four-words-of-your-own"}


@router.post("/sign-in", summary="Sign in with login and password")
async def sign_in(
    asked: Annotated[SignIn, Body(examples=[EXAMPLE])],
    given: Given,
    request: Request,
    response: Response,
) -> SignedIn:
    """Set the session cookie. After a 401 of type `code-needed`, send `code` as well."""
    opened = await service.sign_in(
        given, asked.login, asked.password.get_secret_value(), asked.code, origin_of(request)
    )
    set_opened_session(response, given, service.account_of(given, opened), opened)
    return _signed_in(given, opened)


@router.post("/sign-in/passkey/options", summary="Begin a sign-in with a passkey")
async def begin_passkey(given: Given) -> PasskeyRequest:
    """Return the browser's options for any passkey of this site."""
    options, ceremony = by_passkey.begin(given)
    return PasskeyRequest(ceremony=ceremony, options=options)


@router.post("/sign-in/passkey", summary="Sign in with a passkey")
async def sign_in_by_passkey(
    asked: PasskeySignIn, given: Given, request: Request, response: Response
) -> SignedIn:
    """Set the session cookie. A passkey verifies its user and needs no password."""
    opened = await by_passkey.sign_in_by_passkey(
        given, asked.ceremony, asked.credential, origin_of(request)
    )
    set_opened_session(response, given, service.account_of(given, opened), opened)
    return _signed_in(given, opened)


def _signed_in(given: Services, opened: OpenedSession) -> SignedIn:
    return SignedIn(
        account_id=opened.session.account_id,
        must_change_password=service.must_change_password(given, opened.session),
        must_enrol_second_factor=service.must_enrol_second_factor(given, opened.session),
        csrf=sessions.csrf_token(given.key, opened.session),
    )


@router.get(
    "/sign-in/oidc",
    status_code=303,
    summary="Sign in through the OpenID provider",
    response_class=RedirectResponse,
    responses=located_answer(303),
)
async def begin_oidc(
    given: Given,
    next: Annotated[str | None, Query(max_length=500, description="path to continue at")] = None,
) -> RedirectResponse:
    """Redirect to the provider's page, which redirects back to `callback`."""
    url, sealed_flow = await oidc.begin(given, next or "/")
    answer = RedirectResponse(url, 303)
    sessions.set_protected_cookie(
        answer, _oidc_cookie(given), sealed_flow, given.settings, oidc.WITHIN
    )
    return answer


@router.get(
    "/sign-in/oidc/callback",
    status_code=303,
    summary="Return from the OpenID provider",
    response_class=RedirectResponse,
    responses=located_answer(303),
)
async def finish_oidc(
    given: Given,
    request: Request,
    state: Annotated[str | None, Query(max_length=200)] = None,
    code: Annotated[str | None, Query(max_length=4_000)] = None,
) -> RedirectResponse:
    """Open a session for the person whom the provider has identified."""
    cookie = request.cookies.get(_oidc_cookie(given))
    opened, onward = await oidc.finish(given, cookie, state, code, origin_of(request))
    answer = RedirectResponse(onward, 303)
    set_opened_session(answer, given, service.account_of(given, opened), opened)
    sessions.delete_protected_cookie(answer, _oidc_cookie(given), given.settings)
    return answer


@router.post("/sign-out", status_code=204, summary="End the session")
async def sign_out(who: Who, given: Given, request: Request, response: Response) -> None:
    """End the caller's session; a key has none, and nothing happens."""
    if request.state.session is not None:
        await service.sign_out(given, request.state.session)
        sessions.delete_session_cookie(response, given.settings)


def _oidc_cookie(given: Services) -> str:
    return f"{sessions.cookie_name(given.settings)}-oidc"
