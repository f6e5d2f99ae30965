"""Endpoints of the caller's own account: identity, password, language, authenticator."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Body, Path, Request, Response

from api.access import policy, sessions, totp
from api.access.client_address import origin_of
from api.access.known_browsers import set_opened_session
from api.access.principal import Principal, principal_of_account
from api.access.refusals import unauthenticated
from api.access.requirements import Who
from api.access.second_factors import has_second_factor, must_enrol
from api.access.sessions import OpenedSession
from api.guards.security_headers import mark_shown_once
from api.me import own_passkeys, service
from api.me.schemas import (
    Chosen,
    Code,
    Confirmed,
    Enrolment,
    Me,
    NewPasskey,
    NewPassword,
    PasskeyDetails,
    PasskeyEnrolment,
    Passkeys,
    PublicName,
)
from api.ports.services import Given, Services
from api.webhooks.service import disabled_webhooks

router = APIRouter(prefix="/v1/me", tags=["identity"])
PasskeyId = Annotated[str, Path(max_length=1_400, pattern=r"^[\w-]+$")]


@router.get("", summary="Read the caller's identity and permissions")
async def read_me(who: Who, given: Given, request: Request) -> Me:
    """Return the caller, and the token that writes of a browser send."""
    disabled = await disabled_webhooks(given, who)
    known = None if disabled is None else tuple(each["id"] for each in disabled)
    return _me(who, given, request).model_copy(update={"disabled_webhooks": known})


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
        origin_of(request),
    )
    return _me_in_new_session(given, request, response, opened)


@router.put("/language", summary="Choose one's language")
async def choose_language(who: Who, asked: Chosen, given: Given, request: Request) -> Me:
    """Set the language of pages and messages."""
    await service.choose_language(given, who, asked.language)
    return _me(who, given, request)


@router.put("/public-name", summary="Choose the name that employers see")
async def choose_public_name(who: Who, asked: PublicName, given: Given, request: Request) -> Me:
    """Set the name shown to employers of matches that the caller holds; without one, none is."""
    await service.choose_public_name(given, who, asked.public_name)
    return _me(who, given, request)


@router.post("/authenticator", summary="Begin to enrol an authenticator: its secret and QR code")
async def enrol_authenticator(
    who: Who, asked: Confirmed, given: Given, request: Request, response: Response
) -> Enrolment:
    """Return a secret, for the password; nothing changes before `confirm`."""
    secret, enrolment = await service.begin_enrolment(
        given, who, asked.password.get_secret_value(), origin_of(request)
    )
    login = service.own_account(given, who).login
    mark_shown_once(response)
    return Enrolment(
        secret=secret,
        enrolment=enrolment,
        uri=totp.uri(secret, login),
        qr=totp.qr_svg(secret, login),
    )


@router.post("/authenticator/confirm", summary="Enrol the authenticator with its first code")
async def confirm_authenticator(
    who: Who, asked: Code, given: Given, request: Request, response: Response
) -> Me:
    """Require a code at every later sign-in; end every session and give this browser a new one."""
    opened = await service.confirm_authenticator(
        given, who, asked.enrolment, asked.code, origin_of(request)
    )
    return _me_in_new_session(given, request, response, opened)


@router.post("/authenticator/disable", summary="Disable the authenticator")
async def disable_authenticator(
    who: Who, asked: Confirmed, given: Given, request: Request, response: Response
) -> Me:
    """Let the caller sign in without a code; end every session and give this browser a new one."""
    opened = await service.disable_authenticator(
        given, who, asked.password.get_secret_value(), origin_of(request)
    )
    return _me_in_new_session(given, request, response, opened)


@router.get("/passkeys", summary="List one's passkeys")
async def list_passkeys(who: Who, given: Given) -> Passkeys:
    """Return the names of the passkeys and the times of their registration."""
    found = own_passkeys.own_passkeys(given, who)
    return Passkeys(
        items=tuple(
            PasskeyDetails(id=each.id, name=each.name, created_at=each.created_at) for each in found
        )
    )


@router.post("/passkeys/options", summary="Begin to register a passkey: the browser's options")
async def begin_passkey(
    who: Who, asked: Confirmed, given: Given, request: Request, response: Response
) -> PasskeyEnrolment:
    """Return options, for the password; nothing changes before the passkey is registered."""
    options, enrolment = await own_passkeys.begin_passkey(
        given, who, asked.password.get_secret_value(), origin_of(request)
    )
    mark_shown_once(response)
    return PasskeyEnrolment(enrolment=enrolment, options=options)


@router.post("/passkeys", summary="Register a passkey")
async def register_passkey(
    who: Who, asked: NewPasskey, given: Given, request: Request, response: Response
) -> Me:
    """Add the passkey; end every session and give this browser a new one."""
    opened = await own_passkeys.register_passkey(
        given, who, asked.enrolment, asked.name, asked.credential, origin_of(request)
    )
    return _me_in_new_session(given, request, response, opened)


@router.post("/passkeys/{id}/remove", summary="Remove a passkey")
async def remove_passkey(
    id: PasskeyId, who: Who, asked: Confirmed, given: Given, request: Request, response: Response
) -> Me:
    """Remove the passkey; end every session and give this browser a new one."""
    opened = await own_passkeys.remove_passkey(
        given, who, id, asked.password.get_secret_value(), origin_of(request)
    )
    return _me_in_new_session(given, request, response, opened)


def _me_in_new_session(
    given: Services, request: Request, response: Response, opened: OpenedSession
) -> Me:
    """Give the browser its new session, and return the caller as that session sees it."""
    account = given.identities.accounts.get(opened.session.account_id)
    if account is None:
        raise unauthenticated()
    set_opened_session(response, given, account, opened)
    request.state.session = opened.session
    to_enrol = must_enrol(account, opened.session, given.settings)
    return _me(principal_of_account(account, must_enrol=to_enrol), given, request)


def _me(who: Principal, given: Services, request: Request) -> Me:
    account = given.identities.accounts.get(who.id)
    session = request.state.session
    return Me(
        id=who.id,
        role=who.role,
        name=account.name if account else who.name,
        language=account.language if account else who.language,
        public_name=account.public_name if account else None,
        login=who.login,
        employer_id=who.employer_id,
        worker_id=who.worker_id,
        station_ids=who.station_ids,
        permissions=tuple(sorted(policy.permissions(who))),
        must_change_password=bool(account and account.must_change_password),
        second_factor=account is not None and has_second_factor(account),
        must_enrol_second_factor=who.must_enrol,
        csrf=sessions.csrf_token(given.key, session) if session else None,
    )
