"""One's own account: who am I, the password, the language, the authenticator."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Body, Request, Response

from api.access import policy, sessions, totp
from api.access.principal import Principal
from api.access.requirements import Who
from api.me import service
from api.me.schemas import Chosen, Code, Confirmed, Enrolment, NewPassword
from api.ports.services import Given, Services
from api.sign_in.schemas import Me
from api.sign_in.service import address_of

router = APIRouter(prefix="/v1/me", tags=["identity"])


@router.get("", summary="Who am I, and what may I do")
async def read(who: Who, given: Given, request: Request) -> Me:
    return _me(who, given, request)


@router.post("/password", summary="Change one's password")
async def change_password(
    who: Who,
    asked: Annotated[NewPassword, Body(examples=[{"former": "…", "password": "…"}])],
    given: Given,
    request: Request,
    response: Response,
) -> Me:
    """Every session of the account ends; this browser gets a new one."""
    opened = await service.change_password(
        given,
        who,
        asked.former.get_secret_value(),
        asked.password.get_secret_value(),
        address_of(request),
    )
    sessions.set_session_cookie(response, opened.token, given.settings)
    request.state.session = opened.session
    return _me(who, given, request)


@router.put("/language", summary="Choose one's language")
async def choose(who: Who, asked: Chosen, given: Given, request: Request) -> Me:
    await service.choose_language(given, who, asked.language)
    return _me(who, given, request)


@router.post("/authenticator", summary="Enrol an authenticator: its secret and QR code")
async def enrol(who: Who, given: Given, response: Response) -> Enrolment:
    """Nothing changes before `confirm`."""
    account = service.account_of(given, who)
    secret = totp.new_secret()
    response.headers["cache-control"] = "no-store"
    return Enrolment(
        secret=secret,
        uri=totp.uri(secret, account.login),
        qr=totp.qr_svg(secret, account.login),
    )


@router.post("/authenticator/confirm", summary="The authenticator's first code: from now on needed")
async def confirm(who: Who, asked: Code, given: Given, request: Request) -> Me:
    await service.confirm_authenticator(given, who, asked.secret, asked.code)
    return _me(who, given, request)


@router.post("/authenticator/disable", summary="Sign in without an authenticator again")
async def disable(who: Who, asked: Confirmed, given: Given, request: Request) -> Me:
    await service.disable_authenticator(
        given, who, asked.password.get_secret_value(), address_of(request)
    )
    return _me(who, given, request)


def _me(who: Principal, given: Services, request: Request) -> Me:
    account = given.identities.accounts.get(who.id)
    session = request.state.session
    return Me(
        id=who.id,
        role=who.role,
        name=account.name if account else who.name,
        language=account.language if account else who.language,
        login=who.login,
        employer_id=who.employer_id,
        worker_id=who.worker_id,
        station_ids=who.station_ids,
        permissions=tuple(sorted(policy.permissions(who))),
        must_change_password=bool(account and account.must_change_password),
        second_factor=bool(account and account.totp_secret),
        csrf=sessions.csrf_token(given.key, session) if session else None,
    )
