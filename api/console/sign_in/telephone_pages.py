"""Pages of signing in with a telephone: the number, the code, and the choice of the person."""

from __future__ import annotations

from collections.abc import Awaitable
from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import RedirectResponse
from starlette.background import BackgroundTask

from api.access.client_address import origin_of
from api.access.local_paths import local_path
from api.access.sessions import OpenedSession
from api.console.shell.browser_pages import SIGN_IN
from api.console.shell.form_answers import refilled_form
from api.console.shell.form_layout import Layout
from api.console.shell.forms import Form, blank, catch_refusal, fields_of
from api.console.shell.rendering import page
from api.console.sign_in.entering import let_in
from api.ports.services import Given, Services
from api.sign_in import by_telephone
from api.sign_in.by_telephone import Proof
from roost.contact.sign_in_codes import LINK_PATH, opened_link
from roost.errors import RoostError
from roost.security.county_key import derived
from roost.security.sealing import seal, unseal

router = APIRouter(include_in_schema=False, tags=["console"])
HERE = f"{SIGN_IN}/telephone"
NUMBER = Layout(texts=("telephone", "next"))
CODE = Layout(texts=("code", "next"))
PERSON = Layout(texts=("person", "next"))
LONGEST = 40
"""Most characters of a telephone number, a code or the end of a name that are read."""


@router.get(HERE)
async def show_number(request: Request) -> Response:
    back = local_path(request.query_params.get("next"))
    return page(request, "sign_in/telephone.html", form=blank(next=back))


@router.post(HERE)
async def ask_code(request: Request, given: Given) -> Response:
    """Ask for a code; the number is looked up after the answer, which is the same for any."""
    sent = await fields_of(request)
    back, typed = local_path(sent.get("next")), sent.get("telephone", "")[:LONGEST]
    asked = await catch_refusal(by_telephone.ask_code(given, typed, origin_of(request)))
    if isinstance(asked, RoostError):
        form = refilled_form(request, NUMBER, {"telephone": typed, "next": back}, asked)
        wait = dict(asked.headers)
        return page(request, "sign_in/telephone.html", status=asked.status, headers=wait, form=form)
    query = urlencode({"asked": _sealed(given, asked.number), "next": back})
    send = BackgroundTask(by_telephone.send_code, given, asked)
    return RedirectResponse(f"{HERE}/code?{query}", 303, background=send)


@router.get(f"{HERE}/code")
async def show_code(
    request: Request, given: Given, asked: Annotated[str, Query(max_length=300)] = ""
) -> Response:
    number = _number(given, asked)
    if number is None:
        return RedirectResponse(HERE, 303)
    back = local_path(request.query_params.get("next"))
    return _code_page(request, blank(next=back), asked, number)


@router.post(f"{HERE}/code")
async def enter_code(request: Request, given: Given) -> Response:
    """Check the code; sign in the person, or ask which of several."""
    sent = await fields_of(request)
    back, asked = local_path(sent.get("next")), sent.get("asked", "")
    number = _number(given, asked)
    if number is None:
        return RedirectResponse(HERE, 303)
    code = sent.get("code", "")[:LONGEST]
    answer = await _entered(request, given, number, code, back)
    if isinstance(answer, RoostError):
        form = refilled_form(request, CODE, {"next": back}, answer)
        return _code_page(request, form, asked, number, 422)
    return answer


@router.post(f"{HERE}/person")
async def choose_person(request: Request, given: Given) -> Response:
    """Sign in the person whose name or roster number ends as typed."""
    sent = await fields_of(request)
    back, proof = local_path(sent.get("next")), sent.get("proof", "")
    typed = sent.get("person", "")[:LONGEST]
    opened = await catch_refusal(by_telephone.choose(given, proof, typed, origin_of(request)))
    if isinstance(opened, RoostError):
        form = refilled_form(request, PERSON, {"next": back}, opened)
        return page(request, "sign_in/person.html", status=422, form=form, proof=proof)
    return await let_in(request, given, back, opened)


@router.get(f"{LINK_PATH}/{{token}}")
async def show_link(token: str, request: Request, given: Given) -> Response:
    """Ask for the sign-in: programs that open links in messages use nothing up."""
    valid = opened_link(given.key, token, given.clock.now()) is not None
    return page(request, "sign_in/link.html", action=f"{LINK_PATH}/{token}", valid=valid, form=None)


@router.post(f"{LINK_PATH}/{{token}}")
async def enter_link(token: str, request: Request, given: Given) -> Response:
    """Sign in with the link of the message."""
    number, code = opened_link(given.key, token, given.clock.now()) or ("", "")
    answer = await _entered(request, given, number, code, local_path(None))
    if isinstance(answer, RoostError):
        return page(
            request,
            "sign_in/link.html",
            status=422,
            action=f"{LINK_PATH}/{token}",
            valid=False,
            form=refilled_form(request, CODE, {}, answer),
        )
    return answer


async def _entered(
    request: Request, given: Services, number: str, code: str, back: str
) -> Response | RoostError:
    """Return the entry of the only person, the question which of several, or the error."""
    origin = origin_of(request)
    proof = await catch_refusal(by_telephone.prove(given, number, code, origin))
    if isinstance(proof, RoostError):
        return proof
    if len(proof.people) > 1:
        form = blank(next=back)
        return page(request, "sign_in/person.html", form=form, proof=proof.sealed)
    opened = await catch_refusal(_only_person(given, request, proof))
    return opened if isinstance(opened, RoostError) else await let_in(request, given, back, opened)


def _only_person(given: Services, request: Request, proof: Proof) -> Awaitable[OpenedSession]:
    [person] = proof.people
    return by_telephone.enter(given, person, proof.number, proof.issue_id, origin_of(request))


def _code_page(
    request: Request, form: Form, asked: str, number: str, status: int = 200
) -> Response:
    return page(
        request, "sign_in/telephone_code.html", status=status, form=form, asked=asked, number=number
    )


def _sealed(given: Services, number: str) -> str:
    return seal(derived(given.key, "sign-in-asked"), number.encode())


def _number(given: Services, asked: str) -> str | None:
    """Return the number that a code was asked for; None for any other text."""
    plain = unseal(derived(given.key, "sign-in-asked"), asked)
    return plain.decode() if plain is not None else None
