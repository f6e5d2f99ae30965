"""Page that a worker opens with the QR code of a station, and signs in with."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response

from api.access.client_address import origin_of
from api.access.local_paths import local_path
from api.console.shell.form_answers import refilled_form
from api.console.shell.form_layout import Layout
from api.console.shell.forms import Form, catch_refusal
from api.console.shell.rendering import page
from api.console.sign_in.entering import let_in
from api.ports.services import Given
from api.sign_in import by_station_code
from api.sign_in.by_station_code import PATH
from roost.errors import RoostError

router = APIRouter(include_in_schema=False, tags=["console"])


@router.get(f"{PATH}/{{token}}")
async def show_code(token: str, request: Request, given: Given) -> Response:
    """Ask for the sign-in: a camera that opens the address uses nothing up."""
    return _page(request, token, by_station_code.is_station_code(given, token))


@router.post(f"{PATH}/{{token}}")
async def enter(token: str, request: Request, given: Given) -> Response:
    """Sign the worker in."""
    signing = by_station_code.sign_in_by_code(given, token, origin_of(request))
    opened = await catch_refusal(signing)
    if isinstance(opened, RoostError):
        form = refilled_form(request, Layout(), {}, opened)
        return _page(request, token, False, form, 422)
    return await let_in(request, given, local_path(None), opened)


def _page(
    request: Request, token: str, valid: bool, form: Form | None = None, status: int = 200
) -> Response:
    action = f"{PATH}/{token}"
    return page(
        request, "sign_in/station_code.html", status=status, action=action, valid=valid, form=form
    )
