"""Pages of the signed-in person's account: authenticator, language, sessions.

The password has its own page (`api.console.sign_in.pages`).
"""

from __future__ import annotations

from fastapi import APIRouter, Request, Response
from markupsafe import Markup

from api.access import totp
from api.access.client_address import address_of
from api.access.principal import Principal
from api.access.requirements import Who
from api.console.shell.form_answers import redirect_done, submit_form
from api.console.shell.form_layout import Layout
from api.console.shell.forms import Form, blank
from api.console.shell.rendering import page
from api.me import service
from api.me.schemas import Code, Confirmed
from api.ports.services import Given, Services
from roost.events.session import SessionId

router = APIRouter(prefix="/console/account", include_in_schema=False)
HERE = "/console/account"
CODE = Layout(texts=("secret", "code"))
CONFIRMED = Layout(texts=("password",))


@router.get("")
async def show_account(request: Request, who: Who, given: Given) -> Response:
    return _account_page(request, who, given)


@router.post("/authenticator")
async def enrol_authenticator(request: Request, who: Who, given: Given) -> Response:
    """Show a new secret; nothing changes until its first code confirms it."""
    return _enrolment_page(request, who, given, service.begin_enrolment(given, who))


@router.post("/authenticator/confirm")
async def confirm_authenticator(request: Request, who: Who, given: Given) -> Response:
    async def confirm(asked: Code) -> None:
        await service.confirm_authenticator(given, who, asked.secret, asked.code)

    form = await submit_form(request, CODE, Code, confirm)
    if isinstance(form, Form):
        secret = form.value("secret") or service.begin_enrolment(given, who)
        return _enrolment_page(request, who, given, secret, form)
    return redirect_done(HERE, "authenticator_on")


@router.post("/authenticator/disable")
async def disable_authenticator(request: Request, who: Who, given: Given) -> Response:
    async def disable(asked: Confirmed) -> None:
        password = asked.password.get_secret_value()
        await service.disable_authenticator(given, who, password, address_of(request))

    form = await submit_form(request, CONFIRMED, Confirmed, disable)
    if isinstance(form, Form):
        unfilled = Form({}, form.errors, form.summary)
        return _account_page(request, who, given, 422, confirmed=unfilled)
    return redirect_done(HERE, "authenticator_off")


@router.post("/sessions/others")
async def end_other_sessions(request: Request, who: Who, given: Given) -> Response:
    await service.end_other_sessions(given, who, request.state.session)
    return redirect_done(HERE, "sessions_ended")


@router.post("/sessions/{id}")
async def end_session(id: SessionId, who: Who, given: Given) -> Response:
    await service.end_own_session(given, who, id)
    return redirect_done(HERE, "sessions_ended")


def _account_page(
    request: Request,
    who: Principal,
    given: Services,
    status: int = 200,
    *,
    confirmed: Form | None = None,
) -> Response:
    account = service.own_account(given, who)
    return page(
        request,
        "account/page.html",
        status=status,
        account=account,
        sessions=service.own_sessions(given, who),
        current=request.state.session,
        confirmed=confirmed or blank(),
        language_form=blank(language=account.language),
    )


def _enrolment_page(
    request: Request, who: Principal, given: Services, secret: str, form: Form | None = None
) -> Response:
    login = service.own_account(given, who).login
    return page(
        request,
        "account/authenticator.html",
        status=422 if form else 200,
        secret=secret,
        grouped=" ".join(secret[at : at + 4] for at in range(0, len(secret), 4)),
        qr=Markup(totp.qr_svg(secret, login)),
        form=form or blank(secret=secret),
    )
