"""One's own account: authenticator, language, sessions; the password has a page of its own."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response
from markupsafe import Markup

from api.access import sessions, totp
from api.access.identity_changes import change
from api.access.principal import Principal
from api.access.requirements import Who
from api.console.account.session_list import mine
from api.console.shell.form_answers import again, done, typed_in
from api.console.shell.form_layout import Layout
from api.console.shell.forms import Form, blank, taken
from api.console.shell.plain import checked
from api.console.shell.rendering import page
from api.me import service
from api.me.schemas import Code, Confirmed
from api.ports.services import Given, Services
from api.sign_in.service import address_of
from roost.errors import NotFound, RoostError
from roost.events.session import SessionId

router = APIRouter(prefix="/console/account", include_in_schema=False)
HERE = "/console/account"
CODE = Layout(texts=("secret", "code"))
CONFIRMED = Layout(texts=("password",))


@router.get("")
async def read(request: Request, who: Who, given: Given) -> Response:
    return _page(request, who, given)


@router.post("/authenticator")
async def enrol(request: Request, who: Who, given: Given) -> Response:
    """Nothing changes before its first code has come back."""
    service.account_of(given, who)
    return _enrolment(request, who, given, totp.new_secret())


@router.post("/authenticator/confirm")
async def confirm(request: Request, who: Who, given: Given) -> Response:
    typed = await typed_in(request, CODE)

    async def confirming() -> None:
        asked = checked(Code, typed)
        await service.confirm_authenticator(given, who, asked.secret, asked.code)

    outcome = await taken(confirming())
    if isinstance(outcome, RoostError):
        form = again(request, CODE, typed, outcome)
        return _enrolment(request, who, given, typed["secret"] or totp.new_secret(), form)
    return done(HERE, "authenticator_on")


@router.post("/authenticator/disable")
async def disable(request: Request, who: Who, given: Given) -> Response:
    typed = await typed_in(request, CONFIRMED)

    async def disabling() -> None:
        asked = checked(Confirmed, typed)
        password = asked.password.get_secret_value()
        await service.disable_authenticator(given, who, password, address_of(request))

    outcome = await taken(disabling())
    if isinstance(outcome, RoostError):
        form = again(request, CONFIRMED, {}, outcome)
        return _page(request, who, given, 422, confirmed=form)
    return done(HERE, "authenticator_off")


@router.post("/sessions/others")
async def end_others(request: Request, who: Who, given: Given) -> Response:
    for each in mine(given.identities.sessions.values(), service.account_of(given, who), given):
        if each.id != request.state.session.id:
            await _end(given, each.id)
    return done(HERE, "sessions_ended")


@router.post("/sessions/{id}")
async def end_one(id: SessionId, who: Who, given: Given) -> Response:
    session = given.identities.sessions.get(id)
    if session is None or session.account_id != who.id:
        raise NotFound("There is no such session.", "没有该登录会话。")
    await _end(given, id)
    return done(HERE, "sessions_ended")


async def _end(given: Services, id: str) -> None:
    now = given.clock.now()
    await change(given.publisher, given.identities.sessions, id, sessions.ended_session, now)


def _page(
    request: Request,
    who: Principal,
    given: Services,
    status: int = 200,
    *,
    confirmed: Form | None = None,
) -> Response:
    account = service.account_of(given, who)
    return page(
        request,
        "account/page.html",
        status=status,
        account=account,
        sessions=mine(given.identities.sessions.values(), account, given),
        current=request.state.session,
        done=request.query_params.get("done"),
        confirmed=confirmed or blank(),
        language_form=blank(language=account.language),
    )


def _enrolment(
    request: Request, who: Principal, given: Services, secret: str, form: Form | None = None
) -> Response:
    account = service.account_of(given, who)
    return page(
        request,
        "account/authenticator.html",
        status=422 if form else 200,
        secret=secret,
        grouped=" ".join(secret[at : at + 4] for at in range(0, len(secret), 4)),
        qr=Markup(totp.qr_svg(secret, account.login)),
        form=form or blank(secret=secret),
    )
