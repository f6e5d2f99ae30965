"""Signing in with a password, and out."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Body, Query, Request, Response
from fastapi.responses import RedirectResponse

from api.access import forgery, sessions
from api.access.requirements import Who
from api.ports.services import Given, Services
from api.sign_in import oidc
from api.sign_in.schemas import SignedIn, SignIn
from api.sign_in.service import address_of, sign_in, sign_out

router = APIRouter(prefix="/v1", tags=["identity"])
EXAMPLE = {"login": "admin", "password": "four-words-of-your-own"}


@router.post("/sign-in", summary="Sign in with login and password")
async def post(
    asked: Annotated[SignIn, Body(examples=[EXAMPLE])],
    given: Given,
    request: Request,
    response: Response,
) -> SignedIn:
    """Sets the session's cookie. With 401 and the type `code-needed`, send `code` as well."""
    forgery.check_origin(request.headers, given.settings.public_url)
    opened = await sign_in(
        given, asked.login, asked.password.get_secret_value(), asked.code, address_of(request)
    )
    sessions.set_session_cookie(response, opened.token, given.settings)
    account = given.identities.accounts.get(opened.session.account_id)
    return SignedIn(
        account_id=opened.session.account_id,
        must_change_password=bool(account and account.must_change_password),
        csrf=sessions.csrf_token(given.key, opened.session),
    )


@router.get("/sign-in/oidc", status_code=303, summary="Sign in through the OpenID provider")
async def by_provider(
    given: Given,
    next: Annotated[str | None, Query(max_length=500, description="a path to go on to")] = None,
) -> RedirectResponse:
    """Leads to the provider's page; it leads back to `callback`."""
    url, kept = await oidc.begin(given, next or "/")
    answer = RedirectResponse(url, 303)
    answer.set_cookie(
        _oidc_cookie(given),
        kept,
        max_age=int(oidc.WITHIN.total_seconds()),
        path="/",
        secure=sessions.is_https(given.settings),
        httponly=True,
        samesite="lax",
    )
    answer.headers["cache-control"] = "no-store"
    return answer


@router.get("/sign-in/oidc/callback", status_code=303, summary="Back from the OpenID provider")
async def back(
    given: Given,
    request: Request,
    state: Annotated[str | None, Query(max_length=200)] = None,
    code: Annotated[str | None, Query(max_length=4_000)] = None,
) -> RedirectResponse:
    cookie = request.cookies.get(_oidc_cookie(given))
    opened, onward = await oidc.finish(given, cookie, state, code)
    answer = RedirectResponse(onward, 303)
    sessions.set_session_cookie(answer, opened.token, given.settings)
    answer.delete_cookie(
        _oidc_cookie(given),
        path="/",
        secure=sessions.is_https(given.settings),
        httponly=True,
        samesite="lax",
    )
    return answer


def _oidc_cookie(given: Services) -> str:
    return f"{sessions.cookie_name(given.settings)}-oidc"


@router.post("/sign-out", status_code=204, summary="End the session")
async def delete(who: Who, given: Given, request: Request, response: Response) -> None:
    """A key has no session: nothing ends."""
    if request.state.session is not None:
        await sign_out(given, request.state.session)
        sessions.delete_session_cookie(response, given.settings)
