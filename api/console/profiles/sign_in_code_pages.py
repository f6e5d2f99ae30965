"""Page with the QR code that a clerk shows or prints for a worker, who signs in with it."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Request, Response
from markupsafe import Markup

from api.access.principal import Principal
from api.access.qr_codes import qr_svg
from api.access.requirements import allow
from api.console.profiles.pages import HERE, stored_profile
from api.console.shell.rendering import page
from api.ports.services import Given
from api.sign_in import by_station_code
from roost.events.account import Permission
from roost.events.common import WorkerId

router = APIRouter(prefix=HERE, include_in_schema=False)
Writes = Annotated[Principal, allow(Permission.PROFILES_WRITE)]


@router.post("/{id}/sign-in-code")
async def show_code(id: WorkerId, request: Request, who: Writes, given: Given) -> Response:
    """Make a code and show it once; an earlier one is no longer valid."""
    code = await by_station_code.issue_code(given, who, id)
    return page(
        request,
        "profiles/sign_in_code.html",
        worker=await stored_profile(given, who, id),
        qr=Markup(qr_svg(code.url)),
        code=code,
    )
