"""Pages of the signed-in person's account: authenticator, language, sessions.

The password has its own page (`api.console.sign_in.pages`).
"""

from __future__ import annotations

from fastapi import APIRouter, Request, Response
from markupsafe import Markup

from api.access import totp
from api.access.client_address import origin_of
from api.access.known_browsers import set_opened_session
from api.access.local_paths import local_path
from api.access.principal import Principal
from api.access.requirements import Who
from api.access.sessions import OpenedSession
from api.access.webauthn_ceremonies import are_available
from api.console.shell.form_answers import redirect_done, submit_form
from api.console.shell.form_layout import Layout
from api.console.shell.forms import Form, blank, fields_of
from api.console.shell.rendering import page
from api.me import service
from api.me.schemas import Code, Confirmed, PublicName
from api.ports.services import Given, Services
from api.sign_in.service import account_of
from roost.errors import Invalid
from roost.events.session import SessionId

router = APIRouter(prefix="/console/account", include_in_schema=False)
HERE = "/console/account"
CODE = Layout(texts=("enrolment", "code"))
CONFIRMED = Layout(texts=("password",))
PUBLIC_NAME = Layout(texts=("publicName",))


@router.get("")
async def show_account(request: Request, who: Who, given: Given) -> Response:
    return account_page(request, who, given)


@router.get("/second-factor")
async def show_second_factor(request: Request, who: Who, given: Given) -> Response:
    """Show the first step of an enrolment, which asks for the password."""
    service.own_account(given, who)
    return beginning_page(request, given, blank(next=local_path(request.query_params.get("next"))))


@router.post("/authenticator")
async def enrol_authenticator(request: Request, who: Who, given: Given) -> Response:
    """Show a new secret, for the password; nothing changes until its first code confirms it."""
    onward = local_path((await fields_of(request)).get("next"))

    async def begin(asked: Confirmed) -> tuple[str, str]:
        password = asked.password.get_secret_value()
        return await service.begin_enrolment(given, who, password, origin_of(request))

    begun = await submit_form(request, CONFIRMED, Confirmed, begin)
    if isinstance(begun, Form):
        return beginning_page(
            request, given, Form({"next": onward}, begun.errors, begun.summary), 422
        )
    secret, enrolment = begun
    return _enrolment_page(request, who, given, secret, blank(enrolment=enrolment, next=onward))


@router.post("/authenticator/confirm")
async def confirm_authenticator(request: Request, who: Who, given: Given) -> Response:
    onward = local_path((await fields_of(request)).get("next"))

    async def confirm(asked: Code) -> OpenedSession:
        return await service.confirm_authenticator(
            given, who, asked.enrolment, asked.code, origin_of(request)
        )

    outcome = await submit_form(request, CODE, Code, confirm)
    if isinstance(outcome, Form):
        enrolment = outcome.value("enrolment")
        form = Form({"enrolment": enrolment, "next": onward}, outcome.errors, outcome.summary)
        try:
            secret = service.secret_of_enrolment(given, who, enrolment)
        except Invalid:  # it is over: begin again, with the error
            return beginning_page(request, given, form, 422)
        return _enrolment_page(request, who, given, secret, form, 422)
    answer = redirect_done(HERE if onward == "/" else onward, "authenticator_on")
    return _in_new_session(given, answer, outcome)


@router.post("/authenticator/disable")
async def disable_authenticator(request: Request, who: Who, given: Given) -> Response:
    async def disable(asked: Confirmed) -> OpenedSession:
        password = asked.password.get_secret_value()
        return await service.disable_authenticator(given, who, password, origin_of(request))

    outcome = await submit_form(request, CONFIRMED, Confirmed, disable)
    if isinstance(outcome, Form):
        unfilled = Form({}, outcome.errors, outcome.summary)
        return account_page(request, who, given, 422, confirmed=unfilled)
    return _in_new_session(given, redirect_done(HERE, "authenticator_off"), outcome)


@router.post("/public-name")
async def choose_public_name(request: Request, who: Who, given: Given) -> Response:
    """Set the name that employers see; an empty one shows the station alone."""

    async def choose(asked: PublicName) -> None:
        await service.choose_public_name(given, who, asked.public_name)

    outcome = await submit_form(request, PUBLIC_NAME, PublicName, choose)
    if isinstance(outcome, Form):
        return account_page(request, who, given, 422, public_name=outcome)
    return redirect_done(HERE, "saved")


@router.post("/sessions/others")
async def end_other_sessions(request: Request, who: Who, given: Given) -> Response:
    await service.end_other_sessions(given, who, request.state.session)
    return redirect_done(HERE, "sessions_ended")


@router.post("/sessions/{id}")
async def end_session(id: SessionId, who: Who, given: Given) -> Response:
    await service.end_own_session(given, who, id)
    return redirect_done(HERE, "sessions_ended")


def account_page(
    request: Request,
    who: Principal,
    given: Services,
    status: int = 200,
    *,
    confirmed: Form | None = None,
    removed: tuple[str, Form] | None = None,
    public_name: Form | None = None,
) -> Response:
    """Return the page of the account; `removed` is a passkey's id and the form with its error."""
    account = service.own_account(given, who)
    return page(
        request,
        "account/page.html",
        status=status,
        account=account,
        sessions=service.own_sessions(given, who),
        current=request.state.session,
        confirmed=confirmed or blank(),
        removed=removed or ("", blank()),
        passkeys_available=are_available(given.settings),
        language_form=blank(language=account.language),
        has_public_name=account.role in service.STAFF,
        public_name=public_name or blank(publicName=account.public_name or ""),
    )


def _in_new_session(given: Services, answer: Response, opened: OpenedSession) -> Response:
    """Give the browser the session that replaces its former one."""
    set_opened_session(answer, given, account_of(given, opened), opened)
    return answer


def beginning_page(request: Request, given: Services, form: Form, status: int = 200) -> Response:
    """Return the first step of an enrolment: the password, and the kind of second factor."""
    return page(
        request,
        "account/second_factor.html",
        status=status,
        form=form,
        passkeys_available=are_available(given.settings),
    )


def _enrolment_page(
    request: Request,
    who: Principal,
    given: Services,
    secret: str,
    form: Form,
    status: int = 200,
) -> Response:
    login = service.own_account(given, who).login
    return page(
        request,
        "account/authenticator.html",
        status=status,
        grouped=" ".join(secret[at : at + 4] for at in range(0, len(secret), 4)),
        qr=Markup(totp.qr_svg(secret, login)),
        form=form,
    )
