"""Pages of the signed-in person's passkeys: register one, remove one."""

from __future__ import annotations

import json
from typing import Annotated

from fastapi import APIRouter, Path, Request, Response

from api.access.client_address import origin_of
from api.access.known_browsers import set_opened_session
from api.access.local_paths import local_path
from api.access.requirements import Who
from api.access.sessions import OpenedSession
from api.console.account.pages import HERE, account_page, beginning_page
from api.console.shell.form_answers import redirect_done, refilled_form, submit_form
from api.console.shell.form_layout import Layout
from api.console.shell.forms import Form, blank, catch_refusal, fields_of
from api.console.shell.passkey_forms import credential_of
from api.console.shell.plain import checked
from api.console.shell.rendering import page
from api.me import own_passkeys
from api.me.schemas import Confirmed, NewPasskey
from api.ports.services import Given
from api.sign_in.service import account_of
from roost.errors import Invalid, RoostError

router = APIRouter(prefix="/console/account/passkeys", include_in_schema=False)
CONFIRMED = Layout(texts=("password",))
NAMED = Layout(texts=("name",))


@router.post("/begin")
async def begin_passkey(request: Request, who: Who, given: Given) -> Response:
    """Show the form that registers a passkey, for the password; nothing changes before."""
    onward = local_path((await fields_of(request)).get("next"))

    async def begin(asked: Confirmed) -> tuple[dict[str, object], str]:
        password = asked.password.get_secret_value()
        return await own_passkeys.begin_passkey(given, who, password, origin_of(request))

    begun = await submit_form(request, CONFIRMED, Confirmed, begin)
    if isinstance(begun, Form):
        form = Form({"next": onward}, begun.errors, begun.summary)
        return beginning_page(request, given, form, 422)
    options, enrolment = begun
    return _new_page(request, options, blank(enrolment=enrolment, next=onward))


@router.post("")
async def register_passkey(request: Request, who: Who, given: Given) -> Response:
    sent = await fields_of(request)
    onward = local_path(sent.get("next"))
    enrolment = sent.get("enrolment", "")

    async def register() -> OpenedSession:
        wire = {
            "enrolment": enrolment,
            "name": sent.get("name", ""),
            "credential": credential_of(sent),
        }
        asked = checked(NewPasskey, wire)
        return await own_passkeys.register_passkey(
            given, who, asked.enrolment, asked.name, asked.credential, origin_of(request)
        )

    opened = await catch_refusal(register())
    if isinstance(opened, RoostError):
        values = {"name": sent.get("name", "")}
        refilled = refilled_form(request, NAMED, values, opened)
        form = refilled.over({"enrolment": enrolment, "next": onward})
        try:
            options = own_passkeys.options_again(given, who, enrolment)
        except Invalid:  # it is over: begin again, with the error
            return beginning_page(request, given, form, 422)
        return _new_page(request, options, form, 422)
    answer = redirect_done(HERE if onward == "/" else onward, "passkey_on")
    set_opened_session(answer, given, account_of(given, opened), opened)
    return answer


@router.post("/{id}/remove")
async def remove_passkey(
    id: Annotated[str, Path(max_length=1_400, pattern=r"^[\w-]+$")],
    request: Request,
    who: Who,
    given: Given,
) -> Response:
    async def remove(asked: Confirmed) -> OpenedSession:
        password = asked.password.get_secret_value()
        return await own_passkeys.remove_passkey(given, who, id, password, origin_of(request))

    opened = await submit_form(request, CONFIRMED, Confirmed, remove)
    if isinstance(opened, Form):
        unfilled = Form({}, opened.errors, opened.summary)
        return account_page(request, who, given, 422, removed=(id, unfilled))
    answer = redirect_done(HERE, "passkey_off")
    set_opened_session(answer, given, account_of(given, opened), opened)
    return answer


def _new_page(
    request: Request, options: dict[str, object], form: Form, status: int = 200
) -> Response:
    return page(
        request,
        "account/passkey_new.html",
        status=status,
        form=form,
        options=json.dumps(options),
    )
