"""Endpoints of the caller's own account: identity, password, language, authenticator."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Body, Request, Response

from api.access import policy, sessions, totp
from api.access.client_address import address_of
from api.access.principal import Principal
from api.access.requirements import Who
from api.guards.security_headers import mark_shown_once
from api.me import service
from api.me.schemas import Chosen, Code, Confirmed, Enrolment, Me, NewPassword
from api.ports.services import Given, Services

router = APIRouter(prefix="/v1/me", tags=["identity"])


@router.get("", summary="Read the caller's identity and permissions")
async def read_me(who: Who, given: Given, request: Request) -> Me:
    return _me(who, given, request)


@router.post("/password", summary="Change one's password")
async def change_password(
    who: Who,
    asked: Annotated[NewPassword, Body(examples=[{"former": "…", "password": "…"}])],
    given: Given,
    request: Request,
    response: Response,
) -> Me:
    """End every session of the account and give this browser a new one."""
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
async def choose_language(who: Who, asked: Chosen, given: Given, request: Request) -> Me:
    await service.choose_language(given, who, asked.language)
    return _me(who, given, request)


@router.post("/authenticator", summary="Begin to enrol an authenticator: its secret and QR code")
async def enrol_authenticator(who: Who, given: Given, response: Response) -> Enrolment:
    """Return a secret; nothing changes before `confirm`."""
    secret = service.begin_enrolment(given, who)
    login = service.own_account(given, who).login
    mark_shown_once(response)
    return Enrolment(secret=secret, uri=totp.uri(secret, login), qr=totp.qr_svg(secret, login))


@router.post("/authenticator/confirm", summary="Enrol the authenticator with its first code")
async def confirm_authenticator(who: Who, asked: Code, given: Given, request: Request) -> Me:
    """Require a code at every later sign-in."""
    await service.confirm_authenticator(given, who, asked.secret, asked.code)
    return _me(who, given, request)


@router.post("/authenticator/disable", summary="Disable the authenticator")
async def disable_authenticator(who: Who, asked: Confirmed, given: Given, request: Request) -> Me:
    """Let the caller sign in without a code."""
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
