"""Signing in with a password, and out."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Body, Request, Response

from api.dependencies import Given
from api.identity import forgery, sessions
from api.identity.asking import Who
from api.identity.signing_in import address_of, sign_in, sign_out
from api.sign_in.schemas import SignedIn, SignIn

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
    sessions.keep(response, opened.token, given.settings)
    account = given.identities.accounts.get(opened.session.account_id)
    return SignedIn(
        account_id=opened.session.account_id,
        must_change_password=bool(account and account.must_change_password),
        csrf=sessions.csrf_token(given.key, opened.session),
    )


@router.post("/sign-out", status_code=204, summary="End the session")
async def delete(who: Who, given: Given, request: Request, response: Response) -> None:
    """A key has no session: nothing ends."""
    if request.state.session is not None:
        await sign_out(given, request.state.session)
        sessions.forget(response, given.settings)
